"""Whether two questions ask for the same, by the words in which they differ."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from agentflow.context import Context
from agentflow.corpus.search.rarity import documents_with
from agentflow.corpus.store import Corpus
from agentflow.text.words import STOP, content_words, words

SYNONYMS = 0.5  # cosine of two words of one meaning
LIGHT = frozenset(
    "ask find get have make put see set use want work write create".split()
)  # verbs that tell little apart
SAID = 5  # words of an answer that may be nothing but names
FEWEST, MOST, OFTEN = 3, 2_000, 0.5  # documents; of them with the name of what they are about
BARE_NAME = re.compile(  # nothing but a name stands here without an article
    r"\b(?:can|could|does|do|is|will|should|in|with|for|from|on|by|of|using|use|run|install|start)\s+([\w.-]{2,}\w)(?<!s)(?=\W|$)",
    re.IGNORECASE,
)


def without_topic(corpus: Corpus, question: str) -> str:
    """The question with `it` for the name of what all the documents are about: pages of questions seldom say it."""
    documents = int(corpus.value("SELECT count(*) FROM documents"))
    if not FEWEST <= documents <= MOST:
        return question
    names = {name: documents_with(corpus, name) for name in BARE_NAME.findall(question) if name.lower() not in STOP}
    most = max(names, key=lambda name: names[name], default="")
    return re.sub(rf"\b{re.escape(most)}\b", "it", question) if names.get(most, 0) >= OFTEN * documents else question


def without_common(corpus: Corpus, text: str) -> str:
    """A text without the names that stand in half of all documents: they tell none of them apart."""
    documents = int(corpus.value("SELECT count(*) FROM documents"))
    if not FEWEST <= documents <= MOST or len(words(text)) > SAID:
        return text
    common = (word for word in dict.fromkeys(content_words(text)) if documents_with(corpus, word) >= OFTEN * documents)
    gone = set(common)
    return " ".join(word for word in words(text) if not set(content_words(word)) & gone)


async def coverage_by_meaning(context: Context, question: str, text: str) -> float:
    """How well a text without all words of the question meets them, 0..1: the mean cosine of each that it lacks with its
    nearest, as of `delete` with `remove` (the recall of BERTScore, Zhang et al. 2020, of single words)."""
    there = list(dict.fromkeys(words(text)))
    lacking = apart(question, text)
    near = [max(await context.searcher.similarity(word, there), default=0.0) for word in lacking]
    return sum(near) / len(near) if near else 1.0


async def asks_of_another(context: Context, question: str, other: str, answer: str) -> bool:
    """Whether two questions differ in one word alone, which stands in the place of another that means something else, and the
    answer does not speak of it: `a run is killed` and `a worker is killed`, but not `remove a file` and `delete a file`."""
    own, foreign = apart(question, other), apart(other, question)
    if len(own) != 1 or len(foreign) != 1 or len(content_words(question)) == 1 or not apart(own[0], answer):
        return False
    if not any(own[0] in mine and foreign[0] in theirs for mine, theirs in exchanged(words(question), words(other))):
        return False
    alike = await context.searcher.similarity(own[0], foreign)
    return bool(alike) and alike[0] < SYNONYMS


def exchanged(one: Sequence[str], other: Sequence[str]) -> list[tuple[Sequence[str], Sequence[str]]]:
    """The stretches of one text that stand in the place of stretches of the other."""
    steps = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return [(one[a:b], other[c:d]) for what, a, b, c, d in steps if what == "replace"]


def apart(text: str, other: str) -> list[str]:
    """The content words of the text that the other lacks, whole."""
    known = set(content_words(other))
    return [word for word in words(text) if word not in LIGHT and not set(content_words(word)) <= known]
