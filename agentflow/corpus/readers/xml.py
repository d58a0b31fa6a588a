"""XML of any kind: mixed content as paragraphs, an element with only simple ones in it as one row (`name: Elm | height: 3`).
`line` is the line in the source."""

import re
from typing import Any

from agentflow.corpus.blocks import BlockKind, Extract
from agentflow.corpus.readers import code, html
from agentflow.corpus.readers.decode import decode, mended
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.unreadable import Unreadable
from agentflow.corpus.readers.xmltree import name, root_of

LARGEST = 20_000_000
DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
LONG = 300  # characters of a value that is a text of its own
HEADINGS = {"title", "head", "heading", "article-title", "label"}
PARAGRAPHS = {"p", "para"}
SILENT = {"id", "class", "style", "href", "schemaLocation", "space", "rend", "rid"}
SECTIONS = {"section", "sec", "chapter", "part", "div", "book", "article", "front", "body", "back", "text", "abstract"}


def read(content: bytes) -> Extract:
    """Raises Unreadable for XML that is too large. What is not well formed is read as source code."""
    if len(content) > LARGEST:
        raise Unreadable(f"{len(content) / 1e6:.0f} MB of XML is more than the limit of {LARGEST / 1e6:.0f} MB")
    try:
        root = _root(content)
    except Unreadable as error:
        if b"<!ENTITY" in content:
            raise
        extract = code.read(decode(content))
        extract.note = f"read as plain text: {error}"
        return extract
    if name(root) == "html":
        return html.read(content)
    flow = Flow()
    _element(flow, root, 1)
    return flow.extract()


def _root(content: bytes) -> Any:
    """A stray byte of another encoding costs itself, not the structure."""
    try:
        return root_of(content, "XML file")
    except Unreadable:
        if b"\x00" in content or content.isascii():
            raise
        text = DECLARED.sub("", mended(content), count=1)
        return root_of(text.encode("utf-8", "replace"), "XML file")


def _element(flow: Flow, element: Any, depth: int) -> None:
    children = [child for child in element if name(child)]
    if _mixed(element, children):
        _block(flow, element, depth)
    elif children and all(_simple(child) for child in children) and name(element) not in SECTIONS:
        _row(flow, element, children)
    else:
        _row(flow, element, [])
        for child in children:
            _element(flow, child, depth + (name(element) in SECTIONS))


def _mixed(element: Any, children: list[Any]) -> bool:
    """Words of its own beside elements, or a text that is long or stands under a heading."""
    own = " ".join(filter(None, [element.text, *(child.tail for child in element)])).strip()
    return bool(own) and (bool(children) or len(own) > LONG or name(element) in HEADINGS | PARAGRAPHS)


def _simple(element: Any) -> bool:
    return len(element) == 0 and len(element.text or "") <= LONG and name(element) not in PARAGRAPHS


def _block(flow: Flow, element: Any, depth: int) -> None:
    heading = name(element) in HEADINGS
    kind: BlockKind = "heading" if heading else "item" if name(element) == "item" else "prose"
    flow.put(kind, "".join(element.itertext()), element.sourceline or 1, depth if heading else 0)


def _row(flow: Flow, element: Any, children: list[Any]) -> None:
    """The attributes and simple children of an element, each with its name."""
    pairs = [*_attributes(element), *([] if children else [_own(element)])]
    for child in children:
        pairs += [_own(child), *_attributes(child)]
    flow.row([(f"{key}: {value.strip()}", line) for key, value, line in pairs if value.strip()])


def _own(element: Any) -> tuple[str, str, int]:
    """(name, text, line)."""
    return name(element), element.text or "", element.sourceline or 1


def _attributes(element: Any) -> list[tuple[str, str, int]]:
    """The same of those that do more than name, link and shape."""
    given = [(key.rpartition("}")[2], value, element.sourceline or 1) for key, value in element.attrib.items()]
    return [each for each in given if each[0] not in SILENT]
