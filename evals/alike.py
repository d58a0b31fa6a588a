"""Loader: documents alike in folders that say whose they are, as in a practice, an office or a house of tenants.

Made from a seed, so that no model has seen them. `path` is a JSONL of templates {"kind", "title", "file", "facts"}; four folders
a template hold the same file with other values, and no text tells its folder's name. A case has `question`, which has that name,
`answers` and `kind`; in each fourth folder the line asked for is left out, as the others' lines must not stand for it.
"""

import random
from pathlib import Path

from agentflow.evaluation.dataset import Case, CorpusDocument, Dataset, rows

PLACES = [
    f"{first} {second}"
    for first in ("Amber", "Birch", "Cedar", "Flint", "Grove", "Marlow")
    for second in ("Mill", "Quay")
]
NAMES = {
    "place": PLACES,
    "person": "Albrecht Berger Castell Dahlin Engström Ferrante Grüber Hallam".split(),
    "project": "Kestrel Heron Osprey Magpie Lapwing Dunlin Plover Curlew Siskin Wheatear Fieldfare Redstart".split(),
    "year": "2016 2017 2018 2019 2020 2021 2022 2023".split(),
}
FOLDERS = 4


def load(path: Path, seed: int = 0) -> Dataset:
    rng = random.Random(seed)
    left = {kind: rng.sample(names, len(names)) for kind, names in NAMES.items()}
    cases: list[Case] = []
    documents: list[CorpusDocument] = []
    for template in rows(path):
        names = [left[template["kind"]].pop() for _ in range(FOLDERS)]
        values = [rng.sample(fact["values"], FOLDERS) for fact in template["facts"]]
        for place, name in enumerate(names):
            asked = rng.randrange(len(values))
            told = [number for number in range(len(values)) if place < FOLDERS - 1 or number != asked]
            lines = [template["facts"][number]["line"].format(value=values[number][place]) for number in told]
            folder = name.lower().replace(" ", "-")
            documents.append(CorpusDocument(template["file"], template["title"], " ".join(lines), folder))
            fact = template["facts"][asked]
            line = fact["line"].format(value=values[asked][place])
            fields = {
                "question": fact["question"].format(name=name),
                "answers": [values[asked][place], line] if asked in told else [],
                "kind": template["kind"] if asked in told else "left out",
            }
            cases.append(Case(f"{template['file']}-{folder}", fields))
    return Dataset(cases, documents)
