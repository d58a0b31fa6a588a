"""Files as documents: which names cannot be one, how they are opened, and the reason for each that is left out."""

import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from agentflow.corpus.names import stored_name
from agentflow.errors import AgentflowError

JUNK = {"__pycache__", "__MACOSX", "node_modules", "site-packages", ".agentflow"}
LARGEST = 50_000_000  # bytes; above it the text alone would outgrow a laptop's memory in the process that cuts it
DEEPEST = 100  # folders in one another


@dataclass(slots=True)
class FoundFiles:
    """`roots` are the named folders and files, absolute. Each other path has its reason: `failed` ones may hold what
    is missed, `unlisted` folders may still hold what was read before, `ignored` files are to be left alone. `links` are
    those of the files that lie elsewhere."""

    roots: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    failed: dict[Path, str] = field(default_factory=dict)
    unlisted: dict[Path, str] = field(default_factory=dict)
    ignored: dict[Path, str] = field(default_factory=dict)
    links: list[Path] = field(default_factory=list)


def existing(named: Path) -> Path:
    """The absolute path of what a person named. Raises AgentflowError where nothing is there."""
    root = Path(os.path.abspath(named))
    try:
        os.stat(root)
    except (OSError, ValueError) as error:
        shown = stored_name(str(named))
        if isinstance(error, ValueError) or error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise AgentflowError(f"no such file or folder: {shown}", f"looked for {stored_name(str(root))}") from None
        raise AgentflowError(f"cannot read {shown}: {link_trouble(error)}", "name another file or folder") from None
    return root


def unwanted(name: str) -> str:
    """Why no file of this name is a document; empty for one that may be."""
    if name.startswith(("~$", ".~lock.", "~WRL", "~WRD", "~WRA", "~WRF")) or (name[:1] == name[-1:] == "#"):
        return "a lock or scratch file of the program that has the document open"
    return "a backup copy" if name.endswith("~") else ""


def link_trouble(error: OSError) -> str:
    match error.errno:
        case errno.ELOOP:
            return "a link that leads in a circle or through too many others"
        case errno.ENOENT | errno.ENOTDIR:
            return "a link to a file that is not there"
    return error.strerror or str(error)


def read_bytes(path: Path) -> tuple[bytes, float]:
    """Content and time of change. Raises OSError, or ValueError with a reason for what is not a file of sane size."""
    with open(path, "rb", opener=_opener) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("not a regular file")
        if status.st_size > LARGEST:
            raise ValueError(
                f"{status.st_size / 1e6:,.0f} MB is more than the limit of {LARGEST / 1e6:.0f} MB: split it"
            )
        return file.read(LARGEST + 1), status.st_mtime


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a named pipe would wait for its writer for ever
