"""Which files a folder asks to leave alone: .gitignore as git reads it, and .agentflowignore, of the same form, over it."""

import re
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from agentflow.corpus.files.files import read_bytes

FILES = (".agentflowignore", ".gitignore")  # the first one that says something decides
TOP = (".git", "models.yaml")  # what the folder holds above which no rules are looked for
LONGEST = 1_000_000  # bytes of rules
MOST_STARS = 3  # in one rule; matching takes time to the power of them, and the rules may be a stranger's
ANY_NAME = "\0"  # no file is called this
STARS = re.compile(r"\*+")


@dataclass(frozen=True, slots=True)
class Rules:
    """One ignore file. `lines` are its rules as written, one for each of the spec's patterns."""

    file: Path
    lines: list[str]
    spec: GitIgnoreSpec

    def check(self, path: Path, *, folder: bool) -> tuple[bool | None, str]:
        """Whether to leave the path out, and by which rule; None where no rule speaks of it."""
        name = path.relative_to(self.file.parent).as_posix()
        result = self.spec.check_file(f"{name}/" if folder else name)
        return result.include, "" if result.index is None else self.lines[result.index]


def rules_in(folder: Path) -> list[Rules]:
    return [rules for name in FILES if (rules := _read(folder / name))]


def rules_above(root: Path) -> list[Rules]:
    """Of the folders around a root, up to the repository's or the project's; the nearest first.

    The root was named by a person: a rule that would leave out all of it does not count.
    """
    found: list[Rules] = []
    for folder in root.parents if not _is_top(root) else ():
        found += [_sparing(rules, root) for rules in rules_in(folder)]
        if _is_top(folder):
            return found
    return []


def ignored(rules: list[Rules], path: Path, *, folder: bool) -> str:
    """Why the path is left out; empty where it is not. `rules`: the nearest folder's first."""
    for each in rules:
        leave, line = each.check(path, folder=folder)
        if leave is not None:
            return f"ignored by {each.file.name}: {line}" if leave else ""
    return ""


def _is_top(folder: Path) -> bool:
    return any((folder / name).exists() for name in TOP)


def _sparing(rules: Rules, root: Path) -> Rules:
    name = root.relative_to(rules.file.parent).as_posix()
    all_of_it = (f"{name}/", f"{name}/{ANY_NAME}")
    return _rules(
        rules.file,
        [line for line in rules.lines if not any(map(GitIgnoreSpec.from_lines([line]).match_file, all_of_it))],
    )


def _read(file: Path) -> Rules | None:
    try:
        content, _ = read_bytes(file)
    except (OSError, ValueError):
        return None
    text = content[:LONGEST].decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    return _rules(file, text.splitlines())


def _rules(file: Path, lines: list[str]) -> Rules:
    """Lines that are no rule (blank, comments, broken ones) are passed over, as git does."""
    kept, patterns = [], []
    for line in lines:
        try:
            found = [each for each in GitIgnoreSpec.from_lines([bounded(line)]).patterns if each.include is not None]
        except (ValueError, re.error):
            continue
        kept += [line.strip()] * len(found)
        patterns += found
    return Rules(file, kept, GitIgnoreSpec(patterns))


def bounded(line: str) -> str:
    """The rule, or with too many stars a wider one, which leaves out too much rather than too little."""
    line = "/".join(part if part == "**" else STARS.sub("*", part) for part in line.split("/"))
    stars = list(STARS.finditer(line))
    if len(stars) <= MOST_STARS:
        return line
    if line.startswith("!"):
        return ""
    head, middle, tail = line[: stars[0].start()], line[stars[0].start() : stars[-1].end()], line[stars[-1].end() :]
    between = "*" if "/" not in middle else "*/**/*" if head else "**/*"
    return head + between + tail.removeprefix("/")
