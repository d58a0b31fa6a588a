"""Excel workbooks: a row of a sheet is a row, with the values that formulas had when they were saved. `line` is the
number of the row in its sheet."""

import re
import warnings
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from agentflow.corpus.blocks import Extract
from agentflow.corpus.dates import local_day
from agentflow.corpus.readers.archive import Archive, transitional
from agentflow.corpus.readers.parts import Parts
from agentflow.corpus.readers.sheet import MOST, Sheet
from agentflow.corpus.readers.unreadable import Unreadable


def read(content: bytes) -> Extract:
    """Raises Unreadable for what is no workbook, for bombs and for damage."""
    Archive(content, "an Excel workbook").must_hold("xl/workbook.xml")
    content = transitional(content)
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that it does not know
        try:
            return _workbook(load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False))
        except (Unreadable, MemoryError, RecursionError):
            raise
        except Exception as error:  # openpyxl lets out whatever damaged XML makes of its objects
            raise Unreadable(f"a damaged Excel workbook ({type(error).__name__}: {error})") from error


def _workbook(book: Any) -> Extract:
    parts, notes, left = Parts(), [], MOST
    for source in book.worksheets:
        if source.sheet_state != "visible":
            notes.append(f"the hidden sheet {source.title} was not read")
            continue
        sheet = Sheet(left)
        source.reset_dimensions()  # some programs write wrong ones
        for number, row in enumerate(source.iter_rows(), 1):
            if not sheet.add(number, [_shown(cell) for cell in row]):
                notes.append(f"of sheet {source.title} the rows from {number:,} on were not read: too many cells")
                break
        left = max(sheet.left, 0)
        parts.add(f"sheet {source.title}", sheet.extract(), heading=source.title)
    extract, about = parts.finish(), book.properties
    extract.title, extract.author, extract.note = about.title or "", about.creator or "", "; ".join(notes[:5])
    stamp = about.modified or about.created
    extract.date = local_day(stamp) if stamp else ""
    return extract


def _shown(cell: Any) -> str:
    """Much as the program shows it: days as ISO 8601, shares as per cent, other numbers with all their digits."""
    value = cell.value
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and "%" in cell.number_format:
        decimals = re.search(r"\.(0+)", cell.number_format)
        return f"{value * 100:.{len(decimals[1]) if decimals else 0}f}%"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
