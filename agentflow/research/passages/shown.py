"""Passages as a prompt shows them: sentences numbered through, so that a number names a place."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from agentflow.context import Context
from agentflow.corpus.dates import DATES, LABELLED
from agentflow.corpus.evidence import Evidence, cells, one_line
from agentflow.corpus.passage import Passage, Sentence
from agentflow.corpus.search.rarity import Rarity
from agentflow.prompts import Prompt
from agentflow.research.fit_window import fit
from agentflow.research.passages.dated import YEAR
from agentflow.text.words import words

ROOM = 12  # passages beyond which even a large window only distracts
NEAR = 0.5  # of the question, that a sentence with a year must cover to stand for the date of its document
DAY = 6  # words of a date


class Candidate(NamedTuple):
    passage: Passage
    sentence: Sentence

    @property
    def text(self) -> str:
        return one_line(self.sentence.text)

    @property
    def source(self) -> str:
        """With the heading right above it, which a passage of short sections has several of."""
        return self.passage.source_at(self.sentence.start)

    @property
    def cells(self) -> str:
        return cells(self.passage.path, self.text)


def plain(passages: Sequence[Passage]) -> list[str]:
    """As one call shows them that names no sentence: each on a line behind its source."""
    return [f"{passage.source}: {one_line(passage.text)}" for passage in passages]


class Shown(NamedTuple):
    """The passages of one prompt and their sentences; number n is `sentences[n - 1]`."""

    passages: list[Passage]
    sentences: list[Candidate]

    def at(self, number: int) -> Candidate | None:
        return self.sentences[number - 1] if 0 < number <= len(self.sentences) else None


def show(passages: Sequence[Passage], rarity: Rarity | None = None) -> Shown:
    """Each citable sentence once: near-copies in other documents add nothing; headings are told by `source`. With the
    question's `rarity`, no line that dates its document stands beside the sentence that dates what is asked."""
    unique: dict[tuple[str, str], Candidate] = {}
    for passage in passages:
        for sentence in passage.sentences:
            candidate = Candidate(passage, sentence)
            if sentence.citable:
                unique.setdefault((candidate.source, candidate.text), candidate)
    lines = list(unique.values())
    return Shown(list(passages), lines if rarity is None else without_own_dates(lines, rarity))


def without_own_dates(lines: list[Candidate], rarity: Rarity) -> list[Candidate]:
    """Without `Date: 2 May 2025` where another sentence of the document has a year and speaks of the question, which asks for
    no such label: a small model takes any date for an answer."""
    if set(words(rarity.question)) & set(DATES):
        return lines
    own = [line for line in lines if is_own_date(line.text)]
    dated = {
        line.passage.document
        for line in lines
        if own and line not in own and YEAR.search(line.text) and rarity.coverage(line.text) >= NEAR
    }
    return [line for line in lines if line not in own or line.passage.document not in dated]


def is_own_date(text: str) -> bool:
    found = LABELLED.match(text)
    return found is not None and text[found.end(1) : found.start(2)].strip() == ":" and len(words(found[2])) <= DAY


def numbered(shown: Shown) -> list[dict[str, Any]]:
    """`passages` of the prompt: each with its source and numbered sentences; one with several headings as several."""
    groups: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for number, candidate in enumerate(shown.sentences, 1):
        line = {"number": number, "text": candidate.text}
        groups.setdefault((candidate.passage.chunk, candidate.source), []).append(line)
    return [{"source": source, "sentences": lines} for (_, source), lines in groups.items()]


def is_code(quote: Evidence, passages: Sequence[Passage]) -> bool:
    """Whether it is a line of code, which is an example more often than a statement."""
    return any(
        sentence.kind == "code" and sentence.start == quote.start
        for passage in passages
        if passage.path == quote.path
        for sentence in passage.sentences
    )


async def fitting(context: Context, prompt: Prompt, passages: Sequence[Passage], rarity: Rarity) -> Shown:
    """The longest head of the passages that leaves the reader room to answer the question. Raises ContextOverflow when none
    does."""
    kept = await fit(
        context, "reader", prompt, list(passages[:ROOM]),
        lambda head: {"passages": numbered(show(head, rarity)), "question": rarity.question},
    )  # fmt: skip
    return show(passages[: len(kept["passages"])], rarity)
