"""Markdown (CommonMark with tables and a YAML header), by markdown-it's block structure: its tokens carry lines."""

import re
from typing import TYPE_CHECKING

from agentflow.corpus.blocks import BlockKind, Extract
from agentflow.corpus.readers.admonitions import unboxed
from agentflow.corpus.readers.lines import GRID, SourceLine, block, field_of, read_fields, runs, split_lines

if TYPE_CHECKING:
    from markdown_it.token import Token

MARKER = re.compile(r"^(?:\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?|\s*>\s?)+")
QUOTE = re.compile(r"^(?:\s*>\s?)+")
IMAGE = re.compile(r"\s*!\[[^\]]*\]\([^)]*\)(?:\{[^}]*\})?\s*")  # with attributes, as Pandoc and Quarto write them
HASHTAG = re.compile(r"(?<![\w&#/])#([^\W\d][\w/-]*)(?![\w#])")  # as Obsidian writes them in the text
FOOTNOTE = re.compile(
    r"^(\s{0,3})\[(?=\^[^\]]+\]:)"
)  # whose text, where it has no blank, reads as the target of a link
LONGEST = 200_000  # characters in which they are looked for
TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", re.DOTALL)


def read(text: str) -> Extract:
    from markdown_it import MarkdownIt

    lines = split_lines(text)
    extract = Extract(text)
    top = _front_matter(lines, extract)
    extract.tags = list(
        dict.fromkeys([*_list_of(lines[1 : max(top - 1, 1)], "tags"), *HASHTAG.findall(text[:LONGEST])])
    )
    extract.author = ", ".join(_list_of(lines[1 : max(top - 1, 1)], "author"))
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    body = [FOOTNOTE.sub(r"\1(", line) for line in unboxed([line.text for line in lines[top:]])]
    tokens = parser.parse("\n" * top + "\n".join(body))
    items, single = 0, _single_items(tokens)
    for token in tokens:
        if token.type in ("list_item_open", "list_item_close"):
            items += token.nesting
        if token.map is None:
            continue
        part = lines[token.map[0] : token.map[1]]
        if token.type == "heading_open":
            skip = len(part[0].text) - len(MARKER.sub("", part[0].text).lstrip("# "))
            _add(extract, "heading", part[:1], skip, int(token.tag[1]))
        elif token.type == "paragraph_open":
            _paragraph(extract, part, in_item=items > 0, listed=token.map[0] not in single)
        elif token.type == "tr_open":
            _add(extract, "row", part, len(part[0].text) - len(part[0].text.lstrip(" |>")))
        elif token.type in ("fence", "code_block"):
            inside = part[1:-1] if token.type == "fence" and len(part) > 1 else part
            for line in inside:
                _add(extract, "code", [line])
        elif token.type == "html_block":
            _html(extract, text, part)
    return extract


def _single_items(tokens: "list[Token]") -> set[int]:
    """The first lines of ordered lists of one item: `3. October was dry.` is such a list to a Markdown parser."""
    found: set[int] = set()
    for at, token in enumerate(tokens):
        if token.type != "ordered_list_open" or token.map is None:
            continue
        after = next(near for near in range(at, len(tokens)) if tokens[near].type == "ordered_list_close"
                     and tokens[near].level == token.level)  # fmt: skip
        if sum(inner.type == "list_item_open" and inner.level == token.level + 1 for inner in tokens[at:after]) == 1:
            found.add(token.map[0])
    return found


def _front_matter(lines: list[SourceLine], extract: Extract) -> int:
    """Reads the YAML header as fields; returns the number of its lines."""
    if lines[0].text.rstrip() != "---":
        return 0
    closing = next((at for at, line in enumerate(lines[1:200], 1) if line.text.rstrip() in ("---", "...")), 0)
    at = 1
    while at < closing:
        groups, after = read_fields(lines[:closing], at)
        for group in groups:
            label, value = field_of(group[0].text) or ("", "")
            rest = [line.text.strip() for line in group[1:]]
            extract.fields[label] = " ".join([value, *rest]).strip().strip("'\"")
            _add(extract, "field", group)
        at = max(after, at + 1)
    return closing + 1 if closing else 0


def _list_of(header: list[SourceLine], name: str) -> list[str]:
    """The plain values that a YAML header gives under a name or its plural, one or a list of them."""
    import yaml

    try:
        given = yaml.safe_load("\n".join(line.text for line in header)[:20_000])
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    values = (
        (given.get(name) or given.get(f"{name.rstrip('s')}s") or given.get(name.rstrip("s")))
        if isinstance(given, dict)
        else None
    )
    if isinstance(values, str) and name == "tags":
        values = re.split(r"[,\s]+", values)
    listed = values if isinstance(values, list) else [values]
    return [str(value).lstrip("#").strip() for value in listed if isinstance(value, str | int) and str(value).strip()]


def _paragraph(extract: Extract, lines: list[SourceLine], *, in_item: bool, listed: bool) -> None:
    """`listed` is false where what opens the item may be a date or a year rather than a number of a list."""
    if all(IMAGE.fullmatch(line.text) for line in lines):
        return
    groups, after = read_fields(lines, 0)
    if len(groups) > 1 and after == len(lines):
        for group in groups:
            _add(extract, "field", group)
        return
    if not in_item and len(runs(lines)) > 1:
        for line in lines:
            _add(extract, "row", [line], len(line.text) - len(QUOTE.sub("", line.text)))
        return
    marker = (MARKER if listed else QUOTE).match(lines[0].text)
    _add(extract, "item" if in_item else "prose", lines, marker.end() if marker else 0)


def _html(extract: Extract, text: str, lines: list[SourceLine]) -> None:
    """Raw HTML: each line that shows words is kept; comments are not text that a reader sees."""
    start, end = lines[0].start, lines[-1].end
    hidden = [match.span() for match in TAG.finditer(text, start, end)]
    for line in lines:
        shown = (
            "".join(mark for at, mark in enumerate(line.text, line.start) if not any(a <= at < b for a, b in hidden))
            if hidden
            else line.text
        )
        if any(mark.isalnum() for mark in shown):
            _add(extract, "row", [line])


def _add(extract: Extract, kind: BlockKind, lines: list[SourceLine], skip: int = 0, level: int = 0) -> None:
    if not lines or (kind == "row" and GRID.match(lines[0].text)):
        return
    if found := block(kind, lines, skip, level):
        extract.blocks.append(found)
