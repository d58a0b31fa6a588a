"""SHA-256 of weight files. A large file is read once; its hash is kept until its size or time changes."""

import hashlib
from pathlib import Path

from agentflow.models.paths import cache_home
from agentflow.storage.files import write_whole

SMALL = 64 << 20  # bytes that are simply hashed in every process


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    real = path.resolve()
    status = real.stat()
    if status.st_size <= SMALL:
        return sha256_of(real)
    known = f"{real}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}"
    kept = cache_home() / "fingerprints" / hashlib.sha256(known.encode()).hexdigest()
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, sha256_of(real))
    return kept.read_text()
