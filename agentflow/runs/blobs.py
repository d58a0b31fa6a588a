"""JSON stored by content: large parts are rows named by their hash, shared by checkpoints, steps and forks.

A checkpoint repeats the whole state, so a list that grows by one item a step would cost the square of its length.
Here a long list is a tree of chunks cut at fixed places: appending rewrites its last chunk and the path to it. What is
stored is what was hashed, so a damaged part is found when it is read.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from agentflow.runs.errors import Damaged
from agentflow.storage.sql import SqlDatabase

LARGE = 1024  # characters of JSON from which a part is stored by itself
FAN = 32  # items in a chunk of a long list
HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair
ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class Blobs:
    """New ones wait for the next transaction of their run store, so that they are committed with the row that needs them."""

    def __init__(self, database: SqlDatabase) -> None:
        self.database = database
        self.waiting: dict[str, bytes] = {}

    def pack(self, tree: Any) -> str:
        """JSON text in which large parts are `{"$ref": HASH}` and long lists `{"$rope": [...]}`."""
        whole = compact(tree)
        return whole if len(whole) <= LARGE else self._pack(tree, whole)

    def flush(self) -> list[str]:
        """Inside a transaction; what was written goes on waiting until it is committed. More may come meanwhile."""
        if rows := sorted(self.waiting.items()):
            self.database.executemany("INSERT INTO blobs (sha256, data) VALUES (?, ?) ON CONFLICT DO NOTHING", rows)
        return [name for name, _ in rows]

    def committed(self, names: Iterable[str]) -> None:
        for name in names:
            self.waiting.pop(name, None)

    def unpack(self, text: str, revive: Callable[[dict[str, Any]], Any]) -> Any:
        """The inverse; `revive` turns every other object into what it stands for. Raises Damaged."""

        def hook(item: dict[str, Any]) -> Any:
            if "$ref" in item:
                return self.unpack(self._load(item["$ref"]), revive)
            if "$rope" in item:
                return [value for part in item["$rope"] for value in part]
            return revive(item)

        return json.loads(text, object_hook=hook)

    def references(self, text: str) -> set[str]:
        """Every blob that a text needs, through any depth."""
        found: set[str] = set()

        def hook(item: dict[str, Any]) -> Any:
            if "$ref" in item:
                found.add(item["$ref"])
            return None

        json.loads(text, object_hook=hook)
        return found.union(*(self.references(self._load(name)) for name in found)) if found else found

    def _pack(self, tree: Any, whole: str) -> str:
        match tree:
            case str():
                return self._save(whole)
            case dict():
                return "{" + ",".join(f"{compact(key)}:{self._part(tree[key])}" for key in tree) + "}"
            case list():
                return self._list([self._part(item) for item in tree])
        return whole

    def _part(self, tree: Any) -> str:
        whole = compact(tree)
        if len(whole) <= LARGE:
            return whole
        text = self._pack(tree, whole)
        return self._save(text) if len(text) > LARGE else text

    def _list(self, items: list[str]) -> str:
        text = f"[{','.join(items)}]"
        if len(text) <= LARGE or len(items) <= FAN:
            return text
        chunks = [self._save(f"[{','.join(items[i : i + FAN])}]") for i in range(0, len(items), FAN)]
        return f'{{"$rope":{self._list(chunks)}}}'

    def _save(self, text: str) -> str:
        data = to_bytes(text)
        name = hashlib.sha256(data).hexdigest()
        self.waiting[name] = data
        return f'{{"$ref":"{name}"}}'

    def _load(self, name: str) -> str:
        if name in self.waiting:
            return to_text(self.waiting[name])
        row = self.database.execute("SELECT data FROM blobs WHERE sha256 = ?", [name]).fetchone()
        if row is None:
            raise Damaged(f"a part of the stored state is missing (blob {name[:12]})", "see `agentflow runs verify`")
        if not isinstance(row[0], bytes) or hashlib.sha256(row[0]).hexdigest() != name:
            raise Damaged(f"a part of the stored state is damaged (blob {name[:12]})", "see `agentflow runs verify`")
        return to_text(row[0])


def compact(tree: Any) -> str:
    """One way to write a value, so that equal values have equal hashes (keys stay in their order). Half a surrogate pair is
    escaped: SQLite's text cannot hold it."""
    text = ENCODER.encode(tree)
    return text if text.isascii() else HALF.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def to_bytes(text: str) -> bytes:
    """UTF-8 that also carries lone surrogates, which models and file names do produce."""
    return text.encode("utf-8", "surrogatepass")


def to_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def digest(*parts: object) -> bytes:
    """sha256 over parts that cannot run into each other."""
    pieces: list[bytes] = []
    for part in parts:
        data = part if isinstance(part, bytes) else to_bytes(repr(part))
        pieces += (len(data).to_bytes(8, "big"), data)
    return hashlib.sha256(b"".join(pieces)).digest()


def sweep(database: SqlDatabase, payloads: Iterable[str]) -> int:
    """Deletes blobs that no payload needs; how many."""
    blobs = Blobs(database)
    needed = set().union(*(blobs.references(text) for text in payloads))
    known = {name for (name,) in database.execute("SELECT sha256 FROM blobs")}
    for name in known - needed:
        database.execute("DELETE FROM blobs WHERE sha256 = ?", [name])
    return len(known - needed)
