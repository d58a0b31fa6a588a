"""Downloads weights from the hub into its own cache, where every other tool finds them too.

Goes to the network only when a person asks: `agentflow models pull`. $HF_ENDPOINT names a mirror. A download that was cut goes on where it stopped, also in another process; the hub's client alone would begin
again. The file's SHA-256 is compared with models.yaml's and with the one the hub gave.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from tqdm.auto import tqdm  # type: ignore[import-untyped]

from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import Progress, Sink
from agentflow.models.catalog.sources import WeightsConfig
from agentflow.models.paths import cache_home
from agentflow.models.weights.hashes import sha256_of
from agentflow.models.weights.locate import HubFile
from agentflow.models.weights.space import HINT, is_full, require_space
from agentflow.storage.files import replacing

HASH = re.compile("[0-9a-f]{64}")


def download(name: str, hub: HubFile, config: WeightsConfig, sink: Sink, *, endpoint: str | None) -> Path:
    """The file, or the folder of a whole repository, in the hub's cache. Raises Unavailable (network, wrong hash),
    AgentflowError when the disk is full."""
    with _explained(hub):
        if not hub.file:
            from huggingface_hub import snapshot_download

            bar = _bar(sink, f"pulling {hub.repo}")
            return Path(snapshot_download(hub.repo, revision=config.revision, endpoint=endpoint, tqdm_class=bar))
        path = _pull_file(name, hub, config, sink, endpoint)
    if config.sha256 and (found_hash := sha256_of(path)) != config.sha256:
        _discard(path)
        raise Unavailable(
            f"{hub.repo}/{hub.file} has SHA-256 {found_hash}, models.yaml says {config.sha256}; it was removed",
            f"the file was changed on the hub or on its way; compare `sha256` and `revision` of '{name}'",
        )
    return path


def _pull_file(name: str, hub: HubFile, config: WeightsConfig, sink: Sink, endpoint: str | None) -> Path:
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.file_download import http_get, repo_folder_name
    from huggingface_hub.utils._headers import build_hf_headers

    url = hf_hub_url(hub.repo, hub.file, revision=config.revision, endpoint=endpoint)
    there = get_hf_file_metadata(url, endpoint=endpoint)
    blob = (
        Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=hub.repo, repo_type="model") / "blobs" / str(there.etag)
    )
    plain = there.size is None or there.size <= constants.MAX_HTTP_DOWNLOAD_SIZE
    if not blob.exists() and plain and there.etag and HASH.fullmatch(there.etag):
        partial = cache_home() / "partial" / there.etag
        if config.sha256 and config.sha256 != there.etag:
            raise Unavailable(
                f"{hub.repo}/{hub.file} has SHA-256 {there.etag}, models.yaml says {config.sha256}; it was not downloaded",
                f"the file was changed on the hub; compare `sha256` and `revision` of '{name}'",
            )
        partial.parent.mkdir(parents=True, exist_ok=True)
        have = partial.stat().st_size if partial.exists() else 0
        require_space(partial.parent, (there.size or 0) - have, f"the weights of '{name}'")
        bar = _bar(sink, f"pulling {hub.file}")
        with partial.open("ab") as file:
            http_get(
                there.location,
                file,
                resume_size=file.tell(),
                headers=build_hf_headers(),
                expected_size=there.size,
                tqdm_class=bar,
            )
        if (found := sha256_of(partial)) != there.etag:
            partial.unlink()
            raise Unavailable(
                f"{hub.file} arrived damaged: SHA-256 {found}, the hub says {there.etag}", "pull it again"
            )
        _settle(partial, blob)
    return Path(hf_hub_download(hub.repo, hub.file, revision=config.revision, endpoint=endpoint))


def _settle(partial: Path, blob: Path) -> None:
    """Moves a whole file into the hub's cache, which may lie on another disk than ours."""
    blob.parent.mkdir(parents=True, exist_ok=True)
    with replacing(blob) as staging:
        shutil.move(partial, staging)


def _discard(path: Path) -> None:
    blob = path.resolve()
    path.unlink(missing_ok=True)
    blob.unlink(missing_ok=True)


@contextmanager
def _explained(hub: HubFile) -> Iterator[None]:
    """Errors of the hub's client as what a person can do about them."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise Unavailable(f"{hub.repo} asks for consent first", "accept it on the hub, then `hf auth login`") from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.EntryNotFoundError) as error:
        raise Unavailable(f"the hub has no {hub.repo}/{hub.file} ({type(error).__name__})", "mend `weights`") from error
    except errors.OfflineModeIsEnabled as error:
        raise Unavailable(
            f"{hub.repo} is not in the cache, and HF_HUB_OFFLINE is set", "unset it to download"
        ) from error
    except (errors.HfHubHTTPError, httpx2.HTTPError, OSError) as error:
        if isinstance(error, OSError) and is_full(error):
            raise AgentflowError(f"no space left for {hub.repo}/{hub.file}", HINT) from error
        raise Unavailable(
            f"{hub.repo}/{hub.file} could not be downloaded: {str(error).splitlines()[0] if str(error) else error!r}",
            "pull again: it goes on where it stopped; HF_ENDPOINT names a mirror",
        ) from error


def _bar(sink: Sink, task: str) -> type[Any]:
    """The hub's progress bars as our events."""

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            options.pop("name", None)
            self.have = float(options.get("initial") or 0)
            super().__init__(*args, **{**options, "disable": True})
            self.whole = float(options.get("total") or 0)

        def update(self, n: float | None = 1) -> None:
            self.have += n or 0
            sink(Progress(task=task, done=self.have, total=float(self.total or self.whole or 0), unit="B"))

    return Bar
