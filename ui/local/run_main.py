"""A run in its own process: it outlives the screen, and a crash of it is not one of the screen.

`python -m agentflow.bundled.ui.local.run_main JOB.json`. Its events go to the run's feed in the database; what a model
streams goes to JOB.live beside it, an error that a person can mend to JOB.error.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from agentflow.budget import Limits
from agentflow.errors import AgentflowError
from agentflow.runs.live_text import LiveText
from agentflow.runs.signals import Stopped, stoppable

if TYPE_CHECKING:
    from agentflow.engine import Engine


async def perform(job: dict[str, Any], live: LiveText) -> None:
    """One of run, resume, follow up and fork. The engine says in the run store how it ended."""
    from agentflow.engine import Engine
    from agentflow.export.collector import tracing
    from agentflow.project import Project

    project = Project.open(Path(job["project"]))
    with tracing(project.root) as let_go:
        async with Engine(project, models=job["models"], sink=live, let_go=let_go) as engine, stoppable(engine):
            await _do(engine, job)


async def _do(engine: "Engine", job: dict[str, Any]) -> None:
    from agentflow.runs.fork import fork

    match job["do"]:
        case "run":
            limits = Limits(**cast(Any, job["limits"]))
            await engine.run(job["graph"], job["inputs"], limits=limits, run_id=job["run"])
        case "resume":
            await engine.resume(job["run"], answer=job["answer"])
        case "follow up":
            await engine.follow_up(job["from"], job["question"], new_id=job["run"])
        case "fork":
            forked = fork(engine.store, engine.store.find(job["from"]), job["at"], id=job["run"])
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
        live.remove()
        path.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
