"""Files to tables of text: CSV, TSV, XLSX, JSON, JSON lines."""

import codecs
import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

MOST_ROWS = 1_000_000
MOST_COLUMNS = 500
LONGEST_NAME = 60
SEPARATORS = ",;\t|"
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
JSON = (".json", ".jsonl", ".ndjson")


class Unusable(Exception):
    """Why a file holds no table that can be analysed."""


def read_tables(path: Path) -> dict[str, pd.DataFrame]:
    """Tables by name (`trial.csv`, `trial.xlsx: Sheet1`), cells as text or None. Raises Unusable."""
    if path.suffix.lower() == ".xlsx":
        sheets = _sheets(path)
        found = {path.name if len(sheets) == 1 else f"{path.name}: {title}": rows for title, rows in sheets.items()}
    else:
        text = _decoded(path.read_bytes())
        found = {path.name: _records(text) if path.suffix.lower() in JSON else _separated(text)}
    tables = {name: frame.map(_text) for name, frame in found.items()}
    kept = {name: frame for name, frame in tables.items() if len(frame) and len(frame.columns) > 1}
    if not kept:
        raise Unusable("holds no table of two columns and a row")
    return kept


def clean_names(names: list[str]) -> list[str]:
    """Printable, on one line, not too long, each once: a header may hold anything."""
    seen: dict[str, int] = {}
    cleaned = []
    for place, name in enumerate(names, 1):
        printable = "".join(char if char.isprintable() else " " for char in name)
        short = " ".join(printable.split())[:LONGEST_NAME].strip() or f"column {place}"
        seen[short] = seen.get(short, 0) + 1
        cleaned.append(short if seen[short] == 1 else f"{short} ({seen[short]})")
    return (
        cleaned if len(set(cleaned)) == len(cleaned) else [f"{place} {name}" for place, name in enumerate(cleaned, 1)]
    )


def _decoded(raw: bytes) -> str:
    """With `\n` as line ends."""
    mark, encoding = next(((mark, name) for mark, name in MARKS if raw.startswith(mark)), (b"", ""))
    if not mark and b"\0" in raw:
        raise Unusable("holds NUL bytes: it is no table of text")
    try:
        text = raw[len(mark) :].decode(encoding or "utf-8", "replace" if mark else "strict")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _separated(text: str) -> pd.DataFrame:
    separator = _separator(text)
    try:
        width = len(next(csv.reader(io.StringIO(text[:1_000_000]), delimiter=separator), []))
    except csv.Error as error:
        raise Unusable(f"is no table: {error}") from None
    if width > MOST_COLUMNS:
        raise Unusable(f"has {width:,} columns; at most {MOST_COLUMNS} are read")
    try:
        frame = pd.read_csv(
            io.StringIO(text), sep=separator, header=None, dtype=str, keep_default_na=False, nrows=MOST_ROWS + 2,
            skip_blank_lines=True, on_bad_lines="error", names=range(width),
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error, ValueError) as error:
        raise Unusable(f"is no table: {' '.join(str(error).split())[:200]}") from None
    return _headed(frame.astype(object).values.tolist())


def _separator(text: str) -> str:
    """The one that parts the first lines into the most fields, as many in each."""
    lines = text[:100_000].splitlines()[:20]
    best, fields = ",", 1
    for separator in SEPARATORS:
        try:
            widths = {len(row) for row in csv.reader(lines, delimiter=separator) if row}
        except csv.Error:
            continue
        if len(widths) == 1 and max(widths) > fields:
            best, fields = separator, max(widths)
    return best


def _records(text: str) -> pd.DataFrame:
    """A list of objects, an object of lists, one object a line, or such a list under one key."""
    try:
        data = json.loads(text)
    except ValueError:
        try:
            data = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise Unusable(f"is no JSON: {error}") from None
    except RecursionError:
        raise Unusable("is nested too deeply") from None
    if isinstance(data, dict):
        lists = {name: value for name, value in data.items() if isinstance(value, list)}
        inner = next((value for value in lists.values() if value and isinstance(value[0], dict)), None)
        if inner is None and len({len(value) for value in lists.values()}) == 1:
            inner = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
        data = inner
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise Unusable("is no list of JSON objects")
    names = list(dict.fromkeys(name for row in data for name in row))
    if len(names) > MOST_COLUMNS:
        raise Unusable(f"has {len(names):,} keys; at most {MOST_COLUMNS} are read")
    return _headed([names, *([row.get(name) for name in names] for row in data[: MOST_ROWS + 1])])


def _sheets(path: Path) -> dict[str, pd.DataFrame]:
    """Values as they were last computed: formulas are not."""
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        return {sheet.title: _headed(_cells(sheet)) for sheet in book.worksheets[:10]}
    except MemoryError:
        raise Unusable("needs more memory than an analysis may have") from None
    except Unusable:
        raise
    except Exception as error:  # whatever a broken workbook makes the library raise
        raise Unusable(f"is no workbook that can be read: {type(error).__name__}: {str(error)[:150]}") from error


def _cells(sheet: Any) -> list[list[Any]]:
    rows = []
    for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
        if any(cell not in (None, "") for cell in row):
            rows.append(list(row))
        if len(rows) > MOST_ROWS + 1:
            break
    return rows


def _headed(rows: list[list[Any]]) -> pd.DataFrame:
    if len(rows) > MOST_ROWS + 1:
        raise Unusable(f"has more than {MOST_ROWS:,} rows: take a sample of it")
    head = ["" if cell is None else str(cell) for cell in rows[0]] if rows else []
    return pd.DataFrame(rows[1:], columns=clean_names(head), dtype=object)


def _text(cell: Any) -> str | None:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    return json.dumps(cell) if isinstance(cell, dict | list) else str(cell).strip()
