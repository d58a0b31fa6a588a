"""What the API takes and gives, as JSON."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agentflow.corpus.filter import Filter
from agentflow.runs.leases import state_of
from agentflow.runs.queue import MOST_ATTEMPTS
from agentflow.runs.run import NAME, Run
from agentflow.storage.strict import Closed


class Taken(Closed):
    model_config = ConfigDict(allow_inf_nan=False)


class LimitsBody(Taken):
    """A budget; what is not named has the graph's own limit, or none."""

    tokens: int | None = Field(default=None, ge=1)
    seconds: float | None = Field(default=None, gt=0)
    steps: int | None = Field(default=None, ge=1)
    calls: int | None = Field(default=None, ge=1)
    bytes: int | None = Field(default=None, ge=1)


class StartBody(Taken):
    """A run to queue. `question` is short for `inputs: {"question": ...}`."""

    graph: str = Field(default="research", pattern=NAME, description="a graph of the project, by name")
    question: str | None = Field(default=None, min_length=1, max_length=20_000)
    inputs: dict[str, Any] = Field(default_factory=dict)
    models: dict[str, str] = Field(default_factory=dict, description="role (or default) to a name of models.yaml")
    limits: LimitsBody = Field(default_factory=LimitsBody)
    where: Filter | None = Field(default=None, description="which documents may answer")
    priority: int = Field(default=0, ge=-1000, le=1000)
    not_before: float = Field(default=0.0, ge=0, le=1e11, description="Unix seconds")
    attempts: int = Field(default=MOST_ATTEMPTS, ge=1, le=100)
    id: str | None = Field(
        default=None, pattern=NAME, description="the same id with the same request is the same run: safe to send again"
    )


class AnswerBody(Taken):
    answer: Any = Field(
        description="what the run's question asks for: for a plan {'plan': [...]}, for a tool {'approved': true}"
    )


class ResumeBody(Taken):
    limits: LimitsBody = Field(default_factory=LimitsBody)


class ForkBody(Taken):
    at: str = Field(min_length=1, max_length=200, description="a step's id, number or name")
    models: dict[str, str] = Field(default_factory=dict)
    changes: dict[str, Any] = Field(default_factory=dict, description="values of the state to change")


class SearchBody(Taken):
    query: str = Field(min_length=1, max_length=2_000)
    k: int = Field(default=8, ge=1, le=50)


class ListQuery(Taken):
    limit: int = Field(default=50, ge=1, le=500)
    status: str = Field(default="", max_length=20)
    graph: str = Field(default="", max_length=64)


class EventsQuery(Taken):
    after: int = Field(
        default=0, ge=0, le=2**62, description="the number of the last event seen; the header goes before it"
    )
    follow: bool = Field(default=True, description="stay until the run ends")


class ReportQuery(Taken):
    format: Literal["json", "md", "html"] = "json"


class Nothing(Taken):
    pass


class RunView(BaseModel):
    """`state`: queued, running, interrupted, paused, answered, insufficient, done, failed, cancelled or dead."""

    id: str
    graph: str
    title: str
    state: str
    message: str
    question: list[Any] | None = Field(description="what a paused run waits for; each has `value`")
    priority: int
    not_before: float
    attempts: int
    most_attempts: int
    requested_by: str
    parent: str
    models: dict[str, str]
    created: float
    ended: float | None
    spent: dict[str, float]

    @classmethod
    def of(cls, run: Run) -> "RunView":
        names = set(cls.model_fields) - {"title", "state"}
        return cls(title=run.title, state=state_of(run), **{name: getattr(run, name) for name in names})


class RunList(BaseModel):
    runs: list[RunView]


class Hit(BaseModel):
    place: str
    path: str
    source: str
    text: str
    score: float


class Hits(BaseModel):
    hits: list[Hit]


class GraphView(BaseModel):
    name: str
    description: str
    tools: list[str]
    inputs: dict[str, Any] = Field(description="JSON schema")


class GraphNames(BaseModel):
    graphs: list[str]


class QueueView(BaseModel):
    waiting: int
    running: int
    dead: int


class Fault(BaseModel):
    kind: str
    message: str
    hint: str


class ErrorBody(BaseModel):
    error: Fault
