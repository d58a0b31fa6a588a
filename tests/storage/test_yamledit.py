"""One key changed in a file that a person wrote: what it means otherwise, and its comments, stay."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.errors import AgentflowError
from agentflow.storage.yamledit import remove_key, set_key

DEFAULT = ("roles", "default")
NAMES = st.text("abz", min_size=1, max_size=4)
MODELS = st.dictionaries(
    NAMES, st.fixed_dictionaries({"backend": st.just("llama"), "args": st.lists(NAMES, max_size=2)}), max_size=2
)
ROLES = st.none() | st.dictionaries(
    NAMES | st.just("default"),
    NAMES | st.lists(NAMES, min_size=1, max_size=2) | st.fixed_dictionaries({"models": NAMES}),
)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A models.yaml in block or flow style, sections in any order, comments between its lines."""
    sections = {name: draw(values) for name, values in draw(st.permutations([("roles", ROLES), ("models", MODELS)]))}
    for name in draw(st.sets(st.sampled_from(["roles", "models"]), max_size=1)):
        del sections[name]
    text: str = yaml.safe_dump(sections, sort_keys=False, default_flow_style=draw(st.sampled_from([None, True, False])))
    if text == "{}\n":
        return "# nothing yet\n"
    if "\n" in text.strip() and "{" not in text:
        text = "".join(f"{line} # {i}\n# below {i}\n" for i, line in enumerate(text.splitlines()))
    return text if draw(st.booleans()) else text.rstrip("\n")


def comments(text: str) -> set[str]:
    return {line.partition("#")[2] for line in text.splitlines() if "# below" in line}


@settings(max_examples=300, deadline=None)
@given(text=files())
def test_set_and_remove_change_one_key_and_no_comment(text: str) -> None:
    before: dict[str, Any] = yaml.safe_load(text) or {}
    roles = before.get("roles") or {}
    changed = set_key(text, DEFAULT, "chosen")
    assert yaml.safe_load(changed) == {**before, "roles": {**roles, "default": "chosen"}}
    if not isinstance(roles.get("default"), list | dict):
        assert comments(changed) == comments(text)
    roles.pop("default", None)
    others = {key: value for key, value in before.items() if key != "roles"}
    assert (yaml.safe_load(remove_key(changed, DEFAULT)) or {}) == ({**others, "roles": roles} if roles else others)


def test_what_a_person_wrote_beside_it_stays_to_the_byte() -> None:
    text = "# mine\nroles:\n  # the large one\n  default: [a,\n    b] # both\n  'writer': \"c\"\n\nmodels: {}   # none"
    changed = set_key(text, DEFAULT, "n")
    assert changed == text.replace("[a,\n    b]", "n")
    assert remove_key(changed, DEFAULT) == text.replace("  default: [a,\n    b] # both\n", "")
    assert remove_key(text, ("roles", "planner")) == text


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(AgentflowError, match="not a mapping"):
        set_key("- a\n", DEFAULT, "n")
