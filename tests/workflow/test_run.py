"""Workflows as they run: each kind of node, on a real engine with a scripted model."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agentflow.cli import app
from agentflow.corpus.ingest.ingest import ingest
from agentflow.engine import Engine
from agentflow.errors import AgentflowError, ConfigError
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.testing import ScriptedModels

DOCUMENTS = {
    "cats.md": "# Cats\n\nCats sleep for sixteen hours a day. Cats were tamed about 9500 years ago.\n",
    "dogs.md": "# Dogs\n\nDogs sleep for twelve hours a day. Dogs were tamed about 15000 years ago.\n",
    "pets.md": "# Pets\n\nCats sleep for four hours a day. Many people keep a cat or a dog.\n",
}


def scripted(request: Request) -> Any:
    """A model that answers every shipped prompt well enough."""
    if request.schema is None:
        return "yes"
    properties = request.schema.get("properties", {})
    answers = {
        "questions": ["how long do cats sleep", "how long do dogs sleep"], "sentences": [1, 2], "claims": [{"evidence": [1], "text": "Cats sleep."}],
        "support": "supported", "answer": "sixteen hours", "sentence": 1, "open": [], "search": [],
    }  # fmt: skip
    return {name: answers.get(name, "x") for name in properties}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "models.yaml").write_text("models: {}\n")
    (tmp_path / "docs").mkdir()
    for name, text in DOCUMENTS.items():
        (tmp_path / "docs" / name).write_text(text)
    return Project(tmp_path)


async def run(project: Project, graph: str, inputs: dict[str, Any], reply: Any = scripted) -> Any:
    async with Engine(project, pool=ScriptedModels(reply)) as engine:
        await ingest(engine.corpus, [project.root / "docs"], embedder=None)
        return await engine.run(graph, inputs)


async def run_text(project: Project, text: str, reply: Any = scripted, **inputs: Any) -> Any:
    path = project.root / "w.yaml"
    path.write_text(text)
    return await run(project, str(path), inputs, reply)


SHIPPED = [
    ("literature_review", {"topic": "sleep of cats"}, "documents"),
    ("compare", {"first": "cats", "second": "dogs", "aspects": ["sleep"]}, "rows"),
    ("extract_table", {"columns": ["sleep"]}, "rows"),
    ("fact_check", {"text": "Cats sleep for sixteen hours a day. Dogs can fly."}, "verdicts"),
    ("watch_folder", {}, "news"),
    ("glossary", {"terms": ["Cats"]}, "entries"),
    ("contradictions", {"topic": "cats sleep hours a day"}, "compared"),
]


@pytest.mark.parametrize(("graph", "inputs", "key"), SHIPPED, ids=[name for name, *_ in SHIPPED])
async def test_a_shipped_workflow_ends_with_a_result(
    graph: str, inputs: dict[str, Any], key: str, project: Project
) -> None:
    outcome = await run(project, graph, inputs)
    assert outcome.status == "done", outcome.message
    assert outcome.output[key]


async def test_extract_table_writes_csv_of_its_rows(project: Project) -> None:
    outcome = await run(project, "extract_table", {"columns": ["sleep"]})
    lines = Path(outcome.output["file"]).read_text().splitlines()
    assert lines[0] == "document,sleep" and len(lines) == 1 + len(DOCUMENTS)


async def test_watch_folder_reports_a_change_once(project: Project) -> None:
    assert len((await run(project, "watch_folder", {})).output["news"]) == 3
    (project.root / "docs" / "cats.md").write_text("# Cats\n\nCats have nine lives.\n")
    (project.root / "docs" / "dogs.md").unlink()
    second = (await run(project, "watch_folder", {})).output
    assert [item["change"] for item in second["news"]] == ["changed"] and second["removed"] == ["docs/dogs.md"]
    assert (await run(project, "watch_folder", {})).output["news"] == []


async def test_contradictions_names_both_sides(project: Project) -> None:
    def doubtful(request: Request) -> Any:
        return (
            {"support": "contradicted"}
            if "support" in (request.schema or {}).get("properties", {})
            else scripted(request)
        )

    found = (await run(project, "contradictions", {"topic": "cats sleep hours a day"}, doubtful)).output[
        "contradictions"
    ]
    assert found and all(pair["one"]["document"] != pair["another"]["document"] for pair in found)


BY_SUBJECT = """
description: What is said of cats.
nodes:
  found: {kind: search, query: cats}
  quotes: {kind: read, by: subject, question: sleep of cats, passages: found.passages}
  claims: {kind: write, question: sleep of cats, evidence: quotes.evidence}
