"""Jupyter notebooks of every format: the text and code cells; outputs are left out. `line` counts lines of the cells
in turn."""

import json
from dataclasses import replace
from typing import Any

from agentflow.corpus.blocks import Extract
from agentflow.corpus.readers import code, md, txt
from agentflow.corpus.readers.decode import decode, unify
from agentflow.corpus.readers.unreadable import Unreadable

READERS = {"markdown": md, "heading": md, "code": code}


def read(content: bytes) -> Extract:
    """Raises Unreadable for what is no notebook."""
    try:
        notebook = json.loads(decode(content))
        cells = [(cell["cell_type"], _source(cell)) for cell in _cells(notebook)]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(f"not a Jupyter notebook ({type(error).__name__}: {error})") from error
    extract = Extract("")
    for kind, source in cells:
        text = unify(source).rstrip("\n") + "\n\n"
        start = len(extract.text)
        part = READERS.get(kind, txt).read(text)
        extract.blocks += [replace(block, start=block.start + start, end=block.end + start) for block in part.blocks]
        extract.text += text
    return extract


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """Up to format 3 the cells lie in worksheets."""
    if "cells" in notebook:
        return list(notebook["cells"])
    return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]


def _source(cell: dict[str, Any]) -> str:
    """Up to format 3 code is called `input`, and a heading is a cell with a level."""
    source = cell["source"] if "source" in cell else cell.get("input", cell.get("code", cell.get("text", "")))
    text = source if isinstance(source, str) else "".join(source)
    return (
        f"{'#' * min(int(cell.get('level', 1)), 6)} {' '.join(text.split())}"
        if cell["cell_type"] == "heading"
        else text
    )
