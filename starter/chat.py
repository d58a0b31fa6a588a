"""The chat template: every message ends with <|end|>, the answer begins right after <|assistant|>."""

from collections.abc import Sequence

from agentflow.models.request import Message

END = "<|end|>"
PAD = "<|pad|>"
SPECIAL = (PAD, "<|system|>", "<|user|>", "<|assistant|>", END)
TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'tool' -%}{{ '<|user|>' }}{%- else -%}{{ '<|' + message['role'] + '|>' }}{%- endif -%}"
    "{{ message['content'] + '<|end|>' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|assistant|>' }}{%- endif -%}"
)


def render(messages: Sequence[Message]) -> str:
    """The prompt up to and including <|assistant|>, equal to TEMPLATE with add_generation_prompt."""
    return "".join(f"<|{m.role}|>{m.content}{END}" for m in messages) + "<|assistant|>"
