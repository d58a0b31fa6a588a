"""Whether any function does what is asked: small models call one all the same.

Two judges, since neither is enough: the nearness of a function to the goal in meaning, and how surely the model itself says that one can
do it. Measured on the function-calling leaderboard of Berkeley with Qwen 1.5B: docs/results.md.
"""

from collections.abc import Sequence
from typing import Any

from agentflow.context import Context
from agentflow.models.client.yes_or_no import ALTERNATIVES, chance_of_yes
from agentflow.research.abilities import can
from agentflow.toolbox.tool import shown

NEAR = 0.32  # cosine of a goal and a function, by itself
SUITABLE = 1.0  # the same plus the chance of yes (0..2)


async def is_suitable(context: Context, role: str, goal: str, functions: Sequence[dict[str, Any]]) -> bool:
    """Whether one of `functions` (as `function` of OpenAI's schemas) does what is asked. True where neither can tell."""
    alike = await context.searcher.similarity(goal, [described(item) for item in functions])
    near = max(alike) if alike else None
    said = await chance(context, role, goal, functions) if can(context, role, "call") else None
    if said is None:
        return near is None or near >= NEAR
    return said >= SUITABLE / 2 if near is None else said + near >= SUITABLE


async def chance(context: Context, role: str, goal: str, functions: Sequence[dict[str, Any]]) -> float | None:
    """That one can, by the model."""
    prompt = context.prompt("can_do")
    return chance_of_yes(await context.ask(role, prompt, logprobs=ALTERNATIVES, tools=shown(functions), goal=goal))


def described(function: dict[str, Any]) -> str:
    """What a function says of itself and of each parameter."""
    described = {function["name"]: function, **function["parameters"].get("properties", {})}
    words = {name: item.get("description", "") if isinstance(item, dict) else "" for name, item in described.items()}
    return "; ".join(f"{name.replace('_', ' ')}: {text}" for name, text in words.items())
