"""Settings of prefill are searched once, kept for this machine and model, and changed only for a clear gain."""

from pathlib import Path

import pytest

from agentflow.serving.backend import prefill_search
from agentflow.serving.backend.llama_model import LlamaModel
from agentflow.serving.backend.prefill_search import PrefillSearch, PrefillSettings, settings_for

DEFAULT = PrefillSettings(512, 1)


def search_of(weights: LlamaModel, least: int = 41) -> PrefillSearch:
    return PrefillSearch(weights, DEFAULT, least=least, most_threads=2, kv_type="f32", flash_attention=False)


def times(seconds: dict[PrefillSettings, float], monkeypatch: pytest.MonkeyPatch) -> list[PrefillSettings]:
    """Prescribes what each setting takes; returns the list of those tried."""
    tried: list[PrefillSettings] = []

    def measure(_: PrefillSearch, settings: PrefillSettings) -> float:
        tried.append(settings)
        return seconds.get(settings, 1.0)

    monkeypatch.setattr(PrefillSearch, "measure", measure)
    return tried


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ({PrefillSettings(256, 1): 0.95}, DEFAULT),
        ({PrefillSettings(256, 1): 0.8}, PrefillSettings(256, 1)),
        ({PrefillSettings(256, 1): 0.8, PrefillSettings(256, 2): 0.6}, PrefillSettings(256, 2)),
        ({PrefillSettings(512, 2): 0.99}, DEFAULT),
        ({DEFAULT: 9.0, PrefillSettings(256, 1): 0.1}, DEFAULT),
    ],
)
def test_only_a_clear_gain_changes_the_default(
    weights: LlamaModel,
    monkeypatch: pytest.MonkeyPatch,
    seconds: dict[PrefillSettings, float],
    expected: PrefillSettings,
) -> None:
    times(seconds, monkeypatch)
    assert search_of(weights).run() == expected


def test_a_batch_is_never_smaller_than_the_sequences(weights: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = times({}, monkeypatch)
    search_of(weights, least=200).run()
    assert {settings.batch for settings in tried} == {512, 256}


def test_it_is_measured_once_for_a_model(weights: LlamaModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = times({PrefillSettings(128, 1): 0.5}, monkeypatch)
    assert settings_for(search_of(weights), tmp_path, "a") == PrefillSettings(128, 1)
    count = len(tried)
    assert settings_for(search_of(weights), tmp_path, "a") == PrefillSettings(128, 1)
    assert len(tried) == count
    settings_for(search_of(weights), tmp_path, "b")
    assert len(tried) > count
    for path in tmp_path.iterdir():
        path.write_text("[")
    assert settings_for(search_of(weights), tmp_path, "a") == PrefillSettings(128, 1), "a torn file is measured again"
    assert settings_for(search_of(weights), None, "a") == DEFAULT


def test_a_trial_is_a_real_prefill(weights: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefill_search, "TRIALS", 1)
    assert 0 < search_of(weights).measure(PrefillSettings(128, 2)) < 60
