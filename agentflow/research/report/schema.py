"""What a research run hands out: a stable contract, published as docs/report.schema.json."""

from typing import Any, Literal, Self, get_args

from pydantic import ConfigDict, Field

from agentflow.corpus.evidence import Evidence
from agentflow.corpus.passage import quote_place
from agentflow.status import RunStatus
from agentflow.storage.strict import Closed
from agentflow.usage import Usage

Status = Literal[RunStatus.ANSWERED, RunStatus.INSUFFICIENT, RunStatus.PAUSED, RunStatus.FAILED]
REPORTED = get_args(Status)


class Known(Closed):
    """What was known of a claim before this run: see docs/knowledge.md."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="of the known claim: agentflow knowledge show ID")
    question: str = Field(description="that it answered first")
    run: str = Field(description="the earlier run that verified it")
    date: str = Field(description="of that run (ISO)")
    recalled: bool = Field(
        description="this run took it from there, and looked its quotes up again; else it found the same by itself"
    )
    correction: str = Field(default="", description="what a person says instead")
    note: str = Field(default="", description="a person's")
    retracted: str = Field(default="", description="why a person says that it is wrong")
    said: str = Field(default="", description="when the person said so (ISO)")

    def notes(self) -> list[str]:
        """What a report says beside the claim."""
        told = [
            f"known from run {self.run} of {self.date}" if self.recalled else "",
            f"corrected by a person on {self.said}: {self.correction}" if self.correction else "",
            f"retracted by a person on {self.said}: {self.retracted}" if self.retracted else "",
            f"note: {self.note}" if self.note else "",
        ]
        return [part for part in told if part]


class Claim(Closed):
    text: str
    support: Literal["supported", "partial", "contradicted", "unsupported"]
    evidence: list[int] = Field(description="ids of the evidence it rests on")
    sources: list[Literal["document", "web", "site"]] = Field(
        default_factory=list, description="which kinds of source that evidence comes from"
    )
    known: Known | None = Field(default=None, description="from an earlier run, or spoken of by a person")


class Numbered(Closed):
    id: int


class Quoted(Closed):
    """The words of a document and where they stand in it."""

    quote: str = Field(description="verbatim text of the document")
    path: str
    line: int = Field(description="1-based line where the quote starts")
    page: int | None = Field(description="1-based page, for documents that have pages")
    part: str = Field(
        default="", description="slide, sheet, chapter, message or file of an archive, in which the line is counted"
    )
    start: int = Field(default=0, description="offset of the quote in the document's text, in characters")
    sha256: str = Field(
        default="", description="of the file as it was read; empty of a site's, and where it was read again"
    )

    @property
    def place(self) -> str:
        return quote_place(self.path, self.line, self.page, self.part)

    @property
    def span(self) -> tuple[str, str, int]:
        """What makes it the same place of the same text."""
        return self.path, self.sha256, self.start


class Quote(Quoted, Numbered):
    """A quote of a report; `id` is how it is cited there."""

    date: str = Field(description="the document's date (ISO), empty when unknown")
    source: str = Field(description="title and heading")
    author: str = Field(default="", description="of the document, as it tells; empty when unknown")
    question: str = Field(description="the sub-question it answers")
    relevance: float = Field(description="0..1, by the reading model")
    file: Literal["same", "changed", "gone"] = Field(
        default="same", description="what had become of the file, since it was read, when the run ended"
    )
    url: str = Field(default="", description="of a web page: its address; `path` is the copy that was read")
    retrieved: str = Field(
        default="", description="of a web page or a passage of a site: when it was fetched (ISO, UTC)"
    )
    site: str = Field(
        default="", description="of a document at another site: the site's name, which `path` begins with"
    )
    record: dict[str, Any] | None = Field(
        default=None, description="of a paper: its bibliographic record (an item of CSL-JSON)"
    )

    @classmethod
    def of(cls, item: Evidence, id: int, question: str, relevance: float) -> Self:
        return cls(
            id=id, quote=item.quote, path=item.path, line=item.line, page=item.page, part=item.part, start=item.start,
            date=item.date, source=item.source, question=question, relevance=relevance,
        )  # fmt: skip

    @property
    def since(self) -> str:
        """What has become of its file since it was read; empty for nothing."""
        return {"same": "", "changed": "the file has changed since it was read", "gone": "the file is gone"}[self.file]


class Conflict(Closed):
    claim: int = Field(description="index into claims, from 0")
    evidence: int = Field(description="id of the evidence that contradicts it")


class Open(Closed):
    question: str
    tried: list[str] = Field(description="what was searched for in vain")


class SiteVerdict(Closed):
    """The word of a site that gives verdicts alone."""

    site: str
    claim: int = Field(description="index into claims, from 0; -1 for the question")
    verdict: Literal["supported", "contradicted", "told", "not told"]
    documents: int = Field(description="how many documents there it rests on")
    first: str = Field(description="the first of their days (ISO); empty where the site does not tell")
    last: str


class Unread(Closed):
    path: str
    reason: str


class Follows(Closed):
    """The run that a follow-up asks on about."""

    run: str
    question: str
    answer: str
    asked: str = Field(description="the follow-up in words that stand alone: what was looked up")


class Findings(Closed):
    """The `output` of graphs/research.py."""

    question: str
    answer: str = Field(description='empty unless status is "answered"')
    plan: list[str]
    claims: list[Claim]
    evidence: list[Quote]
    conflicts: list[Conflict]
    not_found: list[Open]
    support_rate: float = Field(description="share of the claims as first written that their quotes support, 0..1")
    notes: list[str] = Field(description="what was degraded or left out, and why")
    follows: Follows | None = Field(default=None, description="the run this is a follow-up of")
    verdicts: list[SiteVerdict] = Field(default_factory=list, description="what sites say that release verdicts alone")
    unread: list[Unread] = Field(default_factory=list, description="files and pages that could not be read")
    knowledge: Literal["off", "same", "related"] = Field(
        default="off", description="what it did with claims of earlier runs; its own are remembered unless off"
    )
    repeats: str = Field(default="", description="the earlier run that had answered this from the same documents")
    basis: str = Field(
        default="",
        description="hash of all that the answer depends on; empty where more can change it (web, sites, a person)",
    )


class Report(Findings):
    """What `agentflow research --json` prints."""

    run: str
    status: Status
    usage: Usage
    seconds: float
    model: str
    message: str = Field(default="", description="why a run paused or failed, and what to do")
