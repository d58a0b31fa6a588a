"""Texinfo: chapters, items, examples and tables, without commands within a line; each word with its line in the file."""

import re

from agentflow.corpus.blocks import BlockKind, Extract
from agentflow.corpus.readers.flow import Flow

COMMAND = re.compile(r"[ \t]*@(?P<name>[a-zA-Z]+)(?![a-zA-Z{])[ \t]*(?P<rest>.*)$")
SECTION = re.compile(
    r"(top|part|chapter|chapheading|majorheading|unnumbered|appendix|section|heading)|(sub)?(sub)?(?:(?:unnumbered|appendix)?sec|section|heading)"
)
CODE = set("example smallexample lisp smalllisp verbatim display smalldisplay format smallformat".split())
SILENT = set(
    "ignore menu detailmenu tex iftex html ifhtml docbook ifdocbook xml ifxml macro rmacro direntry titlepage".split()
)
LISTS = {"itemize", "enumerate", "table", "ftable", "vtable", "multitable"}
INLINE = re.compile(r"@(?P<name>[a-zA-Z]+)\{(?P<inside>[^{}@]{0,2000})\}")
SIGNS = {"dots": "…", "result": "⇒", "equiv": "≡", "error": "error-->", "print": "-|", "bullet": "•", "minus": "-", "copyright": "©",
         "TeX": "TeX", "LaTeX": "LaTeX", "tie": " ", "arrow": "→", "ss": "ß", "atchar": "@", "lbracechar": "\1", "rbracechar": "\2"}  # fmt: skip
AT = re.compile(r"@([@{}.!?:*/ \t-])")  # what they mean stands for itself until the commands are read
MEANT = {"@": "\0", "{": "\1", "}": "\2", "*": " ", ".": ".", "!": "!", "?": "?"}
DEEPEST = 5  # commands in one another


def read(text: str) -> Extract:
    return Texinfo(text).extract()


class Texinfo:
    """`waiting` are the lines of the open block."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.ends = {line.strip(): at for at, line in enumerate(self.lines) if line.startswith("@end ")}
        self.flow = Flow()
        self.waiting: list[str] = []
        self.first = 1
        self.title = self.author = self.listing = ""
        self.kind: BlockKind = "prose"
        self.values: dict[str, str] = {}

    def extract(self) -> Extract:
        at = 0
        while at < len(self.lines):
            if command := COMMAND.match(self.lines[at]):
                at = self.command(command["name"], command["rest"].partition("@c ")[0].strip(), at)
            elif self.lines[at].strip():
                self.waiting.append("" if self.lines[at].startswith("\\input") else self.lines[at])
            else:
                self.start("prose", at + 1)
            at += 1
        self.start("prose", at)
        extract = self.flow.extract()
        extract.title, extract.author = self.title, self.author
        return extract

    def start(self, kind: BlockKind, at: int, level: int = 0) -> None:
        """Shows the open block; the next one begins at the line with the index `at`."""
        for number, line in enumerate(self.plain("\n".join(self.waiting)).split("\n"), self.first):
            for place, cell in enumerate(line.split("@tab") if self.kind in ("row", "columns") else [line]):
                if place:
                    self.flow.cell(number)
                self.flow.add(f" {cell}", number)
        self.flow.end()
        self.flow.begin(kind, level)
        self.kind, self.waiting, self.first = kind, [], at + 1

    def command(self, name: str, rest: str, at: int) -> int:
        """A command that has the line for itself; returns the index of the last line that it takes."""
        if section := SECTION.fullmatch(name):
            self.put(
                "heading", rest, at, 1 + bool(section[2]) + bool(section[3]) + (name[-7:] in ("section", "heading"))
            )
        elif name in CODE | SILENT and self.ends.get(f"@end {name}", 0) > at:
            end = next(n for n in range(at + 1, len(self.lines)) if self.lines[n].strip() == f"@end {name}")
            for number in range(at + 1, end if name in CODE else at):
                self.put("code", self.lines[number], number)
            self.start("prose", end + 1)
            return end
        elif name in ("item", "itemx", "headitem") or name.startswith("def"):
            row = self.listing == "multitable"
            if name != "itemx" or self.kind != "item" or len(self.waiting) > 1:
                self.start("columns" if row and name == "headitem" else "row" if row else "item", at)
            self.waiting.append(re.sub(r"[{}]", "", self.plain(rest)) if name.startswith("def") else rest)
        elif name in ("settitle", "author"):
            setattr(self, "title" if name == "settitle" else name, self.plain(rest))
        elif name == "set" and len(self.values) < 500:
            self.values[rest.partition(" ")[0]] = rest.partition(" ")[2].strip()[:200]
        elif name in LISTS or name == "end":
            self.listing = name if name in LISTS else ""
            self.start("prose", at + 1)
        else:  # a cell, or an index entry or the like, which may stand within a paragraph
            self.waiting.append(f"@tab {rest}" if name == "tab" else "")
        return at

    def put(self, kind: BlockKind, text: str, at: int, level: int = 0) -> None:
        self.start(kind, at, level)
        self.waiting = [text]
        self.start("prose", at + 1)

    def plain(self, text: str) -> str:
        """The text without commands, its line ends kept."""
        text = AT.sub(lambda match: MEANT.get(match[1], ""), text)
        for _ in range(DEEPEST):
            text, found = INLINE.subn(self.inline, text)
            if not found:
                break
        return text.replace("\0", "@").replace("\1", "{").replace("\2", "}")

    def inline(self, match: re.Match[str]) -> str:
        """What a command within a line shows."""
        name, inside = match["name"], match["inside"]
        parts = [" ".join(part.split()) for part in inside.split(",") if part.strip()] or [""]
        if name in ("anchor", "image"):
            return "\n" * inside.count("\n")
        if name in ("uref", "url", "email"):
            parts = [f"{parts[1]} <{parts[0]}>"] if parts[1:] else parts
        if name in ("uref", "url", "email", "xref", "pxref", "ref", "inforef"):
            return {"xref": "See ", "pxref": "see "}.get(name, "") + parts[-1] + "\n" * inside.count("\n")
        return SIGNS.get(name, self.values.get(inside, inside) if name == "value" else inside)
