"""The gate before the engine's thread: a job that it could not carry out is refused to whoever sent it."""

import math
from collections.abc import Iterable

import numpy as np

from agentflow.errors import AgentflowError, ContextOverflow
from agentflow.serving.engine.request import PRIORITIES, GenerationRequest
from agentflow.serving.engine.sampler import SamplingParams

BIAS = 10_000.0  # a logit moved that far is certain, or out of the question
STOPS, STOP_LENGTH = 256, 4096  # each is searched for after every token


def check(job: GenerationRequest, vocabulary: int, window: int) -> None:
    """Raises AgentflowError (ContextOverflow for a prompt that is too long) with what is wrong."""
    if not job.prompt:
        raise AgentflowError("the prompt is empty")
    check_tokens("the prompt", job.prompt, vocabulary)
    if len(job.prompt) >= window:
        raise ContextOverflow(
            f"this model's maximum context length is {window} tokens (its window), the prompt has {len(job.prompt)}",
            "shorten the prompt, or raise `context` in models.yaml",
            tokens=len(job.prompt),
            window=window,
        )
    if not 1 <= job.max_tokens <= window - len(job.prompt):
        raise AgentflowError(f"max_tokens: {job.max_tokens} is not between 1 and {window - len(job.prompt)}")
    if job.priority not in PRIORITIES:
        raise AgentflowError(f"priority: {job.priority!r} is none of {', '.join(PRIORITIES)}")
    for text in job.lookup:
        check_tokens("lookup", text, vocabulary)
    check_stops(job.stop)
    check_sampling(job.sampling, vocabulary)


def check_tokens(what: str, tokens: Iterable[int], vocabulary: int) -> None:
    try:
        values = np.fromiter(tokens, np.int64)
    except (OverflowError, TypeError, ValueError):
        values = np.array([-1])
    if values.size and not 0 <= values.min() <= values.max() < vocabulary:
        raise AgentflowError(f"{what} has a token that is not in the vocabulary of {vocabulary}")


def check_stops(stops: tuple[str, ...]) -> None:
    if len(stops) > STOPS or any(not 0 < len(stop) <= STOP_LENGTH for stop in stops):
        raise AgentflowError(f"stop: at most {STOPS} strings of 1 to {STOP_LENGTH} characters")


def check_sampling(params: SamplingParams, vocabulary: int) -> None:
    numbers = {
        "temperature": params.temperature,
        "top_p": params.top_p,
        "min_p": params.min_p,
        "presence_penalty": params.presence_penalty,
        "frequency_penalty": params.frequency_penalty,
    }
    for name, value in numbers.items():
        if not math.isfinite(value):
            raise AgentflowError(f"{name}: {value} is not a number to compute with")
    check_tokens("logit_bias", params.bias, vocabulary)
    if any(not abs(value) <= BIAS for value in params.bias.values()):
        raise AgentflowError(f"logit_bias: values lie between {-BIAS:g} and {BIAS:g}")
