"""Overviews of made collections: how many different facts and documents they tell, and how much of it is on the subject.

    python -m benchmarks.overviews --work /tmp/overviews

Five subjects of seven facts each, every fact in three wordings (overviews.tsv). A folder has `--documents` short documents a
subject; each tells two facts, some facts far more often than others, among sentences that tell nothing of it. No model is
asked: what is measured is the choice of sentences. `--spread` tries other weights of nearness to what is already told.
"""

import argparse
import asyncio
import random
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agentflow.corpus.evidence import one_line
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.research import overview
from agentflow.testing import ScriptedModels
from benchmarks.local_embedder import LocalEmbedder

TABLE = Path(__file__).with_name("overviews.tsv")
FACTS = 2  # of one document
OTHER = (
    "The minutes were read and signed.",
    "Nobody had anything to add to the point before.",
    "The next meeting is in the small hall.",
    "Coffee was served by the young people of the choir.",
    "A letter from the neighbouring parish was passed around.",
    "The clerk was asked to find the missing keys.",
    "The report of the treasurer follows in autumn.",
    "Two members sent their apologies.",
)
Facts = dict[str, dict[str, list[str]]]  # by subject and fact: its wordings


class Pool(ScriptedModels):
    """Asks no model but the embedder."""

    def __init__(self) -> None:
        super().__init__(lambda request: {}, abilities=())
        self.embedder = LocalEmbedder()

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return await self.embedder.embed(texts)


def facts() -> Facts:
    found: Facts = defaultdict(lambda: defaultdict(list))
    for line in TABLE.read_text("utf-8").splitlines():
        subject, fact, wording = line.split("\t")
        found[subject][fact].append(wording)
    return found


def write(folder: Path, known: Facts, documents: int, seed: int) -> None:
    """The n-th fact of a subject, in an order of the seed's, is told 1/n times as often as the first."""
    rng = random.Random(seed)
    number = 0
    for told in known.values():
        order = rng.sample(list(told), len(told))
        for _ in range(documents):
            number += 1
            weights = [1 / place for place in range(1, len(order) + 1)]
            chosen = set[str]()
            while len(chosen) < FACTS:
                chosen.add(rng.choices(order, weights)[0])
            sentences = [rng.choice(told[fact]) for fact in sorted(chosen)] + rng.sample(OTHER, 3)
            rng.shuffle(sentences)
            day = f"20{rng.randrange(10, 25)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
            text = f"# Paper {number}\n\nDate: {day}\n\n{' '.join(sentences)}\n"
            (folder / f"{number:03}.md").write_text(text, "utf-8")


async def measured(engine: Engine, known: Facts) -> dict[str, list[float]]:
    """Of each subject: facts and documents told by the claims and by all quotes, and the share of quotes on the subject."""
    found: dict[str, list[float]] = defaultdict(list)
    for subject, told in known.items():
        outcome = await engine.run(
            "research", {"question": f"What do these documents say about {subject}?", "knowledge": "off"}
        )
        fact_of = {wording: fact for fact, wordings in told.items() for wording in wordings}
        quotes = outcome.output["evidence"]
        claimed = [quote for claim in outcome.output["claims"] for quote in claim["evidence"]]
        for name, ids in (("claims", claimed), ("quotes", [quote["id"] for quote in quotes])):
            mine = [quote for quote in quotes if quote["id"] in ids]
            texts = [one_line(quote["quote"]) for quote in mine]
            found[f"{name}: facts"].append(len({fact_of[text] for text in texts if text in fact_of}))
            found[f"{name}: documents"].append(len({quote["path"] for quote in mine}))
            found[f"{name}: of"].append(len(mine))
            found[f"{name}: on the subject"].append(sum(text in fact_of for text in texts) / max(1, len(texts)))
    return found


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="a folder that is made anew")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--spread", type=float, nargs="+", default=[overview.SPREAD])
    options = parser.parse_args()
    known, pool = facts(), Pool()
    rows: dict[float, dict[str, list[float]]] = {weight: defaultdict(list) for weight in options.spread}
    for seed in options.seeds:
        root = options.work / str(seed)
        shutil.rmtree(root, ignore_errors=True)
        (root / "docs").mkdir(parents=True)
        (root / "models.yaml").write_text("models: {}\n")
        write(root / "docs", known, options.documents, seed)
        async with Engine(Project(root), pool=pool) as engine:
            await engine.ingest([root / "docs"])
            for weight in options.spread:
                overview.SPREAD = weight
                for name, values in (await measured(engine, known)).items():
                    rows[weight][name] += values
    names = list(rows[options.spread[0]])
    print(f"| spread | {' | '.join(names)} |\n|---|{'---:|' * len(names)}")
    for weight, found in rows.items():
        print(f"| {weight} | {' | '.join(f'{np.mean(found[name]):.2f}' for name in names)} |")


if __name__ == "__main__":
    asyncio.run(main())
