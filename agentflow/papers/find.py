"""A topic to the papers that several sources find, each once. A source that fails is told, and the others go on."""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from agentflow.papers.connection import SourceConnection
from agentflow.papers.known import merged
from agentflow.papers.paper import Paper
from agentflow.papers.sources import adapter
from agentflow.toolbox.errors import ToolFailed, ToolRefused
from agentflow.toolbox.settings import SourceName

LONGEST = 300  # characters of a query


class FoundPapers(NamedTuple):
    """`troubles` by source: what it said instead of an answer, or what of its answer could not be read."""

    papers: list[Paper]
    troubles: dict[SourceName, str]


def find(connection: SourceConnection, names: Sequence[SourceName], query: str, count: int) -> FoundPapers:
    """At most `count` papers, and as many of each source before they are merged. Only the query leaves."""
    asked = " ".join(query.split())[:LONGEST]
    lists, troubles = [], {}
    for name in names:
        papers: list[Paper] = []
        try:
            papers.extend(islice(adapter(name).papers(connection.ask(name), asked, count), count))
        except (ToolFailed, ToolRefused) as error:
            troubles[name] = f"{error.message}; {error.hint}"
        if broken := sum(not paper.title for paper in papers):
            troubles.setdefault(name, f"{broken:,} of its {len(papers):,} records could not be read")
        lists.append([paper for paper in papers if paper.title])
    return FoundPapers(merged(lists)[:count], troubles)
