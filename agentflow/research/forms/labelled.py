"""What a question asks for by the label of its line: `When was plan 7 created?` and `Created: 3 May 2024`, of which a model
takes another date of the same document; `What is the status of plan 7?` and `Status: final`, for which none is needed."""

import re
from collections.abc import Sequence

from agentflow.corpus.dates import date_of_text
from agentflow.corpus.passage import Passage
from agentflow.corpus.readers.lines import field_of
from agentflow.corpus.store import Corpus
from agentflow.research.passages.shown import Candidate, show
from agentflow.research.passages.titled import QUOTED, own_documents, plain, titled
from agentflow.research.question.direct import direct
from agentflow.text.words import content_words, families

ASKS = re.compile(
    r"(?:what|which|who|when|where) (?:is|are|was|were) (?:the )?(?P<label>[\w/-]+(?: [\w/-]+){0,3}?)(?: (?:of|for) (?P<whole>.+?))?\s*\?*$",
    re.IGNORECASE,
)

VALUES = families("number date value amount code")  # of a label: `model number` for `Model`
ARTICLE = re.compile(r"(?:the|our|my|your|this)\s+", re.IGNORECASE)
DAY = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}\.? [^\W\d_]+ \d{4}|[^\W\d_]+ \d{1,2}, \d{4}")
LAST = re.compile(r"\b(?:last|latest|most recent(?:ly)?)\b", re.IGNORECASE)
WHEN = re.compile(r"(?:when|on (?:which|what) (?:day|date))\b", re.IGNORECASE)
COUNTED = re.compile(r"how many (?P<thing>[^\W\d_]+)", re.IGNORECASE)


def field_asked(corpus: Corpus, question: str, passages: Sequence[Passage]) -> Candidate | None:
    """The one line of the document that the question names, or of the only one there is, with the label that it asks for."""
    if not (asked := ASKS.match(direct(question))):
        return None
    wanted, whole = families(asked["label"]), asked["whole"] or ""
    named = titled(corpus, whole, None) or entitled(corpus, whole) if whole else []
    documents = {passage.document for passage in passages if passage.document in named or not whole}
    lines = [
        line
        for line in show([passage for passage in passages if passage.document in documents]).sentences
        if value_of(line.text) and wanted - VALUES <= families(label_of(line.text)) <= wanted
    ]
    beyond = set(content_words(whole)) - set(content_words(lines[0].passage.title)) if lines else set()
    return lines[0] if len(documents) == len(lines) == 1 and not beyond else None


def entitled(corpus: Corpus, name: str) -> list[int]:
    """Ids of the documents whose whole title is the name, `Fridge` for `the fridge`."""
    wanted = plain(ARTICLE.sub("", name))
    return [document.id for document in own_documents(corpus, None) if plain(document.title) == wanted]


def is_mislabelled(corpus: Corpus, question: str, line: str) -> bool:
    """Whether what a document is asked for by a name, `the status of plan 7`, is taken from a line that is called otherwise, or
    from a sentence that does not speak of it."""
    if not (asked := ASKS.match(direct(question))):
        return False
    wanted = families(asked["label"])
    if label := label_of(line):
        return not families(label) & wanted and not families(label) <= families(question)
    return bool(asked["whole"] and titled(corpus, asked["whole"], None)) and not wanted <= families(line)


def labelled_date(question: str, answer: str, bearing: Candidate, sentences: Sequence[Candidate]) -> Candidate | None:
    """The one line of the document that has such a label and a date, when the answer is a date of another sentence."""
    if not date_of_text(answer) or asks_for(question, bearing.text):
        return None
    same = [other for other in sentences if other.passage.document == bearing.passage.document]
    asked = [line for line in same if asks_for(question, line.text) and date_of_text(value_of(line.text))]
    return asked[0] if len(asked) == 1 else None


def latest_alike(question: str, bearing: Candidate, sentences: Sequence[Candidate]) -> Candidate | None:
    """To when something was last, the later line of the document that says as much of it as the one the answer is from."""
    if not (LAST.search(question) and WHEN.match(direct(question))):
        return None
    asked = families(question)
    said = asked & families(bearing.text)
    dated = [
        (date_in(line.text), line)
        for line in sentences
        if line.passage.document == bearing.passage.document and said <= families(line.text)
    ]
    date, line = max(dated, key=lambda pair: pair[0], default=("", bearing))
    return line if said and date > date_in(bearing.text) > "" else None


def date_in(text: str) -> str:
    """The first day that a text names, in ISO 8601; empty for none."""
    return next(filter(None, (date_of_text(found[0]) for found in DAY.finditer(text))), "")


def counted_line(question: str, bearing: Candidate, sentences: Sequence[Candidate]) -> tuple[str, Candidate] | None:
    """The one number of what is asked to be counted, `3 eggs`, and its line, when the answer is from one that speaks of
    something else."""
    if not (asked := COUNTED.match(direct(question))) or families(asked["thing"]) & families(bearing.text):
        return None
    number = re.compile(rf"(?<![\w.,])\d[\d.,]* (?:[^\W\d]+ ){{0,3}}{re.escape(asked['thing'])}\b", re.IGNORECASE)
    found = [(match[0], line) for line in sentences if (match := number.search(line.text))]
    return found[0] if len(found) == 1 else None


def asks_for(question: str, line: str) -> bool:
    """Whether the question holds the words of the line's label, titles in quotes apart."""
    wanted = families(label_of(line))
    return bool(wanted) and wanted <= families(QUOTED.sub(" ", question))


def label_of(line: str) -> str:
    return (field_of(line) or ("", ""))[0]


def value_of(line: str) -> str:
    return (field_of(line) or ("", ""))[1]
