"""Passages as a prompt shows them: sentences numbered through, so that a number names a place."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence, cells, one_line
from agentflow.corpus.passage import Passage, Sentence
from agentflow.prompts import Prompt
from agentflow.research.fit_window import fit

ROOM = 12  # passages beyond which even a large window only distracts


class Candidate(NamedTuple):
    passage: Passage
    sentence: Sentence

    @property
    def text(self) -> str:
        return one_line(self.sentence.text)

    @property
    def cells(self) -> str:
        return cells(self.passage.path, self.text)


class Shown(NamedTuple):
    """The passages of one prompt and their sentences; number n is `sentences[n - 1]`."""

    passages: list[Passage]
    sentences: list[Candidate]

    def at(self, number: int) -> Candidate | None:
        return self.sentences[number - 1] if 0 < number <= len(self.sentences) else None


def show(passages: Sequence[Passage]) -> Shown:
    """Each citable sentence once: near-copies in other documents add nothing; headings are told by `source`."""
    unique: dict[tuple[str, str], Candidate] = {}
    for passage in passages:
        for sentence in passage.sentences:
            candidate = Candidate(passage, sentence)
            if sentence.citable:
                unique.setdefault((passage.source, candidate.text), candidate)
    return Shown(list(passages), list(unique.values()))


def numbered(shown: Shown) -> list[dict[str, Any]]:
    """`passages` of the prompt: each with its source and numbered sentences."""
    groups: dict[int, list[dict[str, Any]]] = {}
    for number, candidate in enumerate(shown.sentences, 1):
        groups.setdefault(candidate.passage.chunk, []).append({"number": number, "text": candidate.text})
    named = {passage.chunk: passage for passage in shown.passages}
    return [{"source": named[chunk].source, "sentences": lines} for chunk, lines in groups.items()]


def is_code(quote: Evidence, passages: Sequence[Passage]) -> bool:
    """Whether it is a line of code, which is an example more often than a statement."""
    return any(
        sentence.kind == "code" and sentence.start == quote.start
        for passage in passages
        if passage.path == quote.path
        for sentence in passage.sentences
    )


async def fitting(context: Context, role: str, prompt: Prompt, passages: Sequence[Passage], **values: Any) -> Shown:
    """The longest head of the passages that leaves room for the answer. Raises ContextOverflow when none does."""
    kept = await fit(
        context, role, prompt, list(passages[:ROOM]),
        lambda head: {"passages": numbered(show(head)), **values},
    )  # fmt: skip
    return show(passages[: len(kept["passages"])])
