"""Several models for one role: the small one first, or a vote.

route: escalate on low confidence, a broken schema or disagreement, as in FrugalGPT (arXiv:2305.05176).
vote: self-consistency over samples and models (arXiv:2203.11171).
"""

import json
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

from agentflow.errors import AgentflowError, ContextOverflow, Unavailable
from agentflow.models.catalog.catalog import Cluster
from agentflow.models.client.errors import ModelError
from agentflow.models.client.types import Answer, ModelEvent, Reasoning, Request, Text
from agentflow.usage import Usage

Listen = Callable[[ModelEvent], None]
AskModel = Callable[[str, Request, Listen | None], Awaitable[Answer]]
Tell = Callable[[str], None]
SPREAD = 0.7
"""Temperature of samples that must differ."""


async def ask_cluster(
    cluster: Cluster, request: Request, ask: AskModel, tell: Tell, listen: Listen | None = None
) -> Answer:
    """`ask` asks one model by name, `tell` gets a line for a person. Raises what the last model raised.

    `listen` hears the answer that is taken: as it is written where no other can replace it, else when it is chosen.
    """
    choose = vote if cluster.strategy == "vote" else route
    return await choose(cluster, request, ask, tell, listen)


async def route(cluster: Cluster, request: Request, ask: AskModel, tell: Tell, listen: Listen | None = None) -> Answer:
    """The first model that is sure; the last one's answer is taken as it is."""
    spent: list[Usage] = []
    for name in cluster.models[:-1]:
        try:
            answers = [await ask(name, sample, None) for sample in _samples(request, cluster.samples)]
        except (ModelError, ContextOverflow, Unavailable) as error:
            tell(f"{name} could not answer ({error.message}); asking the next model")
            continue
        spent += [answer.usage for answer in answers]
        if doubt := _doubt(answers, cluster.confidence):
            tell(f"{name} was unsure ({doubt}); asking the next model")
            continue
        recite(answers[0], listen)
        return _total(answers[0], spent)
    final = await ask(cluster.models[-1], request, listen)
    return _total(final, [*spent, final.usage])


async def vote(cluster: Cluster, request: Request, ask: AskModel, tell: Tell, listen: Listen | None = None) -> Answer:
    """The answer that most samples gave; of equally many the one given first. Failed samples do not vote."""
    answers: list[Answer] = []
    failures: list[AgentflowError] = []
    for name in cluster.models:
        for sample in _samples(request, cluster.samples):
            try:
                answers.append(await ask(name, sample, None))
            except (ModelError, ContextOverflow, Unavailable) as error:
                failures.append(error)
    if not answers:
        raise failures[-1]
    (winner, votes), *_ = Counter(map(content, answers)).most_common(1)
    tell(f"{votes} of {len(answers)} samples agree" + (f", {len(failures)} failed" if failures else ""))
    chosen = next(answer for answer in answers if content(answer) == winner)
    recite(chosen, listen)
    return _total(chosen, [answer.usage for answer in answers])


def recite(answer: Answer, listen: Listen | None) -> None:
    """A finished answer as the events of a stream."""
    if listen and answer.reasoning:
        listen(Reasoning(answer.reasoning))
    if listen and answer.text:
        listen(Text(answer.text))


def content(answer: Answer) -> str:
    """What two answers must share to be the same: their JSON, tool calls, or words regardless of case and spacing."""
    if answer.data is not None:
        return json.dumps(answer.data, sort_keys=True)
    calls = [[call.name, call.arguments] for call in answer.tool_calls]
    return json.dumps([calls, " ".join(answer.text.lower().split())], sort_keys=True)


def confidence(answer: Answer) -> float:
    """Geometric mean of the chosen tokens' probabilities; 1 when the server gave none."""
    chances = [next(iter(alternatives.values())) for alternatives in answer.logprobs if alternatives]
    return math.exp(sum(chances) / len(chances)) if chances else 1.0


def _doubt(answers: list[Answer], least: float) -> str:
    """Why the answers are not good enough; empty when they are."""
    if (sure := min(map(confidence, answers))) < least:
        return f"confidence {sure:.2f}"
    if (kinds := len(set(map(content, answers)))) > 1:
        return f"{kinds} different answers"
    return "cut off" if answers[0].reason == "length" and answers[0].data is None else ""


def _samples(request: Request, count: int) -> list[Request]:
    """One request as it is (with probabilities), or several that may differ."""
    watched = replace(request, logprobs=max(request.logprobs, 5))
    if count == 1:
        return [watched]
    warm = request.sampling.temperature or SPREAD
    first = request.sampling.seed or 0
    return [
        replace(watched, sampling=replace(request.sampling, temperature=warm, seed=first + i)) for i in range(count)
    ]


def _total(answer: Answer, spent: list[Usage]) -> Answer:
    return replace(answer, usage=sum(spent, Usage()))
