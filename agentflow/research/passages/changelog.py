"""Change logs say what changed and when. Other documents say how things are now, and are read first."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from agentflow.context import Context
from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage

NAMED = re.compile(
    r"changes|(?:the )?(?:change[ _-]?logs?|release[ _-]?notes?|what['’]?s[ _-]?new)\b(?: (?:of|for|in) .+)?",
    re.IGNORECASE,
)
DATE = r"\W+(?:[\w ,.-]{0,24}\d{4}|[\d./-]{6,}|unreleased)\W*"
RELEASE = re.compile(
    rf"\W*(?:(?:(?:version|release|changes in|new in) )?v?\d+\.\d+[\w.]*\W*(?:{DATE})?|[^\W\d]+ v?\d+\.\d+[\w.]*{DATE}"
    r"|[^\W\d]+ v?\d[\w.]* release notes|unreleased\W*)",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"\b(?:when|since|chang\w+|new(?:er|est)?|news|releas\w+|added|removed|deprecat\w+|fix(?:ed|es)|introduc\w+|dropped"
    r"|breaking|upgrad\w+|migrat\w+|latest|history|no longer|any ?more|(?:in|from) (?:which|what) version)\b|\d+\.\d+",
    re.IGNORECASE,
)


def tells_changes(passage: Passage) -> bool:
    """Whether it stands in a change log, or under the number of a release: `Version 1.2.0 (2024-01-31)`."""
    names = (PurePath(passage.path).stem, passage.title)
    return any(map(NAMED.fullmatch, names)) or any(map(RELEASE.fullmatch, passage.source.split(" › ")[1:]))


def asks_of_changes(question: str) -> bool:
    return bool(ASKS.search(question))


async def search_current(
    context: Context, query: str, question: str, k: int, where: Filter | None, per_document: int | None = None
) -> Sequence[Passage]:
    """The `k` best passages for the query; of change logs only where the question is of changes, or there are no others."""
    found = await context.searcher.search(query, k=k, per_document=per_document, where=where)
    if asks_of_changes(question) or not any(map(tells_changes, found)):
        return found
    more = await context.searcher.search(query, k=2 * k, per_document=per_document, where=where)
    return [passage for passage in more if not tells_changes(passage)][:k] or found


def left_out(question: str, found: Sequence[Passage]) -> list[int]:
    """Ids of the passages that `search_current` leaves out of what a search found for the question; read where nothing else answers."""
    return [] if asks_of_changes(question) else [passage.chunk for passage in found if tells_changes(passage)]
