"""A project's choice of model: the role `default` (or `embedder`) in its models.yaml."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agentflow import bundled
from agentflow.errors import AgentflowError
from agentflow.models.catalog.catalog import DEFAULT, ModelCatalog, load_catalog
from agentflow.project import MARKER, Project
from agentflow.storage.files import replacing
from agentflow.storage.yamledit import remove_key, set_key

MARK = b"\xef\xbb\xbf"  # of UTF-8, as some editors write it
EMBEDDER = "embedder"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """`role` is now answered by `model`, before by `before`; `others` are roles that keep a model of their own."""

    file: Path
    role: str
    model: str
    before: str
    others: dict[str, tuple[str, ...]]


def choose(project: Project, name: str) -> ModelChoice:
    """Writes the model into the project's file, which is made when there is none; comments stay.

    Raises AgentflowError for an unknown name, and in agentflow's own folder.
    """
    before = load_catalog(project.models_files())
    config = before.models.get(name) or before.resolve(name)
    role = EMBEDDER if config.kind == "embedding" else DEFAULT
    return _written(project, before, role, lambda text: set_key(text, ("roles", role), config.name))


def unchoose(project: Project) -> ModelChoice:
    """Takes the project's own choice out of its file: the model that ships answers again."""
    before = load_catalog(project.models_files())
    return _written(project, before, DEFAULT, lambda text: remove_key(text, ("roles", DEFAULT)))


def _written(project: Project, before: ModelCatalog, role: str, change: Callable[[str], str]) -> ModelChoice:
    path = project.root / MARKER
    if project.root == bundled.ROOT.resolve():
        raise AgentflowError(
            f"{path} is agentflow's own; it names the models that ship",
            "start a project with `agentflow init FOLDER`, or name a model for one command with --model NAME",
        )
    raw = path.read_bytes() if path.is_file() else b""
    mark = MARK if raw.startswith(MARK) else b""
    text = raw.removeprefix(mark).decode("utf-8")
    if (changed := change(text)) != text:
        _replace(path, mark + (_something(changed)).encode(), project)
    after = load_catalog(project.models_files())
    others = {name: cluster.models for name, cluster in after.roles.items() if name not in (DEFAULT, EMBEDDER)}
    now = after.roles[role].models[0] if role in after.roles else ""
    return ModelChoice(path, role, now, ", ".join(before.roles[role].models) if role in before.roles else "", others)


def _something(text: str) -> str:
    """A file of comments alone is no models.yaml."""
    bare = all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())
    return f"{text}models: {{}}\n" if bare else text


def _replace(path: Path, data: bytes, project: Project) -> None:
    """At once, and only when the changed file loads."""
    try:
        with replacing(path) as partial:
            partial.write_bytes(data)
            load_catalog([*(file for file in project.models_files() if file != path), partial])
    except OSError as error:
        raise AgentflowError(f"{path} cannot be written: {error.strerror}", "check its permissions") from error
