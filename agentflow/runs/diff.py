"""What differs between two runs: plan, evidence, claims, cost."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from agentflow.runs.run import Run
from agentflow.status import RunStatus
from agentflow.usage import Usage


@dataclass(frozen=True, slots=True)
class Change:
    """One claim that both runs make, worded or supported differently, or resting on other quotes."""

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(slots=True)
class RunDifference:
    """`gone` is in A only, `new` in B only. `cost` maps a resource to its values in A and B."""

    a: str
    b: str
    status: tuple[RunStatus, RunStatus]
    answer: tuple[str, str]
    models: dict[str, tuple[str, str]] = field(default_factory=dict)
    inputs: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    plan: dict[str, list[str]] = field(default_factory=dict)
    evidence: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    claims: dict[str, list[Any]] = field(default_factory=dict)
    output: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    cost: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Whether both say the same, whatever it cost."""
        lists = [*self.plan.values(), *self.evidence.values(), *self.claims.values()]
        return self.status[0] == self.status[1] and self.answer[0] == self.answer[1] and not (any(lists) or self.output)


def diff(a: Run, b: Run, usage_a: Usage, usage_b: Usage) -> RunDifference:
    """From the run store's outcome of two runs, of the same graph or not."""
    old, new = a.output, b.output
    found = RunDifference(a.id, b.id, (a.status, b.status), (str(old.get("answer", "")), str(new.get("answer", ""))))
    found.models = _pairs(a.models, b.models)
    found.inputs = _pairs(a.inputs, b.inputs)
    found.plan = _two_sides(old.get("plan", []), new.get("plan", []))
    quotes = [{_place(item): item for item in side.get("evidence", [])} for side in (old, new)]
    found.evidence = {
        "gone": [quotes[0][key] for key in quotes[0] if key not in quotes[1]],
        "new": [quotes[1][key] for key in quotes[1] if key not in quotes[0]],
    }
    found.claims = _claims(old, new)
    known = {"answer", "plan", "evidence", "claims"}
    found.output = {key: pair for key, pair in _pairs(old, new).items() if key not in known}
    found.cost = {key: (float(cost), float(asdict(usage_b)[key])) for key, cost in asdict(usage_a).items()}
    found.cost["seconds"] = (a.spent.get("seconds", 0.0), b.spent.get("seconds", 0.0))
    return found


def _claims(old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[Any]]:
    """Claims are the same by their text, else by the quotes they rest on; evidence ids are compared by what they name."""
    before, after = _named(old), _named(new)
    changed = [Change(before[text], after[text]) for text in before if text in after and before[text] != after[text]]
    gone = [claim for text, claim in before.items() if text not in after]
    fresh = [claim for text, claim in after.items() if text not in before]
    for claim in list(gone):
        if match := next((other for other in fresh if claim["quotes"] and other["quotes"] == claim["quotes"]), None):
            changed.append(Change(claim, match))
            gone.remove(claim)
            fresh.remove(match)
    return {"gone": gone, "new": fresh, "changed": changed}


def _named(output: dict[str, Any]) -> dict[str, dict[str, Any]]:
    places = {item["id"]: _place(item) for item in output.get("evidence", [])}
    return {
        claim["text"]: {"text": claim["text"], "support": claim["support"],
                        "quotes": sorted(places[id] for id in claim["evidence"] if id in places)}
        for claim in output.get("claims", [])
    }  # fmt: skip


def _place(item: dict[str, Any]) -> str:
    return f"{item['path']}:{item.get('page') or item['line']}:{item.get('part', '')} {item['quote']}"


def _two_sides(old: Iterable[str], new: Iterable[str]) -> dict[str, list[str]]:
    old, new = list(old), list(new)
    return {"gone": [item for item in old if item not in new], "new": [item for item in new if item not in old]}


def _pairs(old: dict[str, Any], new: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {key: (old.get(key), new.get(key)) for key in {**old, **new} if old.get(key) != new.get(key)}
