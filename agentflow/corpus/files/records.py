"""What is known of a document from outside it: `paper.pdf.csl.json` beside `paper.pdf` tells who wrote it, when and where.

CSL-JSON, as citation processors and Zotero write it: one item, or a list of one.
"""

import json
import re
from pathlib import Path
from typing import Any

from agentflow.text.plain import plain

SUFFIX = ".csl.json"
DESCRIBED = re.compile(r"\.(?:pdf|md|txt|html?|docx|odt|epub|tex)\.csl\.json\Z", re.IGNORECASE)
LARGEST = 1_000_000  # bytes
LONGEST = 200  # characters of a title
PEOPLE = ("author", "editor", "translator")
NAME = ("given", "non-dropping-particle", "family", "literal")
DAYS = ("issued", "accessed")
FULL = "full"


def record_file(document: Path) -> Path:
    return document.with_name(f"{document.name}{SUFFIX}")


def is_record(name: str) -> bool:
    """By the file's name: of a document, and not a library of its own such as `library.csl.json`."""
    return DESCRIBED.search(name) is not None


def record_of(document: Path) -> dict[str, Any] | None:
    """None where there is none, or none with a title."""
    try:
        with open(record_file(document), "rb") as file:
            data = json.loads(file.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return None
    item = data[0] if isinstance(data, list) and len(data) == 1 else data
    record = _usable(item) if isinstance(item, dict) else {}
    return record if record.get("title") else None


def _usable(item: dict[str, Any]) -> dict[str, Any]:
    """Its texts, people and days; what has another form than CSL-JSON gives it is left out, and the abstract."""
    record: dict[str, Any] = {}
    for name, value in item.items():
        if name in PEOPLE:
            record[name] = [person for each in value if (person := _texts(each))] if isinstance(value, list) else []
        elif name in DAYS:
            record[name] = {"date-parts": [[int(part) for part in day.split("-")]]} if (day := date_of(value)) else {}
        elif name == "custom":
            record[name] = value if isinstance(value, dict) else {}
        elif isinstance(value, str) and name != "abstract":
            record[name] = " ".join(plain(value).split())
    return {name: value for name, value in record.items() if value and name.isascii()}


def _texts(value: object) -> dict[str, str]:
    told = value if isinstance(value, dict) else {}
    return {name: plain(text) for name, text in told.items() if isinstance(text, str) and name.isascii()}


def title_of(record: dict[str, Any]) -> str:
    title = str(record["title"])
    return title[:LONGEST] if is_full(record) else abstract_title(title)


def abstract_title(title: str) -> str:
    """An abstract that stands for its paper says so wherever it is named."""
    return f"{title[:LONGEST]} [abstract only]"


def author_of(record: dict[str, Any]) -> str:
    """`Ann Berg; Jo Lund`, empty where none is told."""
    parts = (" ".join(filter(None, map(each.get, NAME))) for each in record.get("author", ()))
    return "; ".join(filter(None, parts))[:300]


def date_of(issued: object) -> str:
    """ISO 8601, as far as CSL's `{"date-parts": [[2021, 3, 5]]}` tells it: a year, a month, a day."""
    parts = issued.get("date-parts") if isinstance(issued, dict) else None
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    told = ""
    for part, (name, last) in zip(first, (("04d", 2999), ("02d", 12), ("02d", 31)), strict=False):
        if not str(part).isdecimal() or not 1 <= int(part) <= last:
            break
        told += f"{'-' if told else ''}{int(part):{name}}"
    return told


def shown(record: dict[str, Any]) -> dict[str, Any]:
    """What a citation needs of it."""
    return {name: value for name, value in record.items() if name != "custom"}


def stored_record(record: dict[str, Any] | None) -> str:
    """As the database keeps it: JSON, empty for none."""
    return json.dumps(shown(record), ensure_ascii=False) if record else ""


def is_full(record: dict[str, Any]) -> bool:
    """Whether the document is the whole text: `custom.text` says so where it is the abstract alone."""
    return bool(record.get("custom", {}).get("text", FULL) == FULL)
