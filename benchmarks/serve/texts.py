"""Real text to replay: quotes from passages, JSON steps that cite them, and free prose.

Made from the data folder beside the project, which is not part of it; nothing of it is kept in the results.
"""

import gzip
import itertools
import json
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2].parent / "shared" / "data"
CLAIMS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "claims": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "properties": {
                    "evidence": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 4},
                    "text": {"type": "string"},
                },
                "required": ["evidence", "text"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["claims"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Sample:
    prompt: str
    answer: str
    schema: dict[str, Any] | None = None


def passages(count: int, seed: int) -> list[list[dict[str, Any]]]:
    """Questions on four passages each."""
    with (DATA / "qa" / "dev.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    random.Random(seed).shuffle(rows)
    return groups(rows, 4)[:count]


def groups(rows: list[dict[str, Any]], size: int) -> list[list[dict[str, Any]]]:
    return [rows[i : i + size] for i in range(0, len(rows) - size, size)]


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
    samples = []
    for rows in passages(count, seed):
        claims = [{"evidence": [i], "text": sentence_of(row)} for i, row in enumerate(rows, 1)]
        samples.append(Sample(prompt_of(rows), json.dumps({"claims": claims}, ensure_ascii=False), CLAIMS))
    return samples


def json_steps(count: int, seed: int = 2) -> list[Sample]:
    """Claims under the schema of the writing step; most words are the claim's own."""
    samples = []
    for rows in passages(count, seed):
        claims = [
            {"evidence": [i], "text": f"{row['question'].strip()} {row['answers'][0]['text']}"}
            for i, row in enumerate(rows, 1)
        ]
        samples.append(Sample(prompt_of(rows), json.dumps({"claims": claims}, ensure_ascii=False), CLAIMS))
    return samples


def pep_steps(count: int, seed: int = 3) -> list[Sample]:
    """Tool calls of an agent that looks PEPs up: question in, JSON step out."""
    with (DATA / "peps_questions" / "public.jsonl").open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    random.Random(seed).shuffle(rows)
    schema = {
        "type": "object",
        "properties": {
            "thought": {"type": "string"},
            "tool": {"enum": ["search", "read", "answer"]},
            "arguments": {
                "type": "object",
                "properties": {"query": {"type": "string"}, "limit": {"type": "integer"}},
                "required": ["query", "limit"],
                "additionalProperties": False,
            },
        },
        "required": ["thought", "tool", "arguments"],
        "additionalProperties": False,
    }
    samples = []
    for row in rows[:count]:
        question = row["question"]
        step = {
            "thought": f"I need to find out: {question}",
            "tool": "search",
            "arguments": {"query": question, "limit": 5},
        }
        samples.append(
            Sample(f"Goal: {question}\nCall one of the tools search, read, answer.\n", json.dumps(step), schema)
        )
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
