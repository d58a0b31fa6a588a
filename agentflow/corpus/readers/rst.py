"""reStructuredText, by its line structure: enough for headings, fields, lists, tables, directives and code, never failing."""

import re

from agentflow.corpus.blocks import LOWEST, BlockKind, Extract
from agentflow.corpus.readers.lines import GRID, SourceLine, field_of, marked
from agentflow.corpus.readers.plain import Scanner

EXPLICIT = re.compile(r"^\s*\.\.(\s|$)")
DIRECTIVE = re.compile(r"^\s*\.\.\s+(?:\|[^|]+\|\s+)?(?P<name>[\w:-]+)::(?:\s+(?P<argument>.*))?$")
TARGET = re.compile(r"^\s*\.\.\s+(?:_|\[)")
INTERNAL = re.compile(r"^\s*\.\.\s+_[^ ].*:\s*$")
NAMED = re.compile(r"^\s*(?:(?::[\w:]+:)?(`+|\*+)[^`*]+\1[,\s]*)+$")  # a line of marked names alone
OPTION = re.compile(r"^\s+:[\w-]+:")
LITERAL = {"code", "code-block", "sourcecode", "literalinclude", "parsed-literal", "doctest", "productionlist", "math"}
SILENT = {"contents", "image", "toctree", "raw", "highlight", "index", "include", "default-role", "role"}
DATED = {"versionadded", "versionchanged", "versionremoved", "deprecated", "deprecated-removed"}
TITLED = {"tab", "tab-item", "group-tab", "dropdown", "topic", "sidebar", "admonition"}
# What a reference describes, in any domain: `confval`, `option`, `py:function`, `rst:directive:option`.
DESCRIBED = set(
    "option cmdoption confval setting envvar conf describe object event signal command fixture function method classmethod"
    " staticmethod class attribute property data exception decorator macro type struct enum enumerator member var directive".split()
)


class Markup(Scanner):
    """`left`: where the bodies of titled directives end, and the title's level, the innermost last."""

    markup = True

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.rules = (*self.rules, self.explicit, self.definition)
        self.left: list[tuple[int, int]] = []

    def add(self, kind: BlockKind, lines: list[SourceLine], skip: int = 0, level: int = 0) -> None:
        left = self.leave(lines[0]) if lines else 0
        super().add(kind, lines, skip, level or left)

    def leave(self, line: SourceLine) -> int:
        """The level of the outermost title whose body the line stands behind; 0 for none."""
        level = 0
        while self.left and line.start >= self.left[-1][0]:
            _, level = self.left.pop()
        return level

    def explicit(self, at: int) -> int:
        """Directives, targets, footnotes and comments."""
        line = self.lines[at]
        if not EXPLICIT.match(line.text):
            return at
        if found := DIRECTIVE.match(line.text):
            return self.directive(at, found)
        if TARGET.match(line.text):
            after = self.paragraph_end(at + 1, line.indent)
            if not INTERNAL.match(line.text):
                self.add("item", self.lines[at:after], line.indent + 3)
            return after
        return self.skip(at + 1, line.indent)

    def directive(self, at: int, found: re.Match[str]) -> int:
        line, body = self.lines[at], at + 1
        name, argument = found["name"].lower(), found["argument"]
        if name in LITERAL:
            return self.literal(body, line.indent)
        if name in SILENT or (name == "only" and "html" not in (argument or "")):
            return self.skip(body, line.indent)
        if not argument or name == "only":
            return body
        if name in DATED:
            after = self.paragraph_end(body, line.indent)
            self.add("item", self.lines[at:after], found.start("name"))
            return after
        title = found.start("argument")
        if name == "rubric":
            self.add("heading", [line], title, LOWEST)
        elif name == "class" and not re.search(r"[A-Z(.]", argument):
            pass  # a class of the page's style
        elif name.rpartition(":")[2] in DESCRIBED or name in TITLED:
            return self.titled(at, title)
        elif name != "figure":
            after = self.paragraph_end(body, line.indent) if self.is_prose(body) else body
            self.add("prose", self.lines[at:after], title)
            return after
        return body

    def titled(self, at: int, skip: int) -> int:
        """A name, and what is said of it in the lines indented deeper: a term with the first paragraph, so that a quote has both,
        or a heading over anything else."""
        indent, after = self.lines[at].indent, self.skip(at + 1, self.lines[at].indent)
        begins = next((i for i in range(at + 1, after) if not self.lines[i].blank), after)
        first = self.paragraph_end(begins, indent) if self.is_prose(begins) else at + 1
        if any(not line.blank for line in self.lines[first:after]):
            self.leave(self.lines[at])
            level = LOWEST + len(self.left)
            self.add("term" if first > begins else "heading", self.lines[at:first], skip, level)
            self.left.append((self.lines[after].start if after < len(self.lines) else len(self.text) + 1, level))
        else:
            self.add("item", self.lines[at:first], skip)
        return self.literal_after(at, first)

    def definition(self, at: int) -> int:
        """A term and what is said of it, with or without a blank line between."""
        first, below = self.lines[at], at + 1
        if marked(self.lines, at) or first.text.rstrip().endswith("::"):
            return at
        while below < len(self.lines) and self.lines[below].blank:
            below += 1
        named = below == at + 1 or (below < at + 3 and NAMED.match(first.text))
        if (
            not named
            or below == len(self.lines)
            or self.lines[below].indent <= first.indent
            or not self.is_prose(below)
        ):
            return at
        return self.titled(at, 0)

    def is_prose(self, at: int) -> bool:
        """Whether running text begins at the line, no list, field, table or directive."""
        line = self.lines[at] if at < len(self.lines) else None
        if line is None or line.blank or marked(self.lines, at) or field_of(line.text) or GRID.match(line.text):
            return False
        return not EXPLICIT.match(line.text) and not line.text.lstrip().startswith((">>> ", ":"))

    def paragraph_end(self, at: int, indent: int) -> int:
        """The line after those from `at` that are indented deeper, to the next blank one."""
        while at < len(self.lines) and not self.lines[at].blank and self.lines[at].indent > indent:
            at += 1
        return at

    def skip(self, at: int, indent: int) -> int:
        while at < len(self.lines) and (self.lines[at].blank or self.lines[at].indent > indent):
            at += 1
        return at

    def literal(self, at: int, indent: int) -> int:
        """Everything indented deeper is code, line by line, its options left out."""
        after = self.skip(at, indent)
        for line in self.lines[at:after]:
            if not line.blank and not OPTION.match(line.text):
                self.add("code", [line])
        return after

    def item(self, at: int) -> int:
        return self.literal_after(at, super().item(at))

    def paragraph(self, at: int) -> int:
        return self.literal_after(at, super().paragraph(at))

    def literal_after(self, at: int, after: int) -> int:
        """`::` at the end of a paragraph makes what is indented below it code."""
        if not self.lines[after - 1].text.rstrip().endswith("::"):
            return after
        below = after
        while below < len(self.lines) and self.lines[below].blank:
            below += 1
        indent = self.lines[at].indent
        if below > after and below < len(self.lines) and self.lines[below].indent > indent:
            return self.literal(below, indent)
        return after


def read(text: str) -> Extract:
    scanner = Markup(text)
    return Extract(text, scanner.scan(), fields=scanner.fields)
