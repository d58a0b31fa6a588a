"""R3: Ctrl-C and SIGTERM end it without waiting for a model, the state is kept, the way back is printed."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agentflow.runs.store import RunStore
from tests.crash.harness import Victim, write_towers


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_with_its_state_kept(tmp_path: Path, number: signal.Signals, code: int) -> None:
    root = write_towers(tmp_path / "towers")
    store = RunStore(root / ".agentflow" / "agentflow.db")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.stoppable", str(root)], stderr=subprocess.PIPE, text=True
    )
    while not any(run.calls for run in store.list()):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    _, said = process.communicate(timeout=120)  # its model would answer after ten minutes
    assert process.returncode == code
    assert number.name in said and "agentflow resume stopped" in said and "Traceback" not in said
    run = store.load("stopped")
    assert run.status == "paused" and run.owner == {}
    store.close()
    victim = Victim(root, "stopped", seconds=0.0)
    victim.carry_on()
    assert victim.outcome()[0] == "answered"
