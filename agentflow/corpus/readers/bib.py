"""BibTeX, as Zotero's Better BibTeX exports it: each entry is a heading and its fields, without keys and links."""

import re

from agentflow.corpus.blocks import Block, Extract

ENTRY = re.compile(r"^[ \t]*@(?P<kind>\w+)\s*[{(]\s*(?P<key>[^,\s{}]+)\s*,", re.MULTILINE)
FIELD = re.compile(r"(?P<name>[A-Za-z][\w-]*)\s*=\s*(?:(?P<open>\{)|\"(?P<quoted>[^\"]*)\"|(?P<plain>[\w.-]+))")
SHOWN = set("title subtitle booktitle journal journaltitle publisher author editor year date abstract note annote keywords"
            " series edition volume pages school institution doi".split())  # fmt: skip
TEXTS = {"abstract", "note", "annote"}
APART = {"comment", "string", "preamble"}


def read(text: str) -> Extract:
    extract = Extract(text)
    entries = [match for match in ENTRY.finditer(text) if match["kind"].lower() not in APART]
    for number, entry in enumerate(entries):
        end = entries[number + 1].start() if number + 1 < len(entries) else len(text)
        extract.blocks += _entry(text, entry.end(), end)
    return extract


def _entry(text: str, start: int, end: int) -> list[Block]:
    """The title stands over the others."""
    title: list[Block] = []
    fields: list[Block] = []
    at = start
    while (match := FIELD.search(text, at, end)) is not None:
        name, value, at = match["name"].lower(), *_value(text, match, end)
        begin, stop = value
        begin += len(text[begin:stop]) - len(text[begin:stop].lstrip())
        stop -= len(text[begin:stop]) - len(text[begin:stop].rstrip())
        if stop <= begin or name not in SHOWN:
            continue
        if name == "title" and not title:
            title.append(Block("heading", begin, stop, 1, code=True))
        elif name in TEXTS:
            fields.append(Block("prose", begin, stop))
        else:
            fields.append(Block("field", match.start("name"), max(at, stop)))
    return title + sorted(fields, key=lambda each: each.start)


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
