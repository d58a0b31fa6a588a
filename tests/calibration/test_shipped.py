"""What models.yaml says of the models that ship is what measuring says, on the real weights."""

from pathlib import Path

import pytest

from agentflow import bundled
from agentflow.calibration.calibrate import calibrate_alone
from agentflow.events import ignore
from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.catalog.model_config import ABILITIES
from agentflow.models.weights.inventory import are_here

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]
SHIPPED = [bundled.ROOT / "models.yaml", bundled.ROOT / "tests" / "models.yaml"]


@pytest.mark.parametrize("name", ["smollm2-research", "starter", "smollm2-135m"])
async def test_what_a_shipped_model_says_of_itself_is_what_is_measured(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTFLOW_CACHE", str(tmp_path))
    catalog = load_catalog(SHIPPED)
    found = await calibrate_alone(catalog, name, ignore)
    assert found.abilities == catalog.resolve(name).abilities
    assert set(found.scores) == {*ABILITIES, "answer", "json"}


async def test_a_larger_model_is_trusted_with_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = load_catalog(SHIPPED)
    if not are_here(catalog.resolve("qwen2.5-coder-1.5b")):
        pytest.skip("its weights are not here: CONTRIBUTING.md names them")
    found = await calibrate_alone(catalog, "qwen2.5-coder-1.5b", ignore)
    assert {"point", "explain", "decline", "call"} <= set(found.abilities)
