"""BibTeX, as Zotero's Better BibTeX exports it: each entry is a heading and its fields, without keys and links."""

import re
from collections.abc import Iterator

from agentflow.corpus.blocks import BlockKind, Extract
from agentflow.corpus.readers.flow import Flow

ENTRY = re.compile(r"^[ \t]*@(?P<kind>\w+)\s*[{(]\s*(?P<key>[^,\s{}]+)\s*,", re.MULTILINE)
FIELD = re.compile(r"(?P<name>[A-Za-z][\w-]*)\s*=\s*(?:(?P<open>\{)|\"(?P<quoted>[^\"]*)\"|(?P<plain>[\w.-]+))")
SHOWN = set("title subtitle booktitle journal journaltitle publisher author editor year date abstract note annote keywords"
            " series edition volume pages school institution doi".split())  # fmt: skip
TEXTS = {"abstract", "note", "annote"}
APART = {"comment", "string", "preamble"}


def read(text: str) -> Extract:
    """The title of an entry stands over its fields, wherever in it the title was."""
    flow = Flow()
    entries = [match for match in ENTRY.finditer(text) if match["kind"].lower() not in APART]
    for number, entry in enumerate(entries):
        end = entries[number + 1].start() if number + 1 < len(entries) else len(text)
        for kind, start, stop in sorted(_entry(text, entry.end(), end), key=lambda each: each[0] != "heading"):
            flow.put(kind, text[start:stop], text.count("\n", 0, start) + 1, 1 if kind == "heading" else 0)
    extract = flow.extract()
    extract.untitled = True
    return extract


def _entry(text: str, start: int, end: int) -> Iterator[tuple[BlockKind, int, int]]:
    """Each field that is shown, as (kind, start, end)."""
    at, titled = start, False
    while (match := FIELD.search(text, at, end)) is not None:
        name, value, at = match["name"].lower(), *_value(text, match, end)
        begin, stop = value
        if not text[begin:stop].strip() or name not in SHOWN:
            continue
        if name == "title" and not titled:
            titled = True
            yield "heading", begin, stop
        elif name in TEXTS:
            yield "prose", begin, stop
        else:
            yield "field", match.start("name"), max(at, stop)


def _value(text: str, match: re.Match[str], end: int) -> tuple[tuple[int, int], int]:
    """((start, end) of the value, where to go on)."""
    if match["open"] is None:
        group = "quoted" if match["quoted"] is not None else "plain"
        return match.span(group), match.end()
    depth, at = 0, match.start("open")
    for mark in re.finditer(r"\\.|[{}]", text[at:end], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(mark[0], 0)
        if depth == 0:
            return (at + 1, at + mark.start()), at + mark.end()
    return (at + 1, end), end
