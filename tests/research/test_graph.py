"""The research graph: with a model that does its job, and with models that talk nonsense inside the schema."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow import bundled
from agentflow.budget import Limits
from agentflow.engine import Engine
from agentflow.events import ClaimMade, Event, EvidenceFound, Sink, ignore
from agentflow.models.client.errors import Malformed
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.prompts import load_prompt
from agentflow.research.nearby import MOST, NEAREST
from agentflow.research.report.markdown import render
from agentflow.research.report.of_run import research_report
from agentflow.runs.outcome import Outcome
from agentflow.testing import ScriptedModels

TOWER = """# The harbour tower

The tower was finished in 1931 by the harbour guild.
It is 42 metres high.
Its lamp was replaced in 1975.
"""
BAKERY = "# The bakery\n\nThe bakery opens at six. Its oven was built in 1902.\n"
NAMES = ("plan", "first_step", "imagine", "reword", "write", "check")
PROMPTS = {
    load_prompt(bundled.ROOT / "graphs" / "prompts" / f"{name}.yaml").system: name for name in NAMES
}  # which prompt a request was made from
ANSWER = load_prompt(bundled.ROOT / "graphs" / "prompts" / "cited_answer.yaml")

NOTHING = {"answer": "", "sentence": 0}
Reply = Callable[[Request], Any]


def asked_by(request: Request) -> str:
    return "answer" if request.schema == ANSWER.schema else PROMPTS[request.messages[0].content]


def prompt_number(request: Request, words: str) -> list[int]:
    """The numbers of the prompt's lines `[n] …` that hold the words."""
    lines = [line.strip() for line in request.messages[-1].content.split("\n")]
    return [int(line[1 : line.index("]")]) for line in lines if line.startswith("[") and words in line]


def diligent(request: Request) -> Any:
    """A model that reads what it is shown."""
    match asked_by(request):
        case "plan":
            return {"questions": ["When was the tower finished?", "Who paid for the tower?"]}
        case "first_step":
            return {"first": "", "then": ""}
        case "imagine":
            return {"sentence": "It was completed."}
        case "reword":
            return {"search": ["completion of the tower"]}
        case "write":
            return {"claims": [{"evidence": [1], "text": "The harbour guild finished the tower in 1931."}]}
        case "check":
            return {"support": "supported"}
        case _:
            wanted = "finished" in request.messages[-1].content.rsplit("\n", 1)[-1]
            number = prompt_number(request, "finished in 1931") if wanted else []
            return {"answer": "1931", "sentence": number[0]} if number else NOTHING


def instead(**said: Any) -> Reply:
    """The diligent model, but for the prompts named."""
    return lambda request: said.get(asked_by(request)) or diligent(request)


def write_documents(root: Path) -> Project:
    docs = root / "docs"
    docs.mkdir()
    (docs / "tower.md").write_text(TOWER)
    (docs / "bakery.md").write_text(BAKERY)
    (root / "models.yaml").write_text("models: {}\n")
    return Project(root)


async def research(
    project: Project, reply: Reply, *, limits: Limits = Limits(), sink: Sink = ignore, **inputs: Any
) -> Outcome:
    async with Engine(project, pool=ScriptedModels(reply), sink=sink) as engine:
        if not engine.corpus.documents():
            await engine.ingest([project.root / "docs"])
        return await engine.run("research", {"question": "When was the tower finished?", **inputs}, limits=limits)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return write_documents(tmp_path)


async def test_claims_name_the_quotes_that_were_found(project: Project) -> None:
    told: list[Event] = []
    await research(project, diligent, sink=told.append)
    found = {event.evidence: event.quote for event in told if isinstance(event, EvidenceFound)}
    (claim,) = [event for event in told if isinstance(event, ClaimMade)]
    assert [found[id] for id in claim.evidence] == ["The tower was finished in 1931 by the harbour guild."]


def check_quotes(project: Project, output: dict[str, Any]) -> None:
    """Every quote stands at its line, and every claim names quotes that exist."""
    for quote in output["evidence"]:
        lines = (project.root / quote["path"]).read_text().split("\n")
        assert quote["quote"] in "\n".join(lines[quote["line"] - 1 :])
        assert quote["quote"].split("\n")[0] in lines[quote["line"] - 1]
    known = {quote["id"] for quote in output["evidence"]}
    for claim in output["claims"]:
        assert claim["evidence"] and set(claim["evidence"]) <= known


async def test_a_question_ends_with_a_claim_and_its_exact_quote(project: Project) -> None:
    outcome = await research(project, diligent)
    assert outcome.status == "answered" and outcome.output["answer"] == "1931"
    assert outcome.output["claims"][0]["support"] == "supported" and outcome.output["support_rate"] == 1.0
    best = outcome.output["evidence"][0]
    assert best["quote"] == "The tower was finished in 1931 by the harbour guild." and best["line"] == 3
    check_quotes(project, outcome.output)


