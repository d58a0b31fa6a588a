"""What the numbers bear: shown, the opposite, or not shown, with the reason. No model has a say in it."""

from dataclasses import dataclass
from typing import Any, Literal

from agentflow.experiments.matching import split_name
from agentflow.experiments.plan import Hypothesis

ALPHA = 0.05
SHRINKS = 0.3  # of the effect, by which a covariate explains it rather than only blurs it
HALF = 0.5  # what a covariate takes more of than this, it may take all of where it is measured better
UNDIRECTED = ("share of variance", "Cramér's V")

Status = Literal["shown", "opposite", "not shown"]
Reason = Literal["", "no effect", "explained", "reversed", "hidden", "blurred", "halved", "inseparable", "not testable"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`because` are the covariates that the reason is about; `reason` is empty for what is shown."""

    status: Status
    reason: Reason = ""
    because: tuple[str, ...] = ()


def judged(hypothesis: Hypothesis, result: dict[str, Any]) -> Verdict:
    if "error" in result:
        return Verdict("not shown", "not testable")
    effect, looks = result["effect"], among_equals(result)
    strict = ALPHA / max(1, len(looks))
    opposed = [
        name
        for name, item in looks
        if item["effect"] is not None and item["effect"] * effect < 0 and item["p"] < strict
    ]
    if opposed:
        return Verdict("not shown", "reversed", tuple(opposed))
    if not is_clear(result):
        hidden = [name for name, item in looks if item["p"] < strict]
        return Verdict("not shown", "hidden", tuple(hidden)) if hidden else Verdict("not shown", "no effect")
    if broken := [(name, item) for name, item in looks if not item["survives"]]:
        explaining = [name for name, item in broken if _shrinks(effect, item["effect"])]
        names = explaining or [name for name, _ in broken]
        return Verdict("not shown", "explained" if explaining else "blurred", tuple(names))
    if halving := [name for name, item in looks if item["effect"] is not None and item["effect"] / effect < HALF]:
        return Verdict("not shown", "halved", tuple(halving))
    if inseparable := inseparable_from(hypothesis, result):
        return Verdict("not shown", "inseparable", tuple(inseparable))
    against = {"lower": effect > 0, "higher": effect < 0}.get(hypothesis["direction"], False)
    return Verdict("opposite" if against and result["measure"] not in UNDIRECTED else "shown")


def is_clear(result: dict[str, Any]) -> bool:
    """Beyond chance, after the correction for the number of tests, and the interval leaves no effect out."""
    undirected = result["measure"] in UNDIRECTED  # these have no zero that an interval could hold
    return bool(result["p_corrected"] < ALPHA and (undirected or result["low"] > 0 or result["high"] < 0))


def among_equals(result: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The adjusted effects by covariate; those of all together last, unless one of them alone already breaks the effect."""
    found = [(item["column"], item) for item in result["adjusted"]]
    if result["all"] and all(item["survives"] for _, item in found):
        found.append((" and ".join(result["all"]["columns"]), result["all"]))
    return found


def inseparable_from(hypothesis: Hypothesis, result: dict[str, Any]) -> list[str]:
    """Columns that go with the group in every row and are not merely another name of it."""
    own = {
        *split_name(hypothesis["group"]),
        *split_name(hypothesis["level"] or ""),
        *split_name(hypothesis["baseline"] or ""),
    }
    same = [item["column"] for item in result["skipped"] if item["reason"] == "the same as the group"]
    return [name for name in same if not own & set(split_name(name))]


def to_look_within(result: dict[str, Any]) -> str | None:
    """The covariate at equal values of which the effect changes most, if it stops being what it was."""
    if "error" in result or result["measure"] in UNDIRECTED:
        return None
    changed = [
        item for item in result["adjusted"] if item["effect"] is not None and item["survives"] != is_clear(result)
    ]
    changed = [item for item in changed if _shrinks(result["effect"], item["effect"]) or item["p"] < ALPHA]
    ranked = sorted(changed, key=lambda item: (-abs(item["effect"] - result["effect"]), item["column"]))
    return str(ranked[0]["column"]) if ranked else None


def _shrinks(effect: float, adjusted: float | None) -> bool:
    return adjusted is None or adjusted / effect < 1 - SHRINKS if effect else True
