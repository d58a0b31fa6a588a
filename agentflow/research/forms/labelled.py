"""What a question asks for by the label of its line: `When was plan 7 created?` and `Created: 3 May 2024`, of which a model
takes another date of the same document; `What is the status of plan 7?` and `Status: final`, for which none is needed."""

import re
from collections.abc import Sequence

from agentflow.corpus.dates import date_of_text
from agentflow.corpus.passage import Passage
from agentflow.corpus.readers.lines import field_of
from agentflow.corpus.store import Corpus
from agentflow.research.passages.shown import Candidate, show
from agentflow.research.passages.titled import QUOTED, titled
from agentflow.research.question.planning import direct
from agentflow.text.words import content_words, families

ASKS = re.compile(
    r"(?:what|which|who|when|where) (?:is|are|was|were) (?:the )?(?P<label>[\w/-]+(?: [\w/-]+){0,3}?)(?: (?:of|for) (?P<whole>.+?))?\s*\?*$",
    re.IGNORECASE,
)


def field_asked(corpus: Corpus, question: str, passages: Sequence[Passage]) -> Candidate | None:
    """The one line of the document that the question names, or of the only one there is, with the label that it asks for."""
    if not (asked := ASKS.match(direct(question))):
        return None
    wanted, whole = families(asked["label"]), asked["whole"] or ""
    named = titled(corpus, whole, None) if whole else []
    documents = {passage.document for passage in passages if passage.document in named or not whole}
    lines = [
        line
        for line in show([passage for passage in passages if passage.document in documents]).sentences
        if value_of(line.text) and families(label_of(line.text)) == wanted
    ]
    beyond = set(content_words(whole)) - set(content_words(lines[0].passage.title)) if lines else set()
    return lines[0] if len(documents) == len(lines) == 1 and not beyond else None


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


def asks_for(question: str, line: str) -> bool:
    """Whether the question holds the words of the line's label, titles in quotes apart."""
    wanted = families(label_of(line))
    return bool(wanted) and wanted <= families(QUOTED.sub(" ", question))


def label_of(line: str) -> str:
    return (field_of(line) or ("", ""))[0]


def value_of(line: str) -> str:
    return (field_of(line) or ("", ""))[1]
