"""One key of a YAML file changed, and every other byte, comments too, left as a person wrote it."""

import yaml

from agentflow.errors import AgentflowError

Path = tuple[str, str]


def set_key(text: str, path: Path, value: str) -> str:
    """The text with `SECTION: {KEY: value}`, an earlier value replaced. Raises AgentflowError for what is no mapping."""
    section, key = path
    root = _root(text)
    found = _child(root, section)
    if found is None:
        if root and root.flow_style:
            at, comma = root.end_mark.index - 1, ", " if root.value else ""
            return f"{text[:at]}{comma}{section}: {{{key}: {value}}}{text[at:]}"
        return f"{_ended(text)}{section}:\n  {key}: {value}\n"
    if not isinstance(found[1], yaml.MappingNode) or not found[1].value:
        return _replaced(text, found[1], f"{{{key}: {value}}}")
    if inner := _child(found[1], key):
        return _replaced(text, inner[1], value)
    first = found[1].value[0][0].start_mark
    gap = ", " if found[1].flow_style else f"\n{' ' * first.column}"
    return f"{text[: first.index]}{key}: {value}{gap}{text[first.index :]}"


def remove_key(text: str, path: Path) -> str:
    """The text without the key, and without its section when that is empty then. Unchanged when it is not there."""
    section, key = path
    root = _root(text)
    found = _child(root, section)
    if root is None or found is None or not isinstance(found[1], yaml.MappingNode):
        return text
    inner = _child(found[1], key)
    if inner is None:
        return text
    return _without(text, root, *found) if len(found[1].value) == 1 else _without(text, found[1], *inner)


def _without(text: str, parent: yaml.MappingNode, key: yaml.Node, value: yaml.Node) -> str:
    start, end = key.start_mark.index, _end(text, value)
    if parent.flow_style:
        others = [pair for pair in parent.value if pair[0] is not key]
        later = [pair[0].start_mark.index for pair in others if pair[0].start_mark.index > start]
        if later:
            return text[:start] + text[later[0] :]
        return text[: _end(text, others[-1][1]) if others else start] + text[end:]
    start -= key.start_mark.column
    newline = text.find("\n", end)
    return text[:start] + (text[newline + 1 :] if newline >= 0 else "")


def _replaced(text: str, node: yaml.Node, value: str) -> str:
    """An empty node has no text of its own: the value then follows the colon."""
    start, end = node.start_mark.index, _end(text, node)
    space = " " if text[start - 1 : start] == ":" else ""
    nested = isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style
    if nested:  # a block below its key: the value moves up behind the colon
        start, space = text.rindex(":", 0, start) + 1, " "
    return f"{text[:start]}{space}{value}{text[end:]}"


def _end(text: str, node: yaml.Node) -> int:
    """Where a node's own text ends: a block collection's mark stands behind blank lines and comments below it."""
    if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _root(text: str) -> yaml.MappingNode | None:
    """None for a file of comments only."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is not None and not isinstance(root, yaml.MappingNode):
        raise AgentflowError("the file is not a mapping of keys to values", "write `key: value` lines")
    return root


def _child(node: yaml.Node | None, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next(((name, value) for name, value in pairs if name.value == key), None)


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
