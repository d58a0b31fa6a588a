"""LangGraph's checkpoints in the project's database: one transaction a write, sealed, fenced, prunable."""

import json
import random
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
    writes_sort_key,
)

from agentflow.runs.blobs import compact, digest, to_bytes
from agentflow.runs.event_log import Feed
from agentflow.runs.serializer import PlainJson
from agentflow.runs.store import RunStore

CHECKPOINT = "thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata"
WRITE = "thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value"
TABLES = {"checkpoints": CHECKPOINT, "writes": WRITE}
KEYS = {"checkpoints": (0, 1, 2), "writes": (0, 1, 2, 3, 5)}  # places of the primary key in the columns


class Checkpoints(BaseCheckpointSaver[str]):
    """Everything goes through the run store's database: a checkpoint, its blobs, its events and the registry's count are
    committed together or not at all. `owners` are the feeds of the runs that this process carries."""

    def __init__(self, store: RunStore) -> None:
        super().__init__(serde=PlainJson(store.blobs))
        self.store = store
        self.owners: dict[str, Feed] = {}

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The latest is the last one written: ids are made of the time of day, and clocks are set back."""
        thread, space = _place(config)
        if feed := self.owners.get(thread):
            feed.flush()
        query, values = (
            f"SELECT {CHECKPOINT} FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ?",
            [thread, space],
        )
        if id := get_checkpoint_id(config):
            row = self.store.database.execute(f"{query} AND checkpoint_id = ?", [*values, id]).fetchone()
            return self._tuple(row)._replace(config=config) if row else None
        row = self.store.database.execute(f"{query} ORDER BY rowid DESC LIMIT 1", values).fetchone()
        return self._tuple(row) if row else None

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """The newest first. `filter` names values of the metadata."""
        place = config["configurable"] if config else {}
        asked = {
            "thread_id = ?": str(place["thread_id"]) if place else None,
            "checkpoint_ns = ?": place.get("checkpoint_ns"),
            "checkpoint_id = ?": get_checkpoint_id(config) if config else None,
            "checkpoint_id < ?": get_checkpoint_id(before) if before else None,
        }
        conditions = {text: value for text, value in asked.items() if value is not None}
        rows = self.store.database.execute(
            f"SELECT {CHECKPOINT} FROM checkpoints WHERE {' AND '.join(conditions) or '1 = 1'} ORDER BY checkpoint_id DESC",
            [*conditions.values()],
        ).fetchall()
        for row in rows:
            if limit == 0:
                return
            about = json.loads(row[6])
            if all(about.get(key) == value for key, value in (filter or {}).items()):
                limit = limit - 1 if limit else limit
                yield self._tuple(row)

    def _tuple(self, row: Sequence[Any]) -> CheckpointTuple:
        thread, space, id, parent, kind, data, about = row
        written = self.store.database.execute(
            "SELECT task_path, task_id, idx, channel, type, value FROM writes"
            " WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?",
            [thread, space, id],
        ).fetchall()
        written.sort(key=lambda write: writes_sort_key(*write[:3]))
        return CheckpointTuple(
            _config(thread, space, id),
            self.serde.loads_typed((kind, data)),
            json.loads(about),
            _config(thread, space, parent) if parent else None,
            [(task, channel, self.serde.loads_typed((kind, value))) for _, task, _, channel, kind, value in written],
        )

    def get_next_version(self, current: str | None, channel: None) -> str:
        """Counts up, as text that sorts; the fraction tells apart what two writers counted alike."""
        number = int(str(current).split(".")[0]) if current else 0
        return f"{number + 1:032}.{random.random():016}"

    def with_allowlist(self, extra_allowlist: Collection[tuple[str, ...]]) -> "Checkpoints":
        """No class is ever revived, so there is nothing to allow."""
        return self

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        thread, space = _place(config)
        about = to_bytes(compact(dict(get_checkpoint_metadata(config, metadata))))
        with self._write(thread):
            row = [
                thread,
                space,
                checkpoint["id"],
                get_checkpoint_id(config),
                *self.serde.dumps_typed(checkpoint),
                about,
            ]
            self._insert("checkpoints", CHECKPOINT, row, replace=True)
            self.store.database.execute("UPDATE runs SET checkpoints = checkpoints + 1 WHERE id = ?", [thread])
        return _config(thread, space, checkpoint["id"])

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        thread, space = _place(config)
        replace = all(channel in WRITES_IDX_MAP for channel, _ in writes)
        rows = [
            [thread, space, get_checkpoint_id(config), task_id, task_path,
             WRITES_IDX_MAP.get(channel, index), channel, *self.serde.dumps_typed(value)]
            for index, (channel, value) in enumerate(writes)
        ]  # fmt: skip

        def insert() -> None:
            for row in rows:
                self._insert("writes", WRITE, row, replace=replace)

        if feed := self.owners.get(thread):
            feed.hold(insert)
        else:
            with self.store.write():
                insert()

    async def adelete_thread(self, thread_id: str) -> None:
        with self.store.write():
            for table in TABLES:
                self.store.database.execute(f"DELETE FROM {table} WHERE thread_id = ?", [thread_id])

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """By the `run_id` in a checkpoint's metadata, as LangGraph's server sets it."""
        with self.store.write():
            rows = self.store.database.execute(f"SELECT {CHECKPOINT} FROM checkpoints").fetchall()
            for thread, space, id, *_, about in rows:
                if json.loads(about).get("run_id") in run_ids:
                    for table in TABLES:
                        self.store.database.execute(
                            f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?",
                            [thread, space, id],
                        )

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        with self.store.write():
            for table, columns in TABLES.items():
                rows = self.store.database.execute(
                    f"SELECT {columns} FROM {table} WHERE thread_id = ?", [source_thread_id]
                ).fetchall()
                for row in rows:
                    self._insert(table, columns, [target_thread_id, *row[1:]], replace=True)

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """`keep_latest`: the last checkpoint of each name space stays; `delete`: none."""
        for thread in thread_ids:
            if strategy == "delete":
                await self.adelete_thread(thread)
            else:
                prune(self.store, thread)

    def _write(self, thread: str) -> AbstractContextManager[None]:
        feed = self.owners.get(thread)
        return feed.write() if feed else self.store.write()

    def _insert(self, table: str, columns: str, row: Sequence[Any], *, replace: bool) -> None:
        """A row that is there stays, or makes room, so that the last one written also stands last."""
        statement = (
            f"INSERT INTO {table} ({columns}, seal) VALUES ({', '.join('?' * (len(row) + 1))}) ON CONFLICT DO NOTHING"
        )
        values = [*row, digest(*row)]
        if self.store.database.execute(statement, values).rowcount or not replace:
            return
        where = " AND ".join(f"{columns.split(', ')[place]} = ?" for place in KEYS[table])
        self.store.database.execute(f"DELETE FROM {table} WHERE {where}", [row[place] for place in KEYS[table]])
        self.store.database.execute(statement, values)


def _place(config: RunnableConfig) -> tuple[str, str]:
    """Thread and name space."""
    place = config["configurable"]
    return str(place["thread_id"]), place.get("checkpoint_ns", "")


def _config(thread: str, space: str, id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": space, "checkpoint_id": id}}


def prune(store: RunStore, run: str) -> int:
    """Drops all but the last checkpoint of each name space; how many went."""
    with store.write():
        newest = "SELECT max(rowid) FROM checkpoints WHERE thread_id = ? GROUP BY checkpoint_ns"
        last = f"SELECT checkpoint_id FROM checkpoints WHERE rowid IN ({newest})"
        for table in ("writes", "checkpoints"):
            cursor = store.database.execute(
                f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id NOT IN ({last})", [run, run]
            )
        store.database.execute("UPDATE runs SET pruned = pruned + ? WHERE id = ?", [cursor.rowcount, run])
    return int(cursor.rowcount)
