"""What was measured, as tables in the terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.serve.page import against, shown


def show(console: Console, form: str, found: dict[str, Any]) -> None:
    if rows := found.get("fanout"):
        keys = ("tokens_per_s", "tokens_per_cpu_s", "first_token_s", "prompt_tokens_computed", "ours / it", "per CPU")
        table = Table("answers", "side", *keys, title=f"{form}: fan-out")
        for width, found_sides in rows.items():
            for name, entry in against(found_sides).items():
                table.add_row(width, name, *(f"{entry[key]:g}" for key in keys))
        console.print(table)
    if found.get("trace"):
        table = Table("side", "cached of reachable", "first token s", "total s", title=f"{form}: agent trace")
        for name, entry in found["trace"]["all"]["sides"].items():
            table.add_row(name, *(f"{entry[key]:g}" for key in ("cached_of_reachable", "first_token_s", "total_s")))
        console.print(table)
    for key, title in (("drafting", "drafting"), ("grammar", "grammar"), ("overhead", "Python per step")):
        if rows := found.get(key):
            first = next(iter(rows.values()))
            keys = [key for key, value in first.items() if not isinstance(value, dict)]
            table = Table("case", *keys, title=f"{form}: {title}")
            for name, entry in rows.items():
                table.add_row(str(name), *(shown(entry[key]) for key in keys))
            console.print(table)
