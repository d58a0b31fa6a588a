"""A folder of made files, a fact in each; and what a search makes of it."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from tests.corpus.facts import LANGUAGES, Told, made
from tests.corpus.variants import VARIANTS

FIRST = 3
MOST = 120  # facts of one language


class File(NamedTuple):
    name: str  # of the variant
    path: Path
    told: Told
    place: str


def write(folder: Path, shift: int = 0, used: Counter[str] | None = None, seed: int = 17) -> list[File]:
    """Every variant, each in another language. The folders of all shifts hold each variant once in each of its languages;
    `used` counts the facts that they took before."""
    folder.mkdir(parents=True)
    facts = {language: made(language, MOST, seed) for language in LANGUAGES}
    used = Counter() if used is None else used
    found = []
    for number, (name, variant) in enumerate(VARIANTS.items()):
        if shift >= len(variant.languages):
            continue
        language = variant.languages[(number + shift) % len(variant.languages)]
        told = facts[language][used[language]]
        used[language] += 1
        (folder / name).write_bytes(variant.make(told))
        found.append(File(name, folder / name, told, variant.place))
    return found


async def wrong(corpus: Corpus, searcher: HybridSearcher, file: File) -> str:
    """What is wrong with the answer to the file's question, the first that is; empty when nothing is."""
    passages = await searcher.search(file.told.question, k=FIRST)
    own = [passage for passage in passages if passage.path == corpus.stored_path(file.path)]
    return misread(corpus, own, file) if own else f"not in the first {FIRST}"


async def misread_alone(corpus: Corpus, searcher: HybridSearcher, file: File) -> str:
    """The same, had the file been the only one."""
    where = Filter(paths=[corpus.stored_path(file.path)])
    return misread(corpus, await searcher.search(file.told.question, k=FIRST, where=where), file)


def misread(corpus: Corpus, passages: list[Passage], file: File) -> str:
    """What is wrong with the quote of the fact, and with its place."""
    wanted = together(file.told.fact)
    sentences = [sentence for passage in passages for sentence in passage.sentences]
    quote = next((each for each in sentences if wanted in together(each.text)), None)
    if quote is None:
        return f"not quoted: {[each.text for each in sentences]}"
    if not quote.citable or corpus.text(quote.document)[quote.start : quote.end] != quote.text:
        return "no quote"
    begin = next(at for at in range(len(quote.text), -1, -1) if wanted in together(quote.text[at:]))
    place = str(corpus.locate(quote.document, quote.start + begin)).removeprefix(corpus.stored_path(file.path))
    return "" if place == file.place else f"at {place}, not {file.place}"


def together(text: str) -> str:
    """Without blanks and line ends: a fact may go on in the next line."""
    return "".join(text.split())
