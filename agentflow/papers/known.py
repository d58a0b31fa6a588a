"""Which records are of one paper: by DOI, arXiv or PubMed id, else by title with the first author, or with the year."""

from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import chain, zip_longest

from agentflow.papers.paper import Paper
from agentflow.text.fold import fold, unaccented

Key = tuple[str, str]
IDS = ("doi", "arxiv", "pmid", "pmcid")


class KnownPapers:
    """Papers by what identifies them; the place of one is where it was added."""

    def __init__(self) -> None:
        self.papers: list[Paper | None] = []
        self.places: dict[Key, set[int]] = {}

    def put(self, place: int, paper: Paper) -> None:
        """At a place that there is, or the next one."""
        self.papers[place : place + 1] = [paper]
        for key in keys(paper):
            self.places.setdefault(key, set()).add(place)

    def find(self, paper: Paper) -> list[int]:
        """The places of all that are the same paper."""
        near = sorted(set().union(*(self.places.get(key, ()) for key in keys(paper))))
        return [place for place in near if (other := self.papers[place]) and same(paper, other)]


def merged(lists: Sequence[Sequence[Paper]]) -> list[Paper]:
    """Each paper once: the best of each list, then the second of each."""
    known = KnownPapers()
    for paper in filter(None, chain.from_iterable(zip_longest(*lists))):
        first, *others = known.find(paper) or [len(known.papers)]
        for place in [*others, first]:
            if place < len(known.papers) and (other := known.papers[place]):
                paper, known.papers[place] = joined(other, paper), None
        known.put(first, paper)
    return [paper for paper in known.papers if paper]


def joined(one: Paper, other: Paper) -> Paper:
    """The published record, and what only the other one knows."""
    base, beside = (other, one) if other.published and not one.published else (one, other)
    gaps = {each.name: getattr(beside, each.name) for each in fields(Paper) if not getattr(base, each.name)}
    pdfs = {link.url: link for link in (*one.pdfs, *other.pdfs)}
    sources = tuple(dict.fromkeys((*one.sources, *other.sources)))
    return replace(base, **{**gaps, "open": one.open or other.open, "pdfs": tuple(pdfs.values()), "sources": sources})


def same(one: Paper, other: Paper) -> bool:
    """Two published records with a DOI each are two papers, whatever they are called."""
    if any(getattr(one, id) and getattr(one, id) == getattr(other, id) for id in IDS):
        return True
    if one.doi and other.doi and one.published and other.published:
        return False
    if not _title(one) or _title(one) != _title(other):
        return False
    authors = (_author(one), _author(other))
    return authors[0] == authors[1] if all(authors) else one.year == other.year


def keys(paper: Paper) -> list[Key]:
    found = [(id, getattr(paper, id)) for id in IDS] + [("title", _title(paper))]
    return [key for key in found if key[1]]


def _title(paper: Paper) -> str:
    return "".join(char for char in unaccented(fold(paper.title)) if char.isalnum())


def _author(paper: Paper) -> str:
    """The first one's family name; of a name that was not taken apart its last word."""
    told = paper.authors[0] if paper.authors else {}
    words = unaccented(fold(str(told.get("family") or told.get("literal") or ""))).split()
    return words[-1] if words else ""
