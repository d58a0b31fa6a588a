"""`agentflow fetch` as a person runs it, a question on what it kept, and the report with its citations."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentflow.corpus.filter import Filter
from agentflow.engine import Engine
from agentflow.export.formats import export
from agentflow.models.client.types import Request
from agentflow.papers.sources import NAMES
from agentflow.project import Project
from agentflow.runs.outcome import Outcome
from agentflow.testing import ScriptedModels
from tests.papers import made
from tests.papers.conftest import SOURCES
from tests.papers.served import Reply, Served

Run = Callable[..., Any]


def allow(root: Path, served: Served, hosts: tuple[str, ...] = ("files.test",), **changes: Any) -> None:
    sources = {name: {"url": served.base(f"{name.replace('_', '-')}.test"), "delay": 0} for name in SOURCES}
    settings = {"network": {"hosts": hosts}, "papers": {"delay": 0, "sources": sources, **changes}}
    (root / "tools.yaml").write_text(json.dumps(settings))


async def ask(root: Path, question: str) -> tuple[Engine, Outcome]:
    def reader(request: Request) -> Any:
        if request.schema and "support" in request.schema["properties"]:
            return {"support": "supported"}
        wanted = re.search(r"Port \d+\b", request.messages[-1].content.split("\n")[-1])
        for number, line in re.findall(r"\[(\d+)\] (.*)", request.messages[-1].content):
            if wanted and re.search(rf"{wanted[0]}\b", line) and (found := re.search(r"\d\.\d+ metres", line)):
                return {"answer": found[0], "sentence": int(number)}
        return {"answer": "", "sentence": 0}

    async with Engine(Project(root), pool=ScriptedModels(reader)) as engine:
        return engine, await engine.run("research", {"question": question}, where=Filter(collections=["tides"]))


def test_it_is_off_without_leave_and_says_what_to_allow(run: Run, served: Served, tmp_path: Path) -> None:
    ran = run("fetch", "tides")
    assert ran.code == 1 and "error: tools.yaml allows no request" in ran.err and "export.arxiv.org" in ran.err
    (tmp_path / "tools.yaml").write_text("network: {hosts: [api.crossref.org]}\n")
    assert "api.openalex.org" in run("fetch", "tides", "--from", "openalex").err
    assert "no source 'arxvi'" in run("fetch", "tides", "--from", "arxvi").err
    assert run("fetch", "tides", "--into", "../x").code == 1
    assert served.asked == [] and not (tmp_path / "papers").exists()


def test_a_dry_run_only_lists(run: Run, served: Served, tmp_path: Path) -> None:
    allow(tmp_path, served)
    ran = run("fetch", "tides", "--from", "arxiv,semantic-scholar", "--max", "4", "--dry-run")
    assert ran.code == 0 and "10.5555/tides.3" in ran.out and "2022" in ran.out and "CC BY" in ran.out
    assert set(served.paths()) == {"/api/query", "/graph/v1/paper/search"} and not (tmp_path / "papers").exists()
    listed = json.loads(run("fetch", "tides", "--from", "crossref", "--max", "2", "--dry-run", "--json").out)
    assert [paper["DOI"] for paper in listed["papers"]] == ["10.5555/tides.5", "10.5555/tides.6"]


@pytest.mark.parametrize("topic", ["of the", "\udcff", "a" * 5000, "tides & <b> %20 ?x=1#y", "潮汐"])
def test_a_topic_of_any_kind_is_asked_for_as_it_is(run: Run, served: Served, tmp_path: Path, topic: str) -> None:
    allow(tmp_path, served)
    assert run("fetch", topic, "--max", "1", "--dry-run").code == 0
    assert len(served.asked) == 6
    assert run("fetch", " ").code == 1 and run("fetch", "").code == 1 and len(served.asked) == 6


def test_trouble_of_one_source_is_told_and_of_all_ends(run: Run, served: Served, tmp_path: Path) -> None:
    allow(tmp_path, served)
    served.replies["crossref.test/works"] = Reply(b"no", "text/plain", 500)
    ran = run("fetch", "tides", "--from", "crossref,arxiv", "--max", "2", "--dry-run")
    assert ran.code == 0 and "crossref: it answered 500: no; try later" in ran.err and "Port 1" in ran.out
    ran = run("fetch", "tides", "--from", "crossref", "--dry-run")
    assert ran.code == 1 and "it answered 500" in ran.err


def test_terminal_codes_of_a_source_do_not_act(run: Run, served: Served, tmp_path: Path) -> None:
    allow(tmp_path, served)
    record = {**made.openalex_work(1, served.base("files.test")), "title": "\x1b]0;owned\x07Tides \x1b[31mred\u202e"}
    served.replies["openalex.test/works"] = Reply(json.dumps({"meta": {}, "results": [record]}).encode())
    ran = run("fetch", "tides", "--from", "openalex", "--dry-run")
    assert "Tides red" in ran.out and "\x1b" not in ran.out and "\u202e" not in ran.out


@pytest.mark.parametrize("name", NAMES)
def test_each_source_is_a_tool_under_the_policy(run: Run, served: Served, tmp_path: Path, name: str) -> None:
    allow(tmp_path, served)
    found = json.loads(run("tools", "run", name, "query=tides", "limit=2").out)
    known = list(made.KNOWN[name])[:2]
    assert [paper["title"] for paper in found] == [made.title(n) for n in known]
    assert set(found[0]) == {"title", "authors", "year", "venue", "doi", "url", "pdf", "licence", "abstract"}
    assert found[0]["authors"][0] == " ".join(made.authors(known[0])[0])
    served.asked.clear()
    allow(tmp_path, served, hosts=())
    ran = run("tools", "run", name, "query=tides")
    assert ran.code == 1 and "the network is off" in ran.err and served.asked == []
    (tmp_path / "tools.yaml").write_text("network: {hosts: [example.org]}\n")
    assert run("tools", "run", name, "query=tides").code == 1 and served.asked == []


async def test_from_a_topic_to_a_report_with_its_references(served: Served, tmp_path: Path, fetched: Path) -> None:
    engine, outcome = await ask(fetched, "How high does the spring tide at Port 7 reach?")
    assert (outcome.status, outcome.output["answer"]) == ("answered", made.height(7))
    quote = outcome.output["evidence"][0]
    assert quote["path"].endswith(".pdf") and quote["record"]["DOI"] == made.doi(7)
    markdown = export(engine.store, outcome, "md").decode()
    assert "Álvarez and van Hansen, 2022-03-07, doi:10.5555/tides.7" in markdown
    apa = export(engine.store, outcome, "md", "apa").decode().replace("\\", "")
    assert "(Álvarez & van Hansen, 2022)" in apa
    assert (
        "Álvarez, J., & van Hansen, I. (2022). Spring tides of Port 7 & their causes. *Journal of Made Tides*, *7*(7), 7–16."
        " https://doi.org/10.5555/tides.7"
    ) in apa
    bibtex = export(engine.store, outcome, "bibtex").decode()
    assert bibtex.startswith("@article{alvarez-2022") and "author = {Álvarez, José and van Hansen, Ida}" in bibtex
    assert "doi = {10.5555/tides.7}" in bibtex and r"title = {{Spring tides of Port 7 \& their causes}}" in bibtex
    item = json.loads(export(engine.store, outcome, "csl"))[0]
    assert (item["DOI"], item["container-title"], item["type"]) == (
        made.doi(7),
        "Journal of Made Tides",
        "article-journal",
    )


def test_a_collection_of_that_name_is_left_alone(run: Run, served: Served, tmp_path: Path) -> None:
    allow(tmp_path, served)
    mine = "# mine\ncollections:\n  notes: {types: [md]}\n"
    (tmp_path / "collections.yaml").write_text(mine)
    fetch = ("fetch", "tides", "--from", "arxiv", "--max", "1", "--lexical", "--into")
    assert "'notes' in collections.yaml stands for something else" in run(*fetch, "notes").err
    assert (tmp_path / "collections.yaml").read_text() == mine
    assert run(*fetch, "tides").code == 0
    kept = (tmp_path / "collections.yaml").read_text()
    assert "# mine" in kept and "notes: {types: [md]}" in kept and "papers/tides" in kept


async def test_an_abstract_answers_as_what_it_is(fetched: Path) -> None:
    engine, outcome = await ask(fetched, "How high does the spring tide at Port 20 reach?")
    assert outcome.output["answer"] == made.height(20)
    assert outcome.output["evidence"][0]["source"] == f"{made.title(20)} [abstract only]"
    assert "abstract only" not in export(engine.store, outcome, "bibtex").decode().split("note =")[0]


def test_a_preprint_is_cited_as_one(run: Run, served: Served, tmp_path: Path) -> None:
    from agentflow.corpus.files.records import record_of

    allow(tmp_path, served)
    served.replies["arxiv.test/api/query"] = Reply(made.arxiv_feed([2], served.base("files.test"), 0))
    assert run("fetch", "tides", "--from", "arxiv", "--into", "tides", "--lexical").code == 0
    (path,) = (tmp_path / "papers" / "tides").glob("*.pdf")
    record = record_of(path) or {}
    assert (record["type"], record["publisher"], record["number"]) == ("article", "arXiv", "arXiv:2101.00002")
    assert record["DOI"] == "10.48550/arxiv.2101.00002"


@pytest.fixture
def fetched(run: Run, served: Served, tmp_path: Path) -> Path:
    """A project with the twenty papers in the collection `tides`."""
    allow(tmp_path, served)
    ran = run("fetch", "tides", "--into", "tides", "--lexical")
    assert ran.code == 0, ran
    assert "17 PDF, 3 abstract only" in ran.out and 'agentflow research "QUESTION" --in tides' in ran.out
    (tmp_path / "collections.yaml").read_text().index("papers/tides")
    return tmp_path
