"""The shipped cases hold together: what counts as right stands in the island's documents, and nowhere else."""

from agentflow import bundled
from agentflow.calibration.cases import TOOLS, cases
from agentflow.calibration.island import island
from agentflow.calibration.scoring import SCORERS, is_right
from agentflow.models.catalog.model_config import ABILITIES
from agentflow.research.passages.shown import ROOM
from agentflow.text.words import content_words
from tests.calibration.pupil import gold


def test_every_ability_has_cases_and_the_wheel_holds_them() -> None:
    assert {case.kind for case in cases()} == set(ABILITIES) == set(SCORERS)
    assert len({case.id for case in cases()}) == len(cases())
    assert '"evals" = "agentflow/bundled/evals"' in (bundled.ROOT / "pyproject.toml").read_text("utf-8")


def test_the_right_answer_stands_in_the_one_sentence_that_a_case_names() -> None:
    for case in cases():
        if case.kind == "point":
            holding = [one.text for one in island().sentences if case.given["says"] in one.text]
            assert len(holding) == 1, case.id
            assert set(content_words(case.given["answers"][0])) <= set(content_words(holding[0])), case.id


def test_the_passages_are_laid_out_as_research_shows_them() -> None:
    assert 10 <= len(island().passages) <= ROOM
    shown = cases()[0].request().messages[-1].content
    assert "Source: Tolby Harbour\n[" in shown and shown.rstrip().endswith("Question: " + cases()[0].given["question"])


def test_cases_on_the_passages_share_their_prompt_up_to_the_question() -> None:
    prompts = [case.request().messages[-1].content for case in cases() if case.kind in ("point", "decline", "explain")]
    assert len({prompt.rpartition("Question:")[0] for prompt in prompts}) == 1


def test_what_is_right_is_scored_as_right_and_silence_is_not() -> None:
    for case in cases():
        assert is_right(case, gold(case)), case.id
    silent = {
        "answer": "",
        "sentence": 0,
        "questions": ["?"],
        "claims": [],
        "tool": "answer",
        "arguments": {"text": "-"},
    }
    assert {case.kind for case in cases() if is_right(case, silent)} == {"decline"}


def test_tools_are_chosen_from_more_than_one() -> None:
    assert {case.given["tool"] for case in cases() if case.kind == "call"} == {tool["name"] for tool in TOOLS}
