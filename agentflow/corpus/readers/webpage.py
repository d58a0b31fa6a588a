"""A page of the web: its main text alone, by trafilatura; by the reader of saved pages where that finds nothing."""

from typing import Any

from agentflow.corpus.blocks import BlockKind, Extract
from agentflow.corpus.readers import html
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.unreadable import Unreadable

KINDS: dict[str, BlockKind] = {"head": "heading", "p": "prose", "quote": "prose", "item": "item", "code": "code"}
LEAST = 0.25  # of the words that the page shows; with less the main text was not found


def read(content: bytes) -> Extract:
    """Raises Unreadable for a page without text."""
    import trafilatura

    shown = html.read(content)
    found = trafilatura.bare_extraction(
        content, include_comments=False, include_tables=True, with_metadata=True,
        date_extraction_params={"extensive_search": False, "original_date": False},
    )  # fmt: skip
    if not isinstance(found, trafilatura.settings.Document) or found.body is None:
        return shown
    flow = Flow()
    for element in found.body:
        _add(flow, element)
    main = flow.extract()
    if len(main.text.split()) < LEAST * len(shown.text.split()):
        main = shown
    main.title = (found.title or "") if main is not shown else shown.title or found.title or ""
    main.date = shown.date or found.date or ""
    main.author = found.author or ""
    if not main.text.strip():
        raise Unreadable("no text in it")
    return main


def _add(flow: Flow, element: Any) -> None:
    """One element of trafilatura's tree: head, p, list of item, table of row of cell, quote, code."""
    if element.tag == "list":
        for item in element:
            _add(flow, item)
        return
    if element.tag == "table":
        for row in element.iter("row"):
            cells = [_text(cell) for cell in row if cell.tag == "cell"]
            names = all(cell.get("role") == "head" for cell in row if cell.tag == "cell")
            flow.put("columns" if names else "row", " | ".join(cell for cell in cells if cell), 1)
        return
    kind = KINDS.get(element.tag, "prose")
    level = int(element.get("rend", "h2")[1:]) if kind == "heading" and element.get("rend", "h2")[1:].isdigit() else 0
    flow.put(kind, "".join(element.itertext()) if kind == "code" else _text(element), 1, level)


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())
