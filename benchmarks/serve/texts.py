"""Real text to replay: quotes from passages, JSON steps that cite them, and free prose.

Made from the data folder beside the project, which is not part of it; nothing of it is kept in the results.
"""

import gzip
import itertools
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentflow.models.client.prompted_tools import closed
from benchmarks import sets

DATA = Path(__file__).parents[2].parent / "shared" / "data"
CLAIM_FIELDS = {
    "evidence": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 4},
    "text": {"type": "string"},
}
CLAIMS = closed({"claims": {"type": "array", "maxItems": 8, "items": closed(CLAIM_FIELDS)}})
STEP = closed(
    {
        "thought": {"type": "string"},
        "tool": {"enum": ["search", "read", "answer"]},
        "arguments": closed({"query": {"type": "string"}, "limit": {"type": "integer"}}),
    }
)


@dataclass(frozen=True, slots=True)
class Sample:
    prompt: str
    answer: str
    schema: dict[str, Any] | None = None


def passages(count: int, seed: int) -> list[list[dict[str, Any]]]:
    """Questions on four passages each."""
    rows = sets.rows(DATA / "qa" / "dev.jsonl")
    random.Random(seed).shuffle(rows)
    return [rows[i : i + 4] for i in range(0, len(rows) - 4, 4)][:count]


def sentence_of(row: dict[str, Any]) -> str:
    """The sentence of the passage that holds the answer."""
    start = row["answers"][0]["start"]
    ends = [0, *(match.end() for match in re.finditer(r"[.!?]\s+", row["context"])), len(row["context"])]
    context: str = row["context"]
    return next(context[a:b] for a, b in itertools.pairwise(ends) if a <= start < b).strip()


def prompt_of(rows: list[dict[str, Any]]) -> str:
    text = "\n".join(f"[{i}] {row['context'].strip()}" for i, row in enumerate(rows, 1))
    return f"Evidence:\n{text}\n\nQuestion: {rows[0]['question'].strip()}\n"


def quotes(count: int, seed: int = 1) -> list[Sample]:
    """The answer is the sentences that hold the answers, word for word, each with its source."""
    return [
        Sample(prompt_of(rows), "\n".join(f'"{sentence_of(row)}" [{i}]' for i, row in enumerate(rows, 1)))
        for rows in passages(count, seed)
    ]


def quoting_steps(count: int, seed: int = 5) -> list[Sample]:
    """Claims under the schema of the writing step, each the sentence that holds the answer."""
    return [claiming(rows, sentence_of) for rows in passages(count, seed)]


def claiming(rows: list[dict[str, Any]], said: Callable[[dict[str, Any]], str]) -> Sample:
    claims = [{"evidence": [i], "text": said(row)} for i, row in enumerate(rows, 1)]
    return Sample(prompt_of(rows), json.dumps({"claims": claims}, ensure_ascii=False), CLAIMS)


def json_steps(count: int, seed: int = 2) -> list[Sample]:
    """Claims under the schema of the writing step; most words are the claim's own."""

    def said(row: dict[str, Any]) -> str:
        return f"{row['question'].strip()} {row['answers'][0]['text']}"

    return [claiming(rows, said) for rows in passages(count, seed)]


def pep_steps(count: int, seed: int = 3) -> list[Sample]:
    """Tool calls of an agent that looks PEPs up: question in, JSON step out."""
    rows = sets.rows(DATA / "peps_questions" / "public.jsonl")
    random.Random(seed).shuffle(rows)
    samples = []
    for question in (row["question"] for row in rows[:count]):
        step = {
            "thought": f"I need to find out: {question}",
            "tool": "search",
            "arguments": {"query": question, "limit": 5},
        }
        goal = f"Goal: {question}\nCall one of the tools search, read, answer.\n"
        samples.append(Sample(goal, json.dumps(step), STEP))
    return samples


def prose(count: int, seed: int = 4) -> list[Sample]:
    """A paragraph in, the next one of another text out: nothing to copy."""
    with gzip.open(DATA / "text" / "books.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in itertools.islice(file, 4000)]
    texts = [row["text"] for row in rows if 500 < len(row.get("text", "")) < 1500]
    random.Random(seed).shuffle(texts)
    return [Sample(texts[2 * i], texts[2 * i + 1]) for i in range(count)]


KINDS = {
    "quotes": quotes,
    "quoting claims in JSON": quoting_steps,
    "own claims in JSON": json_steps,
    "agent steps in JSON": pep_steps,
    "prose": prose,
}

CLAIM = "Make one claim of each piece of evidence, with its number,"
ASKED = {
    "quotes": "For each piece of evidence copy, word for word, the sentence that says most, and put its number behind it.",
    "quoting claims in JSON": f"{CLAIM} in the words of the evidence, as JSON.",
    "own claims in JSON": f"{CLAIM} in your own words, as JSON.",
    "agent steps in JSON": "Answer with the next step as JSON: your thought, the tool and its arguments.",
    "prose": "Continue this text in your own words.",
}
"""What a chat model is asked, to write each kind by itself."""
