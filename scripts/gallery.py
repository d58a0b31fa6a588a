"""Makes the pictures of docs/tui.md from a real run: `python scripts/gallery.py [--question TEXT]`.

Copies docs/demo into an empty folder, adds it, asks, and takes a picture of every view, with the models that
models.yaml gives to the roles. Nothing is staged: what went wrong is in the picture.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SCREENS = ROOT / "docs" / "screens"
QUESTION = "How long is raw sensor data kept?"
PATIENCE = 600.0  # seconds for any one thing


async def until(pilot: Any, ready: Callable[[], object]) -> None:
    started = time.monotonic()
    while not ready():
        if time.monotonic() - started > PATIENCE:
            raise SystemExit(f"waited in vain on {type(pilot.app.screen).__name__}")
        await pilot.pause(0.2)
    await pilot.pause(0.5)


async def tour(project: Path, question: str, rounds: int) -> None:
    app = import_module("agentflow.bundled.ui.app").AgentflowApp
    backend = import_module("agentflow.bundled.ui.local.backend").LocalBackend.open(project)
    ui = app(backend, theme="ink")

    def shot(name: str) -> None:
        picture = ui.export_screenshot(title="agentflow")
        for folder, shown in ((project.parent, "~/papers"), (ROOT, "~/agentflow")):  # no machine's folders
            picture = picture.replace(str(folder), shown)
        (SCREENS / f"{name}.svg").write_text(picture, "utf-8")
        print(name, flush=True)

    async with ui.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: ui.screen.query("#welcome") and ui.screen.query_one("#welcome").display)
        shot("welcome")
        await pilot.press("enter")
        await until(pilot, lambda: ui.screen.query("#choices") and ui.screen.query_one("#choices").highlighted == 0)
        shot("add")
        await pilot.press("enter")
        await until(pilot, lambda: ui.screen.query("#runs") and not ui.screen.query_one("#welcome").display)
        ui.screen.wish.inputs["rounds"] = rounds
        ui.screen.query_one("#question").value = question
        await pilot.press("enter")
        await until(pilot, lambda: getattr(ui.screen, "view", None) and ui.screen.view.evidence)
        shot("run-live")
        await until(pilot, lambda: ui.screen.view.ended)
        shot("run")
        await pilot.press("o")
        await until(
            pilot, lambda: ui.screen.query("#findings") and ui.screen.query_one("#findings").highlighted is not None
        )
        shot("report")
        ui.theme = "paper"
        await pilot.press("n")
        await pilot.pause(1)
        shot("report-paper")
        ui.theme = "ink"
        await pilot.press("escape", "escape")
        await pilot.pause(3)
        shot("home")
        await pilot.press("escape")
        for key, place, rows in (
            ("2", "corpus", "list"),
            ("3", "models", "list"),
            ("4", "workflows", "list"),
            ("5", "evals", "suites"),
        ):
            await pilot.press(key)
            await until(
                pilot,
                lambda id=rows, place=place: ui.current_mode == place and len(ui.screen.query_one(f"#{id}").rows) > 1,
            )  # type: ignore[misc]
            await pilot.pause(4)
            shot(place)
        await pilot.press("f1")
        await pilot.pause(1)
        shot("help")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--question", default=QUESTION)
    parser.add_argument("--rounds", type=int, default=1, help="further rounds of search")
    chosen = parser.parse_args()
    SCREENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "kestrel"
        shutil.copytree(ROOT / "docs" / "demo", project / "documents")
        asyncio.run(tour(project, chosen.question, chosen.rounds))


if __name__ == "__main__":
    main()