async def test_files_that_changed_or_could_not_be_read_are_told_even_unquoted(project: Project) -> None:
    (project.root / "docs" / "hut.docx").write_bytes(b"cut off")
    async with Engine(project, pool=ScriptedModels(diligent)) as engine:
        await engine.ingest([project.root / "docs"])
        (project.root / "docs" / "bakery.md").write_text("# The bakery\n\nIt burnt down.\n")
        outcome = await engine.run("research", {"question": "When was the tower finished?"})
    assert "docs/bakery.md (changed)" in outcome.output["notes"][-1]
    assert [item["path"] for item in outcome.output["unread"]] == ["docs/hut.docx"]


async def test_one_call_answers_a_plain_question(project: Project) -> None:
    pool = ScriptedModels(diligent)
    async with Engine(project, pool=pool) as engine:
        await engine.ingest([project.root / "docs"])
        outcome = await engine.run("research", {"question": "When was the tower finished?"})
    assert outcome.status == "answered"
    assert [asked_by(request) for request in pool.asked] == ["answer"]


async def test_every_part_of_a_question_is_answered_over_the_same_passages(project: Project) -> None:
    def reply(request: Request) -> Any:
        last = request.messages[-1].content.rsplit("\n", 1)[-1]
        words, text = ("42 metres", "42 metres") if "high" in last else ("finished in 1931", "1931")
        return {"answer": text, "sentence": prompt_number(request, words)[0]}

    pool = ScriptedModels(reply)
    async with Engine(project, pool=pool) as engine:
        await engine.ingest([project.root / "docs"])
        outcome = await engine.run(
            "research", {"question": "When was the tower finished, and how high is the tower?", "depth": "quick"}
        )
    assert outcome.output["answer"] == "1931; 42 metres" and len(outcome.output["claims"]) == 2
    first, second = [request.messages[-1].content.rsplit("Question:", 1)[0] for request in pool.asked]
    assert first == second  # one prefix for one set of passages
    check_quotes(project, outcome.output)


async def test_an_overview_keeps_the_question_and_drops_foreign_plans(project: Project) -> None:
    planned = instead(plan={"questions": ["What do penguins eat?"]})
    outcome = await research(project, planned, question="Describe when the tower was finished")
    assert outcome.output["plan"] == ["Describe when the tower was finished"]
    assert any("nothing to do with the question" in note for note in outcome.output["notes"])


async def test_no_evidence_is_never_an_answer(project: Project) -> None:
    outcome = await research(project, instead(answer=NOTHING), rounds=0)
    assert outcome.status == "insufficient" and outcome.output["answer"] == "" and not outcome.output["claims"]
    assert outcome.output["not_found"][0]["question"] == "When was the tower finished?"


@pytest.mark.parametrize("number", [0, 1, 998])
async def test_a_citation_moves_to_the_sentence_that_holds_the_answer(project: Project, number: int) -> None:
    outcome = await research(project, instead(answer={"answer": "1931", "sentence": number}))
    assert outcome.status == "answered"
    assert outcome.output["claims"][0]["text"] == "The tower was finished in 1931 by the harbour guild."
    check_quotes(project, outcome.output)


async def test_a_sentence_that_introduces_another_is_quoted_with_it(project: Project) -> None:
    (project.root / "docs" / "lamp.md").write_text(
        "# Lamp\n\nTo light the lamp, do this:\n\n```\nturn the brass key\n```\n"
    )

    def reply(request: Request) -> Any:
        return {"answer": "do this", "sentence": prompt_number(request, "do this")[0]}

    outcome = await research(project, reply, question="How do I light the lamp?")
    assert outcome.output["answer"].endswith("turn the brass key")
    check_quotes(project, outcome.output)


async def test_without_an_answer_the_nearest_sentences_are_shown_and_count_as_none(project: Project) -> None:
    told = "The lamp was cleaned in May. The tower has one lamp. Nobody lit the lamp in June. The old lamp was sold."
    (project.root / "docs" / "lamp.md").write_text(f"# Lamp\n\n{told}\n")
    outcome = await research(project, instead(answer=NOTHING), question="When was the lamp of the tower replaced?")
    assert outcome.status == "insufficient" and not outcome.output["answer"] and not outcome.output["claims"]
    assert outcome.output["evidence"][0]["quote"] == "Its lamp was replaced in 1975."
    assert MOST < len(outcome.output["evidence"]) <= NEAREST
    shown = render(research_report(outcome, ""))
    assert "not enough evidence" in shown and "## See also" in shown and "## Evidence" not in shown