output: {claims: "{{ claims.claims | map(attribute='text') | list }}"}
"""


async def test_what_tells_of_a_subject_is_read_and_quoted_without_a_model(project: Project) -> None:
    path = project.root / "w.yaml"
    path.write_text(BY_SUBJECT)
    pool = ScriptedModels(scripted, abilities=())
    async with Engine(project, pool=pool) as engine:
        await ingest(engine.corpus, [project.root / "docs"], embedder=None)
        outcome = await engine.run(str(path), {})
    said = ["Cats sleep for sixteen hours a day.", "Cats sleep for four hours a day."]
    assert set(outcome.output["claims"]) >= set(said) and not any("claims" in str(one.schema) for one in pool.asked)


async def test_the_example_of_a_new_project_runs(project: Project) -> None:
    folder = project.root / "new"
    assert CliRunner().invoke(app, ["init", str(folder)]).exit_code == 0
    shutil.copytree(project.root / "docs", folder / "docs")
    outcome = await run(Project(folder), "example", {"question": "How long do cats sleep?"})
    assert outcome.status == "done" and outcome.output["words_of_the_question"] == 5


async def test_parallel_paths_meet_and_branches_choose(project: Project) -> None:
    text = """\
description: d
inputs: {n: integer}
nodes:
  start: {kind: set, values: {n: "{{ inputs.n }}"}}
  near: {kind: set, values: {v: "{{ start.n + 1 }}"}}
  left: {kind: set, values: {v: "{{ near.v }}"}}
  right: {kind: set, values: {v: "{{ start.n * 10 }}"}}
  joined: {kind: set, values: {v: "{{ left.v + right.v }}"}}
  big: {kind: branch, cases: [{if: joined.v > 100, to: large}], otherwise: small}
  large: {kind: set, values: {word: large}}
  small: {kind: set, values: {word: small}}
edges: ["start -> near, right", near -> left, "left, right -> joined -> big", large -> end]
output: {v: "{{ joined.v }}", word: "{{ large.word if large else small.word }}"}
"""
    assert (await run_text(project, text, n=1)).output == {"v": 12, "word": "small"}
    assert (await run_text(project, text, n=20)).output == {"v": 221, "word": "large"}


async def test_a_map_keeps_order_leaves_out_what_fails_and_says_so(project: Project) -> None:
    text = """\
description: d
tools: {calculator: }
nodes:
  list: {kind: set, values: {all: ["1+1", "1/0", "2*3", "4", "5"]}}
  each:
    kind: map
    over: list.all
    max_items: 4
    on_error: skip
    nodes: {value: {kind: tool, tool: calculator, arguments: {expression: "{{ item }}"}}}
