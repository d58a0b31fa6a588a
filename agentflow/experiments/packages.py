"""The installed packages that analyses may use, as the sandbox shows them: these, what they need, and nothing else."""

from functools import cache
from importlib import metadata
from pathlib import Path

from agentflow.errors import AgentflowError

WANTED = ("numpy", "pandas", "scipy", "matplotlib", "openpyxl")
PLACE = "/packages"
INSTALL = "pip install 'agentflow[experiments]'"


@cache
def shown_packages() -> dict[str, Path]:
    """Places in the sandbox to files and folders of this installation. Raises AgentflowError when a package is missing."""
    return {
        f"{PLACE}/{entry.name}": entry
        for package in _needed()
        for entry in _entries(package)
        if entry.suffix != ".dist-info" and entry.exists()
    }


@cache
def versions() -> dict[str, str]:
    """Of the packages that decide over numbers and pictures."""
    return {name: metadata.version(name) for name in WANTED}


def _needed() -> list[metadata.Distribution]:
    found: dict[str, metadata.Distribution] = {}
    waiting = list(WANTED)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            raise AgentflowError(f"experiments need the package {name}", INSTALL) from None
        waiting += _requirements(found[name])
    return list(found.values())


def _requirements(package: metadata.Distribution) -> list[str]:
    from packaging.requirements import Requirement  # comes with matplotlib

    wanted = (Requirement(line) for line in package.requires or ())
    return [item.name for item in wanted if item.marker is None or item.marker.evaluate({"extra": ""})]


def _entries(package: metadata.Distribution) -> set[Path]:
    """Its folders and modules at the top of site-packages; shared libraries lie beside them (`numpy.libs`)."""
    tops = {file.parts[0] for file in package.files or () if file.parts[0] not in ("..", "__pycache__")}
    return {Path(str(package.locate_file(top))) for top in tops}
