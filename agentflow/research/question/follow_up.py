"""Follow-up questions: reworded to be understood alone, from the earlier question, its answer and quotes."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError, BudgetSpent
from agentflow.models.client.errors import Malformed
from agentflow.research.abilities import can
from agentflow.research.question.standalone import LEAD, standalone, topic_of
from agentflow.research.report.of_run import report_of
from agentflow.research.report.schema import Follows
from agentflow.runs.outcome import Outcome
from agentflow.runs.run import Run
from agentflow.runs.store import RunStore
from agentflow.status import RunStatus
from agentflow.storage.strict import Closed
from agentflow.text.words import content_words, coverage

CONCLUDED = (RunStatus.ANSWERED, RunStatus.INSUFFICIENT)
QUOTES = 3  # earlier passages that are read again
LONGEST = 200_000  # characters of a document
SAID = 0.8  # of a reworded question, that must have been said before
KEPT = ("depth", "k", "rounds", "most_evidence", "knowledge")  # inputs that a follow-up takes over


class Cited(Closed):
    path: str
    quote: str


class Earlier(Closed):
    """`question` is understood alone: it is how that run searched for it. `topic` is what it is about."""

    run: str
    question: str = Field(max_length=2000)
    topic: str = ""
    answer: str = ""
    quotes: list[Cited] = Field(default=[])


def inputs_of(run: Run, outcome: Outcome, question: str) -> dict[str, Any]:
    """Of the run that asks on. Raises AgentflowError as earlier_of does."""
    kept = {name: run.inputs[name] for name in KEPT if name in run.inputs}
    earlier = earlier_of(outcome)
    known = (run.inputs.get("follows") or {}).get("topic", "")  # of a chain, as long as its questions name it
    topic = (
        known if known and known in earlier.question else topic_of(earlier.question, [q.quote for q in earlier.quotes])
    )
    return {**kept, "question": question, "follows": {**earlier.model_dump(), "topic": topic}}


def last_answered(store: RunStore) -> str:
    """The id of the newest run that has claims to ask about. Raises AgentflowError when there is none."""
    for run in store.list(limit=1000):
        if run.status in CONCLUDED and "claims" in run.output:
            return run.id
    raise AgentflowError("nothing was answered here yet", 'ask first: agentflow research "QUESTION" --docs FOLDER')


def earlier_of(outcome: Outcome) -> Earlier:
    """Raises AgentflowError for a run that has not ended, or that hands out no claims with their quotes."""
    if outcome.status not in CONCLUDED:
        resume = outcome.status in (RunStatus.PAUSED, RunStatus.FAILED)
        hint = f"agentflow resume {outcome.run}" if resume else "ask about a run of `agentflow research` that has ended"
        raise AgentflowError(f"run {outcome.run} has no answer to ask about ({outcome.status})", hint)
    report = report_of(outcome)
    if report is None:
        raise AgentflowError(
            f"run {outcome.run} has no sources to ask about", "ask about a run of `agentflow research`"
        )
    cited = {number for claim in report.claims for number in claim.evidence}
    return Earlier(
        run=outcome.run,
        question=(report.follows.asked if report.follows else report.question)[:2000],
        answer=report.answer,
        quotes=[Cited(path=quote.path, quote=quote.quote) for quote in report.evidence if quote.id in cited],
    )


def follows_of(state: Mapping[str, Any]) -> Follows | None:
    """What the report says of the run before; `state` is the graph's at its end."""
    if not (earlier := state.get("follows")):
        return None
    return Follows(run=earlier["run"], question=earlier["question"], answer=earlier["answer"], asked=state["asked"])


async def stand_alone(context: Context, question: str, earlier: Earlier) -> str:
    """The question to look up: worded by a planner that can plan, else by rule."""
    read = read_for(context.corpus, earlier.quotes)
    ruled = standalone(question, earlier.question, earlier.topic, one_line(earlier.answer), read)
    if ruled == question or not can(context, "planner", "plan"):
        return ruled
    try:
        answer = await context.ask(
            "planner", context.prompt("follow_up"), earlier=earlier.question, answer=earlier.answer, question=question
        )
    except (BudgetSpent, Malformed) as reason:
        context.note(f"the follow-up was put by rule: {reason}")
        return ruled
    worded = one_line(answer.data["question"])
    said = f"{earlier.question} {earlier.answer} {question}"
    kept = coverage(LEAD.sub("", question), worded) >= SAID and coverage(worded, said) >= SAID
    return worded if kept and len(content_words(worded)) > len(content_words(question)) else ruled


async def resolve_follow_up(
    context: Context, question: str, follows: Mapping[str, Any] | None
) -> tuple[str, list[int]]:
    """The question in words that are understood alone, and the passages quoted before where it refers to them."""
    if follows is None:
        return question, []
    earlier = Earlier(**follows)
    asked = await stand_alone(context, question, earlier)
    return asked, passages_of(context.corpus, earlier.quotes) if asked != question else []


def read_for(corpus: Corpus, quotes: Sequence[Cited]) -> str:
    """What the documents of the earlier quotes say, each from its beginning."""
    sql = "SELECT substr(text, 1, ?) FROM texts JOIN documents ON documents.id = document WHERE path = ?"
    paths = dict.fromkeys(item.path for item in quotes)
    return "\n".join(corpus.value(sql, [LONGEST, path]) or "" for path in list(paths)[:QUOTES])


def passages_of(corpus: Corpus, quotes: Sequence[Cited]) -> list[int]:
    """The passages that hold the earlier quotes, as far as they still do; ids, each once."""
    sql = """SELECT chunks.id FROM chunks JOIN documents ON documents.id = chunks.document
             WHERE documents.path = ? AND instr(chunks.text, ?) LIMIT 1"""
    found = [corpus.value(sql, [item.path, item.quote]) for item in quotes]
    return list(dict.fromkeys(chunk for chunk in found if chunk is not None))[:QUOTES]
