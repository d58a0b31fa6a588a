"""Runs the programs of an experiment in the sandbox: our analysis, or a script, on copies of the data, without network."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

from agentflow.experiments.packages import PLACE, shown_packages
from agentflow.toolbox.errors import ToolFailed
from agentflow.toolbox.sandbox import SandboxResult, run_python

MEMORY = 4 << 30
START = f"""
import os, sys
sys.path[:0] = ["{PLACE}", "/"]
os.environ.update(MPLBACKEND="Agg", MPLCONFIGDIR="/tmp")
os.symlink("/data", "data")
exec(compile({{program!r}}, "{{name}}", "exec"), {{{{"__name__": "__main__"}}}})
"""
PROFILE = """
import json
from pathlib import Path
from lab.profile import profile
Path("out", "profile.json").write_text(json.dumps(profile([Path("data", name) for name in {names}])), "utf-8")
"""


def lab() -> Path:
    """The folder of our own analysis code."""
    return Path(str(resources.files("agentflow.experiments"))) / "lab"


def profile(data: Path, names: list[str], seconds: float) -> dict[str, Any]:
    """See agentflow/experiments/lab/profile.py. Raises ToolFailed when the files cannot be read within the limits."""
    result = carry_out(PROFILE.format(names=json.dumps(names)), data, lab(), seconds)
    if result.status:
        raise ToolFailed(
            f"the data cannot be read within the limits: {last_line(result.errors)}", "take a sample of it"
        )
    told: dict[str, Any] = json.loads(result.files["profile.json"])
    return told


def carry_out(program: str, data: Path, lab: Path, seconds: float, name: str = "analysis.py") -> SandboxResult:
    """The program, called `name` in its errors, in a folder with `data/`, with `lab` to import; what it leaves in `out/` comes back. Raises ToolRefused
    without a sandbox, ToolFailed when it takes too long."""
    shown = {**shown_packages(), "/data": data, "/lab": lab}
    code = START.format(program=program, name=name)
    return run_python(code, seconds=seconds, shown=shown, memory=MEMORY, files=True)


def last_line(errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip() and "Fontconfig" not in line]
    return lines[-1][:300] if lines else "it ended without a word"
