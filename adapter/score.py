"""How an adapted model reads questions it was not trained on: `python -m adapter.score --url http://127.0.0.1:8080/v1 --cut CUT`.

Greedy, the prompt's schema enforced: the paragraph that answers alone, among the four best by words, and left out of these. Once on qa/dev,
once on documentation (`held_out/work.jsonl`, cut as `adapter.documents` does); of the latter also questions that nobody answers.
"""

import argparse
import asyncio
import json
import random
from pathlib import Path
from typing import Any, NamedTuple

from openai import AsyncOpenAI

from adapter import corpus
from adapter.bm25 import BM25
from adapter.documents import HELD_OUT, library
from adapter.example import PROMPTS
from adapter.reading import Paragraph, numbered
from adapter.split import evaluation_rows
from agentflow.prompts import load_prompt
from agentflow.text.squad import f1

AT_ONCE = 4
PROMPT = load_prompt(PROMPTS / "cited_answer.yaml")
FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "answer", "schema": PROMPT.schema, "strict": True}}


class Question(NamedTuple):
    """`answers` is empty where nothing answers."""

    text: str
    answers: list[str]
    paragraph: Paragraph


class Reader(NamedTuple):
    client: AsyncOpenAI
    model: str

    async def answer(self, question: str, shown: list[Paragraph]) -> tuple[str, str]:
        """The answer and the text of its sentence."""
        passages, _ = numbered([(paragraph.title, paragraph.sentences) for paragraph in shown])
        messages: Any = [
            {"role": m.role, "content": m.content} for m in PROMPT.messages(passages=passages, question=question)
        ]
        reply = await self.client.chat.completions.create(
            model=self.model, messages=messages, response_format=FORMAT, temperature=0, max_tokens=PROMPT.max_tokens
        )
        said = json.loads(reply.choices[0].message.content or "")
        sentences = {line["number"]: line["text"] for passage in passages for line in passage["sentences"]}
        return said["answer"], sentences.get(said["sentence"], "")


def natural() -> tuple[list[Question], list[Paragraph]]:
    rows = evaluation_rows("qa/dev.jsonl")
    paragraphs = {text: Paragraph("document", corpus.sentences(text)) for text in sorted({r["context"] for r in rows})}
    asked = [Question(r["question"], [a["text"] for a in r["answers"]], paragraphs[r["context"]]) for r in rows]
    return asked, list(paragraphs.values())


def documentation(cut: Path) -> tuple[list[Question], list[Paragraph]]:
    paragraphs = library(HELD_OUT / "work.jsonl", cut).paragraphs
    told = [Question(item.question, [item.answer], each) for each in paragraphs for item in each.asked]
    return told + [Question(text, [], each) for each in paragraphs for text in each.open], paragraphs


async def score(reader: Reader, name: str, asked: list[Question], paragraphs: list[Paragraph], count: int) -> None:
    search, free = BM25([paragraph.text for paragraph in paragraphs]), asyncio.Semaphore(AT_ONCE)

    async def read(question: Question) -> list[tuple[str, str]]:
        """Alone, among four, and left out."""
        scores = search.scores(question.text)
        best = [paragraphs[i] for i in sorted(range(len(paragraphs)), key=lambda i: -scores[i])[:5]]
        beside = [paragraph for paragraph in best if paragraph is not question.paragraph][:4]
        four = best[:4] if question.paragraph in best[:4] else [question.paragraph, *beside[:3]]
        async with free:
            return [await reader.answer(question.text, shown) for shown in ([question.paragraph], four, beside)]

    chosen = random.Random(5).sample(asked, min(count, len(asked)))
    replies = await asyncio.gather(*map(read, chosen))
    told = [(question, said) for question, said in zip(chosen, replies, strict=True) if question.answers]
    for place, shown in enumerate(("alone", "among four")):
        mean = sum(f1(said[place][0], question.answers) for question, said in told) / len(told)
        right = sum(any(gold in said[place][1] for gold in question.answers) for question, said in told) / len(told)
        print(f"{name:14} {shown:12} F1 {mean:.3f}  its sentence holds the answer {right:.3f}  of {len(told)}")
    declined = [not said[2][0] for _, said in told]
    print(f"{name:14} left out     declined {sum(declined) / len(declined):.3f}")
    if open_ := [not said[1][0] for question, said in zip(chosen, replies, strict=True) if not question.answers]:
        print(f"{name:14} not told     declined {sum(open_) / len(open_):.3f}  of {len(open_)}")


async def both(url: str, key: str, cut: Path, count: int) -> None:
    client = AsyncOpenAI(base_url=url, api_key=key, timeout=300)
    reader = Reader(client, (await client.models.list()).data[0].id)
    await score(reader, "qa/dev", *natural(), count)
    await score(reader, "documentation", *documentation(cut), count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="an OpenAI-compatible server, as `agentflow serve` tells")
    parser.add_argument("--key", default="none")
    parser.add_argument("--cut", type=Path, required=True, help="folder of what adapter.documents made")
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args()
    asyncio.run(both(options.url, options.key, options.cut, options.count))


if __name__ == "__main__":
    main()
