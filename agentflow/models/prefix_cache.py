"""Computed prompts that the embedded server keeps on disk, for `agentflow models cache`."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from agentflow.models.paths import prefix_home
from agentflow.models.servers.server_dir import places
from agentflow.serving.kvcache.state_files import NAME, state_files


@dataclass(frozen=True, slots=True)
class KeptPrefixes:
    """What is kept of one model; `used` is the time of its last use (s since 1970)."""

    model: str
    folder: str
    files: int
    bytes: int
    used: float


def kept() -> list[KeptPrefixes]:
    """The most recently used model first."""
    folders: dict[Path, list[tuple[int, float]]] = {}
    for path, status in state_files(prefix_home()):
        folders.setdefault(path.parent, []).append((status.st_size, status.st_mtime))
    found = [
        KeptPrefixes(
            _name(folder), str(folder), len(files), sum(size for size, _ in files), max(time for _, time in files)
        )
        for folder, files in folders.items()
    ]
    return sorted(found, key=lambda one: one.used, reverse=True)


def clear() -> int:
    """Removes them all, also from the memory of running servers. Returns the bytes freed on disk."""
    freed = sum(one.bytes for one in kept())
    for place in places():
        server = place.running()
        if server and server.serve == "llama":
            transport = httpx2.HTTPTransport(verify=False, uds=server.socket or None)
            headers = {"Authorization": f"Bearer {server.key}"}
            with (
                suppress(httpx2.HTTPError),  # it has just ended
                httpx2.Client(transport=transport, trust_env=False, timeout=60, headers=headers) as http,
            ):
                http.post(server.url.removesuffix("/v1") + "/cache/clear")
    for path, _ in state_files(prefix_home()):
        path.unlink(missing_ok=True)
    return freed


def _name(folder: Path) -> str:
    try:
        return (folder / NAME).read_text("utf-8").strip()
    except FileNotFoundError:
        return "?"
