"""A model is measured once for its weights, and the result decides what it is trusted with."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agentflow.calibration.calibrate import calibrate
from agentflow.calibration.cases import CalibrationCase, cases
from agentflow.calibration.first_use import ensure
from agentflow.errors import AgentflowError
from agentflow.events import Event, Note, Progress, ignore
from agentflow.models.catalog.adapter_config import AdapterConfig
from agentflow.models.catalog.model_config import ABILITIES, ModelConfig
from agentflow.models.weights import calibrations
from tests.calibration.pupil import Pupil, gold

READER = {"reader": "mine"}


async def test_a_model_that_can_do_everything_is_trusted_with_everything(config: ModelConfig) -> None:
    heard: list[Event] = []
    found = await calibrate(Pupil(config), "mine", heard.append)
    assert found.abilities == ABILITIES
    assert found.scores["json"] == (len(cases()), len(cases()))
    last = [event for event in heard if isinstance(event, Progress)][-1]
    assert (last.done, last.total) == (len(cases()), len(cases()))


async def test_what_a_model_cannot_do_it_is_not_trusted_with(config: ModelConfig) -> None:
    def reply(case: CalibrationCase) -> Any:
        if case.kind == "decline":
            return {"answer": "the harbour", "sentence": 3}
        if case.kind == "point":
            return {**gold(case), "sentence": 1}
        return None if case.kind == "call" else gold(case)

    pool = Pupil(config, reply)
    assert pool.abilities("reader") == set(ABILITIES), "nobody knows yet"
    found = await calibrate(pool, "mine", ignore)
    assert pool.abilities("reader") == set(found.abilities) == {"plan", "word"}
    right, of = found.scores["json"]
    assert of - right == 4 and found.scores["answer"] == (12, 12)


async def test_the_result_is_kept_for_the_weights_with_their_adapter(config: ModelConfig, tmp_path: Path) -> None:
    await calibrate(Pupil(config), "mine", ignore)
    assert calibrations.find(config.model_copy(update={"name": "other", "context": 512})) is not None
    (tmp_path / "lora.gguf").write_bytes(b"lora")
    adapted = config.model_copy(update={"adapter": AdapterConfig(weights=str(tmp_path / "lora.gguf"))})
    assert calibrations.find(adapted) is None
    (path,) = (tmp_path / "cache" / "calibrations").iterdir()
    kept = json.loads(path.read_text("utf-8"))
    assert kept["model"] == "mine" and kept["abilities"] == list(ABILITIES)
    path.write_text("{}")
    assert calibrations.find(config) is None, "what cannot be read is measured again"


async def test_other_prompts_or_cases_are_measured_again(config: ModelConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    await calibrate(Pupil(config), "mine", ignore)
    monkeypatch.setattr(calibrations, "recipe", lambda: "another")
    assert calibrations.find(config) is None


async def test_first_use_measures_once(config: ModelConfig) -> None:
    heard: list[Event] = []
    first, second = Pupil(config), Pupil(config)
    await ensure(first, {**READER, "writer": "mine"}, heard.append)
    await ensure(second, READER, heard.append)
    assert sorted(first.asked) == sorted(case.id for case in cases()) and second.asked == []
    assert [event.text for event in heard if isinstance(event, Note)] == [
        "'mine' is used for the first time: what it can be trusted with is measured, once"
    ]


@pytest.mark.parametrize(
    ("change", "roles"),
    [
        ({"abilities": ("point",)}, READER),
        ({"backend": "endpoint", "url": "http://127.0.0.1:9/v1", "weights": None}, READER),
        ({"weights": "nowhere.gguf"}, READER),
        ({}, {"writer": "mine"}),
    ],
)
async def test_first_use_measures_nothing_where_it_need_not(
    config: ModelConfig, change: dict[str, Any], roles: dict[str, str]
) -> None:
    pool = Pupil(config.model_copy(update=change))
    await ensure(pool, roles, ignore)
    assert pool.asked == []
    assert pool.abilities("reader") == set(change.get("abilities", ABILITIES))


async def test_the_environment_turns_first_use_off(config: ModelConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTFLOW_CALIBRATION", "off")
    pool = Pupil(config)
    await ensure(pool, READER, ignore)
    assert pool.asked == []


async def test_a_model_that_takes_too_long_is_trusted_until_it_is_asked_for(config: ModelConfig) -> None:
    never = asyncio.Event()

    class Slow(Pupil):
        async def ask(self, role: str, request: Any, **more: Any) -> Any:
            if self.asked:
                await never.wait()
            return await super().ask(role, request, **more)

    found = await calibrate(Slow(config, lambda case: None), "mine", ignore, patience=0.05)
    assert found.cut_short == f"1 of {len(cases())} cases in 0 s" and found.abilities == ABILITIES
    again = Pupil(config, lambda case: None)
    await ensure(again, READER, ignore)
    assert again.asked == [], "not at every run"
    assert (await calibrate(again, "mine", ignore)).abilities == ()


async def test_a_model_that_cannot_be_asked_is_told_and_the_run_goes_on(config: ModelConfig) -> None:
    def broken(case: CalibrationCase) -> Any:
        raise AgentflowError("the server is gone")

    heard: list[Event] = []
    await ensure(Pupil(config, broken), READER, heard.append)
    notes = [event.text for event in heard if isinstance(event, Note) and event.level == "warning"]
    assert notes == ["'mine' was not measured: the server is gone"]
    assert calibrations.find(config) is None


async def test_an_embedder_is_refused(config: ModelConfig) -> None:
    with pytest.raises(AgentflowError, match="is of kind embedding"):
        await calibrate(Pupil(config.model_copy(update={"kind": "embedding"})), "mine", ignore)
