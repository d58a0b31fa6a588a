"""A project is the user's folder over the bundled one: content is loaded by kind and name, the user's file wins."""

import importlib
import os
import sys
import traceback
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal

from agentflow import bundled
from agentflow.errors import AgentflowError, ConfigError
from agentflow.storage.place import Place, configured

Kind = Literal["graphs", "tools", "evals"]
MARKER = "models.yaml"
STATE = ".agentflow"
MODELS = "AGENTFLOW_MODELS"
USER_PACKAGE = "agentflow_project"


@dataclass(frozen=True, slots=True)
class Layer:
    """One root of content and the package name its Python files are imported under."""

    package: str
    root: Path

    def files(self, kind: Kind) -> dict[str, Path]:
        """Name to file, `.py` before `.yaml`. Listing never runs a file."""
        found: dict[str, Path] = {}
        for suffix in (".yaml", ".py"):
            for path in sorted((self.root / kind).glob(f"*{suffix}")):
                if path.stem.isidentifier() and not path.stem.startswith("_"):
                    found[path.stem] = path
        return found


def mount(root: Path) -> Layer:
    """Makes a user's folder an ordinary package. One project per process: an earlier one is unmounted."""
    unmount()
    package = ModuleType(USER_PACKAGE)
    package.__path__ = [str(root)]
    sys.modules[USER_PACKAGE] = package
    importlib.invalidate_caches()
    return Layer(USER_PACKAGE, root)


def unmount() -> None:
    for key in [key for key in sys.modules if key == USER_PACKAGE or key.startswith(f"{USER_PACKAGE}.")]:
        del sys.modules[key]


def find_root(explicit: Path | None = None) -> Path | None:
    """--project, then $AGENTFLOW_PROJECT, then the nearest folder upwards that holds models.yaml; else None."""
    if named := explicit or os.environ.get("AGENTFLOW_PROJECT"):
        root = Path(named)
        if not root.is_dir():
            raise AgentflowError(f"no project folder {root}", "name an existing folder with --project")
        return root.resolve()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / MARKER).is_file()), None)


class Project:
    """`root` is the user's folder; its state lies in `.agentflow/` there (or in the current folder, without one)."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or Path.cwd()).resolve()
        self._state = self.root / STATE
        shipped = Layer("agentflow.bundled", bundled.ROOT)
        self.layers = [shipped] if self.root == bundled.ROOT.resolve() else [mount(self.root), shipped]

    @classmethod
    def open(cls, explicit: Path | None = None) -> "Project":
        return cls(find_root(explicit))

    @property
    def state(self) -> Path:
        """The folder of everything agentflow writes for this project; not created here."""
        return self._state

    def run_folder(self, run: str) -> Path:
        """Where the files lie that a run writes."""
        return self.state / "runs" / run

    def with_state(self, state: Path) -> "Project":
        """The same content with another state folder: an evaluation keeps its corpora apart from the person's own."""
        twin = copy(self)
        twin._state = state
        return twin

    @property
    def database(self) -> Path:
        return self.state / "agentflow.db"

    @property
    def store(self) -> Place:
        """Where its runs lie: a Postgres database that was configured, else its own file. What an evaluation keeps apart
        stays apart."""
        return (None if self.kept_apart else configured(self.root)) or self.database

    @property
    def kept_apart(self) -> bool:
        """Whether its state is another than the project's own: an evaluation's."""
        return self.state != self.root / STATE

    @property
    def has_store(self) -> bool:
        """Whether there may be runs already."""
        return isinstance(self.store, str) or self.store.exists()

    def names(self, kind: Kind) -> dict[str, Path]:
        """Every name of a kind and the file that wins."""
        merged: dict[str, Path] = {}
        for layer in reversed(self.layers):
            merged.update(layer.files(kind))
        return merged

    def find(self, kind: Kind, name: str) -> Path:
        """The winning file. Raises AgentflowError with the known names and the folders searched."""
        names = self.names(kind)
        if name not in names:
            folders = ", ".join(str(layer.root / kind) for layer in self.layers)
            known = ", ".join(sorted(names)) or "none"
            raise AgentflowError(f"no {kind[:-1]} named '{name}'; known: {known}", f"looked in {folders}")
        return names[name]

    def load(self, kind: Kind, name: str) -> ModuleType:
        """Imports the winning Python file under its package's name, so that it survives in stored checkpoints. Raises
        ConfigError, with the line, when the file itself fails."""
        path = self.find(kind, name)
        layer = next(layer for layer in self.layers if layer.files(kind).get(name) == path)
        try:
            return importlib.import_module(f"{layer.package}.{kind}.{name}")
        except AgentflowError:
            raise
        except Exception as error:
            raise ConfigError(
                f"{path}:{_line(error, path)}:1: {type(error).__name__}: {error}", f"mend the file, then '{name}' loads"
            ) from error

    def models_files(self) -> list[Path]:
        """models.yaml of each layer, the bundled one first: later files are merged over it by model name. The file that
        the environment names (AGENTFLOW_MODELS, for all projects of a person) comes right after the bundled one."""
        files = [layer.root / MARKER for layer in reversed(self.layers)]
        if own := os.environ.get(MODELS):
            files.insert(1, Path(own))
        return [path for path in files if path.is_file()]

    def prompt_file(self, name: str) -> Path:
        """graphs/prompts/NAME.yaml of the first layer that has it."""
        for layer in self.layers:
            path = layer.root / "graphs" / "prompts" / f"{name}.yaml"
            if path.is_file():
                return path
        folders = ", ".join(str(layer.root / "graphs" / "prompts") for layer in self.layers)
        raise AgentflowError(f"no prompt named '{name}'", f"looked in {folders}")


def _line(error: Exception, path: Path) -> int:
    """The last line of the file that took part in the error; 1 when none did."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 1
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == str(path)), 1)
