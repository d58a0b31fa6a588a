"""models.yaml: every model agentflow may use, and the roles that graphs ask for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from agentflow.errors import AgentflowError
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.catalog.section import Section
from agentflow.storage.renamed import rename
from agentflow.storage.yamlfile import Marks, check, load_yaml
from agentflow.text.suggest import closest, suggest

__all__ = ["ROLES", "Cluster", "ModelCatalog", "ModelConfig", "ModelsFile", "load_catalog"]

ROLES = ("planner", "reader", "writer", "checker", "agent", "embedder", "judge")
DEFAULT = "default"
FORMER_KEYS = {
    "models": {"serve": "backend", "reading": "abilities", "reranking": "abilities"},
    "roles": {"how": "strategy"},
}
FORMER_VALUES = {"abilities": {"pointwise": "none", "listwise": "all"}}
DESCRIBED = ("revision", "sha256", "bytes", "adapter", "adapters", "yes_from")
"""What an entry says of its weight file, and what fits no other; another file needs its own."""
ADAPTERS = ("adapter", "adapters")
"""An entry that gives one has not the other."""
SOURCES = ("weights", "draft", "adapter")
PATHS = {"template": ("file",), "tls": ("trust", "certificate", "private_key")}
Mapping = dict[str, Any]


class Cluster(Section):
    """Several models for one role. A role that names one model is a cluster of that one."""

    models: tuple[str, ...] = Field(min_length=1, max_length=8, strict=False)
    """Small first."""
    strategy: Literal["route", "vote"] = "route"
    """route: the first that is sure; vote: the answer that most samples agree on."""
    confidence: float = Field(default=0.6, ge=0, le=1)
    """route: the mean token probability below which the next model is asked."""
    samples: int = Field(default=1, ge=1, le=32)
    """route: more than one must agree; vote: answers drawn from each model."""
    cache: Literal["none", "exact", "semantic"] = "none"
    """Reuse of earlier answers: to the same request, or to one that means the same."""
    similarity: float = Field(default=0.97, gt=0, le=1)
    """semantic: the cosine from which two requests mean the same."""

    @property
    def plain(self) -> bool:
        return len(self.models) == 1 and self.samples == 1 and self.cache == "none"


def as_cluster(value: Any) -> Any:
    """One name or a list of names are short for a cluster."""
    if isinstance(value, str | list):
        return {"models": [value] if isinstance(value, str) else value}
    return value


Role = Annotated[Cluster, BeforeValidator(as_cluster, json_schema_input_type=str | list[str] | Cluster)]


class ModelsFile(Section):
    """The whole file."""

    roles: dict[str, Role] = Field(default_factory=dict)
    """planner, reader, writer, checker, agent, judge, embedder, or your own; `default` is for those not named."""
    models: dict[str, ModelConfig] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelCatalog:
    """Every known model and role; `sources` says which file a model's entry came from last, `notes` what a person should
    change in the files."""

    models: dict[str, ModelConfig] = field(default_factory=dict)
    roles: dict[str, Cluster] = field(default_factory=dict)
    sources: dict[str, Path] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def cluster(self, name: str) -> Cluster:
        """The models of a role, each with its adapter for it, or a model's own name as one. Raises AgentflowError with
        the known names."""
        if name in self.roles:
            return self._in_role(self.roles[name], name)
        if name in self.models:
            return Cluster(models=(name,))
        if name in ROLES and DEFAULT in self.roles and name != "embedder":
            return self._in_role(self.roles[DEFAULT], name)
        known = sorted({*self.models, *self.roles})
        hint = f"did you mean '{close}'? " if (close := closest(name, known)) else ""
        raise AgentflowError(
            f"no model or role named '{name}'; known: {', '.join(known) or 'none'}",
            f"{hint}add it to models.yaml; `agentflow models list` shows all",
        )

    def _in_role(self, cluster: Cluster, role: str) -> Cluster:
        models = tuple(self.models[name].in_role(role) for name in cluster.models)
        return cluster if models == cluster.models else cluster.model_copy(update={"models": models})

    def resolve(self, name: str) -> ModelConfig:
        """The (first) model of a role or name."""
        return self.models[self.cluster(name).models[0]]

    def override(self, overrides: dict[str, str]) -> "ModelCatalog":
        """Roles replaced by model names; the key `default` replaces every role but the embedder."""
        roles = dict(self.roles)
        for role in sorted(overrides, key=lambda role: role != DEFAULT):
            chosen = self.cluster(overrides[role])
            if role == DEFAULT:
                roles = {name: old for name, old in roles.items() if name == "embedder"}
            roles[role] = chosen
        return replace(self, roles=roles)

    def chosen(self, models: dict[str, str] | None, roles: Collection[str]) -> dict[str, str]:
        """Role to a model's own name, with its adapter for the role; `default` stands for every role of `roles`. Raises AgentflowError for an
        unknown role or model."""
        named = dict(models or {})
        if default := named.pop(DEFAULT, None):
            named = {**dict.fromkeys(roles, default), **named}
        if unknown := sorted(named.keys() - set(roles)):
            raise AgentflowError(
                f"no role '{unknown[0]}' in this graph",
                f"its roles: {', '.join(roles) or 'none'}; `{DEFAULT}` stands for all",
            )
        return {role: self.resolve(name).in_role(role) for role, name in named.items()}

    def with_env(self, variables: dict[str, str]) -> "ModelCatalog":
        """Further environment variables for the embedded server, where a model does not set them itself."""
        if not variables:
            return self
        models = {
            name: config.model_copy(update={"env": {**variables, **config.env}})
            if config.backend == "llama"
            else config
            for name, config in self.models.items()
        }
        return replace(self, models=models)


def load_catalog(files: Sequence[Path]) -> ModelCatalog:
    """Merges the files left to right. Raises ConfigError with `path:line:column`.

    A later entry of the same name changes the keys it gives; one with its own `backend` replaces the earlier whole.
    """
    catalog = ModelCatalog()
    raw: dict[str, Mapping] = {}
    for path in files:
        data, marks = load_yaml(path)
        catalog, raw = merge(catalog, raw, data, marks)
    return catalog


def merge(
    catalog: ModelCatalog, raw: dict[str, Mapping], data: Mapping, marks: Marks
) -> tuple[ModelCatalog, dict[str, Mapping]]:
    """One more file over the catalog; `raw` are the entries as written so far."""
    notes = _renamed(data, marks)
    given = data.get("models")
    entries: Mapping = given if isinstance(given, dict) else {}
    folder = marks.path.parent
    merged = {name: _over(raw.get(name), _rooted(entry, folder), marks, name) for name, entry in entries.items()}
    file = check(ModelsFile, {**data, "models": merged} if isinstance(given, dict) else data, marks)
    models = {name: config.model_copy(update={"name": name}) for name, config in file.models.items()}
    for config in list(models.values()):
        models |= config.variants
    known = {name: config for name, config in catalog.models.items() if config.base not in models} | models
    for role, cluster in file.roles.items():
        for model in cluster.models:
            if model not in known:
                raise marks.error(("roles", role), f"no model named '{model}'", suggest(model, known))
            if (role == "embedder") != (known[model].kind == "embedding"):
                raise marks.error(("roles", role), f"'{model}' is of kind {known[model].kind}", "choose another model")
    sources = {**catalog.sources, **dict.fromkeys(models, marks.path)}
    found = ModelCatalog(known, {**catalog.roles, **file.roles}, sources, (*catalog.notes, *notes))
    return found, {**raw, **merged}


def _renamed(data: Mapping, marks: Marks) -> list[str]:
    """Puts what stands under former keys under the present ones; what to say about it."""
    notes = []
    for section, names in FORMER_KEYS.items():
        entries = data.get(section)
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            for where, message, hint in rename(entry, names, marks, (section, name)):
                now = names[str(where[-1])]
                if (value := FORMER_VALUES.get(now, {}).get(str(entry[now]))) is not None:
                    entry[now], message = value, f"{message}, and its value is '{value}'"
                line, column = marks.place(where, key=True)
                notes.append(f"{marks.path}:{line}:{column}: {message}; {hint}")
    return notes


def _over(old: Mapping | None, new: Any, marks: Marks, name: str) -> Any:
    for ours in ("name", "base"):
        if isinstance(new, dict) and ours in new:
            hint = "the name is the key above" if ours == "name" else ""
            raise marks.error(("models", name, ours), f"unknown key '{ours}'", hint, key=True)
    if old is None or not isinstance(new, dict) or "backend" in new:
        return new
    if "weights" in new:
        old = {key: value for key, value in old.items() if key not in DESCRIBED}
    for one, other in (ADAPTERS, ADAPTERS[::-1]):
        old = {key: value for key, value in old.items() if key != other} if one in new else old
    both = {key: {**old[key], **value} for key, value in new.items() if _mappings(old.get(key), value)}
    return {**old, **new, **both}


def _mappings(old: Any, new: Any) -> bool:
    return isinstance(old, dict) and isinstance(new, dict)


def _rooted(entry: Any, folder: Path) -> Any:
    """The entry with its paths taken from the folder of its file."""
    if not isinstance(entry, dict):
        return entry
    rooted = {key: _path(value, folder) if key in SOURCES else value for key, value in entry.items()}
    if isinstance(adapters := entry.get("adapters"), dict):
        rooted["adapters"] = {name: _path(one, folder) for name, one in adapters.items()}
    for section, keys in PATHS.items():
        if isinstance(part := entry.get(section), dict):
            rooted[section] = {key: _path(value, folder) if key in keys else value for key, value in part.items()}
    return rooted


def _path(weights: Any, folder: Path) -> Any:
    """A path, or the paths in a list of sources or in a mapping with `weights`, from the folder of the file."""
    if isinstance(weights, list):
        return [_path(source, folder) for source in weights]
    if isinstance(weights, dict) and "weights" in weights:
        return {**weights, "weights": _path(weights["weights"], folder)}
    if not isinstance(weights, str) or not weights or weights.startswith(("hf:", "bundled:", "package:")):
        return weights
    return str(folder / Path(weights).expanduser())
