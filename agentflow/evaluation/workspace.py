"""Each evaluation corpus has its own state folder, shared by all suites that search it and kept for the next time."""

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from agentflow.evaluation.dataset import CorpusDocument, Dataset
from agentflow.project import Project


def workspace(project: Project, suite: str, dataset: Dataset, *, embed: bool = True) -> tuple[Project, Path | None]:
    """The project with the corpus' state folder, and the folder to ingest (None without documents).

    A corpus without vectors (`embed` False: search by words alone) is kept apart from the one that has them.
    """
    root = project.state / "evals" / "corpora" / ("" if embed else "words")
    if isinstance(dataset.corpus, Path):
        folder = dataset.corpus.resolve()
        home = root / f"{folder.name}-{_digest(str(folder))}"
        return project.with_state(home / ".agentflow"), folder
    if not dataset.corpus:
        return project.with_state(root / "none" / ".agentflow"), None
    home = root / f"{suite}-{_digest(*(f'{d.folder}{d.id} {d.title} {d.text}' for d in dataset.corpus))}"
    write_documents(dataset.corpus, home / "documents")
    return project.with_state(home / ".agentflow"), home / "documents"


def write_documents(documents: Sequence[CorpusDocument], folder: Path) -> None:
    """One Markdown file each, its title as the heading; all of them, or no folder."""
    if folder.is_dir():
        return
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    partial.mkdir(parents=True)
    for document in documents:
        heading = f"# {' '.join(document.title.split())}\n\n" if document.title else ""
        place = partial / file_stem(document.folder) if document.folder else partial
        place.mkdir(exist_ok=True)
        (place / f"{file_stem(document.id)}.md").write_text(heading + document.text + "\n", "utf-8")
    partial.rename(folder)


def file_stem(id: str) -> str:
    """A document's id as a file name."""
    return re.sub(r"[^\w.-]+", "_", id).strip("._") or "document"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