async def test_the_head_of_a_table_does_not_tell_when(project: Project) -> None:
    table = "# Checks of the lamps\n\n| lamp | checked | next due |\n|---|---|---|\n| attic | in June | in autumn |\n"
    (project.root / "docs" / "lamps.md").write_text(table)

    def reply(request: Request) -> Any:
        return {"answer": "next due", "sentence": next(iter(prompt_number(request, "next due")), 0)}

    outcome = await research(project, reply, question="When must we expect the inspector of lamps?")
    assert "next due" not in outcome.output["answer"]
    assert any("its line names the columns of a table" in note for note in outcome.output["notes"])


async def test_an_invented_answer_is_not_said_the_nearest_sentence_stands_for_it(project: Project) -> None:
    outcome = await research(
        project, instead(answer={"answer": "In 1932, by three brothers from Malta", "sentence": 1})
    )
    assert "Malta" not in outcome.output["answer"] and "1931" in outcome.output["answer"]
    assert any("no sentence holds the answer" in note for note in outcome.output["notes"])


async def test_a_writer_without_evidence_leaves_the_quotes_as_they_are(project: Project) -> None:
    lie = instead(write={"claims": [{"evidence": [77], "text": "The moon is cheese."}]})
    outcome = await research(project, lie, question="Describe the tower")
    assert "moon" not in str(outcome.output["claims"])
    assert outcome.output["claims"]


async def test_an_invented_number_gives_way_to_the_quote_whatever_the_checker_says(project: Project) -> None:
    lie = {"claims": [{"evidence": [1], "text": "The harbour guild finished the tower in 1913."}]}
    outcome = await research(
        project, instead(write=lie, answer=NOTHING), question="Describe when the tower was finished"
    )
    assert "1913" not in str(outcome.output["claims"]) + outcome.output["answer"]
    assert outcome.output["support_rate"] == 0.0


async def test_what_is_open_is_searched_for_by_the_names_that_were_found(project: Project) -> None:
    (project.root / "docs" / "guild.md").write_text("# Harbour guild\n\nIt was led by Ada Brenn from Nordhaven.\n")
    (project.root / "docs" / "nordhaven.md").write_text("# Nordhaven\n\nNordhaven has 900 inhabitants.\n")
    asked: list[str] = []

    def reply(request: Request) -> Any:
        if asked_by(request) in ("first_step", "imagine", "reword"):
            return diligent(request)
        asked.append(request.messages[-1].content)
        number = prompt_number(request, "900 inhabitants")
        return {"answer": "900", "sentence": number[0]} if number else NOTHING

    question = "How many inhabitants has the town of the leader of the guild that finished the tower?"
    outcome = await research(project, reply, question=question, k=1, rounds=2)
    assert outcome.status == "answered" and outcome.output["answer"] == "900"
    first, second = [text.rsplit("Question:", 1)[0].rstrip() for text in asked if question in text][:2]
    assert second.startswith(first)  # new passages stand behind the old ones


async def test_documents_that_disagree_are_both_named_the_newer_first(project: Project) -> None:
    docs = project.root / "docs"
    (docs / "old.md").write_text("---\ndate: 2021-03-01\n---\n# Rules 2021\n\nRaw sensor data is kept for 180 days.\n")
    (docs / "new.md").write_text("---\ndate: 2024-03-01\n---\n# Rules 2024\n\nRaw sensor data is kept for 90 days.\n")

    def reply(request: Request) -> Any:
        for days in ("180 days", "90 days"):
            if number := prompt_number(request, f"kept for {days}"):
                return {"answer": days, "sentence": number[0]}
        return NOTHING

    outcome = await research(project, reply, question="How long is raw sensor data kept?")
    text = outcome.output["answer"]
    assert text.index("90 days") < text.index("180 days") and "2021-03-01" in text and "2024-03-01" in text
    assert len(outcome.output["conflicts"]) == 1
    check_quotes(project, outcome.output)


async def test_the_number_of_another_thing_is_no_disagreement(project: Project) -> None:
    docs = project.root / "docs"
    (docs / "foxes.md").write_text("# Clubs\n\nThe club of the Foxes started to play their home games in 1946.\n")
    (docs / "otters.md").write_text("# Clubs\n\nThe club of the Otters started to play home games in 1974 as well.\n")

    def reply(request: Request) -> Any:
        for year in ("1946", "1974"):
            if number := prompt_number(request, year):
                return {"answer": year, "sentence": number[0]}
        return NOTHING

    outcome = await research(project, reply, question="What year did the Foxes start to play home games?")
    assert outcome.output["answer"] == "1946" and not outcome.output["conflicts"]


