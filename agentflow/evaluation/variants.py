"""What is compared: every target under every model and every value of a setting."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.evaluation.dataset import Case
from agentflow.evaluation.suite import Suite, Target
from agentflow.prompts import TEMPLATES
from agentflow.storage.yamlfile import parse_yaml


@dataclass(frozen=True, slots=True)
class Variant:
    """One column of the comparison. `models` maps a role (or `default`) to a model name."""

    name: str
    target: Target
    models: dict[str, str] = field(default_factory=dict)

    def inputs(self, case: Case) -> dict[str, Any]:
        return {name: fill(value, case) for name, value in self.target.inputs.items()}


class CaseUnfit(AgentflowError):
    """A template of a target cannot be filled from a case."""


def fill(value: Any, case: Case) -> Any:
    """'{{ field }}' alone becomes the field itself, of whatever type; inside a text it is printed. Raises CaseUnfit."""
    if isinstance(value, dict):
        return {name: fill(item, case) for name, item in value.items()}
    if isinstance(value, list):
        return [fill(item, case) for item in value]
    if not isinstance(value, str) or "{{" not in value:
        return value
    name = value.strip().removeprefix("{{").removesuffix("}}").strip()
    if name.isidentifier():
        if name not in case.fields:
            raise CaseUnfit(f"case '{case.id}' has no field '{name}'", f"it has {', '.join(case.fields)}")
        return case[name]
    try:
        return TEMPLATES.from_string(value).render(case.fields)
    except Exception as error:  # a person's template: it can fail in any way
        raise CaseUnfit(f"case '{case.id}': {value!r}: {error}", f"the case has {', '.join(case.fields)}") from error


def parse_settings(options: Sequence[str]) -> dict[str, list[Any]]:
    """`TARGET.key=4,8` (or `graph.key=...` for every target) as the values to try."""
    settings: dict[str, list[Any]] = {}
    for option in options:
        name, sign, values = option.partition("=")
        if not sign or name.count(".") != 1 or not values:
            raise AgentflowError(f"--set needs TARGET.key=value, not '{option}'", "for example --set graph.k=4,8")
        settings[name] = [parse_yaml(f"value: {text}", Path("--set"))[0]["value"] for text in values.split(",")]
    return settings


def expand(
    suite: Suite,
    *,
    targets: Sequence[str] = (),
    models: Sequence[dict[str, str]] = (),
    settings: dict[str, list[Any]] | None = None,
) -> list[Variant]:
    """All combinations, targets first. A setting that a target's graph does not have leaves that target as it is.

    Raises AgentflowError for an unknown target, or a setting that no target takes.
    """
    settings = settings or {}
    _known([*targets, *(name.split(".")[0] for name in settings if not name.startswith("graph."))], suite)
    found: dict[str, Variant] = {}
    used: set[str] = set()
    for name, roles in itertools.product(targets or suite.targets, models or [{}]):
        target = suite.targets[name]
        mine = {key: values for key, values in settings.items() if _takes(name, target, key)}
        used |= mine.keys()
        for values in itertools.product(*mine.values()):
            setting = dict(zip((key.split(".")[1] for key in mine), values, strict=True))
            label = [name, *["+".join(roles.values())] * (len(models) > 1), *(f"{k}={v}" for k, v in setting.items())]
            variant = Variant(" ".join(label), _applied(target, setting), dict(roles))
            found[variant.name] = variant
    if unused := settings.keys() - used:
        raise AgentflowError(f"no target takes the setting {', '.join(sorted(unused))}", "name an input of its graph")
    return list(found.values())


def _known(names: Sequence[str], suite: Suite) -> None:
    if unknown := next((name for name in names if name not in suite.targets), None):
        raise AgentflowError(f"no target named '{unknown}'", f"known: {', '.join(suite.targets)}")


def _takes(name: str, target: Target, setting: str) -> bool:
    """Whether the setting is for this target: named by it, or one that the suite (or `k` of a search) already has."""
    owner, key = setting.split(".")
    return owner == name or (owner == "graph" and (key in target.inputs or (key == "k" and bool(target.search))))


def _applied(target: Target, setting: dict[str, Any]) -> Target:
    if target.search:
        return target.model_copy(update={"k": setting.get("k", target.k)})
    return target.model_copy(update={"inputs": {**target.inputs, **setting}})
