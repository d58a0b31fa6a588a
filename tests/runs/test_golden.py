"""R14: what earlier versions stored is carried on by this one; what a later one stored is left alone."""

import gzip
from pathlib import Path

import pytest

from agentflow.engine import Engine
from agentflow.errors import AgentflowError
from agentflow.project import Project
from agentflow.runs.migrations import MIGRATIONS
from agentflow.runs.store import RunStore
from agentflow.storage.database import migrate, open_database
from agentflow.testing import ScriptedModels
from tests.runs.conftest import echo, write_project
from tests.runs.golden import FOLDER
from tests.runs.test_damage import RUN

VERSIONS = sorted(FOLDER.glob("*.db.gz"))


@pytest.mark.parametrize("golden", VERSIONS, ids=[path.name for path in VERSIONS])
async def test_a_run_of_an_earlier_version_is_finished_by_this_one(golden: Path, tmp_path: Path) -> None:
    write_project(tmp_path)
    database = tmp_path / ".agentflow" / "agentflow.db"
    database.parent.mkdir(mode=0o700)
    database.write_bytes(gzip.decompress(golden.read_bytes()))
    models = ScriptedModels(echo)
    async with Engine(Project(tmp_path), pool=models) as engine:
        outcome = await engine.resume(RUN)
    assert outcome.status == "answered" and len(models.asked) == 1


def test_there_is_a_golden_database() -> None:
    assert VERSIONS


def test_a_newer_schema_is_refused_and_not_written_to(tmp_path: Path) -> None:
    def m999_future(database: object) -> None:
        database["futures"].create({"id": int})  # type: ignore[index]

    path = tmp_path / "agentflow.db"
    database = open_database(path)
    migrate(database, "runs", [*MIGRATIONS, m999_future])
    database.close()
    before = path.read_bytes()
    with pytest.raises(AgentflowError, match="newer agentflow .*m999_future"):
        RunStore(path)
    assert path.read_bytes() == before


def test_an_older_schema_is_migrated_with_a_backup(tmp_path: Path) -> None:
    def m002_more(database: object) -> None:
        database["more"].create({"id": int})  # type: ignore[index]

    path = tmp_path / "agentflow.db"
    RunStore(path).close()
    database = open_database(path)
    migrate(database, "runs", [*MIGRATIONS, m002_more])
    copy = open_database(tmp_path / "agentflow.db.before-runs-migration")
    assert "more" in database.table_names() and "more" not in copy.table_names() and "runs" in copy.table_names()
