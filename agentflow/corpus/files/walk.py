"""Down a tree of folders and links: each entry is a file to read, a folder to enter, or left out with a reason."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from agentflow.corpus.files.files import DEEPEST, JUNK, FoundFiles, existing, link_trouble, unwanted
from agentflow.corpus.files.ignore import Rules, ignored, rules_above, rules_in
from agentflow.corpus.files.records import is_record
from agentflow.corpus.names import stored_name
from agentflow.storage.handed_out import NAMED_BY_RUN, handed_out

SETTINGS = ("models.yaml", "tools.yaml", "sites.yaml")  # of a project, beside its state


def find_files(paths: Sequence[Path], *, state: Path, only: frozenset[Path] | None = None) -> FoundFiles:
    """Hidden files, caches, lock files, the project's settings, what agentflow itself wrote for a person, what .gitignore and
    .agentflowignore name, and links that lead out of the roots are left out, each with its reason, `state` and the records beside documents
    without; links to folders inside are not followed, their files are read there.
    With `only` nothing but what lies at and under these absolute paths is looked at.

    Raises AgentflowError for a path that does not exist.
    """
    found = FoundFiles()
    for named in paths:
        found.roots.append(existing(named))
    walk = Walk(found, state, only)
    files: set[Path] = set()
    for root in found.roots:
        if not walk.concerned(root, whole := any(map(walk.within, root.parents))):
            continue
        if root.is_dir():
            files.update(walk.files(root, whole))
        elif reason := unwanted(root.name):
            found.ignored[root] = reason
        else:
            files.add(root)
    found.files = sorted(files, key=os.fsencode)
    for path in files:  # reached by another way
        found.ignored.pop(path, None)
    return found


class Walk:
    """Writes the reasons into `found`, whose roots say how far links may lead."""

    def __init__(self, found: FoundFiles, state: Path, only: frozenset[Path] | None) -> None:
        self.found = found
        self.state = state
        self.own = handed_out(state)
        self.only = only
        self.above = {parent for path in only or () for parent in path.parents}
        self.inside = [Path(os.path.realpath(root)) for root in found.roots]

    def files(self, root: Path, whole: bool) -> Iterator[Path]:
        """What is to be read below a root; `whole`: all that lies there is asked for."""
        waiting = [(root, 0, rules_above(root), whole or self.within(root))]
        while waiting:
            folder, depth, above, whole = waiting.pop()
            if depth > DEEPEST:
                self.found.unlisted[folder] = f"more than {DEEPEST} folders deep"
                continue
            entries = self._entries(folder)
            rules = [*rules_in(folder), *above] if entries else above
            for entry in entries:
                path = folder / entry.name
                if not self.concerned(path, whole):
                    continue
                if entry.is_symlink():
                    yield from self._link(path, rules)
                elif entry.is_dir(follow_symlinks=False):
                    if self._wanted(path, rules, folder=True):
                        waiting.append((path, depth + 1, rules, whole or self.within(path)))
                elif self._wanted(path, rules, folder=False):
                    yield path

    def within(self, path: Path) -> bool:
        """All that lies under the path is asked for."""
        return self.only is None or path in self.only

    def concerned(self, path: Path, whole: bool) -> bool:
        """The path is asked for, or may hold what is; `whole`: its folder is."""
        return whole or self.within(path) or path in self.above

    def _entries(self, folder: Path) -> list["os.DirEntry[str]"]:
        try:
            with os.scandir(folder) as entries:
                return sorted(entries, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            self.found.unlisted[folder] = f"cannot be listed: {error.strerror}"
            return []

    def _wanted(self, path: Path, rules: list[Rules], *, folder: bool) -> bool:
        if path == self.state or (not folder and is_record(path.name)):
            return False
        if folder and path.name in JUNK:
            reason = "a folder of caches or packages"
        elif path.name.startswith("."):
            reason = "hidden: its name begins with a dot"
        elif not folder and (path in self.own or NAMED_BY_RUN.fullmatch(path.name)):
            reason = "written by agentflow: name the file to read it"
        elif not folder and path.name in SETTINGS and path.parent == self.state.parent:
            reason = "settings of agentflow: name the file to read it"
        else:
            reason = "" if folder else unwanted(path.name)
        if reason := reason or ignored(rules, path, folder=folder):
            self.found.ignored[path] = reason
        return not reason

    def _link(self, path: Path, rules: list[Rules]) -> Iterator[Path]:
        """Read where it leads to a file inside a root. Links to folders are never followed: no circle, no copies."""
        try:
            folder, trouble = stat.S_ISDIR(os.stat(path).st_mode), ""
        except OSError as error:
            folder, trouble = False, link_trouble(error)
        if not self._wanted(path, rules, folder=folder):
            return
        target = Path(os.path.realpath(path))
        within = any(target.is_relative_to(root) for root in self.inside)
        if trouble:
            self.found.failed[path] = trouble
        elif folder and within:
            self.found.ignored[path] = f"a link to {stored_name(target.name)} inside the folder, not followed"
        elif folder:
            self.found.failed[path] = (
                f"a link to the folder {stored_name(str(target))}, not followed: name it to read it"
            )
        elif not within:
            self.found.failed[path] = "a link that leads out of the folder"
        else:
            self.found.links.append(path)
            yield path
