"""Which weights answer: the sha256 of a model's file, so that a run says what it was made with."""

import hashlib
import os
import re
import secrets

from agentflow.models.entry import ModelConfig
from agentflow.models.folders import cache_home
from agentflow.models.weights import find_weights, sha256_of

SMALL = 64 << 20  # bytes that are simply hashed in every process


def fingerprint(config: ModelConfig) -> str:
    """Empty for a server elsewhere; the hub's commit where the weights are a whole repository.

    A large file that is no download of the hub's is read once; its hash is kept until its size or time changes.
    """
    path = find_weights(config.weights, config.revision) if config.weights else None
    if path is None:
        return ""
    real = path.resolve()
    if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", real.name):
        return real.name  # the hub's cache names folders by commit and large files by their sha256
    if real.is_dir():
        return ""
    status = real.stat()
    if status.st_size <= SMALL:
        return sha256_of(real)
    known = f"{real}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}"
    kept = cache_home() / "fingerprints" / hashlib.sha256(known.encode()).hexdigest()
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_name(f"{kept.name}.{secrets.token_hex(4)}")
        partial.write_text(sha256_of(real))
        os.replace(partial, kept)
    return kept.read_text()
