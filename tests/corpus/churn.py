"""A folder that changes at random, and what a corpus holds in a form that two of them can be compared by."""

import asyncio
import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

from agentflow.corpus.store import Corpus

STEADY = "steady.md"  # is there at any moment, with other words beside its own each time
WORDS = "harbour crane winter ledger salt pilot rope anchor tide barge signal beacon quay ferry".split()


def text(rng: random.Random) -> str:
    title = f"# The {rng.choice(WORDS)} of {rng.choice(WORDS)}\n\n" if rng.random() < 0.6 else ""
    lines = [f"The {rng.choice(WORDS)} number {rng.randrange(9999)} stands here." for _ in range(rng.randint(1, 12))]
    return title + "\n\n".join(lines) + "\n"


def fill(folder: Path, rng: random.Random, files: int) -> None:
    for number in range(files):
        path = folder / f"d{number % max(7, files // 70)}" / f"{number}.{rng.choice(['md', 'txt'])}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(rng), "utf-8")
    steady(folder, rng)


def steady(folder: Path, rng: random.Random) -> None:
    """Replaced whole, as editors do: it is never half there."""
    fresh = folder / ".steady.new"
    fresh.write_text(f"# Lighthouse\n\nThe lighthouse keeper counts {rng.randrange(9999)} ships.\n", "utf-8")
    os.replace(fresh, folder / STEADY)


async def churn(folder: Path, rng: random.Random, seconds: float) -> int:
    """The number of changes made: create, edit, twice in one second, rename, rename back, move folders, delete, ignore."""
    clock = asyncio.get_running_loop().time
    end, made = clock() + seconds, 0
    while clock() < end:
        change(folder, rng)
        made += 1
        await asyncio.sleep(rng.choice([0.0, 0.0, 0.02, 0.3]))
    (folder / ".gitignore").unlink(missing_ok=True)
    return made


def change(folder: Path, rng: random.Random) -> None:
    files = sorted(path for path in folder.rglob("*.*") if path.is_file() and path.name not in (STEADY, ".gitignore"))
    path = rng.choice(files)
    other = path.with_name(f"{rng.randrange(10**6)}{path.suffix}")
    match rng.randrange(12):
        case 0 | 1:
            other.write_text(text(rng), "utf-8")
        case 2 | 3:
            path.write_text(text(rng), "utf-8")
        case 4:
            path.write_text(text(rng), "utf-8")
            path.write_text(text(rng), "utf-8")
        case 5:
            path.rename(other)
        case 6:
            path.rename(other)
            other.rename(path)
        case 7:
            path.unlink()
        case 8:
            target = folder / f"d{rng.randrange(9)}"
            target.mkdir(exist_ok=True)
            path.rename(target / other.name)
        case 9:
            source, target = folder / f"d{rng.randrange(9)}", folder / f"d{rng.randrange(9)}"
            if source.is_dir() and not target.exists():
                source.rename(target)
        case 10:
            (folder / ".gitignore").write_text(f"d{rng.randrange(9)}/\n" if rng.random() < 0.5 else "", "utf-8")
        case 11 if rng.random() < 0.2 and len(list(folder.iterdir())) > 6:
            shutil.rmtree(folder / f"d{rng.randrange(9)}", ignore_errors=True)
    steady(folder, rng)


def image(corpus: Corpus) -> dict[str, Any]:
    """By path, without ids: documents, texts, passages and sentences."""
    with corpus.snapshot():
        found: dict[str, Any] = {}
        for id, *facts in corpus.rows(
            "SELECT id, path, title, kind, sha256, date, bytes, pages, chunks, error, note, author, tags FROM documents"
        ):
            texts = corpus.rows("SELECT text, lines, pages, labels FROM texts WHERE document = ?", [id])
            passages = corpus.rows(
                "SELECT number, title, heading, text, start, line, page, part, hex(hash),"
                " (SELECT json_group_array(json_array(start, end, citable)) FROM sentences WHERE chunk = chunks.id)"
                " FROM chunks WHERE document = ? ORDER BY number",
                [id],
            )
            found[facts[0]] = json.dumps([facts, texts, passages])
        return found
