"""The date that a question asks for by the label of its line: `When was plan 7 created?` and `Created: 3 May 2024`. A model
takes another date of the same document for it."""

from collections.abc import Sequence

from agentflow.corpus.dates import date_of_text
from agentflow.corpus.readers.lines import field_of
from agentflow.research.shown import Candidate
from agentflow.research.titled import QUOTED
from agentflow.text.words import families


def labelled_date(question: str, answer: str, bearing: Candidate, sentences: Sequence[Candidate]) -> Candidate | None:
    """The one line of the document that has such a label and a date, when the answer is a date of another sentence."""
    if not date_of_text(answer) or asks_for(question, bearing.text):
        return None
    same = [other for other in sentences if other.passage.document == bearing.passage.document]
    asked = [line for line in same if asks_for(question, line.text) and date_of_text(value_of(line.text))]
    return asked[0] if len(asked) == 1 else None


def asks_for(question: str, line: str) -> bool:
    """Whether the question holds the words of the line's label, titles in quotes apart."""
    label, _ = field_of(line) or ("", "")
    wanted = families(label)
    return bool(wanted) and wanted <= families(QUOTED.sub(" ", question))


def value_of(line: str) -> str:
    return (field_of(line) or ("", ""))[1]
