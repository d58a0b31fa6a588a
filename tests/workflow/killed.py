"""Run by test_kill.py in a process of its own: `killed.py PROJECT GRAPH RUN [ANSWER]` runs or resumes one run;
`killed.py PROJECT GRAPH --batch FILE OUT` a batch."""

import asyncio
import json
import sys
from pathlib import Path

from agentflow.budget import Limits
from agentflow.cli.workflow_run import RunOptions, run_batch
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.testing import ScriptedModels


async def main(project: Path, graph: str, run: str, *rest: str) -> None:
    if run == "--batch":
        code = await run_batch(
            project, graph, Path(rest[0]), [], 4, Path(rest[1]), RunOptions([], None, {}, Limits()), False
        )
        sys.exit(code)
    async with Engine(Project(project), pool=ScriptedModels(lambda request: "")) as engine:
        if not engine.store.exists(run):
            outcome = await engine.run(graph, {}, run_id=run)
        else:
            answer = None
            if rest:
                question = engine.store.load(run).question
                assert question is not None
                answer = {"approved": True, "binding": question[0]["value"]["binding"], **json.loads(rest[0])}
            outcome = await engine.resume(run, answer=answer)
    print(json.dumps({"status": outcome.status, "output": outcome.output}))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
