"""Where the runs of a project lie."""

import os
from pathlib import Path

from pydantic import Field

from agentflow.errors import AgentflowError
from agentflow.storage.sql import SqlDatabase
from agentflow.storage.sqlite import SqliteDatabase
from agentflow.storage.strict import Closed

Place = Path | str  # a file of SQLite, or the URL of a Postgres database
VARIABLE = "AGENTFLOW_STORE"
FILE = "store.yaml"


class StoreFile(Closed):
    """store.yaml of a project."""

    url: str = Field(description="postgresql://USER@HOST:PORT/NAME, without a password")


def configured(root: Path) -> str | None:
    """The Postgres database that $AGENTFLOW_STORE or the project's store.yaml names. Raises AgentflowError for what is no
    such URL, and for a password in the file, which others may read."""
    if url := os.environ.get(VARIABLE):
        return _checked(url, f"${VARIABLE}")
    path = root / FILE
    if not path.is_file():
        return None
    from agentflow.storage.yamlfile import check, load_yaml

    data, marks = load_yaml(path)
    url = _checked(check(StoreFile, data, marks).url, str(path))
    from agentflow.storage.postgres.address import parameters

    if "password" in parameters(url):
        raise marks.error(
            ("url",), "there is a password in the URL, which whoever has the project can read",
            f"keep it in ~/.pgpass, or give the whole URL in ${VARIABLE}",
        )  # fmt: skip
    return url


def _checked(url: str, where: str) -> str:
    from agentflow.storage.postgres.address import SCHEMES

    if not url.startswith(SCHEMES):
        raise AgentflowError(f"{where} names no Postgres database", "write postgresql://USER@HOST:PORT/NAME")
    return url


def open_place(place: Place, *, create: bool = True) -> SqlDatabase:
    """Raises AgentflowError for a file that is missing (without `create`), empty, foreign or damaged, and for a server that
    cannot be reached."""
    if isinstance(place, Path):
        return SqliteDatabase(place, create=create)
    from agentflow.storage.postgres.address import parameters

    parameters(place)  # says so where psycopg is missing
    from agentflow.storage.postgres.database import PostgresDatabase

    return PostgresDatabase(place)
