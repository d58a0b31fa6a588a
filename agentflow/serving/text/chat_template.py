"""Messages to prompt tokens by the model's own chat template.

Content is sealed before the template runs and put back as plain text afterwards: a document that contains `<|im_end|>`
yields those characters, never the control token.
"""

import datetime
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agentflow.errors import AgentflowError
from agentflow.serving.text.vocab import Vocab

CHATML = """{% for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
PLAIN = """{% for message in messages %}### {{ message.role }}
{{ message.content }}

{% endfor %}{% if add_generation_prompt %}### assistant
{% endif %}"""
LSTRIP, RSTRIP = 1 << 7, 1 << 8


def _raise(message: str) -> None:
    raise TemplateError(message)


def _tojson(value: Any, indent: int | None = None, **_: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def environment() -> ImmutableSandboxedEnvironment:
    """As Hugging Face renders chat templates: no escaping, sandboxed."""
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    env.filters["tojson"] = _tojson
    env.globals["raise_exception"] = _raise
    env.globals["strftime_now"] = lambda form: datetime.date.today().strftime(form)
    return env


@dataclass(slots=True)
class Placeholders:
    """Stands in for texts while the template runs; private-use characters and a nonce no text can know."""

    nonce: str = field(default_factory=lambda: secrets.token_hex(4))
    texts: list[str] = field(default_factory=list)

    def seal(self, text: str) -> str:
        if not text:
            return text
        self.texts.append(text)
        return f"\ue000{self.nonce}.{len(self.texts) - 1}\ue001"

    def seal_strings(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.seal(value)
        if isinstance(value, Mapping):
            return {key: self.seal_strings(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.seal_strings(item) for item in value]
        return value

    def open(self, rendered: str) -> list[tuple[str, bool]]:
        """(text, written by the template) in order. A text inside a JSON string is escaped for it."""
        parts: list[tuple[str, bool]] = []
        end = 0
        for match in re.finditer(f"\ue000{self.nonce}\\.(\\d+)\ue001", rendered):
            parts.append((rendered[end : match.start()], True))
            text = self.texts[int(match.group(1))]
            quoted = rendered[match.start() - 1 : match.start()] == '"'
            parts.append((json.dumps(text, ensure_ascii=False)[1:-1] if quoted else text, False))
            end = match.end()
        return [*parts, (rendered[end:], True)]


class ChatTemplate:
    def __init__(self, vocab: Vocab, source: str | None) -> None:
        """`source` None: ChatML where the vocabulary has it, else plain headings."""
        self.vocab = vocab
        self.source = source or (CHATML if "<|im_start|>" in vocab.specials else PLAIN)
        self.template = environment().from_string(self.source)
        self.knows_tools = "tools" in self.source

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] = (),
        options: Mapping[str, Any] | None = None,
        continues: bool = False,
    ) -> list[tuple[str, bool]]:
        """Parts of the prompt. `continues`: it ends within the last message, for the answer to go on there. Raises
        AgentflowError with the template's own words when it refuses the messages."""
        if continues:
            begun = str(messages[-1].get("content") or "")
            return [
                *self.render(messages[:-1], tools, {**(options or {}), "add_generation_prompt": True}),
                (begun, False),
            ]
        seals = Placeholders()
        try:
            rendered = self.template.render(
                messages=[self._sealed(message, seals) for message in messages],
                tools=[sealed_tool(tool, seals) for tool in tools] or None,
                bos_token=self.vocab.text(self.vocab.bos) if self.vocab.bos >= 0 else "",
                eos_token=self.vocab.text(self.vocab.eos) if self.vocab.eos >= 0 else "",
                **{"add_generation_prompt": True, **(options or {})},
            )
        except Exception as error:  # the model's own program, at work on what the client sent
            raise AgentflowError(f"the model's chat template refuses these messages: {error}") from error
        return seals.open(rendered)

    @staticmethod
    def _sealed(message: Mapping[str, Any], seals: Placeholders) -> dict[str, Any]:
        sealed = dict(message)
        sealed["content"] = seals.seal(message.get("content") or "")
        if message.get("reasoning_content"):
            sealed["reasoning_content"] = seals.seal(message["reasoning_content"])
        if calls := message.get("tool_calls"):
            sealed["tool_calls"] = [sealed_call(call, seals) for call in calls]
        return sealed

    def tokens(self, parts: Sequence[tuple[str, bool]]) -> list[int]:
        """Control tokens come from the template's parts only."""
        tokens: list[int] = []
        pending: list[str] = []

        def flush(strip: bool = False) -> None:
            text = "".join(pending)
            pending.clear()
            tokens.extend(self.vocab.tokenize(text.rstrip() if strip else text))

        for text, written in parts:
            end = 0
            if written:
                for match in self.vocab.special_pattern.finditer(text):
                    token = self.vocab.specials[match.group()]
                    pending.append(text[end : match.start()])
                    flush(strip=bool(self.vocab.attributes[token] & LSTRIP))
                    tokens.append(token)
                    end = match.end()
                    if self.vocab.attributes[token] & RSTRIP:
                        end += len(text[end:]) - len(text[end:].lstrip())
            pending.append(text[end:])
        flush()
        if self.vocab.add_bos and tokens[:1] != [self.vocab.bos]:
            tokens.insert(0, self.vocab.bos)
        return tokens


def sealed_call(call: Mapping[str, Any], seals: Placeholders) -> dict[str, Any]:
    function = dict(call.get("function") or call)
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except ValueError:
            arguments = {"arguments": arguments}
    function["arguments"] = seals.seal_strings(arguments or {})
    return {"id": call.get("id", ""), "type": "function", "function": function}


def sealed_tool(tool: Mapping[str, Any], seals: Placeholders) -> dict[str, Any]:
    """Descriptions may come from outside (MCP); names and schemas are code."""

    def walk(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {
                k: seals.seal(v) if k == "description" and isinstance(v, str) else walk(v) for k, v in value.items()
            }
        return [walk(item) for item in value] if isinstance(value, list) else value

    sealed: dict[str, Any] = walk(tool)
    return sealed
