"""Makes tests/runs/golden/VERSION.db.gz: a run stopped halfway, as that version stored it. Run once a release:

python -m tests.runs.golden
"""

import asyncio
import gzip
import tempfile
from pathlib import Path

from agentflow import __version__
from tests.runs.conftest import write_project
from tests.runs.test_damage import halfway

FOLDER = Path(__file__).parent / "golden"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder))
        asyncio.run(halfway(Path(folder)))
        data = (Path(folder) / ".agentflow" / "agentflow.db").read_bytes()
    (FOLDER / f"{__version__}.db.gz").write_bytes(gzip.compress(data, mtime=0))


if __name__ == "__main__":
    main()
