"""Servers of these tests run in their own folder, and none is left behind."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentflow.models.servers.admin import running, stop


@pytest.fixture(scope="session", autouse=True)
def runtime() -> Iterator[Path]:
    """Short, for the sake of Unix sockets."""
    folder = Path(tempfile.mkdtemp(prefix="af-"))
    before = os.environ.get("AGENTFLOW_RUNTIME")
    os.environ["AGENTFLOW_RUNTIME"] = str(folder)
    yield folder
    for place, server in running():
        stop(place, server)
    time.sleep(0.1)
    shutil.rmtree(folder, ignore_errors=True)
    if before is None:
        del os.environ["AGENTFLOW_RUNTIME"]
    else:
        os.environ["AGENTFLOW_RUNTIME"] = before
