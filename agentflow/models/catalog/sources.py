"""Where the file of a model may come from: the hub, packages, the wheel, a path. Data only."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from agentflow.models.catalog.section import Section

PACKAGE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?==[A-Za-z0-9][A-Za-z0-9.!+_-]*")
COUNT = re.compile(r"\{(\d{1,4})\.\.(\d{1,4})\}")
MOST_PARTS = 1000


def expand(packages: Any) -> Any:
    """One name or a list of names, `{1..6}` counted out; anything else is left for pydantic to refuse."""
    if isinstance(packages, str):
        return list(_counted(packages))
    if isinstance(packages, list | tuple) and all(isinstance(package, str) for package in packages):
        return [name for package in packages for name in _counted(package)]
    return packages


def _counted(package: str) -> Iterator[str]:
    if (count := COUNT.search(package)) is None:
        yield package
        return
    for number in range(int(count[1]), int(count[2]) + 1):
        yield f"{package[: count.start()]}{number}{package[count.end() :]}"


class PackageSource(Section):
    """The file lies in installable packages, whole or cut into parts. Only that file is read; no code of theirs runs."""

    packages: Annotated[
        tuple[str, ...],
        BeforeValidator(expand, json_schema_input_type=str | list[str]),
        Field(min_length=1, max_length=MOST_PARTS, strict=False),
    ]
    """NAME==VERSION of each part, in order; `parts-{1..6}==1.0` counts."""
    file: str = Field(min_length=1)
    """Which file of each package is its part, for example `*/data/*.bin`."""

    @field_validator("packages")
    @classmethod
    def pinned(cls, packages: tuple[str, ...]) -> tuple[str, ...]:
        for package in packages:
            if not PACKAGE.fullmatch(package):
                raise ValueError(f"'{package}' is not of the form NAME==VERSION")
        return packages

    def __str__(self) -> str:
        first, last = self.packages[0], self.packages[-1]
        return f"package {first}" if first == last else f"packages {first} to {last.partition('==')[0]}"


Source = str | PackageSource


def _shape(value: Any) -> str:
    """Which branch of the unions below a value is to be judged by."""
    return "parts" if isinstance(value, dict | PackageSource) else "list" if isinstance(value, list | tuple) else "text"


Text = Annotated[str, Field(min_length=1), Tag("text")]
OneSource = Annotated[Text | Annotated[PackageSource, Tag("parts")], Discriminator(_shape)]
SourceList = Annotated[tuple[OneSource, ...], Field(strict=False), Tag("list")]
Weights = Annotated[Text | SourceList, Discriminator(_shape)]


class WeightsConfig(Section):
    """A file (or, for vLLM, a folder) and the places it may come from, which all hold the same bytes."""

    weights: Weights | None = None
    """bundled:PATH, package:NAME, hf:OWNER/REPO/FILE, hf:OWNER/REPO, a path (from the folder of models.yaml), or a list
    of these and of `{packages: NAME==VERSION, file: GLOB}`: the first that answers is taken."""
    revision: str | None = None
    """Commit or tag on the hub; the weights then never change behind your back."""
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    """Of the whole file; weights from packages must have it."""
    bytes: int | None = Field(default=None, gt=0)
    """Size of the whole file: free space is looked for before a download, and progress has an end."""

    @property
    def sources(self) -> tuple[Source, ...]:
        return (self.weights,) if isinstance(self.weights, str) else self.weights or ()

    @property
    def origin(self) -> str:
        """The first source in words; empty without weights."""
        return str(self.sources[0]) if self.sources else ""

    @model_validator(mode="after")
    def hashed(self) -> "WeightsConfig":
        if self.weights == ():
            raise ValueError("weights is an empty list; name at least one source")
        if self.sha256 is None and any(isinstance(source, PackageSource) for source in self.sources):
            raise ValueError("weights from packages need the key 'sha256'")
        return self
