"""A page of the figures: benchmarks/results/serving-random.md from serving-random.json."""

from typing import Any

from benchmarks.serve import identity
from benchmarks.serve.replay import medians

HEAD = """# Serving: measured

Machine: {cpu}, {cores} cores, {threads} of them used by each side, {flags}; {date}. `python -m benchmarks.serving`; parts named by
a number format are of random weights of a 0.5B shape with 151,936 tokens, the others of the weights of that name. Cores busy with
other programs at the start of the parts: {busy}.

"ours / it" is of tokens per second, "per CPU" of tokens per CPU second of the server, which other programs hardly touch.
"""


def page(data: dict[str, Any]) -> str:
    run = data["runs"][-1]
    busy = ", ".join(f"{item['busy_cores']:g}" for item in data["runs"])
    parts = [HEAD.format(**{**run, "busy": busy})]
    for form, found in data["formats"].items():
        for width, sides in found.get("fanout", {}).items():
            parts.append(section(f"{form}: fan-out, {width} at a time", against(sides)))
        titles = {name: name for name in found if name.startswith("drafting")}
        for name, title in {**titles, "grammar": "grammar", "overhead": "Python per step"}.items():
            if rows := found.get(name):
                parts.append(section(f"{form}: {title}", rows))
        if trace := found.get("trace", {}).get("all"):
            parts.append(section(f"{form}: agent trace of 12 calls", trace["sides"]))
        if prefixes := found.get("prefixes", {}).get("all"):
            parts.append(section(f"{form}: prefixes that come back", prefixes))
        if rows := found.get("recorded", {}).get("all"):
            parts.append(section(f"{form}: recorded runs, by role", rows))
        for title, rounds in by_run(found.get("replay", {})).items():
            parts.append(section(f"{form}: {title}, {len(rounds)} times", medians(rounds)))
        if pieces := found.get("identity"):
            same = identity.summary(list(pieces.values()))
            parts.append(section(f"{form}: the same answer, however it came about", same))
        for name, rows in found.get("break even", {}).items():
            parts.append(section(f"{form}: {name} as its draft model", rows))
        if soak := found.get("soak", {}).get("all"):
            parts.append(section(f"{form}: clients killed at random", {"soak": soak}))
        if steps := found.get("step_seconds_by_rows"):
            parts.append(section(f"{form}: seconds of a step by tokens verified", {"seconds": steps}))
    if starter := data.get("starter"):
        parts.append(section("The starter, real greedy decoding", starter))
    return "\n".join(parts)


def by_run(cells: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The rounds of each recorded run; a cell is named `RUN #ROUND`."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, rows in cells.items():
        found.setdefault(name.rpartition(" #")[0], []).append(rows)
    return found


def against(sides: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The sides of a fan-out with the ratios: warm against warm, all else against our cold one."""
    found = {}
    for name, side in sides.items():
        ours = sides[f"agentflow {'warm' if 'warm' in name else 'cold'}"]
        ratios = {
            title: round(ours[key] / side[key], 2)
            for title, key in (("ours / it", "tokens_per_s"), ("per CPU", "tokens_per_cpu_s"))
        }
        found[name] = {**side, **ratios}
    return found


def section(title: str, rows: dict[str, dict[str, Any]]) -> str:
    keys = [
        key for key, value in next(iter(rows.values())).items() if not isinstance(value, list) and key != "outcomes"
    ]
    lines = [f"## {title}", "", f"| | {' | '.join(keys)} |", "|---|" + "---|" * len(keys)]
    lines += [f"| {name} | {' | '.join(shown(row.get(key)) for key in keys)} |" for name, row in rows.items()]
    return "\n".join([*lines, ""])


def shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {right}/{tried}" for name, (tried, right) in value.items())
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
