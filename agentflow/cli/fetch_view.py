"""How found and kept papers look in a terminal, and as JSON. What sources say is drawn as plain text."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from textwrap import wrap
from typing import Any

from rich.table import Table
from rich.text import Text

from agentflow.cli.output import say
from agentflow.cli.terminal import Terminal
from agentflow.papers.fetch import FetchedPaper, State
from agentflow.papers.paper import Paper, csl
from agentflow.text.people import short_names
from agentflow.text.plain import plain

STYLES: dict[State, str] = {"pdf": "green", "here": "dim", "abstract": "yellow", "nothing": "red"}
WRAPPED = ("title", "authors", "venue")
WIDEST = 28  # characters of a DOI in one line
WORDS: dict[State, str] = {"pdf": "PDF", "here": "here already", "abstract": "abstract only", "nothing": "not kept"}


def show_papers(papers: Sequence[Paper], kept: Sequence[FetchedPaper]) -> None:
    """A table; with `kept` it tells what became of each paper, and below why of some there is no PDF."""
    if not papers:
        say("nothing found")
        return
    columns: dict[str, list[str]] = {
        "title": [paper.title for paper in papers],
        "authors": [short_names(paper.authors) for paper in papers],
        "year": [paper.year for paper in papers],
        "venue": [paper.venue or paper.publisher for paper in papers],
        "DOI": ["\n".join(wrap(paper.doi, WIDEST)) for paper in papers],
        "access": [access(paper) for paper in papers],
        "kept": [WORDS[each.state] for each in kept],
    }
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name not in WRAPPED)
    for row in zip_longest(*columns.values(), fillvalue=""):
        table.add_row(*(Text(plain(cell)) for cell in row))
    console = Terminal()
    console.print(table)
    for each in kept:
        if each.reason:
            console.print(Text(plain(f"{WORDS[each.state]}: {each.paper.title}: {each.reason}"), STYLES[each.state]))


def show_summary(kept: Sequence[FetchedPaper], folder: Path, collection: str) -> None:
    counts = Counter(each.state for each in kept)
    told = ", ".join(f"{counts[state]:,} {WORDS[state]}" for state in STYLES if counts[state])
    say(f'{told}: {folder}\nask with: agentflow research "QUESTION" --in {collection}')


def show_troubles(troubles: Mapping[Any, str]) -> None:
    for name, told in troubles.items():
        Terminal(stderr=True).print(Text(plain(f"{name}: {told}"), "yellow"))


def access(paper: Paper) -> str:
    return paper.licence or ("open" if paper.open else "not open")


def paper_json(paper: Paper) -> dict[str, Any]:
    links = [link.url for link in paper.pdfs]
    return {**csl(paper), "licence": paper.licence, "open": paper.open, "pdfs": links, "sources": list(paper.sources)}


def kept_json(kept: FetchedPaper) -> dict[str, Any]:
    path = str(kept.path) if kept.path else None
    return {**paper_json(kept.paper), "kept": kept.state, "path": path, "reason": kept.reason}