@pytest.mark.parametrize("titles", [("Wood", "Beech"), ("Old harbour wood", "Old harbour wood")])
async def test_a_sentence_that_lacks_what_was_asked_is_no_disagreement(
    project: Project, titles: tuple[str, str]
) -> None:
    docs = project.root / "docs"
    (docs / "wood.md").write_text(f"# {titles[0]}\n\nIt is estimated that 90% of rot is preventable.\n")
    (docs / "beech.md").write_text(
        f"# {titles[1]}\n\nIt is estimated that 82 percent of rot in wood is found in beams that are old.\n"
    )

    def reply(request: Request) -> Any:
        for share in ("90%", "82 percent"):
            if number := prompt_number(request, share):
                return {"answer": share, "sentence": number[0]}
        return NOTHING

    outcome = await research(
        project, reply, question=f"What percent of rot in {titles[0]} is estimated to be preventable?"
    )
    assert outcome.output["answer"] == "90%" and not outcome.output["conflicts"]


async def test_an_answer_whose_words_stand_apart_in_one_sentence_is_supported(project: Project) -> None:
    (project.root / "docs" / "water.md").write_text(
        "# Water\n\nThe town drinks from Tunnel No. 1, Tunnel No. 2 and a spring.\nTunnels leak.\n"
    )

    def reply(request: Request) -> Any:
        return {"answer": "Tunnel No. 1, 2 and a spring", "sentence": prompt_number(request, "leak")[0]}

    outcome = await research(project, reply, question="From what does the town drink its water?")
    assert outcome.output["answer"] == "Tunnel No. 1, 2 and a spring" and outcome.output["support_rate"] == 1.0
    assert "drinks from" in outcome.output["evidence"][0]["quote"]


async def test_a_spent_budget_ends_with_what_there_is(project: Project) -> None:
    outcome = await research(project, diligent, limits=Limits(calls=1), question="Describe the tower and its lamp")
    assert outcome.status in ("answered", "insufficient"), outcome.message
    assert any("budget" in note for note in outcome.output["notes"])
    check_quotes(project, outcome.output)


@pytest.mark.parametrize("prompt", ["plan", "write", "check", "answer"])
async def test_a_model_without_a_valid_answer_is_gone_on_without_and_said(project: Project, prompt: str) -> None:
    def reply(request: Request) -> Any:
        if asked_by(request) == prompt:
            raise Malformed("no valid answer within 64 tokens")
        return diligent(request)

    outcome = await research(project, reply, question="Describe when the tower was finished")
    assert outcome.status in ("answered", "insufficient"), outcome.message
    assert any("no valid answer" in note for note in outcome.output["notes"])
    check_quotes(project, outcome.output)


async def test_a_person_may_edit_the_plan(project: Project) -> None:
    async with Engine(project, pool=ScriptedModels(diligent)) as engine:
        await engine.ingest([project.root / "docs"])
        waiting = await engine.run("research", {"question": "When was the tower finished?", "approve": True})
        assert waiting.status == "paused" and waiting.question
        outcome = await engine.resume(waiting.run, answer={"plan": ["When was the harbour tower finished?"]})
    assert outcome.status == "answered" and outcome.output["plan"] == ["When was the harbour tower finished?"]


TEXT = st.text(min_size=1, max_size=60)
NONSENSE = st.fixed_dictionaries(
    {
        "plan": st.fixed_dictionaries({"questions": st.lists(TEXT, min_size=1, max_size=5)}),
        "first_step": st.fixed_dictionaries({"first": TEXT, "then": TEXT | st.just("When was #1 finished?")}),
        "imagine": st.fixed_dictionaries({"sentence": TEXT}),
        "reword": st.fixed_dictionaries({"search": st.lists(TEXT, min_size=1, max_size=3)}),
        "write": st.fixed_dictionaries(
            {
                "claims": st.lists(
                    st.fixed_dictionaries(
                        {"evidence": st.lists(st.integers(1, 20), min_size=1, max_size=3), "text": TEXT}
                    ),
                    max_size=4,
                )
            }
        ),
        "check": st.fixed_dictionaries(
            {"support": st.sampled_from(["supported", "partial", "contradicted", "unsupported"])}
        ),
        "answer": st.fixed_dictionaries({"answer": TEXT, "sentence": st.integers(0, 999)}),
    }
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(said=NONSENSE)
def test_nonsense_inside_the_schema_never_crashes_and_never_invents(said: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = write_documents(Path(folder))
        question = "Describe when the tower was finished"
        outcome = asyncio.run(research(project, lambda request: said[asked_by(request)], question=question))
        assert outcome.status in ("answered", "insufficient"), outcome.message
        check_quotes(project, outcome.output)
        for claim in outcome.output["claims"]:
            assert claim["support"] in ("supported", "partial")
