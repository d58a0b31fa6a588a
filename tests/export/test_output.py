"""What any graph hands out is legible: claims and quotes with their places, records as tables, nothing that acts."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.errors import AgentflowError
from agentflow.export.formats import form_for
from agentflow.export.output import WHOLE, output_markdown

QUOTE = {
    "id": "1",
    "text": "Data is kept.",
    "document": "a.md",
    "line": 3,
    "place": "a.md:3",
    "date": "2025-01-10",
    "relevance": 1.0,
}
CLAIM = {"text": "Data is kept.", "support": "partial", "evidence": [QUOTE, QUOTE]}


@pytest.mark.parametrize(
    ("output", "markdown"),
    [
        ({"topic": "winter"}, "**Topic:** winter\n"),
        ({"not_found": []}, "**Not found:** none\n"),
        ({"quote": QUOTE}, "**Quote:** “Data is kept.” (`a.md:3`, 2025-01-10)\n"),
        ({"claims": [CLAIM, CLAIM]}, "## Claims\n\n- Data is kept. (`a.md:3`) *(partly supported)*\n- Data is kept. (`a.md:3`) *(partly supported)*\n"),
        ({"rows": [{"a": 1, "b": True}, {"a": 2.5, "c": "x"}]}, "## Rows\n\n| A | B | C |\n| --- | --- | --- |\n| 1 | yes |  |\n| 2.5 |  | x |\n"),
        ({"verdicts": [{"claim": "It is.", "quote": [QUOTE]}]}, "## Verdicts\n\n| Claim | Quote |\n| --- | --- |\n| It is. | “Data is kept.” (`a.md:3`, 2025-01-10) |\n"),
        ({"rows": [{"aspect": "use", "told": {"cats": [CLAIM], "dogs": []}}]}, "## Rows\n\n### use\n\n**Cats:** Data is kept. (`a.md:3`) *(partly supported)*\n"),
        ({"places": {"a.md": {"date": "a.md:3"}}}, "## Places\n\n|  | Date |\n| --- | --- |\n| a.md | a.md:3 |\n"),
        ({"markdown": "# As it is", "rows": [1]}, "# As it is"),
    ],
)  # fmt: skip
def test_each_value_stands_under_its_name(output: dict[str, Any], markdown: str) -> None:
    assert output_markdown(output) == markdown


def test_text_of_documents_is_no_markup() -> None:
    shown = output_markdown({"answer": "# <b>x</b> | `y`\x1b[31m"})
    assert r"\# \<b\>x\</b\> \|" in shown and "\x1b" not in shown


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=8).filter(lambda name: name not in WHOLE), VALUES, max_size=4))
def test_any_output_can_be_shown(output: dict[str, Any]) -> None:
    assert json.dumps(output) and isinstance(output_markdown(output), str)


@pytest.mark.parametrize(
    ("name", "form"), [("r.pdf", "pdf"), ("r", "md"), ("r.txt", "md"), ("r.csl", "csl"), ("r.CSL.json", "csl")]
)
def test_a_form_is_known_by_the_ending(name: str, form: str) -> None:
    assert form_for(name) == form


def test_an_ending_without_a_form_is_refused() -> None:
    with pytest.raises(AgentflowError, match=r"no format is written as 'r\.odt'"):
        form_for("r.odt")
