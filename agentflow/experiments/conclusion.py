"""Hypotheses and conclusions in words: phrases may be a model's, numbers and verdict are the analysis' own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agentflow.context import Context
from agentflow.experiments.plan import Hypothesis
from agentflow.experiments.verdict import UNDIRECTED, Verdict, is_clear
from agentflow.research.abilities import can
from agentflow.text.numbers import numbers
from agentflow.text.words import coverage, words

Phrases = dict[str, str]
"""How to call a hypothesis' `outcome`, `group`, `level` and `baseline`."""

LONGEST = 60
TURNS = frozenset("never less more lower higher fewer than because causes".split())
DENIALS = frozenset("no not without".split())  # of a baseline they are part


def by_columns(hypothesis: Hypothesis) -> Phrases:
    group, outcome = hypothesis["group"], hypothesis["outcome"]
    baseline = f"{group} = {hypothesis['baseline']}" if hypothesis["baseline"] else f"any other {group}"
    named = f"{outcome} = {hypothesis['success']}" if hypothesis["success"] else outcome
    return {"outcome": named, "group": group, "level": f"{group} = {hypothesis['level']}", "baseline": baseline}


async def phrased(context: Context, question: str, hypothesis: Hypothesis) -> Phrases:
    """By a writer that can word claims; each phrase only where it names what the column does and turns nothing round."""
    plain = by_columns(hypothesis)
    if hypothesis["success"] or not can(context, "writer", "word"):
        return plain
    wanted = ["outcome", "level", "baseline"] if hypothesis["level"] else ["outcome", "group"]
    prompt = context.prompt("phrases")
    fields = {name: {"type": "string", "minLength": 2, "maxLength": LONGEST} for name in wanted}
    schema = {"type": "object", "properties": fields, "required": wanted, "additionalProperties": False}
    shown = {name: plain[name] for name in wanted}
    answer = await context.ask("writer", replace(prompt, schema=schema), question=question, shown=shown)
    said = {name: " ".join(str(answer.data[name]).split()).rstrip(".") for name in wanted}
    good = {name: phrase for name, phrase in said.items() if is_faithful(name, phrase, plain[name], question)}
    if {"level", "baseline"} & set(good) and good.get("level", "").casefold() == good.get("baseline", "").casefold():
        good = {name: phrase for name, phrase in good.items() if name == "outcome"}
    return {**plain, **good}


def is_faithful(name: str, phrase: str, column: str, question: str) -> bool:
    """It says nothing that the column's name and the question do not, but small words."""
    known = f"{column.replace('_', ' ')} {question}"
    turns = (TURNS if name == "baseline" else TURNS | DENIALS) & set(words(phrase)) - set(words(column))
    return bool(phrase) and coverage(phrase, known) >= 0.5 and numbers(phrase) <= numbers(known) and not turns


def claim(hypothesis: Hypothesis, named: Phrases, direction: str) -> str:
    """`recovery_days is lower with dose = new than with dose = standard`."""
    outcome = named["outcome"]
    if hypothesis["level"] is None:
        verb = {"higher": "rises", "lower": "falls"}.get(direction, "differs")
        return f"{outcome} {verb} with {named['group']}"
    if direction == "different":
        return f"{outcome} differs between {named['level']} and {named['baseline']}"
    how = {"higher": "more often", "lower": "less often"}[direction] if hypothesis["success"] else direction
    return f"{outcome} is {how + ' found' if hypothesis['success'] else how} with {named['level']} than with {named['baseline']}"


def concluded(hypothesis: Hypothesis, result: dict[str, Any], verdict: Verdict, named: Phrases) -> str:
    """One or two sentences with effect and interval. What rests on a model's choice of columns says so."""
    told = _concluded(hypothesis, result, verdict, named)
    if hypothesis["by"] != "model":
        return told
    return f"Taking {hypothesis['outcome']} as what is asked about, and {named['group']} as what may change it: {told[0].lower()}{told[1:]}"


