"""Fits a prompt to the context window that the server reports; a note says what was left out."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from agentflow.context import Context
from agentflow.errors import ContextOverflow
from agentflow.prompts import Prompt

Item = TypeVar("Item")
Values = dict[str, Any]


async def fit(
    context: Context, role: str, prompt: Prompt, items: Sequence[Item], values: Callable[[Sequence[Item]], Values]
) -> Values:
    """The values of the longest head of `items` (best first) whose prompt leaves room for the answer.

    Counted by the model's own tokenizer, by bisection. Raises ContextOverflow when not even one item fits.
    """
    client = await context.models.client(role)
    room = client.window - prompt.max_tokens

    async def fits(count: int) -> bool:
        return await client.count_tokens(prompt.messages(**values(items[:count]))) <= room

    if await fits(len(items)):
        return values(items)
    low, high = 0, len(items)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if await fits(middle) else (low, middle)
    if low == 0:
        raise ContextOverflow(
            f"the prompt '{prompt.name}' does not fit the {client.window} tokens of {client.name} with a single item",
            "give the model a larger context in models.yaml, or ask a shorter question",
        )
    context.note(f"{len(items) - low} of {len(items)} items left out of '{prompt.name}': window full")
    return values(items[:low])
