"""What a run hands out as Markdown for people, whatever its graph: claims and quotes with their places, records as tables."""

from collections.abc import Mapping
from typing import Any

from agentflow.corpus.evidence import one_line
from agentflow.research.report.markdown import code, inert, support_mark
from agentflow.text.markup import as_read

WHOLE = ("markdown", "report")  # a text of such a name is the document itself
NONE = "none"
DEEPEST = 6  # levels of headings


def output_markdown(output: Mapping[str, Any]) -> str:
    """Each value under its name; text of documents and models is escaped, so that it cannot act as markup."""
    for name in WHOLE:
        if isinstance(output.get(name), str):
            return str(output[name])
    return "\n\n".join(_section(name, value, 2) for name, value in output.items()) + "\n"


def _section(name: str, value: Any, level: int) -> str:
    """A value that fits a line behind its name, another beneath it as heading."""
    if _fits_a_line(value):
        return f"**{_label(name)}:** {_line(value) or NONE}"
    return f"{'#' * min(level, DEEPEST)} {_label(name)}\n\n{_block(value, level + 1)}"


def _block(value: Any, level: int) -> str:
    match value:
        case str():
            return inert(value)
        case dict() if value and all(isinstance(item, dict) and _is_record(item) for item in value.values()):
            return _table([{"": key, **item} for key, item in value.items()])
        case dict():
            return "\n\n".join(_section(key, item, level) for key, item in value.items() if item not in ("", [], {}))
        case [*items] if all(isinstance(item, dict) and _is_record(item) for item in items):
            return _table(items)
        case [*items] if any(isinstance(item, dict) and not _cites(item) for item in items):
            return "\n\n".join(_entry(item, level) for item in items)
        case [*items]:
            return "\n".join(f"- {_line(item)}" for item in items)
    return _line(value)


def _entry(item: Any, level: int) -> str:
    """One of several records: its first line of text is the heading."""
    if not isinstance(item, dict) or _cites(item):
        return f"- {_line(item)}"
    name = next((key for key, value in item.items() if _fits_a_line(value) and value), None)
    rest = {key: value for key, value in item.items() if key != name}
    told = _block(next(iter(rest.values())) if len(rest) == 1 else rest, level + 1) if any(rest.values()) else NONE
    return "\n\n".join([*([f"{'#' * min(level, DEEPEST)} {_line(item[name])}"] if name else []), told])


def _table(rows: list[dict[str, Any]]) -> str:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = [[_label(column) for column in columns], ["---"] * len(columns)]
    lines += [[_line(row.get(column, "")) for column in columns] for row in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _line(value: Any) -> str:
    match value:
        case {"text": str() as text, "support": str() as support, "evidence": [*quotes]}:
            return f"{_safe(text)} {_places(quotes)}{support_mark(support)}"
        case {"text": str() as text, "place": str() as place}:
            dated = f", {value['date']}" if value.get("date") else ""
            return f"“{_safe(text)}” ({code(place)}{dated})"
        case list():
            return "; ".join(map(_line, value))
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}"
    return _safe(str(value))


def _safe(text: str) -> str:
    return inert(as_read(one_line(text)))


def _places(quotes: list[Any]) -> str:
    return f"({'; '.join(dict.fromkeys(code(str(quote.get('place', ''))) for quote in quotes))})"


def _fits_a_line(value: Any) -> bool:
    if isinstance(value, dict):
        return _cites(value) or not value
    if isinstance(value, list):
        return not value or (len(value) == 1 and not isinstance(value[0], list) and _fits_a_line(value[0]))
    return not (isinstance(value, str) and "\n" in value.strip())


def _is_record(item: dict[str, Any]) -> bool:
    return bool(item) and not _cites(item) and all(map(_fits_a_line, item.values()))


def _cites(item: dict[str, Any]) -> bool:
    """Whether it is a claim or a quote."""
    return "text" in item and ("place" in item or "evidence" in item)


def _label(name: str) -> str:
    words = inert(name.replace("_", " "))
    return words[:1].upper() + words[1:]
