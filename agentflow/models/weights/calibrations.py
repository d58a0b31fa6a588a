"""What was measured of a model by `agentflow models calibrate`: kept once for its weights, in the user's cache."""

import hashlib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agentflow import bundled
from agentflow.models.catalog.model_config import ABILITIES, ModelConfig
from agentflow.models.paths import cache_home
from agentflow.models.weights.fingerprint import fingerprint
from agentflow.storage import facts

RULES = 1  # raise it when the same answers give other abilities
SAMPLES = Path("evals") / "samples"
CASES = SAMPLES / "island_abilities.jsonl"
PROMPTS = ("passages", "cited_answer", "plan", "write", "act")


@dataclass(frozen=True, slots=True)
class Calibration:
    """`scores`: for each thing tried, how many cases were right and of how many. `cut_short` says why not all were tried;
    then `abilities` are those of a model that nobody measured. `at` is Unix time."""

    model: str
    weights: str
    abilities: tuple[str, ...]
    scores: dict[str, tuple[int, int]]
    seconds: float
    at: float
    cut_short: str = ""


def abilities(config: ModelConfig) -> frozenset[str]:
    """As models.yaml says, else as measured, else all."""
    if config.abilities is not None:
        return frozenset(config.abilities)
    found = find(config)
    return frozenset(ABILITIES if found is None else found.abilities)


def identity(config: ModelConfig) -> str:
    """What is measured: the hash of the weights, or the model of a server elsewhere. Empty while weights are not here."""
    return " ".join([*config.url, config.model or ""]).strip() if config.backend == "endpoint" else fingerprint(config)


def find(config: ModelConfig) -> Calibration | None:
    """The last calibration of these weights by the cases, prompts and rules of this version."""
    known = identity(config) if config.kind == "chat" else ""
    found: Any = facts.recall(_folder(), known, recipe()) if known else None
    try:
        scores = {name: (int(right), int(of)) for name, (right, of) in found["scores"].items()}
        return Calibration(**{**found, "scores": scores, "abilities": tuple(found["abilities"])})
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


def keep(config: ModelConfig, found: Calibration) -> None:
    facts.keep(_folder(), asdict(found), identity(config), recipe())


@cache
def recipe() -> str:
    """Changes with all that the measured answers depend on beside the weights."""
    files = [CASES, *(Path("graphs") / "prompts" / f"{name}.yaml" for name in PROMPTS)]
    files += [path.relative_to(bundled.ROOT) for path in sorted((bundled.ROOT / SAMPLES / "island").glob("*.md"))]
    digest = hashlib.sha256(str(RULES).encode())
    for file in files:
        digest.update((bundled.ROOT / file).read_bytes())
    return digest.hexdigest()[:16]


def _folder() -> Path:
    return cache_home() / "calibrations"
