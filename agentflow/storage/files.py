"""Files written whole or not at all: under a temporary name beside the target, then renamed over it."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agentflow.errors import AgentflowError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path to write to, in the folder of `path`, which it replaces at the end; removed after an error."""
    partial = path.with_name(f".{path.name[:200]}.{os.getpid()}-{secrets.token_hex(4)}.partial")
    try:
        yield partial
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_whole(path: Path, data: str | bytes, *, mode: int = 0o666) -> None:
    """Text as UTF-8. `mode` is narrowed by the umask. Raises OSError."""
    with replacing(path) as partial:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)


def write_file(path: Path, data: bytes) -> None:
    """A file that a person named; a device or pipe is written to as it is. Raises AgentflowError."""
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            write_whole(path, data)
    except OSError as error:
        raise AgentflowError(f"cannot write {path} ({error.strerror})", "name another file with --out") from error
