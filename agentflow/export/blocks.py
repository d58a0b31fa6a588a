"""A report's Markdown as blocks of styled text, which Word and PDF are set from."""

from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

Kind = Literal["heading", "paragraph", "item", "quote", "code", "table", "rule"]


@dataclass(frozen=True, slots=True)
class StyledText:
    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """`level` of a heading, from 1; `mark` of an item: `1.` or a bullet; `rows` of a table, the first is its head."""

    kind: Kind
    spans: tuple[StyledText, ...] = ()
    level: int = 0
    mark: str = ""
    rows: tuple[tuple[tuple[StyledText, ...], ...], ...] = ()


def blocks(markdown: str) -> list[ReportBlock]:
    """Of what reports are written in: headings, paragraphs, lists of one level, quotes, tables, rules, code."""
    found: list[ReportBlock] = []
    lists: list[int | None] = []  # the next number of each open list, None where it has bullets
    rows: list[list[tuple[StyledText, ...]]] = []
    quoted = level = 0
    mark = ""
    for token in MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown):
        match token.type:
            case "blockquote_open" | "blockquote_close":
                quoted += token.nesting
            case "ordered_list_open":
                lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_close" | "bullet_list_close":
                lists.pop()
            case "list_item_open":
                number = lists[-1]
                mark = "•" if number is None else f"{number}."
                lists[-1] = None if number is None else number + 1
            case "heading_open":
                level = int(token.tag[1:])
            case "heading_close":
                level = 0
            case "table_open":
                rows = []
            case "tr_open":
                rows.append([])
            case "table_close":
                found.append(ReportBlock("table", rows=tuple(tuple(row) for row in rows)))
                rows = []
            case "inline" if rows:
                rows[-1].append(spans(token))
            case "inline":
                kind: Kind = "heading" if level else "quote" if quoted else "item" if mark else "paragraph"
                found.append(ReportBlock(kind, spans(token), level, mark))
                mark = ""
            case "fence" | "code_block":
                found.append(ReportBlock("code", (StyledText(token.content.rstrip("\n"), code=True),)))
            case "hr":
                found.append(ReportBlock("rule"))
    return found


def spans(inline: Token) -> tuple[StyledText, ...]:
    found: list[StyledText] = []
    bold = italic = False
    for token in inline.children or []:
        match token.type:
            case "strong_open" | "strong_close":
                bold = token.nesting > 0
            case "em_open" | "em_close":
                italic = token.nesting > 0
            case "softbreak" | "hardbreak":
                found.append(StyledText("\n" if token.type == "hardbreak" else " ", bold, italic))
            case "code_inline":
                found.append(StyledText(token.content, bold, italic, code=True))
            case _ if token.content:
                found.append(StyledText(token.content, bold, italic))
    return tuple(found)
