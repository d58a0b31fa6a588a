"""What is asked of a site, and what it answers, as JSON. Both sides check it: nothing is believed for its type alone."""

from typing import Annotated, Literal

from pydantic import Field

from agentflow.corpus.filter import Filter
from agentflow.corpus.site_passage import SHA256, Day, Offset, SitePassage
from agentflow.federation.settings import Release
from agentflow.storage.strict import Strict

MOST_PASSAGES = 100
MOST_QUOTES = 200
MOST_CLAIMS = 20
Word = Literal["supported", "contradicted", "told", "not told"]
Count = Annotated[int, Field(ge=0, le=10**9)]


class WireRequest(Strict):
    @property
    def text(self) -> str:
        """What of it the audit log keeps the hash of."""
        return self.model_dump_json()


class SiteCard(Strict):
    """That the site exists, and what it releases to the caller."""

    name: str = Field(max_length=40)
    release: Release


class SearchAsked(WireRequest):
    query: str = Field(min_length=1, max_length=2_000)
    k: int = Field(default=8, ge=1, le=MOST_PASSAGES)
    per_document: int | None = Field(default=None, ge=1, le=MOST_PASSAGES)
    where: list[Filter] = Field(default_factory=list, max_length=8, description="all of them must hold")

    @property
    def text(self) -> str:
        return self.query


class SitePassages(Strict):
    """`passages` are the best first. Of `searched` passages `holders` hold a word of the query."""

    passages: list[SitePassage] = Field(max_length=MOST_PASSAGES)
    searched: Count = 0
    holders: dict[str, Count] = Field(default_factory=dict, max_length=500)


class QuoteAsked(Strict):
    """A quote by its place: `sha256` is of the document's version that it was taken from."""

    path: str = Field(max_length=500)
    sha256: str = Field(pattern=SHA256)
    start: int = Offset
    end: int = Offset


class EvidenceAsked(WireRequest):
    quotes: list[QuoteAsked] = Field(max_length=MOST_QUOTES)


class QuoteNow(Strict):
    """`same`: the document is still that version, and `sha256` is of what stands at the place."""

    state: Literal["same", "changed", "gone"]
    sha256: str = Field(default="", max_length=64)


class SiteEvidence(Strict):
    quotes: list[QuoteNow] = Field(max_length=MOST_QUOTES)


class VerdictsAsked(WireRequest):
    """A question (is it told?) or claims (are they supported?), or both."""

    question: str = Field(default="", max_length=2_000)
    claims: list[Annotated[str, Field(min_length=1, max_length=2_000)]] = Field(
        default_factory=list, max_length=MOST_CLAIMS
    )

    @property
    def text(self) -> str:
        return "\n".join([self.question, *self.claims])


class FederatedVerdict(Strict):
    """On a question `told` or `not told`, on a claim `supported`, `contradicted` or `not told`. `documents` is how many it
    rests on, `first` and `last` between which days they lie, where the site tells. No word of a document has room in it."""

    verdict: Word
    documents: Count = 0
    first: Day = ""
    last: Day = ""


class Verdicts(Strict):
    question: FederatedVerdict | None = None
    claims: list[FederatedVerdict] = Field(default_factory=list, max_length=MOST_CLAIMS)
