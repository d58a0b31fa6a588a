"""The keys of the API: the owner's in a file of theirs, others' in the database as hashes, each with its grants."""

import hashlib
import hmac
import os
import secrets
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from agentflow.errors import AgentflowError
from agentflow.identity.caller import OWNER, Caller, Grants
from agentflow.runs.store import RunStore
from agentflow.storage.sql import SqlDatabase

PREFIX = "af"


def m001_api_keys(database: SqlDatabase) -> None:
    """`sha256` is of the secret, which has 256 random bits: no slow hash is needed to keep it from being guessed."""
    database.execute(
        """CREATE TABLE api_keys (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, grants TEXT NOT NULL,
            created REAL NOT NULL, revoked REAL)"""
    )


MIGRATIONS = [m001_api_keys]


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    name: str
    grants: Grants
    created: float
    revoked: float | None


class Keys:
    """The keys of one project. A revoked one is refused from the next request on. `owner` is empty where there is none."""

    def __init__(self, store: RunStore, owner: str) -> None:
        self.store = store
        self.owner = owner
        store.database.migrate("api", MIGRATIONS)

    def add(self, name: str, grants: Grants) -> str:
        """The new key, which is told this once. Raises AgentflowError for a name that is taken."""
        if not name or not name.isprintable() or name == OWNER.name:
            raise AgentflowError(f"'{name}' cannot be the name of a key", "name the person or program that will use it")
        id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        with self.store.write():
            if any(key.name == name for key in self.list()):
                raise AgentflowError(f"there is already a key '{name}'", "choose another name: runs are kept by it")
            self.store.database.execute(
                "INSERT INTO api_keys (id, name, sha256, grants, created) VALUES (?, ?, ?, ?, ?)",
                [id, name, _hash(secret), grants.model_dump_json(), time.time()],
            )
        return f"{PREFIX}_{id}_{secret}"

    def list(self) -> list[Key]:
        rows = self.store.database.execute(
            "SELECT id, name, grants, created, revoked FROM api_keys ORDER BY created"
        ).fetchall()
        return [Key(row[0], row[1], Grants.model_validate_json(row[2]), row[3], row[4]) for row in rows]

    def revoke(self, name: str) -> Key:
        """By its name or id. Raises AgentflowError for one that is not known or revoked already."""
        with self.store.write():
            found = next((key for key in self.list() if name in (key.name, key.id) and key.revoked is None), None)
            if found is None:
                raise AgentflowError(f"no key '{name}' that is in use", "see `agentflow api keys list`")
            self.store.database.execute("UPDATE api_keys SET revoked = ? WHERE id = ?", [time.time(), found.id])
        return found

    def caller(self, key: str) -> Caller | None:
        """None for a key that is unknown or revoked. Takes the same time whatever is wrong with the secret."""
        if self.owner and hmac.compare_digest(key.encode(), self.owner.encode()):
            return OWNER
        kind, _, rest = key.partition("_")
        id, _, secret = rest.partition("_")
        row = self.store.database.execute(
            "SELECT name, sha256, grants, revoked FROM api_keys WHERE id = ?", [id]
        ).fetchone()
        right = hmac.compare_digest(_hash(secret), row[1] if row else _hash(""))
        if row is None or not right or kind != PREFIX or row[3] is not None:
            return None
        return Caller(row[0], grants=Grants.model_validate_json(row[2]))


def owner_key(path: Path | None, project: Path) -> tuple[str, Path]:
    """The owner's key and its file, made when there is none. Raises AgentflowError for a file inside the project's folder,
    which may be shared, one that others may read, or one without a key."""
    file = (path or default_key_file()).expanduser().absolute()
    if file.resolve().is_relative_to(project.resolve()):
        raise AgentflowError(f"the key file {file} lies in the project's folder", "keep it elsewhere, say in ~/.config")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as opened:
                opened.write(secrets.token_urlsafe(32) + "\n")
        mode, key = file.stat().st_mode, file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise AgentflowError(f"cannot use the key file {file} ({error})", "name another with --key-file") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise AgentflowError(f"others may read the key file {file}", f"chmod 600 {file}")
    if len(key) < 20 or not key.isascii() or not key.isprintable():
        raise AgentflowError(
            f"the key file {file} holds no key", "remove it to have one made, or write 20 characters or more"
        )
    return key, file


def default_key_file() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "agentflow" / "api-key"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
