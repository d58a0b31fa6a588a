"""What a node may use. LangGraph hands it to every node as `runtime.context`; it is never stored in a checkpoint.

Every model and tool call of a graph goes through here: the budget is checked, the call is journaled before and after,
and the events are sent. A node that is entered again after a crash gets its recorded answers.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from agentflow import events
from agentflow.budget import Budget
from agentflow.corpus.ingest.intake import Intake
from agentflow.corpus.quote_store import QuoteStore
from agentflow.corpus.search.search import Searcher
from agentflow.corpus.store import Corpus
from agentflow.events import Event
from agentflow.federation.sites import Sites
from agentflow.graph import LoadGraph
from agentflow.models.client.types import Answer, ModelEvent, Reasoning, Request, Restart, Sampling, Text
from agentflow.models.pool_types import RunModels
from agentflow.project import Project
from agentflow.prompts import Prompt, load_prompt
from agentflow.runs.journal import Journal
from agentflow.runs.step import current_step
from agentflow.telemetry.traceparent import within
from agentflow.usage import Usage

if TYPE_CHECKING:
    from agentflow.runs.batch import AnswerBatch


class Tools(Protocol):
    """The tools of one run under its policy: see agentflow/toolbox."""

    def schemas(self, names: Sequence[str] = ()) -> list[dict[str, Any]]:
        """OpenAI function schemas of the allowed tools."""
        ...

    async def call(self, context: "Context", name: str, arguments: dict[str, Any]) -> Any:
        """Plain JSON. Raises ToolRefused or ToolFailed (children of AgentflowError)."""
        ...

    def once(self, name: str) -> bool:
        """Whether repeating this tool's effect would harm, so that a crash in the middle must ask a person."""
        ...


