"""Where the runs of a project lie."""

from pathlib import Path

from agentflow.storage.sql import SqlDatabase
from agentflow.storage.sqlite import SqliteDatabase

Place = Path  # a file of SQLite


def open_place(place: Place, *, create: bool = True) -> SqlDatabase:
    """Raises AgentflowError for a file that is missing (without `create`), empty, foreign or damaged."""
    return SqliteDatabase(place, create=create)
