"""What is wrong with a workflow file, all of it at once, each with its place and what to do."""

from dataclasses import dataclass, field

from agentflow.errors import ConfigError
from agentflow.storage.yamlfile import KeyPath, Marks


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """`line` and `column` count from 1. A warning does not keep the workflow from running."""

    line: int
    column: int
    message: str
    hint: str = ""
    warning: bool = False

    def to_json(self) -> dict[str, object]:
        level = "warning" if self.warning else "error"
        return {"line": self.line, "column": self.column, "level": level, "message": self.message, "hint": self.hint}


@dataclass(slots=True)
class Problems:
    """Collects; `lines` are the file's own, to find a template's line inside a block of text."""

    marks: Marks
    lines: list[str]
    found: list[Problem] = field(default_factory=list)

    def add(
        self, where: KeyPath, message: str, hint: str = "", *, key: bool = False, inside: int = 1, warning: bool = False
    ) -> None:
        """`inside` is the line within the text at `where`, from 1."""
        line, column = self.marks.place(where, key=key)
        if self._is_block(line, column):
            line, column = line + inside, self._indent(line + inside)
        else:
            line += inside - 1
        problem = Problem(line, column, message, hint, warning)
        if problem not in self.found:
            self.found.append(problem)

    @property
    def errors(self) -> list[Problem]:
        return sorted(problem for problem in self.found if not problem.warning)

    def raise_first(self) -> None:
        """Raises ConfigError for the first error, and says how many more there are."""
        if errors := self.errors:
            first, more = errors[0], len(errors) - 1
            rest = f" ({more} more: agentflow check {self.marks.path})" if more else ""
            raise ConfigError(f"{self.marks.path}:{first.line}:{first.column}: {first.message}{rest}", first.hint)

    def _is_block(self, line: int, column: int) -> bool:
        text = self.lines[line - 1][column - 1 :] if line <= len(self.lines) else ""
        return text[:1] in ("|", ">")

    def _indent(self, line: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return len(text) - len(text.lstrip()) + 1
