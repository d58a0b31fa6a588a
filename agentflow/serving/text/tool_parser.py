"""How models write tool calls, by family: what to force, what to parse, and the instruction for models that have none."""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llguidance import StructTag

from agentflow.errors import AgentflowError
from agentflow.serving.text.grammar import Grammar, GrammarCompiler
from agentflow.serving.text.vocab import Vocab

Tool = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolFormat:
    """A call is `begin`, JSON with a name and `arguments_key`, `end`. `listed`: the JSON is a list of calls."""

    begin: str
    end: str
    arguments_key: str = "arguments"
    listed: bool = False


HERMES = ToolFormat("<tool_call>\n", "\n</tool_call>")
MISTRAL = ToolFormat("[TOOL_CALLS]", "", listed=True)
LLAMA3 = ToolFormat("", "", arguments_key="parameters")

INSTRUCTION = """You may call tools. To call one, answer with:
<tool_call>
{{"name": NAME, "arguments": ARGUMENTS}}
</tool_call>
The tools, one a line:
{tools}"""


def detect_format(template: str) -> ToolFormat:
    if "[TOOL_CALLS]" in template:
        return MISTRAL
    if "<tool_call>" not in template and ("<|python_tag|>" in template or '"parameters":' in template):
        return LLAMA3
    return HERMES


def instruction(tools: Sequence[Tool]) -> str:
    """For templates that do not know tools: a system text with them, sorted, so that the prompt stays byte-stable."""
    lines = sorted(json.dumps(tool["function"], sort_keys=True, ensure_ascii=False) for tool in tools)
    return INSTRUCTION.format(tools="\n".join(lines))


def call_schema(tool: Tool, form: ToolFormat) -> dict[str, Any]:
    function = tool["function"]
    arguments = function.get("parameters") or {"type": "object", "properties": {}, "additionalProperties": False}
    return {
        "type": "object",
        "properties": {"name": {"const": function["name"]}, form.arguments_key: arguments},
        "required": ["name", form.arguments_key],
        "additionalProperties": False,
    }


def forced_call(tools: Sequence[Tool], form: ToolFormat, compiler: GrammarCompiler) -> Grammar:
    """Exactly one call of one of the tools."""
    schema: dict[str, Any] = {"anyOf": [call_schema(tool, form) for tool in tools]}
    if form.listed:
        schema = {"type": "array", "items": schema, "minItems": 1, "maxItems": 1}
    schema["x-guidance"] = compiler.spaced
    begin, end = (literal(text, compiler.vocab) for text in (form.begin, form.end))
    return compiler.from_lark(f"start: {begin} call {end}\ncall: %json {json.dumps(schema)}\n")


def free_or_call(tools: Sequence[Tool], form: ToolFormat, compiler: GrammarCompiler) -> Grammar | None:
    """Free text in which every call that is begun is a valid one. None for formats without a mark to wait for."""
    if not form.begin:
        return None
    trigger = form.begin.strip()
    special = trigger in compiler.vocab.specials
    tags = []
    for tool in tools:
        function = tool["function"]
        head = json.dumps({"name": function["name"]})[:-1] + f'{compiler.item}"{form.arguments_key}"{compiler.key}'
        arguments = call_schema(tool, form)["properties"][form.arguments_key]
        schema = {**arguments, "x-guidance": compiler.spaced}
        opening, closing = ("[", "]") if form.listed else ("", "")
        tags.append(
            StructTag(trigger=trigger, begin=form.begin + opening + head, grammar=schema, end="}" + closing + form.end)
        )
    if special and not trigger.startswith("<"):
        return None  # llguidance writes only <...> tokens in grammars
    return compiler.from_lark(StructTag.to_grammar(tags, assume_special=special))


def literal(text: str, vocab: Vocab) -> str:
    """Lark for a text in which special tokens stand for themselves."""
    parts = []
    for piece in re.split(f"({vocab.special_pattern.pattern})", text) if vocab.specials else [text]:
        if piece in vocab.specials:
            parts.append(piece if piece.startswith("<") and piece.endswith(">") else f"<[{vocab.specials[piece]}]>")
        elif piece:
            parts.append(json.dumps(piece))
    return " ".join(parts)


def read_calls(text: str, form: ToolFormat) -> list[dict[str, Any]]:
    """OpenAI tool calls from the JSON between the marks. Raises AgentflowError when it is no call."""
    try:
        found = json.loads(text.strip())
        calls = found if isinstance(found, list) else [found]
        return [openai_call(call["name"], call.get(form.arguments_key, call.get("arguments", {}))) for call in calls]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AgentflowError(f"not a tool call: {text.strip()[:80]!r}") from error


def openai_call(name: str, arguments: Any) -> dict[str, Any]:
    text = json.dumps(arguments, ensure_ascii=False)
    text = text.encode("utf-8", "backslashreplace").decode()  # half a surrogate pair stays the escape it was
    return {
        "id": f"call_{uuid.uuid4().hex[:12]}",
        "type": "function",
        "function": {"name": str(name), "arguments": text},
    }
