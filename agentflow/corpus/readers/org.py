"""Org mode: headlines, keywords, properties, tables, blocks of code; the rest is read as plain text."""

import re

from agentflow.corpus.blocks import BlockKind, Extract
from agentflow.corpus.readers.lines import SourceLine, block, split_lines
from agentflow.corpus.readers.plain import Scanner

HEADLINE = re.compile(
    r"^(?P<stars>\*+)\s+(?:(?:TODO|DONE|NEXT|WAITING|CANCELLED)\s+)?(?:\[#\w\]\s+)?(?P<title>.*?)(?P<tags>\s+:[\w@#%:]+:)?\s*$"
)
KEYWORD = re.compile(r"^\s*#\+(?P<name>[\w-]+):\s*(?P<value>.*?)\s*$")
PROPERTY = re.compile(r"^\s*:(?P<name>[\w-]+):\s+(?P<value>\S.*?)\s*$")
BEGIN = re.compile(r"^\s*#\+begin_(?P<name>\w+)", re.IGNORECASE)
DRAWER = re.compile(r"^\s*:(?P<name>[\w-]+):\s*$")
COMMENT = re.compile(r"^\s*#(?:\s|$)")
RULE = re.compile(r"^\s*\|[-+|\s]*\|?\s*$")
CODE = {"src", "example", "export"}
KNOWN = {"title", "subtitle", "author", "date", "description", "keywords", "filetags", "email"}


def read(text: str) -> Extract:
    return Org(text).extract()


class Org:
    """Reads lines once from top to bottom; `plain` are those that are no markup, read together."""

    def __init__(self, text: str) -> None:
        self.found = Extract(text)
        self.lines = split_lines(text)
        self.plain: list[SourceLine] = []

    def extract(self) -> Extract:
        at = 0
        while at < len(self.lines):
            after = self.step(at)
            if after == at:
                self.plain.append(self.lines[at])
                after = at + 1
            at = after
        self.settle()
        return self.found

    def step(self, at: int) -> int:
        """Adds what begins at the line `at`; returns the line after it, or `at` for plain text."""
        line = self.lines[at].text
        if headline := HEADLINE.match(line):
            return self.headline(at, headline)
        if begin := BEGIN.match(line):
            return self.block(at, begin["name"].lower())
        if keyword := KEYWORD.match(line):
            return self.field(at, keyword)
        if drawer := DRAWER.match(line):
            return self.drawer(at, drawer["name"].lower())
        if line.lstrip().startswith("|"):
            return self.table(at)
        return self.skip(at) if COMMENT.match(line) else at

    def settle(self) -> None:
        """The plain lines gathered so far, by the rules of plain text."""
        lines, self.plain = self.plain, []
        if any(not line.blank for line in lines):
            scanner = Scanner("")
            scanner.lines = lines
            self.found.blocks += scanner.scan()

    def skip(self, at: int) -> int:
        self.settle()
        return at + 1

    def headline(self, at: int, match: re.Match[str]) -> int:
        self.settle()
        line = self.lines[at]
        title = SourceLine(line.start + match.start("title"), line.start + match.end("title"), match["title"])
        if found := block("heading", [title], level=len(match["stars"])):
            self.found.blocks.append(found)
        self.tag(match["tags"] or "")
        return at + 1

    def tag(self, tags: str) -> None:
        self.found.tags += [tag for tag in re.split(r"[:\s,]+", tags) if tag and tag not in self.found.tags]

    def field(self, at: int, match: re.Match[str]) -> int:
        self.settle()
        name = match["name"].lower()
        if name in KNOWN and match["value"]:
            if name in ("filetags", "keywords"):
                self.tag(match["value"])
            self.found.fields.setdefault(name, match["value"].strip("<>[]"))
            self.add("field", at)
        return at + 1

    def drawer(self, at: int, name: str) -> int:
        """Properties are fields; other drawers (logs of clocks and states) are left out."""
        end = next(
            (n for n in range(at + 1, min(at + 200, len(self.lines))) if self.lines[n].text.strip().lower() == ":end:"),
            at,
        )
        if end == at:
            return at
        self.settle()
        for number in range(at + 1, end):
            if name == "properties" and PROPERTY.match(self.lines[number].text):
                self.add("field", number)
        return end + 1

    def block(self, at: int, name: str) -> int:
        """Code line by line; quotes and the like are text; comments are left out."""
        close = f"#+end_{name}"
        end = next((n for n in range(at + 1, len(self.lines)) if self.lines[n].text.strip().lower() == close), at)
        if end == at or name not in {*CODE, "comment"}:
            return self.skip(at)
        self.settle()
        for number in range(at + 1, end):
            if name != "comment" and not self.lines[number].blank:
                self.add("code", number)
        return end + 1

    def table(self, at: int) -> int:
        """The rows over the first rule name the columns."""
        self.settle()
        end = at
        while end < len(self.lines) and self.lines[end].text.lstrip().startswith("|"):
            end += 1
        headed = end > at + 1 and bool(RULE.match(self.lines[at + 1].text))
        for number in range(at, end):
            if not RULE.match(self.lines[number].text):
                self.add("columns" if headed and number == at else "row", number)
        return end

    def add(self, kind: BlockKind, at: int) -> None:
        line = self.lines[at]
        skip = len(line.text) - len(line.text.lstrip(" \t|")) if kind in ("row", "columns") else 0
        if found := block(kind, [line], skip):
            self.found.blocks.append(found)
