"""One training example: the prompt of a graph node, filled in, and the answer wanted. Prompts come from graphs/prompts."""

import json
import random
from collections.abc import Iterable
from typing import Any, NamedTuple

from tokenizers import Tokenizer

from agentflow.prompts import load_prompt
from starter.chat import END, render
from starter.config import PROMPTS
from starter.pack import Path, Tree, grow

PROMPT_SHARE, PROMPT_WEIGHT = 0.08, 0.2  # a light language-model loss on the prompts


class Example(NamedTuple):
    prompt: str
    values: dict[str, Any]
    answer: str
    weight: float = 1.0


Family = list[Example]  # examples that share a beginning


def written(answer: Any) -> str:
    """The canonical JSON that all nodes answer in."""
    return json.dumps(answer, ensure_ascii=False)


def verdict(question: str, source: str, sentence: str, yes: bool) -> Example:
    values = {"question": question, "source": source, "sentence": sentence}
    return Example("judge", values, "yes" if yes else "no", 4.0 if yes else 2.0)


def prompt_text(name: str, values: dict[str, Any]) -> str:
    return render(load_prompt(PROMPTS / f"{name}.yaml").messages(**values))


def trees(families: Iterable[Family], tokenizer: Tokenizer, rng: random.Random) -> list[Tree]:
    """One tree a family. Answers are trained token by token up to <|end|>; a verdict is its one token."""
    families = list(families)
    flat = [example for family in families for example in family]
    prompts = tokenizer.encode_batch_fast([prompt_text(e.prompt, e.values) for e in flat], add_special_tokens=False)
    answers = tokenizer.encode_batch_fast([e.answer if e.prompt == "judge" else e.answer + END for e in flat])
    paths = iter(
        Path(
            prompt.ids + answer.ids,
            [PROMPT_WEIGHT if rng.random() < PROMPT_SHARE else 0.0 for _ in prompt.ids] + [e.weight] * len(answer.ids),
        )
        for e, prompt, answer in zip(flat, prompts, answers, strict=True)
    )
    return [grow([next(paths) for _ in family]) for family in families]
