"""What an answer rests on, as one hash: where it is the same, the same question has the same answer."""

import hashlib
import json
from typing import Any

from agentflow.context import Context
from agentflow.knowledge.known_claim import asked_the_same
from agentflow.runs.run import Run
from agentflow.version import __version__


async def basis_of(context: Context, run: Run) -> str:
    """Of the question as it was put, the documents that the run may search, its models, prompts and limits, and this version.

    Empty where an answer rests on more: the web, other sites, a person who edits the plan, a fork's changed state.
    """
    inputs = dict(run.inputs)
    if run.parent or context.sites or inputs.get("web") or inputs.get("approve"):
        return ""
    question = asked_the_same(str(inputs.pop("question", "")))
    inputs.pop("knowledge", None)
    found = hashlib.sha256()
    for part in ([__version__, run.graph, run.sha256, question, run.requested_by], inputs, run.scope, run.limits,
                 await _models(context, run), _prompts(context), _documents(context)):  # fmt: skip
        found.update(json.dumps(part, sort_keys=True, default=str).encode() + b"\n")
    return found.hexdigest()


async def _models(context: Context, run: Run) -> list[Any]:
    """Each role's models with their weights' fingerprints, settings and what they are trusted with. Starts none."""
    models, told = context.models, list[Any]()
    for role, name in sorted(run.models.items()):
        weights = await models.weights(role)
        settings = [models.catalog.resolve(each).model_dump(mode="json") for each in weights]
        told.append(
            [role, name, weights, sorted(models.abilities(role)), models.catalog.cluster(role).model_dump(), settings]
        )
    return told


def _prompts(context: Context) -> list[str]:
    files = [
        file for layer in context.project.layers for file in sorted((layer.root / "graphs/prompts").glob("*.yaml"))
    ]
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


def _documents(context: Context) -> list[Any]:
    """Those that may be searched, each with its content's hash, and how far they are indexed."""
    scope, corpus = context.searcher.scope, context.corpus
    rows = corpus.rows("SELECT id, path, sha256, date FROM documents WHERE error = '' ORDER BY path")
    return [corpus.embedder, corpus.waiting(), *(row[1:] for row in rows if scope is None or row[0] in scope)]
