"""Loader: one fact in a long text (needle, Kamradt 2023) and one value among many keys (Liu et al. 2023).

Made from a seed, so that no model has seen it. `path` is a JSONL of filler sentences {"text"}. A case has `question`,
`answers`, `context`, `task` (needle or key-value), `words` and `depth` (where it stands, 0 to 1).
"""

import json
import random
from collections.abc import Sequence
from pathlib import Path

from agentflow.evaluation.dataset import Case, Dataset, rows

PLACES = (
    "lighthouse",
    "old mill",
    "town archive",
    "ferry office",
    "glass house",
    "clock tower",
    "salt barn",
    "north gate",
)
THINGS = ("brass key", "signal lamp", "ledger", "spare rudder", "seed chest", "weather log", "ship's bell", "map case")


def load(
    path: Path,
    words: Sequence[int] = (150, 400, 900),
    depths: Sequence[float] = (0.1, 0.5, 0.9),
    each: int = 1,
    seed: int = 0,
) -> Dataset:
    filler = [str(row["text"]) for row in rows(path)]
    rng = random.Random(seed)
    cases = []
    for size in words:
        for depth in depths:
            for number in range(each):
                for make in (needle, key_value):
                    fields = make(rng, filler, size, depth)
                    cases.append(
                        Case(f"{fields['task']}-{size}-{depth:g}-{number}", {**fields, "words": size, "depth": depth})
                    )
    return Dataset(cases)


def needle(rng: random.Random, filler: Sequence[str], words: int, depth: float) -> dict[str, object]:
    thing, place, answer = rng.choice(THINGS), rng.choice(PLACES), str(rng.randint(1000, 9999))
    fact = f"The number of the {thing} in the {place} is {answer}."
    text: list[str] = []
    while sum(len(sentence.split()) for sentence in text) < words:
        text.append(rng.choice(filler))
    text.insert(round(depth * len(text)), fact)
    question = f"What is the number of the {thing} in the {place}?"
    return {"task": "needle", "question": question, "answers": [answer], "context": " ".join(text)}


def key_value(rng: random.Random, filler: Sequence[str], words: int, depth: float) -> dict[str, object]:
    pairs = [(f"{rng.getrandbits(32):08x}", f"{rng.getrandbits(32):08x}") for _ in range(max(3, words // 4))]
    key, value = pairs[min(len(pairs) - 1, round(depth * len(pairs)))]
    question = f"Which value belongs to the key {key}?"
    return {"task": "key-value", "question": question, "answers": [value], "context": json.dumps(dict(pairs), indent=0)}
