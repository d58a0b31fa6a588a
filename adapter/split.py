"""What may be trained on: the one place that opens data, so that no evaluation file can slip into training."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TRAIN = frozenset(
    {
        "qa/train.jsonl",
        "text/books.jsonl.gz",
        "text/expository.jsonl.gz",
        "text/government.jsonl.gz",
        "text/pylibs.jsonl.gz",
        "text/wiki.jsonl.gz",
    }
)
EVALUATION = frozenset(
    {
        "qa/dev.jsonl",
        "multihop/hotpotqa/questions.jsonl",
        "multihop/musique/questions.jsonl",
        "tools/bfcl/simple_python.jsonl",
        "tools/bfcl/irrelevance.jsonl",
        "math/gsm8k_test.jsonl",
        "peps_questions/public.jsonl",
    }
)
# Wiki paragraphs that come from the corpora of the multi-hop evaluation stay out as well.
LEFT_OUT_SOURCES = frozenset({"hotpotqa", "musique"})


class ForbiddenForTraining(Exception):
    """An evaluation file, or one that nobody has classified, was asked for by a data maker."""


def training_rows(name: str) -> Iterator[dict[str, Any]]:
    """Rows of a training file. Raises ForbiddenForTraining for any file that is not in TRAIN."""
    if name not in TRAIN:
        raise ForbiddenForTraining(name)
    return (row for row in read_rows(DATA / name) if row.get("source") not in LEFT_OUT_SOURCES)


def evaluation_rows(name: str) -> list[dict[str, Any]]:
    """Rows of an evaluation file, for evaluation only."""
    if name not in EVALUATION:
        raise KeyError(name)
    return list(read_rows(DATA / name))


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:  # type: ignore[operator]
        for line in lines:
            yield json.loads(line)
