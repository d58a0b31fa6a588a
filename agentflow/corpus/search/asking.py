"""The headings of all documents that ask something, as those of a page of questions do: however long such a page is, each
question is looked at by itself."""

from collections.abc import Collection

from agentflow.corpus.migrations import ASKS
from agentflow.corpus.search.rarity import Rarity
from agentflow.corpus.store import Corpus


def asking(corpus: Corpus, scope: Collection[int] | None) -> list[tuple[int, str]]:
    """Id of the first passage under each of these headings, and the heading."""
    rows = corpus.rows(
        f"SELECT min(id), document, heading FROM chunks WHERE {ASKS} GROUP BY document, heading ORDER BY 1"
    )
    return [(chunk, heading) for chunk, document, heading in rows if scope is None or document in scope]


def nearest_asking(corpus: Corpus, rarity: Rarity, scope: Collection[int] | None, most: int) -> list[int]:
    """Ids of the passages under those headings that share most with the question, weighed by rarity; `most` at most."""
    shares = [(rarity.coverage(heading), chunk) for chunk, heading in asking(corpus, scope)]
    return [chunk for share, chunk in sorted(shares, key=lambda pair: (-pair[0], pair[1]))[:most] if share]
