"""Work that loads much or waits long, in a child of the screen: ingest, search, model servers, graphs.

`python -m agentflow.bundled.ui.local.worker PROJECT` reads jobs as JSON lines, `{"id", "do", ...}`, and answers with
lines `{"id", "event"}` while it works, then `{"id", "result"}` or `{"id", "error"}`. It ends with its standard input.
"""

import asyncio
import contextlib
import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError
from agentflow.events import Event
from agentflow.project import Project

from . import worker_jobs

Send = Callable[[dict[str, Any]], None]


async def serve(project: Project, send: Send) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with contextlib.AsyncExitStack() as stack:
        desk = worker_jobs.Jobs(project, stack)
        running: set[asyncio.Task[None]] = set()
        while text := await reader.readline():
            task = asyncio.create_task(perform(desk, json.loads(text), send))
            running.add(task)
            task.add_done_callback(running.discard)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def perform(desk: worker_jobs.Jobs, job: dict[str, Any], send: Send) -> None:
    """A bug in one job is told with its last line, and its traceback goes to standard error; the others go on."""
    number, name = job.pop("id"), job.pop("do")

    def sink(event: Event) -> None:
        send({"id": number, "event": event.to_json()})

    try:
        send({"id": number, "result": await desk.call(name, sink, job)})
    except AgentflowError as error:
        send({"id": number, "error": [error.message, error.hint]})
    except Exception as error:  # noqa: BLE001 - see above: whoever asked must hear of it
        traceback.print_exc()
        told = f"{name} failed: {type(error).__name__}: {error}"
        send({"id": number, "error": [told, "this is a bug; see worker.log"]})


def main() -> None:
    """Standard output belongs to the answers: whatever a library prints goes to standard error."""
    out = sys.stdout
    sys.stdout = sys.stderr

    def send(message: dict[str, Any]) -> None:
        out.write(json.dumps(message, default=str) + "\n")
        out.flush()

    asyncio.run(serve(Project.open(Path(sys.argv[1])), send))


if __name__ == "__main__":
    main()
