"""One fact in each format and variant of a format, made from a seed: is it found by its question in the first three passages,
quoted, and with the right page, sheet, slide or line?

    python -m benchmarks.formats --work /tmp/formats --out benchmarks/results/formats.md

Each folder holds every variant once, each in another language; over all folders a variant meets every language that it can be
written in. With `--together` all files of all folders then lie in one corpus, where each fact stands beside dozens that tell the same of
other places. `alone` is the file by itself: what the reader made of it, whatever the ranking.
"""

import argparse
import asyncio
import os
from collections import Counter, defaultdict
from pathlib import Path

from agentflow.corpus.index.embedder import Embedder
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from tests.corpus.facts import LANGUAGES
from tests.corpus.finding import File, misread_alone, write, wrong
from tests.corpus.variants import VARIANTS

Found = dict[str, dict[tuple[str, str], str]]  # by way: what is wrong, by variant and language; empty where nothing is


async def judge(found: Found, way: str, corpus: Corpus, embedder: Embedder | None, files: list[File]) -> None:
    searcher = HybridSearcher(corpus, embedder)
    look = misread_alone if way == "alone" else wrong
    for file in files:
        key = file.name, file.told.language
        found[way][key] = found[way].get(key, "") or await look(corpus, searcher, file)


def table(found: Found, part: int) -> str:
    """By variant (part 0) or language (part 1)."""
    lines = [
        f"| {('variant', 'language')[part]} | {' | '.join(found)} | wrong |",
        "|---|" + "---:|" * len(found) + "---|",
    ]
    for name in VARIANTS if part == 0 else LANGUAGES:
        cells, told = [], []
        for way, reasons in found.items():
            mine = {key: reason for key, reason in reasons.items() if key[part] == name}
            missed = sorted(key[1 - part] for key, reason in mine.items() if reason)
            cells.append(f"{len(mine) - len(missed)} of {len(mine)}")
            told += [f"{way}: {', '.join(missed)}"] if missed else []
        lines.append(f"| {name} | {' | '.join(cells)} | {'; '.join(told)} |")
    return "\n".join(lines)


async def together(found: Found, work: Path, files: list[File], *, vectors: bool) -> None:
    """All folders in one corpus."""
    embedder: Embedder | None = None
    if vectors:
        from benchmarks.local_embedder import LocalEmbedder

        embedder = LocalEmbedder()
    corpus = Corpus.open(work / ".agentflow" / "agentflow.db", create=True)
    await ingest(corpus, sorted({file.path.parent for file in files}), embedder=embedder)
    await judge(found, "all folders, words", corpus, None, files)
    if embedder:
        await judge(found, "all folders, words and vectors", corpus, embedder, files)
    corpus.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="an empty folder")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--folders", type=int, default=len(LANGUAGES))
    parser.add_argument("--together", action="store_true", help="also all folders in one corpus")
    parser.add_argument("--vectors", action="store_true", help="these also with MiniLM")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    found: Found = defaultdict(dict)
    every: list[File] = []
    used = Counter[str]()
    for shift in range(options.folders):
        folder = options.work / f"{shift:02}"
        files = write(folder, shift, used, options.seed)
        corpus = Corpus.open(options.work / f".agentflow/{shift:02}/agentflow.db", create=True)
        await ingest(corpus, [folder], embedder=None)
        print(shift, corpus.status().failed, flush=True)
        await judge(found, "alone", corpus, None, files)
        await judge(found, "a folder, words", corpus, None, files)
        corpus.close()
        every += files
    if options.together:
        await together(found, options.work, every, vectors=options.vectors)
    for way, reasons in found.items():
        for key, reason in reasons.items():
            if reason:
                print(way, *key, reason)
    totals = [f"{way} {sum(not each for each in reasons.values())} of {len(reasons)}" for way, reasons in found.items()]
    heading = f"{len(VARIANTS)} variants, {len(LANGUAGES)} languages, seed {options.seed}: {', '.join(totals)}."
    print(heading, f"load {os.getloadavg()[0]:.0f}")
    if options.out:
        made_by = f"# Formats\n\nMade by `benchmarks/formats.py`.\n\n```\n{(__doc__ or '').strip()}\n```\n\n"
        options.out.write_text(f"{made_by}{heading}\n\n{table(found, 1)}\n\n{table(found, 0)}\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
