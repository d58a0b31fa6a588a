"""Evaluations and documents on a Ray cluster, whose processes are killed in the middle: the same results as without Ray."""

import json
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentflow.corpus.store import Corpus
from agentflow.evaluation.evaluation import find_evaluation
from agentflow.events import RunStarted
from agentflow.project import Project
from agentflow.runs.event_log import read
from agentflow.runs.store import RunStore
from tests.worker.harness import wait, write_project
from tests.worker.ray_cluster import Cluster

pytestmark = [
    pytest.mark.ray, pytest.mark.slow, pytest.mark.timeout(1200),
    pytest.mark.parametrize("cluster", [0], indirect=True, ids=["one machine"]),
]  # fmt: skip
SUITE = """\
description: Marks
cases: {path: cases.jsonl}
targets:
  marks: {graph: tiny, inputs: {topic: "{{ topic }}", marks: 10, seconds: 0.3}}
scorers: [answer]
primary: em
"""


def start(cluster: Cluster, *words: str) -> subprocess.Popen[str]:
    command = [*cluster.network.inside, sys.executable, "-m", "agentflow", *words, "--on", "ray", "--jobs", "2"]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(process: subprocess.Popen[str]) -> None:
    out, errors = process.communicate()
    assert process.returncode == 0, out + errors


def here(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "agentflow", *words], check=True, capture_output=True)


def results(root: Path) -> dict[str, Any]:
    records = find_evaluation(Project(root), "marks").results()
    return {record.case: (record.status, record.output, record.scores) for record in records}


def with_suite(root: Path) -> Path:
    write_project(root)
    (root / "evals").mkdir()
    (root / "evals" / "marks.yaml").write_text(SUITE)
    cases = [{"id": f"c{n}", "topic": f"t{n}", "answers": [f"t{n}" if n else "another"]} for n in range(6)]
    (root / "evals" / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    return root


def test_an_evaluation_whose_process_is_killed_comes_to_the_same(cluster: Cluster, tmp_path: Path) -> None:
    alone, spread = with_suite(tmp_path / "alone"), with_suite(tmp_path / "spread")
    here("eval", "run", "marks", "--project", str(alone))
    process = start(cluster, "eval", "run", "marks", "--project", str(spread))
    stores = spread / ".agentflow" / "evals"
    wait(lambda: any(calls(path) >= 4 for path in stores.rglob("agentflow.db")))
    cluster.actors("CaseHost")[0].kill()
    ended(process)
    assert results(spread) == results(alone) and len(results(alone)) == 6
    assert sorted(scores["em"] for _, _, scores in results(alone).values()) == [0, 1, 1, 1, 1, 1]
    with closing(RunStore(next(stores.rglob("agentflow.db")))) as store:
        told = [entry.event for run in store.list() for entry in read(store, run.id)]
        assert any(isinstance(event, RunStarted) and event.resumed for event in told), "none began anew"


def calls(path: Path) -> int:
    with closing(RunStore(path)) as store:
        return int(store.database.execute("SELECT count(*) FROM calls").fetchone()[0])


def write_documents(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for number in range(12):
        said = [f"The mill of valley {number} turned {turn} times on day {turn}." for turn in range(40)]
        rows = "".join(f"<p>{sentence}</p>" for sentence in said)
        (folder / f"mill-{number}.html").write_text(f"<html><title>Mill {number}</title><body>{rows}</body></html>")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing else")
    return folder


def stored(root: Path) -> dict[str, list[Any]]:
    with closing(Corpus.open(Project(root).database)) as corpus:
        return {
            "documents": corpus.rows("SELECT path, sha256, title, error FROM documents ORDER BY id"),
            "chunks": corpus.rows("SELECT text, start, line, hash FROM chunks ORDER BY id"),
            "vectors": corpus.rows("SELECT hash, vector FROM vectors ORDER BY hash"),
        }


def test_documents_read_and_embedded_on_ray_are_the_same(cluster: Cluster, tmp_path: Path) -> None:
    roots = [tmp_path / name / "project" for name in ("alone", "spread")]
    for root in roots:
        write_documents(root / "docs")
        (root / "models.yaml").write_text("models: {}\n")
    here("ingest", str(roots[0] / "docs"), "--project", str(roots[0]))
    process = start(cluster, "ingest", str(roots[1] / "docs"), "--project", str(roots[1]))
    for kind in ("ParserHost", "EmbedderHost"):
        wait(lambda kind=kind: bool(cluster.actors(kind)) or process.poll() is not None)  # type: ignore[misc]
        cluster.actors(kind)[0].kill()
    ended(process)
    alone, spread = (stored(root) for root in roots)
    assert alone["documents"] == spread["documents"] and alone["chunks"] == spread["chunks"]
    assert len(alone["documents"]) == 13 and [error for *_, error in alone["documents"] if error]
    assert [key for key, _ in alone["vectors"]] == [key for key, _ in spread["vectors"]] and alone["vectors"]
    one, other = ([np.frombuffer(data, np.float32) for _, data in found["vectors"]] for found in (alone, spread))
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_machines_with_other_files_are_named(cluster: Cluster, tmp_path: Path) -> None:
    """As when a graph was changed on one machine alone: here while the processes start."""
    root = with_suite(tmp_path / "project")
    change = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from agentflow.cli import main
        import agentflow.evaluation.on_ray as on_ray
        graph = Path(sys.argv.pop(1))
        bench = on_ray.bench_on_ray
        def changed(orders):
            graph.write_text(graph.read_text() + "# changed")
            return bench(orders)
        on_ray.bench_on_ray = changed
        main()
        """
    )
    words = ["eval", "run", "marks", "--project", str(root), "--on", "ray"]
    command = [*cluster.network.inside, sys.executable, "-c", change, str(root / "graphs" / "tiny.py"), *words]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert "holds another suite, graph, prompt or models.yaml" in done.stderr + done.stdout
