"""The identity of what is evaluated: an unfinished evaluation only goes on when nothing that counts has changed."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from agentflow.evaluation.dataset import Case
from agentflow.evaluation.suite import LoadedSuite
from agentflow.evaluation.variants import Variant
from agentflow.graphs import load_graph
from agentflow.models.catalog.catalog import load_catalog
from agentflow.models.weights.locate import find_weights
from agentflow.project import Project


def described(variant: Variant) -> dict[str, Any]:
    return {"target": variant.target.model_dump(exclude_defaults=True), "models": variant.models}


def plan_digest(
    project: Project, loaded: LoadedSuite, variants: Sequence[Variant], cases: Sequence[Case], settings: list[Any], *,
    with_weights: bool = True,
) -> str:  # fmt: skip
    """Changes with the suite, the cases, the graphs, the prompts, models.yaml and the weights, whose times differ from machine to
    machine."""
    graphs = {v.target.graph: load_graph(project, v.target.graph).sha256 for v in variants if v.target.graph}
    folders = [layer.root / "graphs" / "prompts" for layer in project.layers]
    prompts = [path.read_text("utf-8") for folder in folders for path in sorted(folder.glob("*.yaml"))]
    parts = [
        loaded.suite.model_dump(),
        [described(v) for v in variants],
        [(case.id, case.fields) for case in cases],
        settings,
        graphs,
        prompts,
        [path.read_text("utf-8") for path in project.models_files()],
        weights(project, variants) if with_weights else [],
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def weights(project: Project, variants: Sequence[Variant]) -> list[tuple[str, int, int]]:
    """Name, bytes and time of change of every weight file a variant may use: hashing tens of gigabytes takes minutes."""
    catalog = load_catalog(project.models_files())
    found = set()
    for variant in variants:
        chosen = catalog.override(variant.models)
        for name in {name for cluster in chosen.roles.values() for name in cluster.models}:
            model = chosen.resolve(name)
            path = find_weights(model)
            if path is not None and path.is_file():
                found.add((name, path.stat().st_size, path.stat().st_mtime_ns))
    return sorted(found)
