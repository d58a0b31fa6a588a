"""Several models for one role: the small one first, or a vote.

route: escalate on low confidence, a broken schema or disagreement, as in FrugalGPT (arXiv:2305.05176).
vote: self-consistency over samples and models (arXiv:2203.11171).
"""

import json
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from agentflow.errors import AgentflowError, ContextOverflow, Unavailable
from agentflow.models.config import Cluster
from agentflow.models.failures import ModelError
from agentflow.models.request import Answer, Request, Usage

AskModel = Callable[[str, Request], Awaitable[Answer]]
Tell = Callable[[str], None]
SPREAD = 0.7
"""Temperature of samples that must differ."""


async def ask_cluster(cluster: Cluster, request: Request, ask: AskModel, tell: Tell) -> Answer:
    """`ask` asks one model by name, `tell` gets a line for a person. Raises what the last model raised."""
    if cluster.how == "vote":
        return await vote(cluster, request, ask, tell)
    return await route(cluster, request, ask, tell)


async def route(cluster: Cluster, request: Request, ask: AskModel, tell: Tell) -> Answer:
    """The first model that is sure; the last one's answer is taken as it is."""
    spent: list[Usage] = []
    for name in cluster.models[:-1]:
        try:
            answers = [await ask(name, sample) for sample in _samples(request, cluster.samples)]
        except (ModelError, ContextOverflow, Unavailable) as error:
            tell(f"{name} could not answer ({error.message}); asking the next model")
            continue
        spent += [answer.usage for answer in answers]
        if doubt := _doubt(answers, cluster.confidence):
            tell(f"{name} was unsure ({doubt}); asking the next model")
            continue
        return _total(answers[0], spent)
    final = await ask(cluster.models[-1], request)
    return _total(final, [*spent, final.usage])


async def vote(cluster: Cluster, request: Request, ask: AskModel, tell: Tell) -> Answer:
    """The answer that most samples gave; of equally many the one given first. Failed samples do not vote."""
    answers: list[Answer] = []
    failures: list[AgentflowError] = []
    for name in cluster.models:
        for sample in _samples(request, cluster.samples):
            try:
                answers.append(await ask(name, sample))
            except (ModelError, ContextOverflow, Unavailable) as error:
                failures.append(error)
    if not answers:
        raise failures[-1]
    (winner, votes), *_ = Counter(map(content, answers)).most_common(1)
    tell(f"{votes} of {len(answers)} samples agree" + (f", {len(failures)} failed" if failures else ""))
    chosen = next(answer for answer in answers if content(answer) == winner)
    return _total(chosen, [answer.usage for answer in answers])


def content(answer: Answer) -> str:
    """What two answers must share to be the same: their JSON, tool calls, or words regardless of case and spacing."""
    if answer.data is not None:
        return json.dumps(answer.data, sort_keys=True)
    calls = [[call.name, call.arguments] for call in answer.tool_calls]
    return json.dumps([calls, " ".join(answer.text.lower().split())], sort_keys=True)


def confidence(answer: Answer) -> float:
    """Geometric mean of the chosen tokens' probabilities; 1 when the server gave none."""
    rest = answer.text
    chances = []
    for alternatives in answer.logprobs:
        written = [text for text in alternatives if text and rest.startswith(text)]
        token = max(written, key=len, default="")
        if token:
            rest = rest[len(token) :]
            chances.append(alternatives[token])
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
    def summed(name: str) -> Any:
        return sum(getattr(usage, name) for usage in spent)

    return replace(answer, usage=Usage(summed("prompt"), summed("cached"), summed("completion")))
