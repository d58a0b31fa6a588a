"""A run in its own process: it outlives the screen, and a crash of it is not one of the screen.

`python -m agentflow.bundled.ui.local.run_main JOB.json`. Its events go to the run's feed in the database; what a model
streams goes to JOB.live beside it, an error that a person can mend to JOB.error.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any, cast

from agentflow.budget import Limits
from agentflow.errors import AgentflowError
from agentflow.events import Event, ModelText
from agentflow.runs.signals import Stopped, stoppable

STALE = 0.05  # seconds that streamed text is held back


class LiveText:
    """A sink for the pieces of streamed text, which the feed leaves out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.waiting: list[str] = []
        self.written = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, ModelText):
            self.waiting.append(json.dumps(event.to_json()) + "\n")
        if self.waiting and (not isinstance(event, ModelText) or time.monotonic() - self.written > STALE):
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(self.waiting)
            self.waiting, self.written = [], time.monotonic()


async def perform(job: dict[str, Any], live: LiveText) -> None:
    """One of run, resume, follow up and fork. The engine says in the run store how it ended."""
    from agentflow.engine import Engine
    from agentflow.project import Project
    from agentflow.runs.fork import fork

    async with Engine(Project.open(Path(job["project"])), models=job["models"], sink=live) as engine, stoppable(engine):
        match job["do"]:
            case "run":
                limits = Limits(**cast(Any, job["limits"]))
                await engine.run(job["graph"], job["inputs"], limits=limits, run_id=job["run"])
            case "resume":
                await engine.resume(job["run"], answer=job["answer"])
            case "follow up":
                await engine.follow_up(job["from"], job["question"], new_id=job["run"])
            case "fork":
                forked = fork(
                    engine.store, engine.store.find(job["from"]), job["at"], changes=job["changes"], id=job["run"]
                )
                await engine.resume(forked.id)


def main(path: Path) -> int:
    job = json.loads(path.read_text("utf-8"))
    live = LiveText(path.with_suffix(".live"))
    try:
        asyncio.run(perform(job, live))
    except Stopped:
        return 0
    except AgentflowError as error:
        path.with_suffix(".error").write_text(json.dumps({"message": error.message, "hint": error.hint}), "utf-8")
        return error.exit_code
    finally:
        live.path.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
