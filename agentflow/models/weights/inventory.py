"""What models.yaml offers, for listings: plain rows."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from agentflow.models.catalog.catalog import ROLES, ModelCatalog
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.weights import calibrations
from agentflow.models.weights.locate import find_weights, is_installed


def inventory(catalog: ModelCatalog) -> list[dict[str, Any]]:
    """One row a model, in the order of the files; `here` is None for an endpoint."""
    answered = roles(catalog)
    return [
        {
            "name": config.name,
            "backend": config.backend,
            "addresses": len(config.addresses),
            "kind": config.kind,
            "context": config.context,
            "roles": [role for role, models in answered.items() if config.name in models],
            "here": None if config.backend == "endpoint" else are_here(config),
            "abilities": abilities(config),
            "description": config.description,
        }
        for config in catalog.models.values()
    ]


def details(catalog: ModelCatalog, name: str) -> dict[str, Any]:
    """Everything about one model. Raises AgentflowError for an unknown name."""
    config = catalog.resolve(name)
    path = weights_of(config)
    return {
        "name": config.name,
        "source": str(catalog.sources[config.name]),
        "roles": [role for role, models in roles(catalog).items() if config.name in models],
        "path": str(path) if path else None,
        "bytes": size(path) if path else None,
        "abilities": abilities(config),
        "calibration": None if (found := calibrations.find(config)) is None else asdict(found),
        "settings": config.model_dump(mode="json", by_alias=True, exclude={"name"}),
    }


def abilities(config: ModelConfig) -> list[str] | None:
    """What models.yaml or a calibration says; None where nobody knows yet."""
    found = None if config.kind == "embedding" or config.abilities is not None else calibrations.find(config)
    known = config.abilities if found is None else None if found.cut_short else found.abilities
    return None if known is None else list(known)


def roles(catalog: ModelCatalog) -> dict[str, tuple[str, ...]]:
    """Every role, the standard ones included, and the models that answer it."""
    names = [*ROLES, *(role for role in catalog.roles if role not in ROLES and role != "default")]
    known = [role for role in names if role in catalog.roles or (role != "embedder" and "default" in catalog.roles)]
    return {role: catalog.cluster(role).models for role in known}


def weights_of(config: ModelConfig) -> Path | None:
    """Where the weights lie, if they are on this machine; makes no GGUF of the embedder."""
    if config.origin.startswith("package:"):
        from agentflow.models.weights.minilm import find_source

        return find_source()
    return find_weights(config)


def are_here(config: ModelConfig) -> bool:
    """Whether the model can be started without a download."""
    adapted = config.adapter is None or find_weights(config.adapter) is not None or is_installed(config.adapter)
    return adapted and (weights_of(config) is not None or is_installed(config))


def size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    return (
        sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) if path.is_dir() else path.stat().st_size
    )
