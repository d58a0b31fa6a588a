"""The folder of an experiment: code, copies of the data with their hashes, results and figures; run again by one command."""

import hashlib
import json
import pprint
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from agentflow.errors import AgentflowError
from agentflow.experiments.laboratory import carry_out, lab, last_line
from agentflow.experiments.packages import versions
from agentflow.storage.files import write_whole
from agentflow.toolbox.errors import ToolFailed
from agentflow.toolbox.sandbox import SandboxResult

RECORD = "experiment.json"
ANALYSIS, SCRIPT = "analysis.py", "script.py"
PROGRAM = '''"""An experiment that agentflow planned. Again, in its sandbox and compared byte for byte: agentflow reproduce FOLDER
Or, where numpy, pandas, scipy and matplotlib are installed: python analysis.py"""

from pathlib import Path

from lab.analysis import analyse

PLAN = {plan}

analyse(PLAN, data=Path("data"), out=Path("out"))
'''


class Written(NamedTuple):
    """What a program left: sha256 of every file of the folder, by its path there, and how the program ended."""

    sha256: dict[str, str]
    result: SandboxResult


def analyse(folder: Path, plan: dict[str, Any], seconds: float) -> Written:
    """Writes analysis.py with the plan, runs it and keeps what it leaves. Raises ToolFailed when it fails."""
    shutil.copytree(lab(), folder / "lab", ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    plan_text = pprint.pformat(plan, width=110, sort_dicts=False)
    written = run(folder, ANALYSIS, PROGRAM.format(plan=plan_text), seconds)
    if written.result.status:
        raise ToolFailed(f"{ANALYSIS} failed: {last_line(written.result.errors)}", f"it lies in {folder}")
    return written


def run(folder: Path, name: str, program: str, seconds: float) -> Written:
    """Writes and runs a program; `out/` then holds what it left there, and printed.txt what it printed. Raises ToolFailed
    when it takes too long."""
    if not (folder / "data").is_dir():
        raise ToolFailed(f"the copies of the data are gone from {folder}", "start from the step that looks at the data")
    write_whole(folder / name, program)
    result = carry_out(program, folder / "data", folder / "lab" if (folder / "lab").is_dir() else lab(), seconds, name)
    shutil.rmtree(folder / "out", ignore_errors=True)
    (folder / "out").mkdir()
    left = {**result.files, **({"printed.txt": result.output.encode()} if result.output else {})}
    for file, content in left.items() if result.status == 0 else ():
        write_whole(folder / "out" / file, content)
    return Written(hashes(folder), result)


def record(question: str, data: dict[str, str], packages: dict[str, str], sha256: dict[str, str]) -> str:
    """The text of experiment.json: what the folder rests on."""
    content = {"question": question, "data": data, "packages": packages, "sha256": sha256}
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def hashes(folder: Path) -> dict[str, str]:
    """Of every file but the record, by its path in the folder; links are none."""
    files = (
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts
    )
    named = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: sha256_of(path.read_bytes()) for name, path in named.items() if name != RECORD}


def sha256_of(content: str | bytes) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


class Again(NamedTuple):
    """Files of `out/` that are the same, those that differ (missing or new ones among them), and packages whose version is another."""

    same: list[str]
    different: list[str]
    packages: list[str]


def reproduce(folder: Path, into: Path, seconds: float) -> Again:
    """Runs the programs of a folder again, on its own copies of the data, into a new folder that holds all the rest as it is.
    Raises AgentflowError for what is no such folder, or has been changed."""
    try:
        content = json.loads((folder / RECORD).read_text("utf-8"))
        recorded, packages = dict(content["sha256"]), dict(content["packages"])
    except (OSError, ValueError, KeyError, TypeError):
        raise AgentflowError(
            f"{folder} holds no experiment ({RECORD})", "name the folder that `agentflow experiment` wrote"
        ) from None
    now = hashes(folder)
    if changed := sorted(name for name in {*recorded, *now} if recorded.get(name) != now.get(name)):
        raise AgentflowError(
            f"{folder} has changed since it was written: {', '.join(changed[:5])}", "put these files back"
        )
    if into.exists() and any(into.iterdir()):
        raise AgentflowError(f"{into} is not empty", "name a new folder")
    shutil.copytree(
        folder, into, ignore=shutil.ignore_patterns("out", "__pycache__"), symlinks=True, dirs_exist_ok=True
    )
    for name in (ANALYSIS, SCRIPT):
        if (into / name).is_file():
            run(into, name, (into / name).read_text("utf-8"), seconds)
    fresh = hashes(into)
    other = sorted(name for name in {*now, *fresh} if now.get(name) != fresh.get(name))
    installed = versions()
    newer = sorted(
        f"{name} {version} → {installed.get(name)}"
        for name, version in packages.items()
        if installed.get(name) != version
    )
    return Again([name for name in now if name.startswith("out/") and name not in other], other, newer)
