"""LangGraph's checkpoints in the project's database: one transaction a write, sealed, fenced, prunable."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Any

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_metadata,
)
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from agentflow.runs.blobs import compact, digest, to_bytes
from agentflow.runs.event_log import Feed
from agentflow.runs.serializer import PlainJson
from agentflow.runs.store import RunStore
from agentflow.storage.database import BUSY_SECONDS

CHECKPOINT = "thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata"
WRITE = "thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value"
TABLES = {"checkpoints": CHECKPOINT, "writes": WRITE}


class Checkpoints(AsyncSqliteSaver):
    """Reads as its parent does. Writes go through the run store's connection: a checkpoint, its blobs, its events and the
    registry's count are committed together or not at all. `owners` are the feeds of the runs that this process carries."""

    def __init__(self, connection: aiosqlite.Connection, store: RunStore) -> None:
        super().__init__(connection, serde=PlainJson(store.blobs))
        self.store = store
        self.owners: dict[str, Feed] = {}

    async def setup(self) -> None:
        """Opens the connection. The tables come with the run store's migrations."""
        async with self.lock:
            if not self.is_setup:
                await self.conn
                self.is_setup = True

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The latest is the last one written: ids are made of the time of day, and clocks are set back."""
        place = config["configurable"]
        if feed := self.owners.get(str(place["thread_id"])):
            feed.flush()
        if not place.get("checkpoint_id"):
            row = self.store.database.conn.execute(
                "SELECT checkpoint_id FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? ORDER BY rowid DESC",
                [str(place["thread_id"]), place.get("checkpoint_ns", "")],
            ).fetchone()
            if row is None:
                return None
            config = {**config, "configurable": {**place, "checkpoint_id": row[0]}}
            if found := await super().aget_tuple(config):
                return found._replace(config={"configurable": {
                    "thread_id": str(place["thread_id"]), "checkpoint_ns": place.get("checkpoint_ns", ""),
                    "checkpoint_id": row[0],
                }})  # fmt: skip
            return None
        return await super().aget_tuple(config)

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
        place = config["configurable"]
        thread, space = str(place["thread_id"]), place.get("checkpoint_ns", "")
        about = to_bytes(compact(dict(get_checkpoint_metadata(config, metadata))))
        with self._write(thread):
            row = [
                thread,
                space,
                checkpoint["id"],
                place.get("checkpoint_id"),
                *self.serde.dumps_typed(checkpoint),
                about,
            ]
            self._insert("REPLACE", "checkpoints", CHECKPOINT, row)
            self.store.database.conn.execute("UPDATE runs SET checkpoints = checkpoints + 1 WHERE id = ?", [thread])
        return {"configurable": {"thread_id": thread, "checkpoint_ns": space, "checkpoint_id": checkpoint["id"]}}

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        place = config["configurable"]
        thread = str(place["thread_id"])
        mode = "REPLACE" if all(channel in WRITES_IDX_MAP for channel, _ in writes) else "IGNORE"
        rows = [
            [thread, place.get("checkpoint_ns", ""), place["checkpoint_id"], task_id, task_path,
             WRITES_IDX_MAP.get(channel, index), channel, *self.serde.dumps_typed(value)]
            for index, (channel, value) in enumerate(writes)
        ]  # fmt: skip

        def insert() -> None:
            for row in rows:
                self._insert(mode, "writes", WRITE, row)

        if feed := self.owners.get(thread):
            feed.hold(insert)
        else:
            with self.store.write():
                insert()

    async def adelete_thread(self, thread_id: str) -> None:
        with self.store.write():
            for table in TABLES:
                self._delete(table, "thread_id = ?", thread_id)

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """By the `run_id` in a checkpoint's metadata, as LangGraph's server sets it."""
        named = "SELECT checkpoint_id FROM checkpoints WHERE json_extract(CAST(metadata AS TEXT), '$.run_id') = ?"
        with self.store.write():
            for run in run_ids:
                for table in ("writes", "checkpoints"):
                    self._delete(table, f"checkpoint_id IN ({named})", run)

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        with self.store.write():
            for table, columns in TABLES.items():
                rows = self.store.database.conn.execute(
                    f"SELECT {columns} FROM {table} WHERE thread_id = ?", [source_thread_id]
                ).fetchall()
                for row in rows:
                    self._insert("REPLACE", table, columns, [target_thread_id, *row[1:]])

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """`keep_latest`: the last checkpoint of each name space stays; `delete`: none."""
        for thread in thread_ids:
            if strategy == "delete":
                await self.adelete_thread(thread)
            else:
                prune(self.store, thread)

    def _delete(self, table: str, where: str, value: str) -> None:
        self.store.database.conn.execute(f"DELETE FROM {table} WHERE {where}", [value])

    def _write(self, thread: str) -> AbstractContextManager[None]:
        feed = self.owners.get(thread)
        return feed.write() if feed else self.store.write()

    def _insert(self, mode: str, table: str, columns: str, row: Sequence[Any]) -> None:
        self.store.database.conn.execute(
            f"INSERT OR {mode} INTO {table} ({columns}, seal) VALUES ({', '.join('?' * (len(row) + 1))})",
            [*row, digest(*row)],
        )


def prune(store: RunStore, run: str) -> int:
    """Drops all but the last checkpoint of each name space; how many went."""
    with store.write():
        newest = "SELECT max(rowid) FROM checkpoints WHERE thread_id = ? GROUP BY checkpoint_ns"
        last = f"SELECT checkpoint_id FROM checkpoints WHERE rowid IN ({newest})"
        for table in ("writes", "checkpoints"):
            cursor = store.database.conn.execute(
                f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id NOT IN ({last})", [run, run]
            )
        store.database.conn.execute("UPDATE runs SET pruned = pruned + ? WHERE id = ?", [cursor.rowcount, run])
    return int(cursor.rowcount)


@asynccontextmanager
async def open_checkpointer(store: RunStore) -> AsyncIterator[Checkpoints]:
    """LangGraph's saver over the run store's database. Its own connection, for reading, opens with the first read."""
    connection = aiosqlite.connect(store.path, timeout=BUSY_SECONDS)
    saver = Checkpoints(connection, store)
    try:
        yield saver
    finally:
        if saver.is_setup:
            await connection.close()
