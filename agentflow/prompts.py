"""Prompts as data: graphs/prompts/NAME.yaml holds the wording, the answer's JSON schema and its token limit.

The stable part comes first and what changes comes last, so that servers reuse the computed prefix: a prompt that `extends`
another starts with the system and user text of that one.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agentflow.models.client.types import Message

TEMPLATES = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@cache
def template(source: str) -> Template:
    return TEMPLATES.from_string(source)


@dataclass(frozen=True, slots=True)
class Prompt:
    """`user` is a Jinja template over the values given to `messages`; `schema` is None for free text. Of each of `examples`,
    the first stands in its place and the second is the answer: a conversation before the question."""

    name: str
    system: str
    user: str
    schema: dict[str, Any] | None
    max_tokens: int
    examples: tuple[tuple[dict[str, Any], str], ...] = ()

    def messages(self, **values: Any) -> tuple[Message, ...]:
        said = [
            message for given, answer in self.examples for message in (self._asked(given), Message("assistant", answer))
        ]
        return (Message("system", self.system), *said, self._asked(values))

    def _asked(self, values: dict[str, Any]) -> Message:
        return Message("user", template(self.user).render(values))


@cache
def load_prompt(path: Path) -> Prompt:
    """Reads one prompt file. Raises KeyError or TypeError for a file that lacks a field: they ship with the code."""
    data = yaml.safe_load(path.read_text("utf-8"))
    shared = yaml.safe_load(path.with_name(f"{data['extends']}.yaml").read_text("utf-8")) if "extends" in data else data
    user = data["user"] if shared is data else shared["user"] + data["user"]
    examples = tuple((example["values"], example["answer"]) for example in data.get("examples", []))
    return Prompt(path.stem, shared["system"].strip(), user.strip(), data.get("schema"), data["max_tokens"], examples)
