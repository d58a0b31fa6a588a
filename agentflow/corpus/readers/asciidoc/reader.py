"""AsciiDoc: titles, attributes, lists, tables and blocks of code. Marks within a line stay as they are written."""

import re
from collections.abc import Callable

from agentflow.corpus.blocks import BlockKind, Extract
from agentflow.corpus.dates import date_of_text
from agentflow.corpus.readers.asciidoc import marks as signs
from agentflow.corpus.readers.asciidoc.marks import begins_item, bounds
from agentflow.corpus.readers.asciidoc.table import table_rows
from agentflow.corpus.readers.lines import block, split_lines

KNOWN = {"author", "email", "revdate", "description", "keywords", "doctitle", "title"}


def read(text: str) -> Extract:
    return AsciiDoc(text).extract()


class AsciiDoc:
    """Reads lines once from top to bottom. `style` is what the line of brackets before a block says of it."""

    def __init__(self, text: str) -> None:
        self.found = Extract(text)
        self.lines = split_lines(text)
        self.last = {line.text.rstrip(): at for at, line in enumerate(self.lines) if signs.MARK.match(line.text)}
        self.style = ""
        self.within: BlockKind = "prose"  # what a paragraph belongs to: after a `+` to an item
        self.rules: list[Callable[[int], int]] = [
            self.silent, self.code, self.table, self.heading, self.styled, self.attribute, self.item, self.labelled,
        ]  # fmt: skip

    def extract(self) -> Extract:
        at = self.header()
        while at < len(self.lines):
            at = at + 1 if self.lines[at].blank else self.step(at)
        self.found.author = self.found.fields.get("author", "")
        self.found.date = date_of_text(self.found.fields.get("revdate", ""))
        return self.found

    def step(self, at: int) -> int:
        for rule in self.rules:
            if (after := rule(at)) > at:
                return after
        return self.paragraph(at)

    def text(self, at: int) -> str:
        return self.lines[at].text if at < len(self.lines) else ""

    def add(self, kind: BlockKind, at: int, after: int, skip: int = 0, level: int = 0) -> None:
        if found := block(kind, self.lines[at:after], skip, level):
            self.found.blocks.append(found)

    def header(self) -> int:
        """The title with the lines of its author and revision below."""
        at = 0
        while at < len(self.lines) and (self.lines[at].blank or re.match(r"//(?!/)|:[\w!-]+:", self.text(at))):
            at = max(self.attribute(at), at + 1)
        after = self.heading(at) if at < len(self.lines) else at
        if after == at or self.found.blocks[-1].level > 1:
            return after
        if signs.AUTHOR.match(self.text(after)):
            self.found.fields["author"] = self.text(after).partition("<")[0].strip()
            self.add("field", after, after + 1)
            after += 1
            line = self.text(after)
            if (
                line.strip()
                and not line.startswith(":")
                and len(line) < 200
                and (revised := signs.REVISION.match(line))
            ):
                self.found.fields["revdate"] = (revised["date"] or "").strip()
                self.add("field", after, after + 1)
                after += 1
        return after

    def silent(self, at: int) -> int:
        """Comments, macros that show no text here, rules, and the lines around blocks."""
        line = self.text(at)
        if line.startswith("////") and not line.strip(" \t/"):
            return self.closed(at, line.rstrip()) + 1
        if line.rstrip() == "+":
            self.within = "item"
            return at + 1
        return at + 1 if line.startswith("//") or signs.DRAWN.match(line) or signs.SILENT.match(line) else at

    def closed(self, at: int, mark: str) -> int:
        """The line that ends a block; without one, that of its mark, which then is left out."""
        if self.last.get(mark, 0) <= at:
            return at
        return next(number for number in range(at + 1, len(self.lines)) if self.text(number).rstrip() == mark)

    def code(self, at: int) -> int:
        """A block between two equal lines, line by line."""
        line, opening = self.text(at).rstrip(), signs.CODE.match(self.text(at))
        fence = opening is not None and opening[1] == "```"
        if opening is None or (line != opening[1] and not fence):
            return at
        end = self.closed(at, opening[1])
        for number in range(at + 1, end):
            self.add("code", number, number + 1)
        return self.settle(end + 1)

    def settle(self, after: int) -> int:
        self.style, self.within = "", "prose"
        return after

    def table(self, at: int) -> int:
        if not signs.TABLE.match(self.text(at)):
            return at
        end = self.closed(at, self.text(at).rstrip())
        for kind, first, after, skip in table_rows(self.lines, at + 1, end, self.style, self.text(at)[0]):
            self.add(kind, first, after, skip)
        return self.settle(end + 1)

    def heading(self, at: int) -> int:
        """`== Title`, or a title over a line as long as itself."""
        line = self.text(at)
        if opened := signs.titled(self.lines[at]):
            title, skip, level = opened
            if found := block("heading", [title], skip, level):
                self.found.blocks.append(found)
            return self.settle(at + 1)
        above = self.text(at - 1) if at else ""
        level = signs.underlined(line, self.text(at + 1)) if not above.strip() or above[0] in "[:/" else 0
        if level:
            self.add("heading", at, at + 1, level=level)
        return self.settle(at + 2) if level else at

    def styled(self, at: int) -> int:
        """`[source,sh]` and `[[name]]` say something of the next block; `.Title` names it."""
        line = self.text(at)
        if found := signs.STYLE.match(line):
            self.style = f"{self.style},{found['said'] or ''}"[-500:]
            return at + 1
        if re.match(r"\.[^\s.]", line):
            self.add("prose", at, at + 1, 1)
            return at + 1
        return at

    def attribute(self, at: int) -> int:
        """A setting; one that tells of the document is a field."""
        found = signs.ATTRIBUTE.match(self.text(at))
        if found is None:
            return at
        name = found["name"].lower()
        if name in KNOWN and found["value"]:
            self.found.fields.setdefault("title" if name == "doctitle" else name, found["value"].strip())
            self.add("field", at, at + 1)
            if name == "keywords":
                self.found.tags += [tag.strip() for tag in found["value"].split(",") if tag.strip()]
        return at + 1

    def item(self, at: int) -> int:
        marker = signs.ITEM.match(self.text(at))
        if marker is None and not signs.NUMBER.match(self.text(at)):
            return at
        after = self.run(at + 1)
        self.add("item", at, after, marker.end() if marker else 0)
        return self.settle(after)

    def labelled(self, at: int) -> int:
        """`term:: text`: terms and what is said of them are one item."""
        if not (found := signs.TERM.match(self.text(at))):
            return at
        after = at + 1
        while not found["text"]:
            below = after
            while below < len(self.lines) and self.lines[below].blank and below < after + 3:
                below += 1
            if not (more := signs.TERM.match(self.text(below))):
                after = below if signs.opens(self.text(below)) else after
                break
            found, after = more, below + 1
        after = self.run(after)
        self.add("item", at, after)
        return self.settle(after)

    def run(self, at: int) -> int:
        """The line after those that an item goes on in."""
        while at < len(self.lines) and not self.lines[at].blank and not bounds(self.text(at)):
            if begins_item(self.text(at)):
                break
            at += 1
        return at

    def paragraph(self, at: int) -> int:
        after = at + 1
        while after < len(self.lines) and not self.lines[after].blank and not bounds(self.text(after)):
            after += 1
        names = re.split(r"[,%#.\s]+", self.style)
        # Indented text after an item goes on with it, as Git's manual writes it.
        alone = self.within == "prose" and (not self.found.blocks or self.found.blocks[-1].kind != "item")
        indented = alone and self.text(at)[:1] in " \t"
        code = indented or {"source", "listing", "literal"} & set(names)
        kind: BlockKind = "row" if "verse" in names else "code" if code else self.within
        if kind in ("row", "code"):
            for number in range(at, after):
                self.add(kind, number, number + 1)
        else:
            self.add(kind, at, after)
        return self.settle(after)
