"""What finished runs verified is known, until its source changes, another run contradicts it or a person says so."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from agentflow.corpus.store import Corpus
from agentflow.engine import Engine
from agentflow.knowledge.learn import learn, verified
from agentflow.knowledge.notebook import Notebook
from agentflow.knowledge.store import Knowledge
from agentflow.project import Project
from agentflow.research.report.schema import Findings
from agentflow.testing import ScriptedModels
from tests.knowledge.conftest import CRANE, DRIVER, FEE, FEES, Ask

Look = Callable[[], Knowledge]
KILLED = """
import os, signal, sys
from pathlib import Path
from agentflow.knowledge import notebook, store
from agentflow.project import Project

def killed(claim):
    os.kill(os.getpid(), signal.SIGKILL)

store._row = killed
notebook.Notebook(Project(Path(sys.argv[1]))).claims()
"""


def wrong(project: Project) -> list[str]:
    """Why the claims of a project count no more."""
    notebook = Notebook(project)
    try:
        return list(notebook.faults(notebook.claims()).values())
    finally:
        notebook.close()


@pytest.mark.usefixtures("each_database")
async def test_a_claim_keeps_its_quote_hash_run_and_day(ask: Ask, known: Look, project: Project) -> None:
    outcome = await ask()
    (claim,) = known().all()
    assert (claim.run, claim.question) == (outcome.run, FEE) and claim.day.startswith("20")
    (quote,) = claim.quotes
    assert quote.quote == "The fee for a berth is 14 euros a night." and quote.line == 3
    corpus = Corpus.open(project.database)
    document = corpus.document(quote.path)
    assert corpus.text(document.id)[quote.start :].startswith(quote.quote) and document.sha256 == quote.sha256
    corpus.close()
    assert wrong(project) == []


async def test_it_goes_with_its_source_and_comes_back_with_it(
    ask: Ask, project: Project, models: ScriptedModels
) -> None:
    await ask()
    file = project.root / "docs" / "fees.md"
    file.write_text(FEES.replace("14", "15"))
    assert wrong(project) == ["docs/fees.md has changed since it was read"]
    async with Engine(project, pool=models) as engine:
        await engine.ingest([project.root / "docs"])
    assert wrong(project) == ["docs/fees.md has changed since"]
    file.write_text(FEES)
    async with Engine(project, pool=models) as engine:
        await engine.ingest([project.root / "docs"])
    assert wrong(project) == []
    file.unlink()
    assert wrong(project) == ["docs/fees.md is gone"]
    async with Engine(project, pool=models) as engine:
        await engine.ingest([project.root / "docs"])
    assert wrong(project) == ["docs/fees.md is no longer among the documents"]


@pytest.mark.usefixtures("each_database")
async def test_a_later_run_that_answers_otherwise_retracts_it(ask: Ask, project: Project, known: Look) -> None:
    first = await ask(DRIVER)
    (project.root / "docs" / "crane.md").write_text(CRANE.replace("Ida Brandt", "Ole Lund"))
    later = await ask(DRIVER)
    (old,) = [claim for claim in known().all() if claim.run == first.run]
    assert f"run {later.run} answers otherwise" in old.retracted
    (project.root / "docs" / "crane.md").write_text(CRANE)
    await ask(DRIVER, knowledge="same", rounds=2)
    revived = [claim for claim in known().all() if claim.id == old.id]
    assert revived[0].retracted == "", "a run verified it again"


async def test_documents_that_disagree_make_nothing_known(ask: Ask, project: Project, known: Look) -> None:
    first = await ask()
    (project.root / "docs" / "news.md").write_text("# News\n\nThe fee for a berth is 15 euros a night.\n")
    second = await ask()
    assert second.output["conflicts"]
    (claim,) = known().all()
    assert claim.run == first.run and "disagree" in claim.retracted


async def test_what_another_site_handed_out_is_not_remembered(ask: Ask, project: Project) -> None:
    outcome = await ask()
    findings = Findings.model_validate(outcome.output)
    async with Engine(project) as engine:
        run = engine.store.load(outcome.run)
    assert len(verified(run, findings)) == 1
    for change in ({"site": "lab"}, {"sha256": ""}, {"file": "changed"}):
        quotes = [quote.model_copy(update=change) for quote in findings.evidence]
        assert verified(run, findings.model_copy(update={"evidence": quotes})) == []
    partial = [claim.model_copy(update={"support": "partial"}) for claim in findings.claims]
    assert verified(run, findings.model_copy(update={"claims": partial})) == []


@pytest.mark.usefixtures("each_database")
async def test_a_process_that_is_killed_while_it_writes_them_down_loses_nothing(
    ask: Ask, known: Look, project: Project
) -> None:
    """The runs are the truth: whoever looks next takes them in, whole and once."""
    runs = {(await ask(FEE)).run, (await ask(DRIVER)).run}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(project.root)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert {claim.run for claim in known().all()} == runs
    assert len(known().all()) == 2


@pytest.mark.usefixtures("each_database")
async def test_a_deleted_run_takes_its_claims_along_but_not_what_a_person_has_spoken_of(
    ask: Ask, known: Look, project: Project
) -> None:
    fee, driver = await ask(FEE), await ask(DRIVER)
    claims = {claim.run: claim for claim in known().all()}
    look = known()
    look.say(claims[driver.run], note="ask Ida")
    async with Engine(project) as engine:
        engine.store.delete(fee.run)
        engine.store.delete(driver.run)
    assert [claim.note for claim in known().all()] == ["ask Ida"]


async def test_runs_of_earlier_versions_are_passed_over(ask: Ask, known: Look, project: Project) -> None:
    outcome = await ask()
    async with Engine(project) as engine:
        old = dict(outcome.output)
        for name in ("knowledge", "basis", "repeats"):
            del old[name]
        engine.store.settle(outcome.run, outcome.status, output=old)
    look = known()
    assert look.all() == []
    learn(look)
    assert json.loads(json.dumps(look.unread())) == []


async def test_a_quote_that_is_not_there_counts_for_nothing(ask: Ask, known: Look, project: Project) -> None:
    """The hash alone is not believed: the sentence is looked up."""
    await ask()
    (claim,) = known().all()
    forged = claim.quotes[0].model_copy(update={"quote": "The fee for a berth is 99 euros a night."})
    notebook = Notebook(project)
    assert notebook.faults([replace(claim, quotes=(forged,))])
    notebook.close()
