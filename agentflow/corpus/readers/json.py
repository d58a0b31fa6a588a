"""JSON and JSON lines: each record is one row (`name: Elm | height: 3`), long values are texts of their own.
`line` is the line in the file."""

from agentflow.corpus.blocks import LOWEST, SHORT, Extract
from agentflow.corpus.readers import code
from agentflow.corpus.readers.decode import decode
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.jsontree import BrokenJson, JsonNode, tree
from agentflow.corpus.readers.unreadable import Unreadable

LARGEST = 20_000_000
LONG = 300  # characters of a value that is a text of its own
NAMES = ("name", "title", "label", "id")


def read(content: bytes) -> Extract:
    """Raises Unreadable for files that are too large or nested too deep. What is no JSON (it has comments, it is cut off)
    is read as source code, and the note says so."""
    if len(content) > LARGEST:
        raise Unreadable(
            f"{len(content) / 1e6:.0f} MB of JSON is more than the limit of {LARGEST / 1e6:.0f} MB: split it"
        )
    text = decode(content)
    try:
        roots = list(tree(text))
    except BrokenJson as error:
        extract = code.read(text)
        extract.note = f"read as plain text: no JSON from line {error.line} on"
        return extract
    flow = Flow()
    for root in roots:
        _show(flow, root, "", 1)
    return flow.extract()


def _show(flow: Flow, node: JsonNode, key: str, level: int, *, item: bool = False) -> None:
    """A record's short values on one row; then its long texts; then the records within it, under their key. Those in a list of an
    `item`, a record of a list, stand under its name as under a heading."""
    if node.children is None:
        _row(flow, [(key, node)])
        return
    prefix = f"{key}." if key and node.kind == "{" and node.key else ""
    pairs = [(prefix + name, each) for name, each in _flat(node) if len(each.text) <= LONG]
    _row(flow, pairs if node.kind == "{" else [])
    for child in node.children:
        name = prefix + child.key if child.key else key
        if child.children is None and (len(child.text) > LONG or node.kind == "["):
            _long(flow, child)
        elif child.children is not None and not _listed(child):
            named = item and child.kind == "["
            if named:
                _heading(flow, node, level)
            _show(flow, child, name, min(level + named, LOWEST - 1), item=node.kind == "[")
            if named:
                flow.leave(level)


def _heading(flow: Flow, node: JsonNode, level: int) -> None:
    """What the record is called, by its name or its first value."""
    told = {child.key.lower(): child for child in node.children or () if child.children is None and child.text.strip()}
    named = next((told[key] for key in NAMES if key in told), next(iter(told.values()), None))
    if named and len(named.text) <= SHORT:
        flow.put("heading", " ".join(named.text.split()), named.line, level)


def _flat(node: JsonNode) -> list[tuple[str, JsonNode]]:
    """The values of a record, with those of its lists of plain values."""
    pairs: list[tuple[str, JsonNode]] = []
    for child in node.children or ():
        if child.children is None:
            pairs.append((child.key, child))
        elif _listed(child):
            pairs.append(
                (child.key, JsonNode(", ".join(each.text for each in child.children), child.line, key=child.key))
            )
    return pairs


def _listed(node: JsonNode) -> bool:
    """A short list of plain values, which is a value itself."""
    return (
        node.kind == "["
        and bool(node.key)
        and all(each.children is None for each in node.children or ())
        and sum(len(each.text) + 2 for each in node.children or ()) <= LONG
    )


def _row(flow: Flow, pairs: list[tuple[str, JsonNode]]) -> None:
    told = [(f"{key}: {node.text}" if key else node.text, node.line) for key, node in pairs if node.text.strip()]
    flow.row([(" ".join(text.split()), line) for text, line in told])


def _long(flow: Flow, node: JsonNode) -> None:
    for paragraph in node.text.split("\n\n"):
        flow.put("prose", " ".join(paragraph.split()), node.line)
