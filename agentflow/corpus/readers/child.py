"""The process that parses what strangers made: limits first, then one file after the other over its pipes.

Each request is a JSON line {"kind", "size", "seconds"} and `size` bytes; each answer one JSON line.
"""

import json
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from agentflow.corpus.readers import Format, read
from agentflow.corpus.readers.unreadable import Scanned, Skipped, Unreadable

MEMORY = 2_000_000_000  # bytes of address space


def serve(memory: int, answer: Callable[[dict[str, Any], bytes], dict[str, Any]]) -> None:
    """Answers one request after the other, within `memory` bytes of address space."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes no file
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not mix with the answers
    while line := source.readline():
        request = json.loads(line)
        result = answer(request, source.read(request["size"]))
        answers.write(json.dumps(result).encode() + b"\n")
        answers.flush()


def parsed(request: dict[str, Any], content: bytes) -> dict[str, Any]:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(spent.ru_utime + spent.ru_stime + request["seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    try:
        scans = {int(page): pieces for page, pieces in request.get("scans", {}).items()}
        return asdict(read(Format(**request["format"]), content, scans))
    except Scanned as error:
        return {"unreadable": str(error), "pages": error.pages}
    except Skipped as error:
        return {"skipped": str(error)}
    except Unreadable as error:
        return {"unreadable": str(error)}
    except MemoryError:
        return {"unreadable": f"needs more than {MEMORY / 1e9:.0f} GB of memory to read"}
    except RecursionError:
        return {"unreadable": "nested too deep"}


if __name__ == "__main__":
    serve(MEMORY, parsed)