def _concluded(hypothesis: Hypothesis, result: dict[str, Any], verdict: Verdict, named: Phrases) -> str:
    asked = claim(hypothesis, named, hypothesis["direction"])
    if verdict.reason == "not testable":
        return f"Not shown: that {asked} could not be tested: {result['error']}."
    found = claim(hypothesis, named, way(result))
    numbers_told = f"{effect(result)}, {result['test']}, {chance(result['p_corrected'])}, {result['rows']} rows"
    names = _listed(verdict.because)
    match verdict.reason:
        case "":
            start = "Shown in these data" if verdict.status == "shown" else "The opposite is shown in these data"
            kept = (
                f" It holds at equal values of {_listed(tuple(item['column'] for item in result['adjusted']))}."
                if result["adjusted"]
                else ""
            )
            return f"{start}: {found} ({numbers_told}).{kept}"
        case "no effect":
            return f"Not shown: these data do not tell whether {asked} ({numbers_told}). {_room(result)}"
        case "explained":
            return f"Not shown: over all rows {found} ({numbers_told}), but not at equal values of {names} ({_equal(result, verdict)}): {names} can explain the difference."
        case "reversed":
            return f"Not shown as it looks: over all rows {found if is_clear(result) else 'no clear difference is seen'} ({numbers_told}), but at equal values of {names} the effect goes the other way ({_equal(result, verdict)})."
        case "hidden":
            return f"Not shown over all rows ({numbers_told}); at equal values of {names} there is an effect ({_equal(result, verdict)}), which a further experiment should test."
        case "halved":
            return f"Not shown: over all rows {found} ({numbers_told}), but at equal values of {names} less than half of it is left ({_equal(result, verdict)}): what {names} does not measure may explain the rest."
        case "blurred":
            return f"Not shown: over all rows {found} ({numbers_told}), but at equal values of {names} there are too few rows to tell ({_equal(result, verdict)})."
    return f"Not shown: over all rows {found} ({numbers_told}), but {names} goes with {hypothesis['group']} in every row, so that the two cannot be told apart."


def summarised(tested: Sequence[dict[str, Any]]) -> str:
    """Of an open question: which columns matter, and which do not by these data."""
    outcome = tested[0]["hypothesis"]["outcome"]
    of = [item for item in tested if item["hypothesis"]["outcome"] == outcome]
    found = tuple(
        f"{item['hypothesis']['group']} ({effect(item['result'])})" for item in of if item["verdict"] == "shown"
    )
    rest = tuple(item["hypothesis"]["group"] for item in of if item["verdict"] != "shown")
    start = f"{outcome} goes with {_listed(found)}" if found else f"Not shown that {outcome} goes with any column"
    return f"{start}. Not shown for {_listed(rest)}." if found and rest else f"{start}."


def way(result: dict[str, Any]) -> str:
    return "different" if result["measure"] in UNDIRECTED else "higher" if result["effect"] > 0 else "lower"


def effect(result: dict[str, Any]) -> str:
    return f"{result['measure']} {interval(result)}"


def interval(item: dict[str, Any]) -> str:
    """`−2.1 [−2.8, −1.4]`; of several levels there is none."""
    if item["effect"] is None:
        return "of several levels"
    return f"{figure(item['effect'])} [{figure(item['low'])}, {figure(item['high'])}]"


def chance(p: float) -> str:
    return "p < 0.0001" if p < 0.0001 else f"p = {figure(p, 2)}"


def figure(value: float | None, digits: int = 3) -> str:
    """Three significant digits, with a true minus; whole numbers whole."""
    if value is None:
        return "–"
    text = f"{float(f'{value:.{digits}g}'):,.10f}".rstrip("0").rstrip(".")
    return ("0" if text in ("-0", "") else text).replace("-", "−")


def _room(result: dict[str, Any]) -> str:
    if result["measure"] in UNDIRECTED:
        return "An effect too small to be seen is not ruled out."
    return f"They leave room for effects from {figure(result['low'])} to {figure(result['high'])}; larger ones are unlikely."


def _equal(result: dict[str, Any], verdict: Verdict) -> str:
    items = [item for item in result["adjusted"] if item["column"] in verdict.because] or [result["all"]]
    return ", ".join(f"{interval(item)}, {chance(item['p'])}" for item in items[:3])


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "no other column"
