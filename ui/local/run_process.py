"""Starting a run's own process, and learning how it ended."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from agentflow.errors import AgentflowError

RUNNER = "agentflow.bundled.ui.local.run_main"


class RunProcess:
    """One runner. It has its own session, so that closing the terminal does not end it."""

    def __init__(self, folder: Path, job: dict[str, Any]) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.job = folder / f"{job['run']}.json"
        self.live = self.job.with_suffix(".live")
        self.error = self.job.with_suffix(".error")
        self.log = self.job.with_suffix(".log")
        self.error.unlink(missing_ok=True)
        self.job.write_text(json.dumps(job), "utf-8")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", RUNNER, str(self.job)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def raise_error(self) -> None:
        """Raises what made it end before its time, if that is known. Its log is removed when there is nothing in it."""
        if self.error.exists():
            said = json.loads(self.error.read_text("utf-8"))
            self.error.unlink()
            self.log.unlink(missing_ok=True)
            raise AgentflowError(said["message"], said["hint"])
        if self.process.returncode == 0:
            self.log.unlink(missing_ok=True)
            return
        lines = self.log.read_text("utf-8", "replace").strip().splitlines() if self.log.exists() else []
        last = lines[-1] if lines else f"it ended with {self.process.returncode}"
        raise AgentflowError(
            f"the run's process broke off: {last}", f"see {self.log}; press r to go on with what is done"
        )
