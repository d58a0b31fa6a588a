"""Research over a corpus and sites: what is said when some do not answer, what is kept, and what leaves."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentflow.corpus.filter import Filter
from agentflow.engine import Engine, Outcome
from agentflow.errors import Unavailable
from agentflow.export.formats import report_file
from agentflow.federation.searcher import federated
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.research.report.markdown import render
from agentflow.research.report.of_run import research_report
from agentflow.runs.replay import replay
from agentflow.status import RunStatus
from agentflow.testing import ScriptedModels
from tests.sites.harness import Hostile, Relay, Site, answer, key_for, saying, silent, sites_yaml, write_project

QUESTION = "When was the mill of Ardenbrook built?"
MILL = "# Mill\n\nThe mill of Ardenbrook was built in 1842 by Ann Berg. It stands on the river Aln.\n"
OWN = "# Weir\n\nThe weir of Ardenbrook was planned by Zebedee Quill.\n"


def reader(request: Request) -> Any:
    """Answers from the sentence that tells a year."""
    lines = [
        line for line in request.messages[-1].content.split("\n") if "1842" in line and line.strip().startswith("[")
    ]
    number = lines[0].strip()[1:].split("]")[0] if lines else "0"
    return {"answer": "1842" if lines else "", "sentence": int(number), "support": "supported"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return write_project(tmp_path_factory.mktemp("lab") / "lab", {"docs/mill.md": MILL})


@pytest.fixture(scope="module")
def site(lab: Project) -> Iterator[Site]:
    with Site(lab) as site:
        yield site


@pytest.fixture(autouse=True)
def key(lab: Project, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_KEY", key_for(lab, request.node.name))


def run(project: Project, question: str = QUESTION, **more: Any) -> Outcome:
    async def ask() -> Outcome:
        async with Engine(project, pool=ScriptedModels(reader)) as engine:
            return await engine.run("research", {"question": question}, **more)

    return asyncio.run(ask())


def test_a_report_rests_on_the_site_that_told_the_truth_and_names_the_others(site: Site, tmp_path: Path) -> None:
    with Hostile(silent) as slow, saying({"passages": [{}]}) as lying:
        dead = saying({})
        dead.server.server_close()
        asker = write_project(
            tmp_path / "asker", {"weir.md": OWN},
            sites_yaml(
                lab={"url": site.url, "key": "LAB_KEY"}, slow={"url": slow.url, "seconds": 1}, dead={"url": dead.url},
                lying={"url": lying.url},
            ),
        )  # fmt: skip
        outcome = run(asker)
    shown = render(research_report(outcome, QUESTION))
    quote = outcome.output["evidence"][0]
    assert outcome.status == RunStatus.ANSWERED and outcome.output["answer"] == "1842"
    assert (quote["site"], quote["path"], quote["line"]) == ("lab", "lab:docs/mill.md", 3)
    assert quote["quote"] == "The mill of Ardenbrook was built in 1842 by Ann Berg." and quote["file"] == "same"
    assert outcome.output["claims"][0]["sources"] == ["site"]
    assert "`lab:docs/mill.md:3`" in shown and "site `lab`, received 20" in shown and "(other sites)" in shown
    page = report_file(research_report(outcome, QUESTION), "html", asker.database).decode()
    assert "<mark" in page and "It stands on the river Aln." in page, "the passage around the quote is kept as well"
    assert "- site slow did not answer within 1 s: nothing of it is in this answer" in shown
    assert "- site dead cannot be reached: nothing of it is in this answer" in shown
    assert "- site lying answered with something else than asked for" in shown


def test_a_project_without_documents_asks_its_sites(site: Site, tmp_path: Path) -> None:
    asker = write_project(tmp_path / "asker", sites=sites_yaml(lab={"url": site.url, "key": "LAB_KEY"}))
    assert run(asker).output["answer"] == "1842"


def test_a_run_goes_on_from_what_a_site_said_though_it_is_gone(lab: Project, tmp_path: Path) -> None:
    def away(request: Request) -> Any:
        raise Unavailable("no model is at hand")

    async def begin(project: Project) -> None:
        async with Engine(project, pool=ScriptedModels(away)) as engine:
            paused = await engine.run("research", {"question": QUESTION}, run_id="one")
            assert paused.status == RunStatus.PAUSED

    async def go_on(project: Project) -> Outcome:
        async with Engine(project, pool=ScriptedModels(reader)) as engine:
            return await engine.resume("one")

    with Site(lab) as site:
        asker = write_project(tmp_path / "asker", sites=sites_yaml(lab={"url": site.url, "key": "LAB_KEY"}))
        asyncio.run(begin(asker))
    outcome = asyncio.run(go_on(asker))
    assert outcome.output["answer"] == "1842"
    assert outcome.output["evidence"][0]["quote"].startswith("The mill of Ardenbrook")
    assert "site lab cannot be reached: whether its quotes still stand there is not known" in outcome.output["notes"]


def test_a_replay_asks_no_site(lab: Project, tmp_path: Path) -> None:
    with Site(lab) as site, Relay(site.url) as relay:
        asker = write_project(tmp_path / "asker", sites=sites_yaml(lab={"url": relay.url, "key": "LAB_KEY"}))
        first = run(asker)
        before = len(relay.sent)

        async def again() -> Any:
            async with Engine(asker, pool=ScriptedModels(reader)) as engine:
                return await replay(engine, first.run)

        asyncio.run(again())
        assert len(relay.sent) == before


def test_a_quote_that_changed_at_its_site_is_marked(tmp_path: Path) -> None:
    root = tmp_path / "lab"
    lab = write_project(root, {"docs/mill.md": MILL})
    with Site(lab) as site:
        seen: list[str] = []

        def relay_then_change(path: str, body: bytes, connection: Any) -> None:
            seen.append(path)
            if path == "/evidence":
                write_project(root, {"docs/mill.md": MILL.replace("1842", "1843")})
            got = httpx.post(site.url + path, content=body, headers={"Authorization": f"Bearer {key}"})
            connection.sendall(answer(got.content))

        key = key_for(lab)
        with Hostile(relay_then_change) as between:
            asker = write_project(tmp_path / "asker", sites=sites_yaml(lab={"url": between.url}))
            quote = run(asker).output["evidence"][0]
    assert "/evidence" in seen and quote["file"] == "changed"
    assert "1842" in quote["quote"], "what was read is kept"


def test_only_words_that_the_person_put_leave(site: Site, tmp_path: Path) -> None:
    question = "Who planned the weir of Ardenbrook, and what did they found in Bergen?"
    for send, leaves in (("question", False), ("searches", True)):
        with Relay(site.url) as relay:
            asked = sites_yaml(lab={"url": relay.url, "key": "LAB_KEY", "send": send})
            run(
                write_project(
                    tmp_path / send, {"weir.md": OWN, "quill.md": "# Zebedee Quill\n\nHe was a baker.\n"}, asked
                ),
                question,
            )
            assert b"/search" in relay.sent
            assert (b"Zebedee" in relay.sent or b"Quill" in relay.sent) == leaves


def test_filters_that_a_model_made_up_do_not_leave(site: Site, tmp_path: Path) -> None:
    with Relay(site.url) as relay:
        asker = write_project(
            tmp_path / "asker", {"weir.md": OWN}, sites_yaml(lab={"url": relay.url, "key": "LAB_KEY"})
        )

        async def ask() -> None:
            async with Engine(asker, pool=ScriptedModels(reader)) as engine:
                searcher = federated(engine.own, engine.sites, lambda _: None, said=QUESTION)
                await searcher.search(QUESTION, where=Filter(authors=["Zebedee Quill"]))
                assert not relay.sent
                await searcher.search("the mill", where=Filter(paths=["*mill*"]))
                assert b"*mill*" in relay.sent

        asyncio.run(ask())


def test_named_documents_of_the_project_are_searched_alone(site: Site, tmp_path: Path) -> None:
    with Relay(site.url) as relay:
        asker = write_project(
            tmp_path / "asker", {"weir.md": OWN}, sites_yaml(lab={"url": relay.url, "key": "LAB_KEY"})
        )
        run(asker, docs=[asker.root / "weir.md"])
        assert not relay.sent
        outcome = run(asker, where=Filter(paths=["docs/*"]))
        assert outcome.output["answer"] == "1842" and b'"paths":["docs/*"]' in relay.sent


def test_yaml_and_tools_search_the_sites_too(site: Site, tmp_path: Path) -> None:
    workflow = {
        "description": "Searches twice.",
        "tools": {"search_corpus": {}},
        "nodes": {
            "found": {"kind": "search", "query": QUESTION, "k": 3},
            "hits": {"kind": "tool", "tool": "search_corpus", "arguments": {"query": QUESTION}},
        },
        "output": {"paths": "{{ found.passages | map(attribute='document') | list }}", "hits": "{{ hits }}"},
    }
    asker = write_project(
        tmp_path / "asker", {"weir.md": OWN}, sites_yaml(lab={"url": site.url, "key": "LAB_KEY", "send": "searches"})
    )
    (asker.root / "graphs").mkdir()
    (asker.root / "graphs" / "twice.yaml").write_text(json.dumps(workflow))

    async def ask() -> Outcome:
        async with Engine(asker, pool=ScriptedModels(reader)) as engine:
            return await engine.run("twice", {})

    output = asyncio.run(ask()).output
    assert "lab:docs/mill.md" in output["paths"] and "lab:docs/mill.md" in [hit["document"] for hit in output["hits"]]
