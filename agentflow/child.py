"""The orderly end of a child process that an event loop reads and writes."""

import asyncio
from contextlib import suppress


async def end(process: asyncio.subprocess.Process, grace: float = 0.0) -> int:
    """Its exit code. Closes its input and gives it `grace` seconds to end by itself before it is killed.

    Its pipes are closed on return: what is left to garbage collection prints a traceback once the loop is closed.
    """
    if process.stdin:
        process.stdin.close()
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), grace)
    finally:
        process._transport.close()  # type: ignore[attr-defined]  # no public way; kills what still runs
    code = await process.wait()
    await asyncio.sleep(0)  # the pipes close in the loop's next round
    return code
