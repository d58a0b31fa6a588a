"""Has a larger model write questions on technical and public prose: `python -m adapter.written FILE --url http://127.0.0.1:8080/v1
--minutes 20`, resumable. Kept are those whose answer is a phrase of the paragraph."""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI

from adapter import corpus
from adapter.split import training_rows

SHARES = {
    "rust-book": 3,
    "digitalgov": 3,
    "18f": 2,
    "d2l": 2,
    "journal": 2,
    "factbook": 1,
}  # of the paragraphs, by source
LENGTHS = range(260, 901)  # characters of a paragraph
AT_ONCE = 8
SYSTEM = (
    "You write questions for a reading test. Given a text, write three different questions that the text answers, as a person "
    "would ask who has not seen the text: short, naming what they ask about, never saying 'the text' or 'it', and in words other "
    "than the text's where you can. The answer to each is a short phrase of one to eight words, copied exactly from the text. Ask "
    "for different kinds of things: a name, a number, a default, a place, a time, a command, a part, a reason. Reply in JSON."
)
SHOWN = (
    "Backups are written to /var/backups every night at two. Each is kept for thirty days, unless the keep option says otherwise. "
    "They are encrypted with the key of the administrator, so that nobody else can read them."
)
WRITTEN = {
    "questions": [
        {"question": "Where do backups go?", "answer": "/var/backups"},
        {"question": "How long is a backup kept by default?", "answer": "thirty days"},
        {"question": "Whose key protects the backups?", "answer": "the administrator"},
    ]
}
TEXT = {"type": "string", "maxLength": 130}
ITEM = {
    "type": "object",
    "properties": {"question": TEXT, "answer": TEXT | {"maxLength": 70}},
    "required": ["question", "answer"],
}
LIST = {"type": "array", "minItems": 3, "maxItems": 3, "items": ITEM}
SCHEMA = {"type": "object", "properties": {"questions": LIST}, "required": ["questions"]}
FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "questions", "schema": SCHEMA, "strict": True}}


def paragraphs(rng: random.Random) -> Iterator[str]:
    by_source: dict[str, list[str]] = {source: [] for source in SHARES}
    for name in ("expository", "government"):
        for row in training_rows(f"text/{name}.jsonl.gz"):
            text, source = row["text"], row["source"].split(".")[0]
            if source in SHARES and len(text) in LENGTHS and text[-1] != ":" and len(corpus.sentences(text)) >= 3:
                by_source[source].append(text)
    for texts in by_source.values():
        rng.shuffle(texts)
    while True:
        source = rng.choices(list(SHARES), list(SHARES.values()))[0]
        if not by_source[source]:
            return
        yield by_source[source].pop()


async def asked(client: AsyncOpenAI, model: str, text: str) -> list[dict[str, str]]:
    """Questions whose answer stands in the text, as it stands there."""
    messages: Any = [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": SHOWN},
        {"role": "assistant", "content": json.dumps(WRITTEN)},
        {"role": "user", "content": text},
    ]
    reply = await client.chat.completions.create(
        model=model, messages=messages, response_format=FORMAT, temperature=0.3, max_tokens=220
    )
    try:
        items = json.loads(reply.choices[0].message.content or "")["questions"]
    except ValueError:  # longer than it may be
        return []
    found = []
    for item in items:
        answer = item["answer"].strip().rstrip(".")
        at = text.lower().find(answer.lower())
        if at >= 0 and len(answer) > 1:
            found.append({"question": item["question"].strip(), "answer": text[at : at + len(answer)]})
    return found


async def write(file: Path, client: AsyncOpenAI, minutes: float) -> None:
    model = (await client.models.list()).data[0].id
    done = {json.loads(line)["text"] for line in file.read_text("utf-8").splitlines()} if file.exists() else set()
    left = (text for text in paragraphs(random.Random(11)) if text not in done)
    end = time.monotonic() + minutes * 60
    with file.open("a", encoding="utf-8") as out:

        async def writer() -> None:
            for text in left:
                if time.monotonic() > end:
                    return
                row = {"text": text, "asked": await asked(client, model, text)}
                print(json.dumps(row, ensure_ascii=False), file=out, flush=True)

        await asyncio.gather(*(writer() for _ in range(AT_ONCE)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--url", required=True, help="an OpenAI-compatible server, as `agentflow serve` tells")
    parser.add_argument("--key", default="none")
    parser.add_argument("--minutes", type=float, default=20)
    options = parser.parse_args()
    asyncio.run(
        write(options.file, AsyncOpenAI(base_url=options.url, api_key=options.key, timeout=300), options.minutes)
    )


if __name__ == "__main__":
    main()
