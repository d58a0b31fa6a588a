"""A run in other forms, on real output of the research graph."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from agentflow.engine import Engine
from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import ModelAnswered
from agentflow.export.bibtex import escape, to_bibtex
from agentflow.export.collector import send
from agentflow.export.document import to_html
from agentflow.export.formats import export
from agentflow.export.spans import spans_of
from agentflow.project import Project
from agentflow.research.report.schema import Report
from agentflow.runs.event_log import read
from agentflow.runs.gc import collect
from agentflow.runs.outcome import Outcome
from agentflow.runs.replay import replay
from agentflow.runs.store import RunStore
from agentflow.telemetry.span import Span
from agentflow.testing import ScriptedModels
from tests.crash.harness import QUESTION, recorded, write_towers


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_towers(tmp_path_factory.mktemp("export") / "towers")


@pytest.fixture
async def outcome(root: Path) -> Outcome:
    """The same finished run for every test of this module."""
    async with Engine(Project(root), pool=ScriptedModels(recorded)) as engine:
        if known := engine.store.list():
            return await engine.resume(known[-1].id)
        return await engine.run("research", {"question": QUESTION}, run_id="towers")


@pytest.fixture
def store(root: Path, outcome: Outcome) -> RunStore:
    return RunStore(root / ".agentflow" / "agentflow.db")


def test_json_is_the_published_contract(store: RunStore, outcome: Outcome) -> None:
    report = Report.model_validate_json(export(store, outcome, "json"))
    assert report.run == "towers" and report.claims


def test_html_is_one_file_without_links_outwards(outcome: Outcome) -> None:
    html = to_html(outcome)
    assert "<blockquote>" in html and "The tower of Aarhus" in html
    assert "http" not in html.replace("http-equiv", "") and "<script" not in html


def test_markup_of_a_document_stays_text_in_html(outcome: Outcome) -> None:
    outcome.output["answer"] = "<script>alert(1)</script> [x](javascript:alert)"
    html = to_html(outcome)
    assert "<script" not in html and 'href="javascript' not in html


def test_bibtex_names_each_document_once(outcome: Outcome) -> None:
    text = to_bibtex(outcome)
    paths = {quote["path"] for quote in outcome.output["evidence"]}
    assert text.count("@misc{") == len(paths)
    assert escape("50% of a_b & {c}") == r"50\% of a\_b \& \{c\}"


def test_a_bundle_holds_everything_with_its_hashes(store: RunStore, outcome: Outcome) -> None:
    data = export(store, outcome, "bundle")
    assert data == export(store, outcome, "bundle"), "equal runs give equal files"
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        hashes = json.loads(bundle.read("towers/MANIFEST.json"))["sha256"]
        for name, expected in hashes.items():
            assert hashlib.sha256(bundle.read(f"towers/{name}")).hexdigest() == expected
        calls = bundle.read("towers/calls.jsonl").decode().splitlines()
    assert {"report.md", "report.html", "events.jsonl", "evidence.bib", "graph.py"} <= set(hashes)
    assert any(json.loads(line)["kind"] == "model" for line in calls)


def test_events_export_as_lines_of_json(store: RunStore, outcome: Outcome) -> None:
    lines = export(store, outcome, "jsonl").decode().splitlines()
    assert [json.loads(lines[0])["kind"], json.loads(lines[-1])["kind"]] == ["RunStarted", "RunEnded"]


def test_an_unknown_format_names_the_known_ones(store: RunStore, outcome: Outcome) -> None:
    with pytest.raises(AgentflowError, match="no format named 'doc'"):
        export(store, outcome, "doc")


def test_spans_follow_the_genai_conventions(store: RunStore, outcome: Outcome) -> None:
    spans = spans_of(store, outcome.run)
    names = {span.here.span: span.name for span in spans}
    assert len(names) == len(spans)
    chats = [span for span in spans if span.name == "chat scripted"]
    assert len(chats) == sum(isinstance(entry.event, ModelAnswered) for entry in read(store, outcome.run))
    facts = chats[0].attributes
    assert facts["gen_ai.operation.name"] == "chat" and facts["gen_ai.request.model"] == "scripted"
    written = [span.attributes["gen_ai.usage.output_tokens"] for span in chats]
    assert sum(count for count in written if isinstance(count, int)) == outcome.usage.completion
    assert chats[0].parent and names[chats[0].parent.span].startswith("step ")
    workflow = next(span for span in spans if span.name == "invoke_workflow research")
    assert workflow.parent is None and workflow.attributes["gen_ai.agent.name"] == "research"
    assert {span.here.trace for span in spans} == {workflow.here.trace} and all(
        span.end >= span.start for span in spans
    )
    assert spans == spans_of(store, outcome.run), "the ids follow from the run"


def test_nothing_that_was_written_is_in_a_span_unless_it_is_asked_for(store: RunStore, outcome: Outcome) -> None:
    def told(spans: list[Span]) -> str:
        return repr([(span.name, span.attributes, span.error) for span in spans])

    bare, full = (told(spans_of(store, outcome.run, content=content)) for content in (False, True))
    quote = outcome.output["evidence"][0]["quote"]
    for text in (QUESTION, quote, outcome.output["answer"]):
        assert text not in bare
    assert QUESTION in full and "gen_ai.output.messages" in full


def test_a_collector_that_does_not_answer_is_named(store: RunStore, outcome: Outcome) -> None:
    with pytest.raises(AgentflowError, match="nowhere to send"):
        send(store, outcome.run, "")
    with pytest.raises(Unavailable, match="not taken"):
        send(store, outcome.run, "http://127.0.0.1:9/v1/traces")


async def test_a_research_run_replays_byte_for_byte(root: Path, outcome: Outcome) -> None:
    async with Engine(Project(root), pool=ScriptedModels(lambda _: pytest.fail("asked"))) as engine:
        again = await replay(engine, outcome.run)
    assert again.identical, "\n".join(again.differences())


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A project for one test alone: the others keep their run."""
    return write_towers(tmp_path / "towers")


async def test_gc_deletes_old_runs_and_sweeps_what_nothing_needs(own: Path) -> None:
    async with Engine(Project(own), pool=ScriptedModels(recorded)) as engine:
        for number in range(3):
            await engine.run("research", {"question": f"{QUESTION} {number}"}, run_id=f"extra-{number}")
        store = engine.store
        before = len(store.list())
        assert len(collect(store, engine.project, keep=1, dry_run=True).runs) and len(store.list()) == before
        for run in store.list():
            engine.project.run_folder(run.id).mkdir(parents=True)
        done = collect(store, engine.project, keep=1, prune_days=0)
        kept = [run.id for run in store.list()]
        assert "extra-2" in kept and len(kept) == before - len(done.runs) and done.bytes > 0
        assert done.checkpoints > 0
        assert {path.name for path in engine.project.run_folder("").iterdir()} == set(kept)
        again = await replay(engine, "extra-2")
    assert again.identical, "a pruned run is still replayed"
