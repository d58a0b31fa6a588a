"""A suite of cases as a YAML file: `evals/NAME.yaml`."""

import os
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator, model_validator

from agentflow.budget import Limits
from agentflow.errors import AgentflowError, ConfigError
from agentflow.evaluation.dataset import Dataset, read_cases
from agentflow.project import Project
from agentflow.storage.strict import Closed
from agentflow.storage.yamlfile import check, load_yaml

DATA = "AGENTFLOW_DATA"


class Cases(Closed):
    path: str = Field(description="file, glob or folder: next to the suite, or under $AGENTFLOW_DATA")
    loader: str = Field("", description="evals/LOADER.py, whose load(path, **options) returns a Dataset")
    options: dict[str, Any] = Field(default_factory=dict, description="given to the loader")
    corpus: str = Field("", description="folder of documents to search, when no loader brings it")
    source: str = Field("", description="where the set comes from")
    licence: str = ""
    get: str = Field("", description="how to put it in place")


class Target(Closed):
    """A graph or workflow and its inputs, or (`search`) the searcher alone."""

    graph: str = ""
    inputs: dict[str, Any] = Field(default_factory=dict, description="values; '{{ field }}' is the case's field")
    search: str = Field("", description="a query for the searcher, for suites about retrieval")
    k: int = Field(10, ge=1, le=1000, description="passages asked for by `search`")

    @model_validator(mode="after")
    def one_of_two(self) -> "Target":
        if bool(self.graph) == bool(self.search):
            raise ValueError("a target has either `graph` or `search`")
        return self


class Suite(Closed):
    description: str = Field(min_length=1)
    cases: Cases
    sample: Cases | None = Field(None, description="tiny cases that ship, used when `cases` is not in place")
    targets: dict[str, Target] = Field(min_length=1)
    baseline: str = Field("", description="the target that others are compared with; default: the first")
    scorers: list[str | dict[str, dict[str, Any]]] = Field(min_length=1, description="evals/NAME.py, with options")
    primary: str = Field(min_length=1, description="the metric that decides")
    metrics: list[str] = Field(default_factory=list, description="metrics shown in tables; default: all")
    slices: list[str] = Field(default_factory=list, description="fields of a case to report by")
    repeats: int = Field(1, ge=1, le=100)
    limits: dict[str, float] = Field(default_factory=dict, description="budget of each case: tokens, seconds, ...")

    @field_validator("limits")
    @classmethod
    def known_limits(cls, limits: dict[str, float]) -> dict[str, float]:
        if unknown := limits.keys() - set(Limits.__dataclass_fields__):
            raise ValueError(
                f"unknown limit {', '.join(sorted(unknown))}; known: {', '.join(Limits.__dataclass_fields__)}"
            )
        return limits

    def budget(self) -> Limits:
        """Counts are whole numbers, seconds need not be."""
        return Limits(**{name: value if name == "seconds" else int(value) for name, value in self.limits.items()})  # type: ignore[arg-type]

    @model_validator(mode="after")
    def known_baseline(self) -> "Suite":
        if self.baseline and self.baseline not in self.targets:
            raise ValueError(f"baseline '{self.baseline}' is not one of the targets {', '.join(self.targets)}")
        return self


class LoadedSuite(Closed):
    """A suite with its name and the file it was read from."""

    name: str
    path: Path
    suite: Suite


def suite_names(project: Project) -> dict[str, Path]:
    return {name: path for name, path in project.names("evals").items() if path.suffix == ".yaml"}


def load_suite(project: Project, name: str) -> LoadedSuite:
    """By name, or by the path of a YAML file. Raises AgentflowError, ConfigError with `path:line:column`."""
    by_path = name.endswith((".yaml", ".yml"))
    known = suite_names(project)
    if not by_path and name not in known:
        raise AgentflowError(f"no suite named '{name}'; known: {', '.join(sorted(known))}", "agentflow eval list")
    path = Path(name) if by_path else known[name]
    data, marks = load_yaml(path)
    return LoadedSuite(name=path.stem, path=path.resolve(), suite=check(Suite, data, marks))


def load_dataset(project: Project, loaded: LoadedSuite, data: Path | None = None) -> tuple[Dataset, bool]:
    """The suite's cases and corpus; True when the tiny sample stands in for a set that is not in place.

    Raises ConfigError when neither is there: it names every place that was looked at.
    """
    suite, folder, root = loaded.suite, loaded.path.parent, data_root(data)
    if place := find_cases(loaded, data):
        return _read(project, suite.cases, place, root), False
    if suite.sample is not None and _exists(folder / suite.sample.path):
        return _read(project, suite.sample, folder / suite.sample.path, folder), True
    looked = ", ".join(str(base / suite.cases.path) for base in (folder, root) if base is not None)
    raise ConfigError(
        f"{loaded.path}:1:1: no data at '{suite.cases.path}'; looked in {looked}",
        suite.cases.get or f"set ${DATA} or --data to the folder that holds it; see `agentflow eval data`",
    )


def data_root(data: Path | None) -> Path | None:
    """The folder of the public sets: as named, or $AGENTFLOW_DATA."""
    return data or (Path(os.environ[DATA]) if os.environ.get(DATA) else None)


def find_cases(loaded: LoadedSuite, data: Path | None = None) -> Path | None:
    """Where the suite's data lies: beside the suite, or under the folder of the public sets."""
    bases = (loaded.path.parent, data_root(data))
    places = [base / loaded.suite.cases.path for base in bases if base is not None]
    return next((place for place in places if _exists(place)), None)


def _exists(path: Path) -> bool:
    return path.exists() or (path.parent.is_dir() and any(path.parent.glob(path.name)))


def _read(project: Project, cases: Cases, path: Path, root: Path | None) -> Dataset:
    if cases.loader:
        module = project.load("evals", cases.loader)
        if not hasattr(module, "load"):
            raise AgentflowError(f"evals/{cases.loader}.py has no function load(path)", "see docs/evaluation.md")
        dataset: Dataset = module.load(path, **cases.options)
        return dataset
    places = [base / cases.corpus for base in (path.parent, root) if base is not None and cases.corpus]
    corpus = next((place for place in places if place.is_dir()), None)
    if cases.corpus and corpus is None:
        raise ConfigError(f"{path}:1:1: its corpus '{cases.corpus}' is no folder", f"looked in {places[0]}")
    return Dataset(read_cases(path), corpus or ())
