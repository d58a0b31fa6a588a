"""Downloads from a fake hub: resumed, checked, and usable offline afterwards."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import Event, Progress
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.weights.locate import load_weights
from agentflow.models.weights.pull import pull

from .hub import Hub

DATA = os.urandom(300_000)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 10_000)
    monkeypatch.setenv("AGENTFLOW_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with Hub({"model.gguf": DATA}) as running:
        yield running


def model(**more: object) -> ModelConfig:
    return ModelConfig(name="m", backend="llama", weights="hf:some/repo/model.gguf", **more)  # type: ignore[arg-type]


def test_a_file_is_downloaded_with_progress_and_found_offline_afterwards(hub: Hub) -> None:
    seen: list[Event] = []
    path = pull(model(), seen.append, endpoint=hub.url)[0]
    assert path.read_bytes() == DATA
    assert [(event.done, event.total) for event in seen if isinstance(event, Progress)][-1] == (300_000, 300_000)
    hits = hub.hits
    assert load_weights(model()).read_bytes() == DATA
    assert hub.hits == hits


def test_a_cut_download_goes_on_where_it_stopped(hub: Hub) -> None:
    hub.cuts = [100_000, 50_000]
    assert pull(model(), endpoint=hub.url)[0].read_bytes() == DATA
    assert hub.ranges == ["", "bytes=100000-", "bytes=150000-"]


def test_another_process_goes_on_where_a_killed_one_stopped(hub: Hub, tmp_path: Path) -> None:
    partial = tmp_path / "cache" / "partial" / hashlib.sha256(DATA).hexdigest()
    partial.parent.mkdir(parents=True)
    partial.write_bytes(DATA[:200_000])
    assert pull(model(), endpoint=hub.url)[0].read_bytes() == DATA
    assert hub.ranges == ["bytes=200000-"]


def test_bytes_that_are_not_what_the_hub_promised_are_refused(hub: Hub) -> None:
    hub.hashes["model.gguf"] = "0" * 64
    with pytest.raises(Unavailable, match="arrived damaged"):
        pull(model(), endpoint=hub.url)


def test_a_hash_that_is_not_the_one_of_models_yaml_is_refused_and_removed(hub: Hub) -> None:
    with pytest.raises(Unavailable, match="yaml says 111"):
        pull(model(sha256="1" * 64), endpoint=hub.url)
    with pytest.raises(Unavailable, match="not on this machine"):
        load_weights(model())


def test_what_the_hub_does_not_have_is_named(hub: Hub) -> None:
    absent = model().model_copy(update={"weights": "hf:some/repo/absent.gguf"})
    with pytest.raises(Unavailable, match=r"the hub has no some/repo/absent\.gguf"):
        pull(absent, endpoint=hub.url)


def test_no_hub_is_a_clear_error(hub: Hub) -> None:
    with pytest.raises(Unavailable, match="could not be downloaded"):
        pull(model(), endpoint="http://127.0.0.1:9")


def test_an_endpoint_has_nothing_to_pull() -> None:
    with pytest.raises(AgentflowError, match="served elsewhere"):
        pull(ModelConfig(name="m", backend="endpoint", url=("http://127.0.0.1:1/v1",)))
