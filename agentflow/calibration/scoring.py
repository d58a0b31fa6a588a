"""Whether a model's answer to a case is right: yes or no, without another model."""

from collections.abc import Sequence
from typing import Any

from agentflow.calibration.cases import CalibrationCase
from agentflow.calibration.island import island
from agentflow.research.answers.abstention import abstains
from agentflow.research.answers.grounding import FEWER
from agentflow.research.writing import ANSWER_COVERED
from agentflow.text.numbers import numbers
from agentflow.text.squad import f1
from agentflow.text.words import content_words, coverage, words

NEAR, SAME = 0.5, 0.6  # F1 from which an answer says what it should, and an argument of a tool is the wanted one


def is_right(case: CalibrationCase, data: Any) -> bool:
    """`data` is the answer under its prompt's schema."""
    return bool(SCORERS[case.kind](case, data))


def says_it(case: CalibrationCase, data: Any) -> bool:
    """Whether the answer itself is right, wherever it points."""
    return f1(data["answer"], case.given["answers"]) >= NEAR


def points(case: CalibrationCase, data: Any) -> bool:
    """The number may be that of a sentence beside the right one: within a passage, words lead to it."""
    named = island().at(data["sentence"])
    return says_it(case, data) and named is not None and case.given["says"] in named.passage.text


def declines(case: CalibrationCase, data: Any) -> bool:
    return abstains(data["answer"])


def explains(case: CalibrationCase, data: Any) -> bool:
    return len(words(data["answer"])) > FEWER and says_it(case, data)


def plans(case: CalibrationCase, data: Any) -> bool:
    """Each part of the question has a question of its own, which asks for no other part."""
    parts = case.given["parts"]
    alone = [[part for part in parts if holds(asked, part)] for asked in data["questions"]]
    return all([part] in alone for part in parts)


def writes(case: CalibrationCase, data: Any) -> bool:
    """Every claim stays with the quotes that it names, and together they tell each part."""
    quotes = [one.text for one in case.evidence]
    told = [
        (claim["text"], [quotes[at - 1] for at in claim["evidence"] if at <= len(quotes)]) for claim in data["claims"]
    ]
    return all(is_borne(text, cited) for text, cited in told) and all(
        any(holds(text, part) for text, _ in told) for part in case.given["parts"]
    )


def is_borne(text: str, cited: Sequence[str]) -> bool:
    known = " ".join(cited)
    return bool(cited) and coverage(text, known) >= ANSWER_COVERED and numbers(text) <= numbers(known)


def calls(case: CalibrationCase, data: Any) -> bool:
    given, wanted = data["arguments"], case.given["arguments"]
    return data["tool"] == case.given["tool"] and all(is_same(given[name], value) for name, value in wanted.items())


def is_same(given: Any, wanted: Any) -> bool:
    """A number is told exactly, a text in words that differ little."""
    return f1(given, [wanted]) >= SAME if isinstance(wanted, str) else given == wanted


def holds(text: str, part: str) -> bool:
    """Whether the text has all words of a part, in any form and order."""
    return set(content_words(part)) <= set(content_words(text))


SCORERS = {
    "point": points,
    "decline": declines,
    "explain": explains,
    "plan": plans,
    "word": writes,
    "call": calls,
}
