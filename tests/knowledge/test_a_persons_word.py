"""A person pins, annotates, corrects and retracts; later reports tell so."""

from collections.abc import Callable

import pytest

from agentflow.knowledge.store import Knowledge
from agentflow.project import Project
from agentflow.research.report.markdown import render
from agentflow.research.report.of_run import research_report
from agentflow.testing import ScriptedModels
from tests.knowledge.conftest import DRIVER, FEE, FEES, Ask

Look = Callable[[], Knowledge]
OTHER = "How much is the berth fee a night?"


@pytest.mark.usefixtures("each_database")
async def test_a_correction_comes_first_in_every_later_answer(ask: Ask, known: Look) -> None:
    await ask()
    knowledge = known()
    knowledge.say(knowledge.all()[0], correction="16 euros since May", note="told by the office")
    for outcome in (await ask(), await ask(depth="quick"), await ask(rounds=2), await ask()):
        assert outcome.output["answer"].startswith("16 euros since May (corrected by a person on 20")
        assert outcome.output["answer"].count("corrected") == 1
        assert "14 euros" in outcome.output["answer"], "what the documents say is not hidden"
        report = render(research_report(outcome, ""))
        assert "note: told by the office" in report
    assert len([claim for claim in known().all() if claim.correction]) == 1


async def test_another_question_to_the_same_sentence_keeps_its_own_answer(ask: Ask, known: Look) -> None:
    await ask()
    knowledge = known()
    knowledge.say(knowledge.all()[0], correction="16 euros")
    answer = (await ask(OTHER)).output["answer"]
    assert "14 euros" in answer.split("(")[0] and "a person corrected what this rests on" in answer


async def test_a_retracted_claim_is_not_repeated_and_who_finds_it_again_says_so(
    ask: Ask, known: Look, models: ScriptedModels
) -> None:
    await ask()
    knowledge = known()
    claim = knowledge.say(knowledge.all()[0], retracted="last year's price")
    asked = len(models.asked)
    again = await ask()
    assert again.output["repeats"] == "" and len(models.asked) > asked
    assert "a person retracted this" in again.output["answer"] and "last year's price" in again.output["answer"]
    assert known().find(claim.id).retracted == "last year's price", "another run does not bring it back"
    knowledge.say(claim, retracted="")
    assert (await ask()).output["repeats"]


async def test_a_pinned_claim_is_read_again_by_other_questions(ask: Ask, known: Look, models: ScriptedModels) -> None:
    await ask()
    plain = await ask(OTHER)
    assert plain.output["claims"][0]["known"] is None
    knowledge = known()
    knowledge.say(knowledge.all()[-1], pinned=True)
    pinned = await ask(OTHER, rounds=2)
    known_claim = pinned.output["claims"][0]["known"]
    assert known_claim["recalled"] and "known from run" in render(research_report(pinned, ""))
    assert pinned.output["evidence"][0]["quote"] == "The fee for a berth is 14 euros a night."


async def test_related_reads_earlier_claims_again_and_confirms_nothing_by_them(ask: Ask, known: Look) -> None:
    first = await ask()
    related = await ask(OTHER, knowledge="related")
    assert related.output["claims"][0]["known"]["run"] == first.run
    assert {claim.run for claim in known().all()} == {first.run}
    unrelated = await ask(DRIVER, knowledge="related")
    assert unrelated.output["claims"][0]["known"] is None


async def test_a_claim_whose_sentence_was_edited_is_not_read_again(ask: Ask, project: Project, known: Look) -> None:
    await ask()
    knowledge = known()
    knowledge.say(knowledge.all()[0], pinned=True, correction="16 euros")
    (project.root / "docs" / "fees.md").write_text(FEES.replace("14", "15"))
    outcome = await ask(FEE)
    assert "15 euros" in outcome.output["answer"] and "16" not in outcome.output["answer"]
    assert outcome.output["claims"][0]["known"] is None
