"""How an adapted model reads questions it was not trained on: `python -m adapter.score --url http://127.0.0.1:8080/v1`.

qa/dev, greedy, the prompt's schema enforced: the paragraph that answers alone, among the four best by words, and left out of these.
"""

import argparse
import asyncio
import json
import random
from typing import Any

from openai import AsyncOpenAI

from adapter import corpus
from adapter.bm25 import BM25
from adapter.example import PROMPTS
from adapter.reading import numbered
from adapter.split import evaluation_rows
from agentflow.prompts import load_prompt
from agentflow.text.squad import f1

AT_ONCE = 4
PROMPT = load_prompt(PROMPTS / "cited_answer.yaml")
FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "answer", "schema": PROMPT.schema, "strict": True}}


async def answered(client: AsyncOpenAI, model: str, question: str, paragraphs: list[str]) -> tuple[str, str]:
    """The answer and the text of its sentence."""
    passages, _ = numbered([("document", corpus.sentences(text)) for text in paragraphs])
    messages: Any = [
        {"role": m.role, "content": m.content} for m in PROMPT.messages(passages=passages, question=question)
    ]
    reply = await client.chat.completions.create(
        model=model, messages=messages, response_format=FORMAT, temperature=0, max_tokens=PROMPT.max_tokens
    )
    said = json.loads(reply.choices[0].message.content or "")
    sentences = {line["number"]: line["text"] for passage in passages for line in passage["sentences"]}
    return said["answer"], sentences.get(said["sentence"], "")


async def score(client: AsyncOpenAI, count: int) -> None:
    rows = evaluation_rows("qa/dev.jsonl")
    contexts = sorted({row["context"] for row in rows})
    search, model = BM25(contexts), (await client.models.list()).data[0].id
    free = asyncio.Semaphore(AT_ONCE)

    async def read(row: dict[str, Any]) -> tuple[list[float], list[bool], bool]:
        gold, golds = row["context"], [item["text"] for item in row["answers"]]
        scores = search.scores(row["question"])
        best = [contexts[i] for i in sorted(range(len(contexts)), key=lambda i: -scores[i])[:5]]
        beside = [text for text in best if text != gold][:4]
        four = best[:4] if gold in best[:4] else [gold, *beside[:3]]
        async with free:
            said = [await answered(client, model, row["question"], shown) for shown in ([gold], four, beside)]
        scored = [f1(text, golds) for text, _ in said[:2]]
        return scored, [any(gold in sentence for gold in golds) for _, sentence in said[:2]], not said[2][0]

    results = await asyncio.gather(*(read(row) for row in random.Random(5).sample(rows, count)))
    for place, shown in enumerate(("alone", "among four")):
        mean = sum(scored[place] for scored, _, _ in results) / count
        right = sum(right[place] for _, right, _ in results) / count
        print(f"{shown:12} F1 {mean:.3f}  its sentence holds the answer {right:.3f}")
    print(f"left out     declined {sum(declined for _, _, declined in results) / count:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="an OpenAI-compatible server, as `agentflow serve` tells")
    parser.add_argument("--key", default="none")
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args()
    asyncio.run(score(AsyncOpenAI(base_url=options.url, api_key=options.key, timeout=300), options.count))


if __name__ == "__main__":
    main()
