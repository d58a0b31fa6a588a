"""Documents with labelled lines as records: `Is invoice 101 paid?` is answered by its `Status: paid`, and `Which invoices are open?`
by that line of each."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from agentflow.corpus.passage import Passage
from agentflow.corpus.store import Corpus
from agentflow.corpus.terms import expression
from agentflow.research.forms.labelled import label_of, value_of
from agentflow.research.passages.of_kind import chunks_with
from agentflow.research.passages.shown import Candidate, show
from agentflow.research.passages.titled import PARTS, Scope, own_documents, plain
from agentflow.research.question.direct import direct
from agentflow.text.names import capitals, name_runs
from agentflow.text.plurals import PLURAL, singular
from agentflow.text.words import families

WHICH = re.compile(
    rf"(?:(?:which|what|how many)|(?:list|show me|name)(?: all)?(?: the)?) (?P<kind>{PLURAL})(?: that| which)?"
    r"(?: (?:are|were|have been|have|is|did|does|do))?(?: (?:still|currently|now))? (?P<value>.+?)[\s?.]*",
    re.IGNORECASE,
)
LIST = re.compile(
    rf"(?:list|show me|name|what are|which are)(?: all)?(?: the)? (?P<value>[^\W\d_]+) (?P<kind>{PLURAL})[\s?.]*",
    re.IGNORECASE,
)
ONE = re.compile(r"[\d\"“„«]")
COUNT = re.compile(r"how many\b", re.IGNORECASE)
IS = re.compile(
    r"(?:is|are|was|were|has|have) (?:the )?(?P<rest>.+?)[\s?]*|(?P<title>.+?): (?P<value>.+)\?", re.IGNORECASE
)
MOST = 12  # records of one answer: each is read in its own passage
MOST_READ = 2_000  # documents of one kind
WROTE = re.compile(r"\b(?:writ\w+|wrote)\b", re.IGNORECASE)


class LabelledDocument(NamedTuple):
    """A document of which a labelled line has what is asked for."""

    chunk: int
    title: str
    line: str


def records(corpus: Corpus, question: str, scope: Scope) -> list[LabelledDocument]:
    """The documents of the kind that is asked for whose line has the value asked for, in the corpus' order; none where no line
    has, where lines of several labels have and the question names none of these, or where two documents have one title."""
    if not (asked := asked_of_several(question)):
        return []
    documents = of_kind(corpus, asked["kind"], scope)
    if not 1 < len(documents) <= MOST_READ:
        return []
    passages = corpus.passages(chunks_with(corpus, documents, "field"))
    lines = [line for line in show(passages).sentences if has(line, asked["value"])]
    if len({label_of(line.text).lower() for line in lines}) > 1:
        named = families(f"{question} author" if WROTE.search(question) else question)
        lines = [line for line in lines if families(label_of(line.text)) <= named]
    found = [LabelledDocument(line.passage.chunk, line.passage.title, line.text) for line in lines]
    return found if len({record.title for record in found}) == len(found) else []


def asked_of_several(question: str) -> re.Match[str] | None:
    """`invoices` as kind and `open` as value of `Which invoices are open?`; none where it names one by its number or title."""
    question = direct(question)
    return None if ONE.search(question) else WHICH.fullmatch(question) or LIST.fullmatch(question)


def of_kind(corpus: Corpus, kind: str, scope: Scope) -> list[int]:
    """Ids of the documents whose titles have the kind, `invoices`, in them."""
    wanted = families(singular(kind))
    return [document.id for document in own_documents(corpus, scope) if wanted and wanted <= families(document.title)]


def has(line: Candidate, asked: str) -> bool:
    """Whether it is a labelled line with the value asked for, `open`, or with a name in it, `sent to Birch Mills`."""
    value, wanted = plain(value_of(line.text)), plain(asked)
    named = any(len(run) > 1 and set(run) <= set(value.split()) for run in name_runs(capitals(asked)))
    return line.sentence.kind == "field" and bool(value.strip()) and (wanted in (value, plain(line.text)) or named)


def is_of_another_field(corpus: Corpus, question: str, line: str) -> bool:
    """Whether `which invoices are open` is answered by a labelled line that tells something else of one of them."""
    asked = asked_of_several(question)
    if not asked or not value_of(line) or len(of_kind(corpus, asked["kind"], None)) < 2:
        return False
    return not families(asked["value"]) & families(line)


def told(question: str, text: str, count: int, of: int) -> str:
    """The answer for `count` documents of `of`: to how many with that number before it."""
    if COUNT.match(direct(question)):
        return f"{of} ({text})" if count == of else f"{of} (the first {count}: {text})"
    return text if count == of else f"{text}; {of - count} more"


def field_stated(corpus: Corpus, question: str, passages: Sequence[Passage]) -> Candidate | None:
    """The line that tells whether a document, named by its title, is so: the one with that value, else the one with the label
    under which another document has it."""
    if not (asked := IS.fullmatch(direct(question))):
        return None
    said = plain(asked["rest"] or f"{asked['title']} {asked['value']}")
    lines = [line for line in show(passages).sentences if line.sentence.kind == "field" and value_of(line.text)]
    own = [line for line in lines if opening(line.passage, said)]
    if not own or len({line.passage.document for line in own}) > 1:
        return None
    value = said.removeprefix(opening(own[0].passage, said).rstrip())
    if not value.strip():
        return None
    chunks = corpus.rows(
        "SELECT DISTINCT chunk FROM sentences"
        " WHERE kind = 'field' AND chunk IN (SELECT rowid FROM chunks_fts WHERE chunks_fts MATCH ?) LIMIT ?",
        [expression(value.strip()), MOST],
    )
    others = show(corpus.passages(chunk for (chunk,) in chunks)).sentences
    labels = {label_of(line.text) for line in others if has(line, value)}
    telling = [line for line in own if has(line, value)] or [line for line in own if label_of(line.text) in labels]
    return telling[0] if len(telling) == 1 else None


def opening(passage: Passage, said: str) -> str:
    """The longest form of its title of two words or more that begins the words said; empty for none."""
    forms = [plain(form) for form in [passage.title, *PARTS.split(passage.title)]]
    return max((form for form in forms if len(form.split()) > 1 and said.startswith(form)), key=len, default="")
