"""The documents of the island as research lays passages out, without a corpus."""

from functools import cache

from agentflow import bundled
from agentflow.corpus.parsing.prepare import PreparedChunk, prepare
from agentflow.corpus.passage import Passage, Place, Sentence
from agentflow.corpus.readers.md import read
from agentflow.models.weights.calibrations import SAMPLES
from agentflow.research.passages.shown import Shown, show


@cache
def island() -> Shown:
    """All passages in one prompt: as many as research ever shows."""
    passages: list[Passage] = []
    for document, path in enumerate(sorted((bundled.ROOT / SAMPLES / "island").glob("*.md")), 1):
        found = prepare(read(path.read_text("utf-8")), path, 0.0)
        passages += [
            _passage(len(passages) + at, document, path.stem, found.title, chunk, found.extract.text)
            for at, chunk in enumerate(found.chunks, 1)
        ]
    return show(passages)


def _passage(number: int, document: int, name: str, title: str, chunk: PreparedChunk, text: str) -> Passage:
    sentences = [
        Sentence(0, number, document, at, text[span.start : span.end], span.start, span.end, span.citable)
        for at, span in enumerate(chunk.sentences, 1)
    ]
    return Passage(number, document, name, title, chunk.heading, chunk.text, sentences, Place(name, chunk.line))