output: {values: "{{ each }}"}
"""
    output = (await run_text(project, text)).output
    assert output["values"] == [2, 6, 4]
    assert any("1 of 5 items left out" in note for note in output["notes"]) and any(
        "division" in note for note in output["notes"]
    )


def test_a_broken_list_at_the_command_line_is_refused(project: Project) -> None:
    (project.root / "w.yaml").write_text(
        "description: d\ninputs: {list: [string]}\nnodes:\n  s: {kind: set, values: {n: '{{ inputs.list | length }}'}}\noutput: {n: '{{ s.n }}'}\n"
    )
    command = ["run", str(project.root / "w.yaml"), "--project", str(project.root), "--json", "-i"]
    with pytest.raises(AgentflowError, match="--input list is no JSON"):
        CliRunner().invoke(app, [*command, 'list=["cats",'], catch_exceptions=False)
    with pytest.raises(AgentflowError, match="w: list: should be a list"):
        CliRunner().invoke(app, [*command, "list=3"], catch_exceptions=False)
    assert '"n": 2' in CliRunner().invoke(app, [*command, "list=cats, dogs"], catch_exceptions=False).output


async def test_an_empty_map_is_an_empty_list(project: Project) -> None:
    text = "description: d\nnodes:\n  e: {kind: map, over: '[]', nodes: {x: {kind: set, values: {y: 1}}}}\noutput: {n: '{{ e | length }}'}\n"
    assert (await run_text(project, text)).output == {"n": 0}


async def test_a_vote_counts_answers_without_case(project: Project) -> None:
    said = iter(["Paris", "paris ", "Rome", "PARIS", "Rome"])
    text = "description: d\nnodes:\n  v: {kind: vote, prompt: Capital?, returns: {city: string}, on: city, samples: 5}\noutput: {city: '{{ v.winner.city }}', share: '{{ v.share }}'}\n"
    outcome = await run_text(project, text, lambda request: {"city": next(said)})
    assert outcome.output == {"city": "Paris", "share": 0.6}


async def test_a_returned_list_is_the_output_itself(project: Project) -> None:
    text = "description: d\nnodes:\n  l: {kind: llm, prompt: Names?, returns: [string]}\noutput: {first: '{{ l[0] }}', n: '{{ l | length }}'}\n"
    outcome = await run_text(project, text, lambda request: {"value": ["a", "b"]})
    assert outcome.output == {"first": "a", "n": 2}


async def test_an_approval_is_bound_to_what_was_shown_and_may_be_edited__ASI09(project: Project) -> None:
    path = project.root / "w.yaml"
    path.write_text(
        "description: d\nnodes:\n  ask: {kind: approve, message: Send?, value: {to: bob}}\noutput: {to: '{{ ask.value.to }}'}\n"
    )
    async with Engine(project, pool=ScriptedModels(scripted)) as engine:
        paused = await engine.run(str(path), {})
        assert paused.question
        question = paused.question[0]["value"]
        unbound = await engine.resume(paused.run, answer={"approved": True, "binding": "0" * 64})
        assert (paused.status, unbound.status) == ("paused", "paused")
        for answer, why in [
            ("yes", '"approved": true'),
            ({"approved": "true", "binding": question["binding"]}, "false to say no"),
            ({"approved": True, "binding": question["binding"], "value": {"to": ["eve"]}}, "value.to: ['eve'] is not"),
        ]:
            again = await engine.resume(paused.run, answer=answer)
            assert again.question and why in again.question[0]["value"]["refused"]
        done = await engine.resume(
            paused.run, answer={"approved": True, "binding": question["binding"], "value": {"to": "eve"}}
        )
        assert (done.status, done.output) == ("done", {"to": "eve"})
        second = await engine.run(str(path), {})
        no = await engine.resume(second.run, answer={"approved": False, "binding": question["binding"]})
        assert no.status == "failed" and "said no" in no.message


async def test_a_changed_file_is_not_resumed(project: Project) -> None:
    path = project.root / "w.yaml"
    path.write_text("description: d\nnodes:\n  ask: {kind: approve, message: Go?}\noutput: {x: '{{ ask.approved }}'}\n")
    async with Engine(project, pool=ScriptedModels(scripted)) as engine:
        paused = await engine.run(str(path), {})
        assert paused.question
        binding = paused.question[0]["value"]["binding"]
        path.write_text(path.read_text() + "# changed\n")
        with pytest.raises(AgentflowError, match="has changed since"):
            await engine.resume(paused.run, answer={"approved": True, "binding": binding})


async def test_what_a_function_of_the_project_raises_fails_the_run_in_a_line(project: Project) -> None:
    (project.root / "tools").mkdir()
    (project.root / "tools" / "share.py").write_text(
        'def share(n: int) -> int:\n    """Shares."""\n    return 12 // n\n'
    )
    text = "description: d\nnodes:\n  a: {kind: python, function: share, arguments: {n: 0}}\noutput: {x: '{{ a }}'}\n"
    outcome = await run_text(project, text)
    assert outcome.status == "failed" and "share: ZeroDivisionError" in outcome.message
    assert "share.py:3" in outcome.message


async def test_a_function_of_the_project_is_called_by_name(project: Project) -> None:
    (project.root / "tools").mkdir()
    (project.root / "tools" / "shout.py").write_text(
        'def shout(text: str) -> str:\n    """Louder."""\n    return text.upper()\n'
    )
    text = "description: d\ninputs: {t: string}\nnodes:\n  s: {kind: python, function: shout, arguments: {text: '{{ inputs.t }}'}}\noutput: {t: '{{ s }}'}\n"
    assert (await run_text(project, text, t="hey")).output == {"t": "HEY"}


async def test_the_budget_of_the_file_holds(project: Project) -> None:
    text = "description: d\nbudget: {calls: 2}\nnodes:\n  l:\n    kind: loop\n    max_turns: 50\n    until: 'false'\n    nodes: {x: {kind: llm, prompt: p}}\noutput: {x: '{{ x.text }}'}\n"
    outcome = await run_text(project, text)
    assert outcome.status == "paused" and "budget of 2 calls" in outcome.message


async def test_an_agent_node_reaches_its_goal_with_tools(project: Project) -> None:
    def agent(request: Request) -> Any:
        if "Called calculator" in request.messages[-1].content:
            return {"tool": "answer", "arguments": {"text": "84"}}
        return {"tool": "calculator", "arguments": {"expression": "12*7"}}

    text = "description: d\ntools: {calculator: }\nnodes:\n  a: {kind: agent, goal: What is 12 times 7?, tools: [calculator]}\noutput: {answer: '{{ a.answer }}', steps: '{{ a.steps }}'}\n"
    outcome = await run_text(project, text, agent)
    assert outcome.output["answer"] == "84" and outcome.output["steps"][0]["result"] == "84"
    shipped = await run(project, "agent", {"goal": "What is 12 times 7?"}, agent)
    assert (shipped.status, shipped.output["answer"], shipped.output["finished"]) == ("answered", "84", True)


@pytest.mark.parametrize(
    ("call", "result"),
    [
        ({"tool": "search_corpus", "arguments": {"query": "cats", "types": ["text"]}}, "(without types) [{"),
        (
            {"tool": "units", "arguments": {"value": 1, "source": "ell", "target": "m"}},
            "error: unknown unit 'ell' (known: ",
        ),
    ],
)
async def test_an_agent_reads_what_to_do_instead(project: Project, call: dict[str, Any], result: str) -> None:
    def agent(request: Request) -> Any:
        """Calls again what it was told, as small models do."""
        branches = json.dumps(request.schema)
        return call if call["tool"] in branches else {"tool": "answer", "arguments": {"text": "so be it"}}

    outcome = await run(project, "agent", {"goal": "Cats?"}, agent)
    (step,) = outcome.output["steps"]
    assert step["result"].startswith(result) and step["arguments"] == call["arguments"]
    assert outcome.output["finished"]


def test_compiling_a_wrong_file_says_where_and_how_many(project: Project) -> None:
    from agentflow.graphs import load_graph

    path = project.root / "w.yaml"
    path.write_text("description: d\nnodes:\n  a: {kind: set, values: {x: '{{ b }}', y: '{{ c }}'}}\noutput: {x: 1}\n")
    with pytest.raises(ConfigError, match=r"w\.yaml:3:30: unknown name 'b' \(1 more"):
        load_graph(project, str(path))


def test_documents_are_ids_in_the_state() -> None:
    from agentflow.workflow.stored import store

    passage = {"chunk": 3, "document": "a", "line": 1, "title": "", "heading": "", "source": "s", "text": "long"}
    assert json.loads(json.dumps(store({"passages": [passage]}))) == {"passages": [{"$chunk": 3}]}


@pytest.mark.parametrize(
    ("graph", "inputs", "told"),
    [
        ("glossary", {}, "-i terms="),
        ("glossary", {"terms": ["ferry"]}, "says what one of these terms is"),
        ("contradictions", {"topic": "ferries"}, "tells of this"),
        ("extract_table", {"columns": ["sleep"], "about": "ferry"}, "title or path"),
    ],
)
async def test_a_shipped_workflow_that_finds_nothing_says_why(
    project: Project, graph: str, inputs: dict[str, Any], told: str
) -> None:
    outcome = await run(project, graph, inputs, lambda request: {"answer": "", "sentence": 1})
    assert outcome.status == "insufficient" and told in outcome.output["notes"][0]


async def test_a_workflow_gives_no_reason_when_it_found_enough(project: Project) -> None:
    text = """description: Counts.
nodes:
  one: {kind: set, values: {size: 1}}
output: {size: "{{ one.size }}"}
sufficient_if: one.size > %d
insufficient: "only {{ one.size }}"
"""
    assert (await run_text(project, text % 1)).output == {"size": 1, "notes": ["only 1"]}
    assert (await run_text(project, text % 0)).output == {"size": 1}


async def test_a_row_takes_nothing_from_another_document_of_the_same_title(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("# Hedges\n\nAuthor: Ann Berg\n\nHedges keep the soil moist.\n")
    (docs / "b.md").write_text("# Hedges\n\nThe hedge of the mill is old.\n")
    async with Engine(Project(tmp_path), pool=ScriptedModels(lambda _: {"answer": "", "sentence": 0})) as engine:
        await engine.ingest([docs])
        inputs = {"document": "docs/b.md", "title": "Hedges", "columns": ["author"]}
        outcome = await engine.run("extract_row", inputs)
    assert outcome.output["values"] == {"author": ""}
