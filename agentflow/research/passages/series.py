"""The newest or the first document of a series, `the last meeting` among minutes: documents whose titles differ in numbers and
dates alone."""

import re
from collections import defaultdict
from collections.abc import Sequence

from agentflow.corpus.document import Document
from agentflow.text.numbers import MONTH
from agentflow.text.plurals import singular
from agentflow.text.words import FAMILY, families, words

END = re.compile(
    r"\b(?:(?P<last>last|latest|newest|most recent|letzten?|neuesten?)|first|oldest|earliest|ersten?|ältesten?) (?P<kind>[^\W\d_]+)",
    re.IGNORECASE,
)
IN_ORDER = frozenset("chapter section part volume book step page lesson unit".split())  # not by their dates
CALLED = {"meeting": "minutes", "sitzung": "protokoll"}  # what is written of it


def end_of_series(question: str, documents: Sequence[Document]) -> tuple[str, Document] | None:
    """What the question calls it, `last meeting`, and the document; None where no series has that name, or its dates are the same."""
    found = END.search(question)
    kind = found["kind"].lower() if found else ""
    if not found or singular(kind) in IN_ORDER:
        return None
    wanted = {kind[:FAMILY], CALLED.get(singular(kind), kind)[:FAMILY]}
    series: defaultdict[str, list[Document]] = defaultdict(list)
    for document in documents:
        if wanted & families(f"{document.title} {document.path}") and document.date:
            series[named(document.title)].append(document)
    longest = max(series.values(), key=len, default=[])
    in_time = sorted(longest, key=lambda document: document.date)
    if len({document.date for document in longest}) < 2:
        return None
    return found[0], in_time[-1 if found["last"] else 0]


def named(title: str) -> str:
    """A title without what tells one of a series from the next."""
    return " ".join(word for word in words(title) if word not in MONTH and not any(map(str.isdigit, word)))
