"""Every workflow that ships, on real documents with the starter: it ends with a valid result that is not empty."""

from pathlib import Path

import pytest

from benchmarks.workflows import run_all

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not (DATA / "corpora" / "peps").is_dir(), reason=f"needs the PEPs in {DATA}/corpora/peps")
async def test_every_shipped_workflow_holds_on_the_peps(tmp_path: Path) -> None:
    found = await run_all(DATA, tmp_path)
    assert {case.graph: problem for case, _, problem in found} == {case.graph: "" for case, _, _ in found}
