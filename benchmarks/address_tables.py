"""The tables and the plot of benchmarks/addresses.py."""

from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.machine import MACHINE
from benchmarks.plot import Line, plot

SIDES = ("one", "three", "three, calls scattered")


def write_results(kept: dict[str, Any], folder: Path) -> None:
    """addresses.md, printed as well, and addresses.svg."""
    rows = kept["simulated"]
    lines = {
        f"{side}, {which}": Line([(row["offered"], row[which]) for row in rows if row["side"] == side], number, dashed)
        for number, side in enumerate(SIDES)
        for which, dashed in (("p50", False), ("p99", True))
    }
    title = "Seconds of a run against offered load, 1,000 runs simulated"
    (folder / "addresses.svg").write_text(plot(title, "runs offered a second", "seconds", lines))
    text = "\n".join([HEAD.format(date.today()), "", *_simulated(rows), "", *_measured(kept["measured"])]) + "\n"
    (folder / "addresses.md").write_text(text)
    print(text)


HEAD = f"""# One model on one server and on three

Made by `python -m benchmarks.addresses simulate` and `measure`, {{}}, {MACHINE}.

Simulated: 1,000 runs of agents (four to twelve calls; a system prompt of 400 tokens, a task of 60, histories that grow by 152 a
call, answers of 32), arriving by chance. A server takes as long for a step as the embedded one was measured to take on two idle
cores for a model of 0.5 billion parameters in BF16 (`serving-random.json`), and writes 16 answers at a time. agentflow's own code
chooses the server; "calls scattered" gives every call to any server, as a plain load balancer does. The last loads are beyond
what the servers can do: the queue grows, and prompts lose their place in the cache before their run comes back.

![Latency against load](addresses.svg)"""


def _simulated(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| servers | runs offered a second | done | p50 s | p99 s | prompt tokens from the cache |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        lines.append(
            f"| {row['side']} | {row['offered']:.2f} | {row['rate']:.2f} | {row['p50']:.1f} | {row['p99']:.1f} | {row['hits']:.1%} |"
        )
    return lines


def _measured(rows: list[dict[str, Any]]) -> list[str]:
    first = rows[0]
    busy = ", ".join(f"{row['load']:.0f}" for row in rows)
    lines = [
        f"Measured: {first['runs']} runs of four growing calls, 16 at a time, starter model, real embedded servers that share two",
        f"cores with other work (load averages {busy}). There three processes are given more of the cores than one, so compare the",
        "caches; the rates say nothing of machines of their own. No run saw an error.",
        "",
        "| servers | prompt tokens from the cache | of one | runs a second | p50 s | p99 s |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        hits = f"{row['hits']:.1%} | {row['hits'] / first['hits']:.3f}"
        times = " | ".join(f"{row[name]:.2f}" for name in ("rate", "p50", "p99"))
        lines.append(f"| {row['side']} | {hits} | {times} |")
    return lines
