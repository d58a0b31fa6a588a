"""A large file that is made once from others and kept in the cache, whoever asks first."""

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from agentflow.events import Note, Sink, ignore
from agentflow.models.weights.space import require_space, writing
from agentflow.storage.files import replacing


def written_once(target: Path, need: int, what: str, write: Callable[[Path], None], sink: Sink = ignore) -> Path:
    """`target`, which `write` makes now if it is not there; one process at a time, and never half of it.

    Raises CannotWrite when fewer than `need` bytes are free, or the disk does not let it be written.
    """
    if target.is_file():
        return target
    with writing(target.parent, what):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(target.with_suffix(".lock")):
            if not target.is_file():
                require_space(target.parent, need, what)
                sink(Note(text=f"writing {what}, once"))
                with replacing(target) as partial:
                    write(partial)
    return target
