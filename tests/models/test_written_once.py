"""What is written once into the cache: by one of many, whole or not at all, and not onto a full disk."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from agentflow.errors import CannotWrite
from agentflow.models.weights.written_once import written_once


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir() if file.suffix != ".lock"}


def test_one_of_many_writes_it(tmp_path: Path) -> None:
    calls: list[Path] = []

    def write(partial: Path) -> None:
        calls.append(partial)
        partial.write_text("whole", "utf-8")

    ask = partial(written_once, tmp_path / "made" / "a.gguf", 1, "weights", write)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: ask(), range(8)))
    assert len(calls) == 1 and {path.read_text("utf-8") for path in found} == {"whole"}
    assert files(tmp_path / "made") == {"a.gguf"}


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def write(partial: Path) -> None:
        partial.write_text("half", "utf-8")
        raise OSError(28, "No space left on device")

    with pytest.raises(CannotWrite, match="no space left for weights"):
        written_once(tmp_path / "a.gguf", 1, "weights", write)
    assert files(tmp_path) == set()


def test_a_full_disk_is_told_before(tmp_path: Path) -> None:
    more = shutil.disk_usage(tmp_path).free * 2
    with pytest.raises(CannotWrite, match="no space for weights"):
        written_once(tmp_path / "a.gguf", more, "weights", lambda partial: pytest.fail("it was begun"))
    assert files(tmp_path) == set()
