"""One training example: a prompt of graphs/prompts filled in, and the answer wanted."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from agentflow.prompts import load_prompt

PROMPTS = Path(__file__).resolve().parent.parent / "graphs" / "prompts"
END = "<|im_end|>"


class Example(NamedTuple):
    """`prompt` ends where the model begins; both are text, special tokens included."""

    prompt: str
    answer: str


Family = list[Example]  # examples that share a beginning: the passages, or the system message


def example(name: str, answer: Any, **values: Any) -> Example:
    messages = load_prompt(PROMPTS / f"{name}.yaml").messages(**values)
    chat = "".join(f"<|im_start|>{m.role}\n{m.content}{END}\n" for m in messages)
    return Example(f"{chat}<|im_start|>assistant\n", json.dumps(answer, ensure_ascii=False) + END)
