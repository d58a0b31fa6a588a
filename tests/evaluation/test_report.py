"""The HTML report, the tables and the Inspect logs of an evaluation."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agentflow.evaluation.evaluate import evaluate
from agentflow.evaluation.evaluation import Evaluation
from agentflow.evaluation.inspect_log import write_logs
from agentflow.evaluation.plots import Point, intervals, scatter
from agentflow.evaluation.record import Record
from agentflow.evaluation.report import render, write_report
from agentflow.evaluation.statistics import Estimate
from agentflow.evaluation.summary import summarise
from agentflow.evaluation.tables import as_json, markdown
from agentflow.project import Project
from agentflow.testing import ScriptedModels
from tests.evaluation.sums import SUITE, adds_one, engine_with, write_cases

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def evaluation(project: Project, root: Path) -> Evaluation:
    """Two variants over six cases, one with hostile text in its question, one with an answer that is wrong."""
    write_cases(root, 6)
    cases = root / "evals" / "cases.jsonl"
    cases.write_text(cases.read_text().replace("What is 4 plus", f"{json.dumps(HOSTILE)[1:-1]} What is 4 plus"))
    twice = SUITE.replace(
        "scorers:", '  rag: {graph: rag, inputs: {question: "{{ question }}", text: "{{ question }}"}}\nscorers:'
    )
    (root / "evals" / "sums.yaml").write_text(twice)
    models = ScriptedModels(
        lambda request: {"answer": "9"} if " 2 plus" in request.messages[-1].content else adds_one(request)
    )
    return asyncio.run(evaluate(project, "sums", open_engine=engine_with(models)))


def test_the_page_asks_for_nothing_outside_and_keeps_text_inert(evaluation: Evaluation) -> None:
    page = write_report(evaluation).read_text("utf-8")
    assert not re.findall(r'(?:src|href)\s*=\s*"(?!data:)', page) and "http://" not in page.replace("http-equiv", "")
    assert HOSTILE not in page and "<img" not in page and page.count("</script>") == 2
    island = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert island is not None
    data = json.loads(island.group(1))
    assert data["names"] == ["direct", "rag"] and len(data["cases"]) == 6
    assert any(HOSTILE in case["fields"]["question"] for case in data["cases"])
    assert all(run["run"] for case in data["cases"] for run in case["runs"])


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
def test_the_page_runs_in_a_browser_without_a_console_message(evaluation: Evaluation, tmp_path: Path) -> None:
    page = write_report(evaluation)
    done = subprocess.run(
        [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", f"--user-data-dir={tmp_path}/b",
         "--virtual-time-budget=2000", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr
    assert done.stdout.count('<tr class="case"') == 6 and "6 of 6" in done.stdout


def test_an_unfinished_evaluation_without_results_still_has_a_page(evaluation: Evaluation) -> None:
    evaluation.finished = ""
    assert "not finished" in render(evaluation, [], {})


def test_evidence_and_claims_are_shown(evaluation: Evaluation) -> None:
    output = {
        "answer": "5", "claims": [{"text": "It is five.", "support": "supported", "evidence": [1]}],
        "evidence": [{"id": 1, "path": "a.md", "line": 3, "quote": "four plus one is five"}],
    }  # fmt: skip
    page = render(evaluation, [Record("direct", "c4", output=output, scores={"f1": 1.0})], evaluation.load_cases())
    assert "four plus one is five" in page and "a.md:3" in page


def test_tables_say_the_same_in_markdown_and_json(evaluation: Evaluation) -> None:
    summary = summarise(evaluation)
    text, data = markdown(evaluation, summary), as_json(evaluation, summary)
    assert "| direct | 0.833 [0.436, 0.970] |" in text
    assert json.dumps(data, allow_nan=False)
    assert data["variants"][0]["estimates"]["f1"]["mean"] == pytest.approx(5 / 6)
    assert data["comparisons"][0]["verdict"] == "no difference shown"
    assert set(data["slices"]) == {"kind: even", "kind: odd"}


def test_logs_have_inspects_shape(evaluation: Evaluation, tmp_path: Path) -> None:
    """The shape was checked by opening such logs with inspect_ai 0.3.285; here it is held."""
    paths = write_logs(evaluation, tmp_path / "logs")
    logs = [json.loads(path.read_text("utf-8")) for path in paths]
    assert len(logs) == 2 and all(re.match(r"\d{4}-\d\d-\d\dT.*_sums_.*\.json$", path.name) for path in paths)
    for log in logs:
        assert (log["version"], log["status"]) == (2, "success")
        assert {"created", "task", "task_id", "dataset", "model", "config"} <= log["eval"].keys()
        assert len(log["samples"]) == 6 and log["results"]["completed_samples"] == 6
        sample = log["samples"][0]
        assert {"id", "epoch", "input", "target", "messages", "output", "scores"} <= sample.keys()
        assert (
            sample["scores"]["f1"]["value"] in (0.0, 1.0)
            and sample["output"]["choices"][0]["message"]["role"] == "assistant"
        )
        assert {item["name"]: item["metrics"]["mean"]["value"] for item in log["results"]["scores"]}[
            "f1"
        ] == pytest.approx(5 / 6)


def test_plots_hold_with_missing_and_single_values() -> None:
    nan = float("nan")
    assert scatter([Point("a", Estimate(nan, nan, nan, 0), Estimate(0.5, 0.4, 0.6, 9))], "x", "y") == ""
    drawn = scatter([Point("<a>", Estimate(0.0, nan, nan, 1), Estimate(0.5, nan, nan, 1))], "x", "y")
    assert "<circle" in drawn and "&lt;a&gt;" in drawn and "nan" not in drawn
    assert intervals([("s", [Estimate(nan, nan, nan, 0)])], ["a"], "s") == ""
