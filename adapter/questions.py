"""Training questions with the sentences that answer them."""

import random
from collections import Counter, defaultdict
from functools import cache
from typing import NamedTuple

from adapter import corpus
from adapter.split import training_rows


class Asked(NamedTuple):
    """A question on a paragraph. `right`: numbers of sentences that surely answer; `unsure`: that perhaps do."""

    question: str
    answer: str
    title: str
    sentences: list[str]
    right: list[int]
    unsure: list[int]
    others: list[str]  # some sentences of other paragraphs of the same article


@cache
def natural() -> dict[str, list[Asked]]:
    """qa/train by source: reddit, amazon, new_wiki."""
    rows = list(training_rows("qa/train.jsonl"))
    by_title: dict[str, list[str]] = defaultdict(list)
    for context, title in {row["context"]: row["title"] for row in rows}.items():
        by_title[title] += corpus.sentences(context)
    rng = random.Random(5)
    found: dict[str, list[Asked]] = defaultdict(list)
    for row in rows:
        article = by_title[row["title"]]
        asked = located(row, [rng.choice(article) for _ in range(12)])
        if asked:
            found[row["source"]].append(asked)
    return found


def located(row: dict[str, object], article: list[str]) -> Asked | None:
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
    if best < 0 or len(split) < 2 or answer not in context:
        return None
    unsure = [
        i for i, s in enumerate(split) if i != best and (i in votes or any(t.lower() in s.lower() for t in texts))
    ]
    right = [best] if count * 2 >= len(answers) else []
    if not right:
        return None
    others = [s for s in article if s not in split and not any(t.lower() in s.lower() for t in texts)]
    title = str(row["title"]).replace("_", " ")
    return Asked(str(row["question"]).strip(), answer, title, split, right, unsure, others)
