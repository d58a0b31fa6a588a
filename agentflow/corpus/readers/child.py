"""The process that parses what strangers made: limits first, then one file after the other over its pipes.

Each request is a JSON line {"kind", "size", "seconds"} and `size` bytes; each answer one JSON line.
"""

import json
import resource
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from agentflow.corpus.readers import Format, read
from agentflow.corpus.readers.unreadable import Scanned, Skipped, Unreadable

MEMORY = 2_000_000_000  # bytes of address space


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes no file
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not mix with the answers
    while line := source.readline():
        answer(source, answers, json.loads(line))


def answer(source: BinaryIO, answers: BinaryIO, request: dict[str, Any]) -> None:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(spent.ru_utime + spent.ru_stime + request["seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
    try:
        content = source.read(request["size"])
        scans = {int(page): pieces for page, pieces in request.get("scans", {}).items()}
        result = asdict(read(Format(**request["format"]), content, scans))
    except Scanned as error:
        result = {"unreadable": str(error), "pages": error.pages}
    except Skipped as error:
        result = {"skipped": str(error)}
    except Unreadable as error:
        result = {"unreadable": str(error)}
    except MemoryError:
        result = {"unreadable": f"needs more than {MEMORY / 1e9:.0f} GB of memory to read"}
    except RecursionError:
        result = {"unreadable": "nested too deep"}
    answers.write(json.dumps(result).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
