"""Loader: facts that two documents of different dates tell otherwise, and facts that two tell alike.

Made from a seed, so that no model has seen them. `path` is a JSONL of templates {"kind", "question", "old", "new",
"values"}: the two wordings hold `{name}` and `{value}`. A case has `question`, `answers` (the newer value), `newer`, `older`
(empty where both agree) and `kind` (number, date, person or agree).
"""

import random
from pathlib import Path

from agentflow.evaluation.dataset import Case, CorpusDocument, Dataset, rows

FIRST = "Amber Birch Cedar Delta Ember Flint Grove Heron Iris Juniper Kestrel Linden Marlow Nettle Osprey Pike".split()
SECOND = "Bay Bridge Centre Dock Farm Hall Harbour Lodge Mill Point Quarry Reservoir Station Tower Works Yard".split()
BESIDE = (
    "It is reached by the coast road.",
    "Guests are asked to sign the book at the door.",
    "The report was read and approved by the board.",
    "Repairs to the roof were made in spring.",
)


def load(path: Path, each: int = 3, seed: int = 0) -> Dataset:
    """`each`: cases of every template."""
    rng = random.Random(seed)
    names = [f"{first} {second}" for first in FIRST for second in SECOND]
    rng.shuffle(names)
    cases: list[Case] = []
    documents: list[CorpusDocument] = []
    for number, template in enumerate(row for row in rows(path) for _ in range(each)):
        name = names[number]
        older, newer = rng.sample(template["values"], 2)
        if template["kind"] == "agree":
            older = newer
        for year, key, value in ((2019, "old", older), (2025, "new", newer)):
            lines = [template[key].format(name=name, value=value), *rng.sample(BESIDE, 2)]
            documents.append(_document(rng, f"{number:03}-{key}", name, year, lines))
        fields = {
            "question": template["question"].format(name=name),
            "answers": [newer],
            "newer": newer,
            "older": "" if older == newer else older,
            "kind": template["kind"],
        }
        cases.append(Case(f"{template['kind']}-{number:03}", fields))
    return Dataset(cases, documents)


def _document(rng: random.Random, id: str, name: str, year: int, lines: list[str]) -> CorpusDocument:
    rng.shuffle(lines)
    date = f"{year}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    return CorpusDocument(id, f"{name}, report of {year}", f"Date: {date}\n\n{' '.join(lines)}")
