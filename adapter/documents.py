"""Questions of ours on documents, cut as the corpus cuts them: `python -m adapter.documents CUT/tools.jsonl FOLDER`.

`asked/SET.jsonl` holds, a line each, a question, its answer and the first letters of the hash of the sentence that tells it; a question
that nobody answers has an empty answer, and the hash of the first sentence of the passage it stands beside. README.md says which
documents each set was asked on; the command reads them from a folder, once, or makes that of `prose` (`--prose`).
"""

import argparse
import asyncio
import hashlib
import json
import random
import tempfile
from collections import defaultdict
from pathlib import Path

from adapter.questions import Asked
from adapter.reading import Library, Paragraph
from adapter.split import training_rows
from agentflow.corpus.ingest.ingest import ingest
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.research.passages.shown import show

ASKED = Path(__file__).with_name("asked")
HELD_OUT = Path(__file__).with_name("held_out")  # never trained on
LETTERS = 12
PAPERS, STRETCHES, LONG = 70, 12, 40  # articles; stretches of each other source; paragraphs of a stretch


def digest(sentence: str) -> str:
    return hashlib.sha256(sentence.encode()).hexdigest()[:LETTERS]


async def cut(folder: Path) -> list[dict[str, object]]:
    """Each passage of the documents: its `source` and its `sentences`, as a prompt shows them."""
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "models.yaml").write_text("models: {}\n", "utf-8")
        async with Engine(Project(Path(work))) as engine:
            await ingest(engine.corpus, [folder], embedder=None)
            corpus = engine.corpus
            passages = [p for document in corpus.documents() for p in corpus.passages(corpus.chunks_of(document.id))]
    lines = [(passage.source, [line.text for line in show([passage]).sentences]) for passage in passages]
    return [{"source": source, "sentences": sentences} for source, sentences in lines if sentences]


def prose(folder: Path) -> None:
    """Writes articles of journals, and stretches of government guides, as text files."""
    texts: dict[str, list[str]] = defaultdict(list)
    for name in ("expository", "government"):
        for row in training_rows(f"text/{name}.jsonl.gz"):
            texts[row["source"]].append(row["text"])
    rng = random.Random(4)
    for source in rng.sample([source for source in texts if source.startswith("journal")], PAPERS):
        (folder / f"{source}.txt").write_text("\n\n".join(texts[source]), "utf-8")
    for source in ("digitalgov", "18f", "factbook"):
        for at in rng.sample(range(len(texts[source]) - LONG), STRETCHES):
            (folder / f"{source}-{at}.txt").write_text("\n\n".join(texts[source][at : at + LONG]), "utf-8")


def library(asked: Path, folder: Path) -> Library:
    """The passages of a set, cut in `folder`, with the questions on them. Raises ValueError for one whose sentence is not there."""
    paragraphs = [
        Paragraph(row["source"], row["sentences"])
        for row in map(json.loads, (folder / asked.name).read_text("utf-8").splitlines())
    ]
    places = {
        (paragraph.title, digest(sentence)): (paragraph, number)
        for paragraph in reversed(paragraphs)
        for number, sentence in reversed(list(enumerate(paragraph.sentences)))
    }
    for line in asked.read_text("utf-8").splitlines():
        row = json.loads(line)
        if (place := places.get((row["source"], row["sentence"]))) is None:
            raise ValueError(f"{asked.stem}: {row['question']!r} was asked on another version of {row['source']!r}")
        paragraph, number = place
        if row["answer"]:
            item = Asked(row["question"], row["answer"], paragraph.title, paragraph.sentences, [number])
            paragraph.asked.append(item)
        else:
            paragraph.open.append(row["question"])
    return Library(paragraphs, named=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prose", action="store_true", help="make the folder first")
    options = parser.parse_args()
    if options.prose:
        options.folder.mkdir(parents=True, exist_ok=True)
        prose(options.folder)
    rows = asyncio.run(cut(options.folder))
    options.file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


if __name__ == "__main__":
    main()
