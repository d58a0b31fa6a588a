"""A program that runs a graph as the command line does, with slow scripted models: python -m tests.crash.stoppable ROOT"""

import asyncio
import os
import sys
from pathlib import Path

from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.project import Project
from agentflow.runs.signals import stoppable
from agentflow.testing import ScriptedModels
from tests.crash.harness import QUESTION, recorded


async def main(root: Path) -> None:
    models = ScriptedModels(recorded, seconds=600.0)
    async with Engine(Project(root), pool=models) as engine, stoppable(engine):
        await engine.run("research", {"question": QUESTION}, run_id="stopped")


if __name__ == "__main__":
    try:
        asyncio.run(main(Path(sys.argv[1])))
    except AgentflowError as error:
        print(f"error: {error.message}\nhint: {error.hint}", file=sys.stderr, flush=True)
        os._exit(error.exit_code)  # as agentflow.cli.main does
