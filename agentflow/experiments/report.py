"""The report of an experiment as Markdown. It holds nothing of the run that made it, so that the same data give the same bytes."""

import re
from collections.abc import Sequence
from typing import Any

from agentflow.corpus.evidence import one_line
from agentflow.experiments.conclusion import chance, figure, interval
from agentflow.research.report.markdown import inert
from agentflow.text.plain import plain

ACTS = re.compile(r"[`\\]|<(?=[A-Za-z/!?])|\]\s*[\[(:]|!\[|\*\*|://|^\s*[#>]")
Tested = dict[str, Any]
"""A hypothesis as the report has it: `hypothesis`, `text`, `result`, `verdict`, `conclusion`, `quotes`."""


def rendered(
    question: str,
    answer: str,
    tested: Sequence[Tested],
    profile: dict[str, Any],
    limits: Sequence[str],
    files: dict[str, str],
) -> str:
    blocks = [f"# {_line(question)}", f"**{_line(answer)}**"]
    for item in tested:
        blocks += _hypothesis(item, files, told=item["conclusion"] == answer)
    blocks += ["## Limits", "\n".join(f"- {_line(limit)}" for limit in limits)] if limits else []
    return "\n\n".join([*blocks, *_data(profile), *_again("analysis.py")]) + "\n"


def rendered_script(
    question: str, printed: str, profile: dict[str, Any], files: dict[str, str], notes: Sequence[str]
) -> str:
    """Of a program that a person gave or a model wrote: what it printed, as printed."""
    blocks = [
        f"# {_line(question)}",
        "**What follows was printed by `script.py`; agentflow has not checked what it means.**",
    ]
    blocks.append("\n".join(f"    {line}" for line in printed.splitlines()[:200]) or "It printed nothing.")
    pictures = [name for name in files if name.startswith("out/") and name.endswith((".png", ".svg"))]
    blocks += [f"![{name}]({name})" for name in pictures]
    blocks += ["\n".join(f"- {_line(note)}" for note in notes)] if notes else []
    return "\n\n".join([*blocks, *_data(profile), *_again("script.py")]) + "\n"


def _hypothesis(item: Tested, files: dict[str, str], *, told: bool) -> list[str]:
    """`told`: the conclusion stands at the top already."""
    hypothesis, result = item["hypothesis"], item["result"]
    blocks = [f"## {hypothesis['id']}: {_line(item['text'])}"]
    blocks += [
        f"> {_line(quote['quote'])}\n>\n> {_line(quote['path'])}, line {quote['line']}" for quote in item["quotes"]
    ]
    blocks += [] if told else [_line(item["conclusion"])]
    if "error" in result:
        return blocks
    if result["groups"]:
        blocks.append(_groups(hypothesis, result["groups"]))
    blocks.append(_table((result["measure"], "effect, 95 % interval", "p", "rows"), _effects(result)))
    if f"out/{hypothesis['id']}.svg" in files:
        blocks.append(f"![{hypothesis['id']}](out/{hypothesis['id']}.svg)")
    return blocks


def _groups(hypothesis: dict[str, Any], groups: Sequence[dict[str, Any]]) -> str:
    if hypothesis["success"]:
        shares = [(group["level"], group["rows"], figure(group["mean"])) for group in groups]
        return _table(
            (hypothesis["group"], "rows", f"share with {hypothesis['outcome']} = {hypothesis['success']}"), shares
        )
    rows = [
        (group["level"], group["rows"], *(figure(group[name]) for name in ("mean", "median", "sd"))) for group in groups
    ]
    return _table((hypothesis["group"], "rows", "mean", "median", "sd"), rows)


def _effects(result: dict[str, Any]) -> list[tuple[Any, ...]]:
    corrected = f"{chance(result['p'])}, corrected {chance(result['p_corrected'])}"
    rows: list[tuple[Any, ...]] = [("as measured", interval(result), corrected, result["rows"])]
    items = [(f"at equal {item['column']}", item) for item in result["adjusted"]]
    items += [("at equal all of these", result["all"])] if result["all"] else []
    rows += [(name, interval(item), chance(item["p"]), item["rows"]) for name, item in items]
    parts = result.get("strata", {}).get("parts", [])
    return rows + [
        (part["level"], interval(part) if "effect" in part else "too few rows in a group", "", part["rows"])
        for part in parts
    ]


def _data(profile: dict[str, Any]) -> list[str]:
    rows = [
        (table["name"], table["rows"], len(table["columns"]), profile["sha256"][table["file"]])
        for table in profile["tables"]
    ]
    return ["## Data", _table(("table", "rows", "columns", "sha256"), rows)]


def _again(program: str) -> list[str]:
    told = (
        f"The code is `{program}` beside this report, with its functions in `lab/`. `agentflow reproduce .` in this folder runs it"
        " again, in the sandbox on `data/`, and compares every byte."
    )
    return ["## Again", told]


def limits_of(tested: Sequence[Tested], profile: dict[str, Any]) -> list[str]:
    """What the data cannot tell, and what was done to them."""
    if not tested:
        return _unused(profile)
    count = (
        "1 hypothesis was tested."
        if len(tested) == 1
        else f"{len(tested)} hypotheses were tested; p is corrected for that (Holm)."
    )
    found = [
        count,
        "What was not measured cannot be looked at; whether rows came into their groups by chance, the data do not say.",
    ]
    for item in tested:
        name, result, unit = item["hypothesis"]["id"], item["result"], item["hypothesis"]["unit"]
        for skipped in result.get("skipped", ()):
            found.append(f"{name} was not looked at among equals of {skipped['column']}: {skipped['reason']}.")
        if result.get("left_out"):
            found.append(f"{name}: {result['left_out']} rows lack the outcome or the group.")
        if unit and "error" not in result:
            found.append(f"{name}: rows repeat within {unit}; each {unit} counts once, by its mean.")
        if result.get("measure") == "Cramér's V":
            found.append(f"{name}: an outcome of several values was not adjusted for other columns.")
    used = {item["hypothesis"]["table"] for item in tested}
    for table in (table for table in profile["tables"] if table["name"] in used):
        if table["copies"]:
            found.append(f"{table['name']}: {table['copies']} rows are exact copies of others.")
        for column in table["columns"]:
            if column.get("unreadable"):
                found.append(
                    f"{table['name']}: {column['unreadable']} cells of {column['name']} are no numbers and count as missing."
                )
    return found + _unused(profile)


def _unused(profile: dict[str, Any]) -> list[str]:
    return [f"{item['file']} was not used: it {item['reason']}." for item in profile["refused"]]


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [[_cell(cell) for cell in row] for row in (head, *rows)]
    lines.insert(1, ["---"] * len(head))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", _line(str(value)))


def _line(text: str) -> str:
    """On one line; text of documents and data files that could act as markup is escaped whole."""
    line = one_line(plain(text))
    return inert(line) if ACTS.search(line) else line
