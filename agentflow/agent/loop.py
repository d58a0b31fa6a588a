"""The tool-calling agent: one step at a time, each under a schema made from the tools at hand (schema-guided reasoning).

A weak model can name no tool that does not exist and leave out no argument; it ends with "answer".
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from agentflow.agent.suitability import is_suitable
from agentflow.context import Context
from agentflow.errors import AgentflowError
from agentflow.models.client.prompted_tools import closed
from agentflow.research.abilities import can
from agentflow.research.fit_window import fit
from agentflow.toolbox import ToolFailed, ToolRefused
from agentflow.toolbox.signature import inline
from agentflow.toolbox.tool import shown

ANSWER = "answer"
ENDS: dict[str, dict[str, Any]] = {
    "string": {"maxLength": 120}, "array": {"maxItems": 6}, "integer": {"minimum": -(10**12), "maximum": 10**12},
}  # fmt: skip
MOST_CALLS = 16  # at once
LONGEST_RESULT = 2_000  # characters of one result that later steps see
Taken = dict[str, Any]  # tool, arguments, result


class Move(NamedTuple):
    """What the model wants: a tool with its arguments, or `answer` with {"text": ...}."""

    tool: str
    arguments: dict[str, Any]


async def decide(
    context: Context,
    role: str,
    goal: str,
    functions: Sequence[dict[str, Any]],
    taken: Sequence[Taken],
    *,
    last: bool = False,
) -> Move:
    """The next move. `functions` are OpenAI function schemas; `last` leaves nothing but an answer."""
    described = [function["function"] for function in functions]
    schema = moves([] if last else described)
    prompt = replace(context.prompt("act"), schema=schema if can(context, role, "call") else narrow(schema))
    tools = shown(described)
    newest_first = [
        {**step, "arguments": json.dumps(step["arguments"], ensure_ascii=False), "result": shorten(step["result"])}
        for step in reversed(taken)
    ]
    values = await fit(
        context, role, prompt, newest_first,
        lambda kept: {"tools": tools, "goal": goal, "steps": list(reversed(kept))},
    )  # fmt: skip
    answer = await context.ask(role, prompt, **values)
    if last and answer.data["tool"] != ANSWER:
        raise AgentflowError(
            f"the model named the tool '{answer.data['tool']}' where it had to answer", "use another model"
        )
    return Move(answer.data["tool"], answer.data["arguments"])


async def next_move(
    context: Context, role: str, goal: str, functions: Sequence[dict[str, Any]], taken: Sequence[Taken], *, last: bool
) -> Move:
    """As `decide` says; who makes the same call again must answer now."""
    move = await decide(context, role, goal, functions, taken, last=last)
    if not any(step["tool"] == move.tool and step["arguments"] == move.arguments for step in taken):
        return move
    context.note(f"the agent repeated {move.tool}: it must answer now")
    return await decide(context, role, goal, functions, taken, last=True)


async def calls(context: Context, role: str, goal: str, functions: Sequence[dict[str, Any]], most: int) -> list[Move]:
    """All calls that the goal needs, in order, `most` (one or more) at most, without making any; none when no function does what is asked.
    `functions` are as in `function` of OpenAI's schemas."""
    if not await is_suitable(context, role, goal, functions):
        return []
    call = {"anyOf": [_branch(item["name"], item["parameters"]) for item in functions]}
    listed = {"type": "array", "items": call, "maxItems": min(most, MOST_CALLS)}
    schema = closed({"calls": listed})
    prompt = replace(context.prompt("calls"), schema=schema if can(context, role, "call") else narrow(schema))
    answer = await context.ask(role, prompt, tools=shown(functions), goal=goal)
    return [Move(item["tool"], item["arguments"]) for item in answer.data["calls"]]


async def act(context: Context, move: Move) -> Taken:
    """Calls the tool. A refusal or a failure is a result too: the model reads it, and what to do, and goes on. A search that finds
    nothing is made again without what narrows it: a small model fills in filters that nothing fits."""
    without = ""
    try:
        result = await context.call_tool(move.tool, move.arguments)
        if result == [] and (wider := required(context, move)) != move.arguments and not context.tools.once(move.tool):
            without = f"(without {', '.join(name for name in move.arguments if name not in wider)}) "
            result = await context.call_tool(move.tool, wider)
    except (ToolRefused, ToolFailed) as error:
        result = f"error: {error.message}" + (f" ({error.hint})" if error.hint else "")
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    return {"tool": move.tool, "arguments": move.arguments, "result": without + text}


def required(context: Context, move: Move) -> dict[str, Any]:
    """The arguments that the call must have."""
    (tool,) = context.tools.schemas([move.tool])
    names = tool["function"]["parameters"].get("required", [])
    return {name: value for name, value in move.arguments.items() if name in names}


async def pursue(context: Context, role: str, goal: str, tools: Sequence[str], most: int) -> dict[str, Any]:
    """Acts until the answer, at most `most` tool calls."""
    functions = context.tools.schemas(tools)
    taken: list[Taken] = []
    while True:
        spent = len(taken) >= most or context.budget.exhausted() is not None
        move = await next_move(context, role, goal, functions, taken, last=spent)
        if move.tool == ANSWER:
            return {"answer": move.arguments["text"], "finished": not spent, "steps": taken}
        if move.tool not in tools:
            raise AgentflowError(
                f"the model named the tool '{move.tool}', which it was not offered", "use another model"
            )
        taken.append(await act(context, move))


def moves(functions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The schema of one move: one branch for each tool, and one for the answer."""
    text = closed({"text": {"type": "string", "minLength": 1, "maxLength": 600}})
    branches = [_branch(item["name"], item["parameters"]) for item in functions]
    return {"anyOf": [*branches, _branch(ANSWER, text)]}


def _branch(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return closed({"tool": {"type": "string", "enum": [name]}, "arguments": inline(arguments)})


def narrow(schema: Any) -> Any:
    """The same with ends to what has none: a small model that repeats itself would otherwise never finish a value."""
    if isinstance(schema, list):
        return [narrow(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    ends = {} if "enum" in schema or "const" in schema else ENDS.get(str(schema.get("type")), {})
    return {**ends, **{key: narrow(value) if key != "enum" else value for key, value in schema.items()}}


def shorten(text: str) -> str:
    return text if len(text) <= LONGEST_RESULT else text[:LONGEST_RESULT] + " …"
