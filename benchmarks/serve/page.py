"""benchmarks/results/serving.md, made from serving.json."""

from typing import Any

HEAD = """# Serving: measured

Machine: {cpu}, {cores} cores, with avx512_bf16, no amx; {date}. `python -m benchmarks.serving`, random weights of a 0.5B shape with 151,936
tokens. Load of other programs at the start of the parts: {load}. Above 0.5 only ratios count, which are of tokens per CPU second.
"""


def page(data: dict[str, Any]) -> str:
    run = data["runs"][-1]
    load = ", ".join(f"{item['load_before']:g}" for item in data["runs"])
    parts = [HEAD.format(cpu=run["cpu"], cores=run["cores"], date=run["date"], load=load)]
    for form, found in data["formats"].items():
        for width, sides in found.get("fanout", {}).items():
            ours = {state: sides[f"agentflow {state}"]["tokens_per_cpu_s"] for state in ("cold", "warm")}
            rows = {
                name: {**side, "ours / it": round(ours["warm" if "warm" in name else "cold"] / side["tokens_per_cpu_s"], 2)}
                for name, side in sides.items()
            }  # fmt: skip
            parts.append(section(f"{form}: fan-out, {width} at a time", rows))
        for name, title in (("drafting", "replayed text"), ("grammar", "grammar"), ("overhead", "Python per step")):
            if rows := found.get(name):
                parts.append(section(f"{form}: {title}", rows))
        if trace := found.get("trace", {}).get("all"):
            parts.append(section(f"{form}: agent trace of 12 calls", trace["sides"]))
        if steps := found.get("step_seconds_by_rows"):
            parts.append(section(f"{form}: seconds of a step by tokens verified", {"seconds": steps}))
    if starter := data.get("starter"):
        parts.append(section("The starter, real greedy decoding", starter))
    return "\n".join(parts)


def section(title: str, rows: dict[str, dict[str, Any]]) -> str:
    keys = [key for key, value in next(iter(rows.values())).items() if not isinstance(value, list)]
    lines = [f"## {title}", "", f"| | {' | '.join(keys)} |", "|---|" + "---|" * len(keys)]
    lines += [f"| {name} | {' | '.join(shown(row.get(key)) for key in keys)} |" for name, row in rows.items()]
    return "\n".join([*lines, ""])


def shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {right}/{tried}" for name, (tried, right) in value.items())
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
