"""Training questions of qa/train with their sentences, and questions made from the words of plain prose."""

import random
import re
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


YEAR = re.compile(r"\b(?:in|on|since|until|by|from) (?:[A-Z][a-z]+ )?(?:\d{1,2},? )?(1[0-9]{3}|20[0-9]{2})\b")
NUMBER = re.compile(
    r"\b(\d[\d,.]*\d|\d|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|million) ([a-z]{3,}s)\b"
)
PLACE = re.compile(r"\b(?:in|at|near) ((?:[A-Z][\w’'-]+(?: |, )?){1,3})")
PERSON = re.compile(r"\bby ((?:[A-Z][\w’'-]+ ?){2,3})")
REASON = re.compile(r"\b(?:because|so that|in order to)\b")
TYPED = (
    (YEAR, ("When", "In what year", "What year")),
    (PLACE, ("Where", "In which place")),
    (PERSON, ("Who", "By whom")),
    (REASON, ("Why",)),
)
OPENERS = (
    "What about {k}?",
    "What is said about {k}?",
    "How {k}?",
    "What {k}?",
    "Which {k}?",
    "Explain {k}.",
    "Tell me about {k}.",
    "Is {k}?",
    "What does the text say on {k}?",
    "{k}",
    "{k}?",
    "Find {k}",
    "How does {k} work?",
    "What is {k}?",
    "Who {k}?",
    "Does {k}?",
)


def made(sentence: str, rng: random.Random) -> tuple[str, set[str]] | None:
    """A question from the sentence's own words, and those words in lower case; None when it has too few."""
    for pattern, openers in rng.sample(TYPED, len(TYPED)):
        match = pattern.search(sentence)
        if match and rng.random() < 0.7:
            rest = corpus.content(sentence[: match.start()] + " " + sentence[match.end() :])
            if len(rest) >= 3:
                return keywords(rest, rng.choice(openers) + " {k}?", rng)
    match = NUMBER.search(sentence)
    if match and rng.random() < 0.7:
        rest = corpus.content(sentence[: match.start()] + " " + sentence[match.end() :])
        if len(rest) >= 2:
            return keywords(rest, f"How many {match.group(2)} " + "{k}?", rng)
    own = corpus.content(sentence)
    return keywords(own, rng.choice(OPENERS), rng) if len(own) >= 3 else None


def keywords(own: list[str], frame: str, rng: random.Random) -> tuple[str, set[str]]:
    count = min(len(own), rng.randint(2, 6))
    start = rng.randint(0, len(own) - count)
    chosen = (
        own[start : start + count]
        if rng.random() < 0.6
        else [own[i] for i in sorted(rng.sample(range(len(own)), count))]
    )
    text = frame.format(k=" ".join(reworded(word, rng) for word in chosen))
    return text[0].upper() + text[1:] if rng.random() < 0.7 else text, {w.lower() for w in chosen}


def reworded(word: str, rng: random.Random) -> str:
    """Sometimes another form or case of the word, as people ask: so matching must be looser than equality."""
    if not word.islower() or len(word) < 5 or rng.random() < 0.7:
        return word if rng.random() < 0.9 else word.lower()
    for suffix in ("ing", "ed", "es", "s", "ly"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word[: -len(suffix)]
    return word + rng.choice(("s", "ed", "ing"))
