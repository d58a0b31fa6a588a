"""A folder of papers: each a PDF, or its abstract as Markdown, beside its record (`NAME.pdf.csl.json`)."""

import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any, NamedTuple

from agentflow.corpus.files.records import FULL, abstract_title, is_full, record_file, record_of
from agentflow.papers.known import KnownPapers
from agentflow.papers.paper import Link, Paper, csl, of_csl
from agentflow.storage.files import write_whole
from agentflow.text.fold import fold, unaccented

RETRIEVED = "%Y-%m-%dT%H:%M:%SZ"


class ShelvedPaper(NamedTuple):
    """`full`: the file is the paper's text, not its abstract alone."""

    path: Path
    full: bool


class Shelf:
    """What the folder holds is read once. The record is written first: a document is there only with its record."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: list[ShelvedPaper] = []
        self.known = KnownPapers()
        for path in sorted([*folder.glob("*.pdf"), *folder.glob("*.md")]):
            if record := record_of(path):
                self._add(path, record)

    def find(self, paper: Paper) -> ShelvedPaper | None:
        """The full text before an abstract."""
        found = [self.entries[place] for place in self.known.find(paper)]
        return max((entry for entry in found if entry.path.exists()), key=lambda entry: entry.full, default=None)

    def keep_pdf(self, paper: Paper, body: bytes, link: Link) -> Path:
        """An abstract that stood for the paper goes."""
        sha256 = hashlib.sha256(body).hexdigest()
        path = self._keep(paper, ".pdf", body, {"text": FULL, "pdf": link.url, "sha256": sha256})
        abstract = path.with_suffix(".md")
        abstract.unlink(missing_ok=True)
        record_file(abstract).unlink(missing_ok=True)
        return path

    def keep_abstract(self, paper: Paper, reason: str) -> Path:
        text = f"# {abstract_title(paper.title)}\n\n> Only the abstract is here: {reason}.\n\n{paper.abstract}\n"
        return self._keep(paper, ".md", text.encode(), {"text": "abstract", "reason": reason})

    def _keep(self, paper: Paper, suffix: str, body: bytes, custom: dict[str, Any]) -> Path:
        earlier = self.find(paper)
        path = earlier.path.with_suffix(suffix) if earlier else self.folder / f"{file_name(paper)}{suffix}"
        facts = {"licence": paper.licence, "open": paper.open, "sources": list(paper.sources)}
        record = {**csl(paper), "custom": {**custom, **facts, "retrieved": time.strftime(RETRIEVED, time.gmtime())}}
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(record_file(path), json.dumps([record], ensure_ascii=False, indent=2) + "\n")
        write_whole(path, body)
        self._add(path, record)
        return path

    def _add(self, path: Path, record: dict[str, Any]) -> None:
        self.known.put(len(self.entries), of_csl(record))
        self.entries.append(ShelvedPaper(path, is_full(record)))


def file_name(paper: Paper) -> str:
    """`hansen-2021-tides-of-small-ports-3fa1c2`: readable, and another for each paper."""
    told = paper.authors[0] if paper.authors else {}
    author = str(told.get("family") or told.get("literal") or "")
    words = re.findall(r"[a-z0-9]+", unaccented(fold(f"{author} {paper.year} {paper.title}")))
    mark = hashlib.sha256((paper.doi or paper.arxiv or paper.title).encode("utf-8", "replace")).hexdigest()[:6]
    return f"{'-'.join(words)[:70].strip('-') or 'paper'}-{mark}"
