"""JSON with the line of every value, which the standard parser does not tell. One pass, no recursion."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agentflow.corpus.readers.unreadable import Unreadable

TOKEN = re.compile(r'[ \t\r\n]*(?:(?P<mark>[{}\[\],:])|(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<plain>[-+.\w]+))')
DEEPEST = 100  # values in one another
PLAIN = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|NaN|-?Infinity")


class BrokenJson(Exception):
    """`line` is where the text stops being JSON."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(slots=True)
class JsonNode:
    """A value: `children` are None for a plain one, whose `text` is as a person writes it; `kind` is `{` or `[`."""

    text: str
    line: int
    kind: str = ""
    key: str = ""
    children: "list[JsonNode] | None" = field(default=None)


def tree(text: str) -> Iterator[JsonNode]:
    """The values of the text, one or several (JSON lines). Raises BrokenJson, or Unreadable for what is nested deeper."""
    open_: list[JsonNode] = []
    at, counted, line, key, waiting = 0, 0, 1, "", False
    while (match := TOKEN.match(text, at)) is not None:
        begin = match.start(match.lastgroup or 0)
        line += text.count("\n", counted, begin)
        at, counted = match.end(), begin
        mark = match["mark"]
        if mark in ("}", "]"):
            if not open_ or (open_[-1].kind == "{") != (mark == "}") or key or waiting:
                raise BrokenJson(line)
            closed = open_.pop()
            if not open_:
                yield closed
        elif mark == ":":
            if not key or waiting:
                raise BrokenJson(line)
            waiting = True
        elif mark == ",":
            if not open_ or waiting:
                raise BrokenJson(line)
        elif open_ and open_[-1].kind == "{" and not waiting:
            key = _value(match, line) or " "
        else:
            node = (
                JsonNode("", line, mark, key.strip(), [])
                if mark
                else JsonNode(_value(match, line), line, key=key.strip())
            )
            key, waiting = "", False
            if open_:
                assert open_[-1].children is not None
                open_[-1].children.append(node)
            if mark:
                open_.append(node)
                if len(open_) > DEEPEST:
                    raise Unreadable(f"nested more than {DEEPEST} levels deep")
            elif not open_:
                yield node
    if open_ or text[at:].strip():
        raise BrokenJson(line + text.count("\n", counted, at))


def _value(match: re.Match[str], line: int) -> str:
    if match["string"] is not None:
        try:
            return str(json.loads(match["string"], strict=False))
        except ValueError:
            raise BrokenJson(line) from None
    if match["plain"] is None or not PLAIN.fullmatch(match["plain"]):
        raise BrokenJson(line)
    return "" if match["plain"] == "null" else str(match["plain"])
