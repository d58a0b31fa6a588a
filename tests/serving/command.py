"""`agentflow serve` with the starter model, in a process of its own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

KEY = "the-key-of-whoever-runs-it"


@contextmanager
def served(project: Path, log: IO[str] | None = None) -> Iterator[str]:
    """Its address. `log` gets what it says of itself."""
    command = [sys.executable, "-m", "agentflow", "serve", "starter", "--port", "0", "--key", KEY, "--json"]
    process = subprocess.Popen([*command, "--project", str(project)], stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout
    try:
        found = (re.search(r'"url": "(.*)"', line) for line in process.stdout)
        yield next(match[1] for match in found if match)
    finally:
        process.terminate()
        process.communicate()
