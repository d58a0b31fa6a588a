"""Scholarly sources: one module each, with `URL`, `HOSTS`, `PAUSE`, `identity` and `papers`; what they share is here.

`HOSTS` are those to allow for it: its own, and where PDFs of its own lie.

`papers(ask, query, count)` yields what the source finds, best first, asking for further pages as they are needed.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from agentflow.corpus.readers.unreadable import Unreadable
from agentflow.corpus.readers.xmltree import root_of
from agentflow.papers.paper import Paper
from agentflow.toolbox.errors import ToolFailed
from agentflow.toolbox.settings import SourceName

NAMES: tuple[SourceName, ...] = ("arxiv", "crossref", "openalex", "semantic_scholar", "pubmed")
ODD = (AttributeError, IndexError, KeyError, TypeError, ValueError)


class Identity(NamedTuple):
    """Who asks: what goes with each request. A key is sent to the source's own address alone."""

    parameters: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}


class SourceGet(Protocol):
    """GET of a path below the source's address. Raises ToolFailed and ToolRefused."""

    def __call__(self, path: str, parameters: Mapping[str, object]) -> bytes: ...


def adapter(name: SourceName) -> Any:
    return import_module(f"agentflow.papers.sources.{name}")


def json_of(body: bytes) -> Any:
    """Raises ToolFailed."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ToolFailed(
            f"it answered no JSON: {_start(body)}", "try later, and check its `url` in tools.yaml"
        ) from None


def xml_of(body: bytes) -> Any:
    """Raises ToolFailed, also for a document that defines entities: none of these sources needs them."""
    if b"<!ENTITY" in body:
        raise ToolFailed("its answer defines entities, which no answer of it needs", "check its `url` in tools.yaml")
    try:
        return root_of(body, "answer")
    except Unreadable:
        raise ToolFailed(
            f"it answered no XML: {_start(body)}", "try later, and check its `url` in tools.yaml"
        ) from None


def listed(data: Any, *keys: str) -> list[Any]:
    """The list of records under these keys. Raises ToolFailed for an answer of another form."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    if not isinstance(data, list):
        raise ToolFailed(f"its answer holds no list `{'.'.join(keys)}`", "check its `url` in tools.yaml")
    return data


def each(records: Iterable[Any], read: Callable[[Any], Paper]) -> Iterator[Paper]:
    """One paper a record, without a title where the record is of another form than documented."""
    for record in records:
        try:
            yield read(record)
        except ODD:
            yield Paper("")


def _start(body: bytes) -> str:
    return " ".join(body[:300].decode("utf-8", "replace").split())[:80] or "nothing"