@dataclass(slots=True)
class Context:
    """What a node may use: `runtime.context` of a graph, or the keyword parameter `context` of a tool.

    `ask` and `ask_all` answer prompts, `searcher` searches the corpus, `call_tool` calls a tool. Each raises BudgetSpent
    when the run has spent a limit. `note` and `emit` report what happened.
    """

    run: str
    project: Project
    corpus: Corpus
    quotes: QuoteStore
    searcher: Searcher
    models: RunModels
    tools: Tools
    load_graph: LoadGraph  # for a node that runs another graph
    journal: Journal
    budget: Budget = field(default_factory=Budget)
    intake: Intake | None = None
    sites: Sites = field(default_factory=lambda: Sites({}, Path()))
    docs: tuple[Path, ...] = ()  # the files and folders that the person named with --docs
    muted: bool = False  # for a reading whose doubts are not the report's: `note` says nothing
    _calls: Counter[str] = field(default_factory=Counter)

    def emit(self, event: Event) -> None:
        """Sends an event of the current step."""
        self.journal.emit(event)

    def note(self, text: str, level: str = "info") -> None:
        """Says what was degraded or left out: as an event now, and to `notes` for the report."""
        if not self.muted:
            self.emit(events.Note(text=text, level=level))

    def notes(self) -> list[str]:
        """Takes what this step has noted so far; a node returns it into the graph's state."""
        return self.journal.events.notes.pop(current_step().id, [])

    def prompt(self, name: str) -> Prompt:
        """graphs/prompts/NAME.yaml of the project, then the bundled one."""
        return load_prompt(self.project.prompt_file(name))

    async def ask(self, role: str, prompt: Prompt, *, logprobs: int = 0, **values: Any) -> Answer:
        """One answer of the role's model to a prompt filled with `values`; JSON in `data` when it has a schema."""
        return (await self.request_all(role, self._requests(prompt, [values], logprobs)))[0]

    async def ask_all(
        self, role: str, prompt: Prompt, batch: Sequence[dict[str, Any]], *, logprobs: int = 0
    ) -> list[Answer]:
        """The same prompt with many values: siblings sent together, so that they share the computed prefix.

        Journaled as one call; after a crash only what was not answered is asked again.
        """
        return await self.request_all(role, self._requests(prompt, batch, logprobs))

    def _requests(self, prompt: Prompt, batch: Sequence[dict[str, Any]], logprobs: int) -> list[Request]:
        step = current_step().id
        return [
            Request(
                messages=prompt.messages(**values),
                schema=prompt.schema,
                max_tokens=prompt.max_tokens,
                logprobs=logprobs,
                sampling=Sampling(temperature=0.0, seed=0),
                run=self.run,
                step=step,
                sources=quoted(values),
            )
            for values in batch
        ]

    async def request_all(self, role: str, requests: Sequence[Request]) -> list[Answer]:
        """Journaled model calls for prompts that do not come from a prompt file."""
        if not requests:
            return []
        step = current_step().id
        self.budget.check(step)
        self._calls[step] += 1
        call = f"{step}-{self._calls[step]}"
        model = self.models.model_of(role)
        shown = "\n\n".join(message.content for message in requests[0].messages)
        self.emit(events.ModelCalled(call=call, role=role, model=model, prompt=shown))

        def stream(event: ModelEvent) -> None:
            if isinstance(event, Text | Reasoning):
                self.emit(events.ModelText(call=call, text=event.text, reasoning=isinstance(event, Reasoning)))
            elif isinstance(event, Restart):
                self.emit(events.ModelText(call=call, text="\n(another server answers from the beginning)\n"))

        record = {"role": role, "model": model, "requests": [_key(request) for request in requests]}
        batch = self.journal.batch(step, model, record)
        asked = self.journal.request("model", model, record)
        result = self.journal.recorded_result(asked)
        replayed = result is not None and self.journal.repeats
        if result is None:
            with self.journal.making(asked) as result:
                with within(self.journal.trace.span("call", call)):
                    if len(requests) == 1:
                        result["answers"] = [asdict(await self.models.ask(role, requests[0], on_event=stream))]
                    else:
                        result["answers"] = await self._ask_rest(role, requests, batch)
                result["weights"] = await self.models.weights(role)
        batch.close()
        answers = [Answer.from_json(item) for item in result["answers"]]
        self._count(call, model, answers, replayed)
        return answers

    async def _ask_rest(self, role: str, requests: Sequence[Request], batch: "AnswerBatch") -> list[dict[str, Any]]:
        """Asks for what no earlier process was answered."""
        answers = batch.kept(len(requests))
        missing = [place for place in range(len(requests)) if place not in answers]

        def keep(nth: int, answer: Answer) -> None:
            answers[missing[nth]] = asdict(answer)
            batch.keep(missing[nth], answers[missing[nth]])

        await self.models.ask_all(role, [requests[place] for place in missing], on_answer=keep)
        return [answers[place] for place in range(len(requests))]

    async def call_tool(self, name: str, arguments: dict[str, Any]) -> Any:
        """A tool's plain JSON result, under the run's policy. Raises ToolRefused or ToolFailed."""
        step = current_step().id
        self.budget.check(step)

        async def perform() -> dict[str, Any]:
            return {"value": await self.tools.call(self, name, arguments)}

        once = self.tools.once(name)
        result, replayed = await self.journal.call("tool", name, {"arguments": arguments}, perform, once=once)
        count = self.budget.repeat if replayed else self.budget.spend
        count(step, calls=1)
        return result["value"]

    def _count(self, call: str, model: str, answers: list[Answer], replayed: bool) -> None:
        used = Usage.total(answer.usage for answer in answers)
        step = current_step().id
        count = self.budget.repeat if replayed else self.budget.spend
        count(step, tokens=used.tokens, calls=used.calls)
        self.emit(
            events.ModelAnswered(
                call=call,
                model=model,
                prompt_tokens=used.prompt,
                cached_tokens=used.cached,
                completion_tokens=used.completion,
                drafted=used.drafted,
                accepted=used.accepted,
                first_token=min(answer.timing.first_token for answer in answers),
                seconds=max(answer.timing.prefill + answer.timing.decode for answer in answers),
                replayed=replayed,
            )
        )
        self.emit(events.BudgetChanged(spent=self.budget.used(), left=self.budget.left(step)))


def quoted(values: dict[str, Any]) -> tuple[str, ...]:
    """Hashes of all that a prompt holds beside the question: evidence, passages, claims. An answer that is remembered
    for a question of the same meaning counts only while these are the same."""
    texts = [json.dumps([name, values[name]], default=str) for name in sorted(values) if name != "question"]
    return tuple(hashlib.sha256(text.encode()).hexdigest()[:16] for text in texts)


def _key(request: Request) -> dict[str, Any]:
    """What makes two requests the same: not who asks, nor how urgently. The messages hold the sources' text."""
    record = asdict(replace(request, run="", step="", priority="graph", deadline=0.0, sources=()))
    if record["max_thinking"] is None:
        del record["max_thinking"]  # records of earlier versions stay the same
    return record
