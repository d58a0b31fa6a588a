"""The lines of a roff file that say something: continued lines are joined, definitions of macros skipped, conditions decided
as for a terminal."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from agentflow.corpus.readers.roff.escapes import Escapes

CONTROL = re.compile(r"[.'][ \t]*(?P<name>[^\s\\\"]*)[ \t]*")
COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)\\[\"#].*")
DEFINES = {"de", "de1", "dei", "dei1", "am", "am1", "ami", "ig"}
DEEPEST = 20  # conditions in one line
LONGEST = 50  # lines of a macro that are replayed
BUDGET = 1_000_000  # characters of them
GIVEN = re.compile(r"\\\\?\$([1-9*@])")
CHANGING = re.compile(r"[.'][ \t]*(?:if|ie|el|de|de1|am|ds|nr|while|\.)\b|[.'][ \t]*(?:\\|\.?[ \t]*$)")
ENDS = 50  # ways to end a macro
TRUE = re.compile(r"[no](?=[\s.\\'])|\\n(?:\(\.g|\[\.g\])(?=[\s.\\])|1(?=\s)")
CONDITION = re.compile(
    r"\s*(?P<not>!?)\s*(?:[dcrF]\s+\S+|'[^'\n]*'[^'\n]*'|\"[^\"\n]*\"[^\"\n]*\"|[notev](?=[\s.\\'])|[^\s]+)"
)
ARGUMENT = re.compile(r'[ \t]*(?:"(?P<quoted>[^"]*(?:""[^"]*)*)(?:"|$)|(?P<bare>(?:\\[ \t]|[^ \t])+))')


class Source:
    """Iterates over pairs of the line's number and its text, a request or not."""

    def __init__(self, text: str, escapes: Escapes, known: frozenset[str] = frozenset()) -> None:
        self.lines = text.split("\n")
        self.escapes = escapes
        self.at = 0
        self.known = known
        self.macros: dict[str, list[str]] = {}
        self.budget = BUDGET
        self.ended: dict[str, list[int]] = {}  # the lines that end a macro, by what does
        self.decided: list[bool] = []  # by each `.ie` that waits for its `.el`

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while self.at < len(self.lines):
            number = self.at + 1
            line: str | None = self.joined()
            for _ in range(DEEPEST):
                if line is None or not (control := CONTROL.match(line)) or control["name"] not in ("if", "ie", "el"):
                    break
                line = self.chosen(control["name"], line[control.end() :])
            if line is not None and not self.defined(line):
                for each in self.replayed(line):
                    yield number, each.replace("\\}", "")

    def replayed(self, line: str) -> list[str]:
        """A macro that the page defines for itself says what its lines say, those aside that depend on something."""
        control = CONTROL.match(line)
        body = self.macros.get(control["name"]) if control else None
        if control is None or body is None or self.budget < 0:
            return [line]
        given = arguments(line[control.end() : control.end() + 400])
        found = []
        for each in body:
            filled = GIVEN.sub(lambda match: _given(given, match[1]), each).replace("\\\\", "\\")
            self.budget -= len(filled) + 1
            found.append(filled)
        return found

    def joined(self) -> str:
        """The line without its comment, with those that it goes on in."""
        parts: list[str] = []
        while True:
            line = self.lines[self.at]
            line = COMMENT.sub(r"\1", line) if "\\" in line else line
            self.at += 1
            if (len(line) - len(line.rstrip("\\"))) % 2 == 0 or self.at >= len(self.lines):
                return "".join([*parts, line])
            parts.append(line[:-1])

    def defined(self, line: str) -> bool:
        """Takes in what a request defines."""
        control = CONTROL.match(line)
        if control is None:
            return False
        name, given = control["name"], arguments(line[control.end() : control.end() + 400])
        if name in ("ds", "ds1", "as", "as1"):
            if not given or not given[0]:
                return True
            value = line[control.end() :].partition(given[0])[2].lstrip(" \t").removeprefix('"')
            self.escapes.define(given[0], value[:400], more=name.startswith("as"))
        elif name in DEFINES:
            place = 0 if name == "ig" else 1
            end = given[place] if len(given) > place else "."
            if end not in self.ended and len(self.ended) < ENDS:
                closing = re.compile(rf"[.'][ \t]*{re.escape(end)}(?:\s|\\|$)")
                self.ended[end] = [at for at, each in enumerate(self.lines) if closing.match(each)]
            known = self.ended.get(end, [])
            place = bisect_left(known, self.at)
            if name in ("de", "de1") and given and given[0] not in self.known and place < len(known):
                body = self.lines[self.at : min(known[place], self.at + LONGEST)]
                self.macros[given[0]] = [each[:400] for each in body if not CHANGING.match(each)]
            self.at = known[place] + 1 if place < len(known) else self.at
        else:
            return not name
        return True

    def chosen(self, name: str, rest: str) -> str | None:
        """What is left of a condition's line where it holds; else its whole block is passed over."""
        if name == "el":
            holds = bool(self.decided) and not self.decided.pop()
        else:
            found = CONDITION.match(rest)
            said = found[0].strip().lstrip("! \t") + " " if found else ""
            holds = bool(found) and (said[:2] in ("d ", "r ") if found and found["not"] else bool(TRUE.match(said)))
            if found and found["not"] and said[:2] in ("t ", "v ", "e "):
                holds = True
            rest = rest[found.end() :] if found else ""
            if name == "ie":
                self.decided.append(holds)
        if holds:
            return rest.lstrip().removeprefix("\\{").lstrip()
        depth = rest.count("\\{") - rest.count("\\}")
        while depth > 0 and self.at < len(self.lines):
            line = self.lines[self.at]
            depth += line.count("\\{") - line.count("\\}")
            self.at += 1
        return None


def arguments(rest: str) -> list[str]:
    """What a macro is given: words, or more of them in quotation marks."""
    return [
        match["quoted"].replace('""', '"') if match["quoted"] is not None else match["bare"]
        for match in ARGUMENT.finditer(rest)
    ]


def _given(values: list[str], which: str) -> str:
    """The argument of this number, or all of them."""
    if not which.isdigit():
        return " ".join(values)
    return values[int(which) - 1] if int(which) <= len(values) else ""
