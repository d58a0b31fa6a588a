"""Training questions with the sentences that answer them."""

from collections import Counter, defaultdict
from functools import cache
from typing import NamedTuple

from adapter import corpus
from adapter.split import training_rows


class Asked(NamedTuple):
    """A question on a paragraph. `right`: numbers of sentences that surely answer."""

    question: str
    answer: str
    title: str
    sentences: list[str]
    right: list[int]


@cache
def natural() -> dict[str, list[Asked]]:
    """qa/train by source: reddit, amazon, new_wiki."""
    found: dict[str, list[Asked]] = defaultdict(list)
    for row in training_rows("qa/train.jsonl"):
        if asked := located(row):
            found[row["source"]].append(asked)
    return found


def located(row: dict[str, object]) -> Asked | None:
    context, answers = str(row["context"]), row["answers"]
    assert isinstance(answers, list)
    split = corpus.sentences(context)
    starts: list[int] = []
    at = 0
    for sentence in split:
        at = context.find(sentence, at)
        starts.append(at)
        at += len(sentence)
    votes = Counter(next((i for i in reversed(range(len(split))) if 0 <= starts[i] <= a["start"]), -1) for a in answers)
    best, count = votes.most_common(1)[0]
    texts = Counter(a["text"].strip() for a in answers)
    answer = min(texts, key=lambda t: (-texts[t], len(t)))
    if best < 0 or len(split) < 2 or answer not in context or count * 2 < len(answers):
        return None
    title = str(row["title"]).replace("_", " ")
    return Asked(str(row["question"]).strip(), answer, title, split, [best])
