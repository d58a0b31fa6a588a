"""An ingest that is stopped half-way: by Ctrl-C, and by a disk that is full. What is done is kept, and said."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

AGENTFLOW = [sys.executable, "-m", "agentflow"]
FILES = 250


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(FILES):
        lines = (f"Sentence {n} of paper {number} tells of lamp {n * number}." for n in range(60))
        (folder / f"{number}.md").write_text(f"# Paper {number}\n\n" + "\n".join(lines), "utf-8")
    return folder


def documents(project: Path) -> int:
    try:
        with sqlite3.connect(f"file:{project / '.agentflow' / 'agentflow.db'}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT count(*) FROM documents").fetchone()[0])
    except sqlite3.Error:
        return 0


def wait_until(true: Callable[[], bool], seconds: float = 240.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_ctrl_c_keeps_what_is_done_and_prints_the_way_back(papers: Path, tmp_path: Path) -> None:
    long = "\n".join(f"Sentence {n} of the last paper tells of lamp {n}." for n in range(10_000))
    (papers / "z.md").write_text(f"# Last\n\n{long}")  # on a busy machine all others are read before the signal
    command = [*AGENTFLOW, "ingest", "--lexical", str(papers)]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        wait_until(lambda: documents(tmp_path) > 5)
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=240)
    assert child.returncode == 130 and f"Go on with: agentflow ingest {papers}" in errors and "Traceback" not in errors
    assert 5 < documents(tmp_path) <= FILES
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=True)
    assert documents(tmp_path) == FILES + 1, again.stdout
    subprocess.run([*AGENTFLOW, "corpus", "verify"], cwd=tmp_path, timeout=240, check=True, capture_output=True)


# In namespaces of its own, a small disk: full at first, then larger.
FULL = """
mount -t tmpfs -o size=1m disk "$1" && cd "$1" || exit 77
"$2" -m agentflow ingest --lexical "$3"; echo "first: $?"
mount -o remount,size=100m "$1"
"$2" -m agentflow ingest --lexical "$3"; echo "second: $?"
"$2" -m agentflow corpus verify; echo "verify: $?"
"""


def test_a_full_disk_is_said_and_what_is_done_is_kept(papers: Path, tmp_path: Path) -> None:
    if not shutil.which("unshare"):
        pytest.skip("no unshare(1) to make a small disk with")
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL, "sh", str(disk), sys.executable, str(papers)],
        capture_output=True, text=True, timeout=280, check=False, env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip
    if done.returncode == 77 or "unshare:" in done.stderr:
        pytest.skip(f"no small disk on this machine: {done.stderr.strip()}")
    assert "error: no room to write" in done.stderr and "Traceback" not in done.stderr
    assert "first: 1" in done.stdout and "second: 0" in done.stdout and "verify: 0" in done.stdout
    assert not re.search(r"^0 added", done.stdout, re.MULTILINE)
