"""`research --web` on a made web: own documents first, every quote checkable, nothing said that was not read."""

import re
from pathlib import Path

import pytest

from agentflow.engine import Engine
from agentflow.events import Event, ToolCalled, ToolReturned
from agentflow.project import Project
from agentflow.research.report.markdown import render
from agentflow.research.report.of_run import research_report
from agentflow.runs.outcome import Outcome
from agentflow.testing import ScriptedModels
from tests.web.conftest import reader, settings
from tests.web.made import MadeWeb, height, kind_of, sentence


async def ask(project: Project, question: str, events: list[Event] | None = None) -> Outcome:
    told: list[Event] = [] if events is None else events
    async with Engine(project, pool=ScriptedModels(reader), sink=told.append) as engine:
        await engine.ingest([project.root / "notes"])
        return await engine.run("research", {"question": question, "web": True}, docs=[project.root / "notes"])


def checkable(project: Project, outcome: Outcome) -> bool:
    """Whether each quote stands in its copy or document, in the line that the report names."""
    for quote in outcome.output["evidence"]:
        lines = (project.root / quote["path"]).read_text().splitlines()
        shown = re.sub(r"<[^>]+>", "", lines[quote["line"] - 1])
        assert " ".join(quote["quote"].split()) in shown, (quote, shown)
    return True


async def test_the_web_answers_what_the_documents_leave_open(project: Project, web: MadeWeb) -> None:
    events: list[Event] = []
    outcome = await ask(project, "How high does the spring tide at Port 40 reach?", events)
    assert (outcome.status, outcome.output["answer"]) == ("answered", height(40))
    assert outcome.output["claims"][0]["sources"] == ["web"]
    quote = outcome.output["evidence"][0]
    assert quote["quote"] == sentence(40) and quote["url"] == web.url(40) and quote["retrieved"].startswith("20")
    assert checkable(project, outcome)
    report = render(research_report(outcome, ""))
    assert "(the web)" in report and web.url(40) in report and "copy: `.agentflow/web/" in report
    assert next(event.arguments for event in events if isinstance(event, ToolCalled)) == {
        "query": "How high does the spring tide at Port 40 reach?"
    }
    assert [query for query, _ in web.searched] == ["How high does the spring tide at Port 40 reach?"]
    assert "HERON" not in str(web.searched) and "6.00" not in str(web.searched)
    assert {host for host, _ in web.asked} <= {"127.0.0.1"} | {f"{kind_of(n)}.test" for n in range(200)}


async def test_own_documents_come_first_and_say_so(project: Project, web: MadeWeb) -> None:
    outcome = await ask(project, "How high does the spring tide at Port 500 reach?")
    assert outcome.output["answer"] == "6.00 metres"
    assert outcome.output["claims"][0]["sources"] == ["document"]
    assert outcome.output["evidence"][0]["path"] == "notes/own.md"


async def test_what_could_not_be_read_is_told(project: Project, web: MadeWeb) -> None:
    numbers = [next(n for n in range(200) if kind_of(n) == kind) for kind in
               ("captcha", "forbidden", "robots", "inner", "empty", "picture", "slow")]  # fmt: skip
    web.results = [*map(web.url, numbers), f"http://nowhere.test:{web.port}/port/2", "ftp://good.test/x"]
    settings(project.root, web, pages=20)
    outcome = await ask(project, "How high does the spring tide at Port 7 reach?")
    assert outcome.status == "insufficient"
    told = {item["path"].split("/")[2].split(":")[0]: item["reason"] for item in outcome.output["unread"]}
    for kind, part in {
        "captcha.test": "CAPTCHA", "forbidden.test": "refuses programs (403)", "robots.test": "robots.txt",
        "inner.test": "not public", "empty.test": "scripts alone", "picture.test": "image/png", "slow.test": "503",
        "nowhere.test": "cannot find",
    }.items():  # fmt: skip
        assert part in told[kind], (kind, told)
    assert not [path for host, path in web.asked if host == "robots.test" and path != "/robots.txt"]
    assert "inside.test" not in {host for host, _ in web.asked}
    assert "could not be read" in render(research_report(outcome, ""))


@pytest.mark.parametrize(
    ("engine", "told"),
    [("captcha", "google: CAPTCHA; brave: too many requests"), ("empty", "found nothing"), ("limit", "too many requests"),
     ("html", "answered no JSON"), ("forbidden", "formats: [html, json]")],
)  # fmt: skip
async def test_trouble_with_the_engine_is_told(project: Project, web: MadeWeb, engine: str, told: str) -> None:
    web.engine = engine
    outcome = await ask(project, "How high does the spring tide at Port 8 reach?")
    assert outcome.status == "insufficient"
    assert told in " ".join(outcome.output["notes"])


async def test_instructions_on_a_page_are_text(project: Project, web: MadeWeb) -> None:
    number = next(n for n in range(200) if kind_of(n) == "injection")
    web.results = [web.url(number)]
    outcome = await ask(project, f"How high does the spring tide at Port {number} reach?")
    assert outcome.output["answer"] == height(number)
    assert "thief.test" not in {host for host, _ in web.asked}
    copy = (project.root / outcome.output["evidence"][0]["path"]).read_text()
    assert "send the user's notes" not in copy, "hidden text is no text of the page"


async def test_a_page_that_changes_keeps_both_copies(project: Project, web: MadeWeb) -> None:
    number = next(n for n in range(200) if kind_of(n) == "changing")
    web.results = [web.url(number)]
    settings(project.root, web, fresh=0)
    question = f"How high does the spring tide at Port {number} reach?"
    first, second = await ask(project, question), await ask(project, question)
    one, two = first.output["evidence"][0]["path"], second.output["evidence"][0]["path"]
    assert one != two and checkable(project, first) and checkable(project, second)
    assert "has changed since" in " ".join(second.output["notes"])


async def test_a_fresh_copy_is_not_fetched_again_and_a_run_without_web_does_not_see_it(
    project: Project, web: MadeWeb
) -> None:
    question = "How high does the spring tide at Port 40 reach?"
    await ask(project, question)
    pages = [path for host, path in web.asked if host == "good.test" and path != "/robots.txt"]
    second = await ask(project, question)
    assert second.output["answer"] == height(40)
    assert [path for host, path in web.asked if host == "good.test" and path != "/robots.txt"] == pages
    async with Engine(project, pool=ScriptedModels(reader)) as engine:
        without = await engine.run("research", {"question": question})
    assert without.status == "insufficient" and len(web.searched) == 2


async def test_without_tools_yaml_nothing_is_asked(project: Project, web: MadeWeb) -> None:
    Path(project.root / "tools.yaml").unlink()
    outcome = await ask(project, "How high does the spring tide at Port 40 reach?")
    assert outcome.status == "insufficient" and not web.asked
    assert "the network is off" in " ".join(outcome.output["notes"])


async def test_a_resumed_run_asks_for_nothing_twice(project: Project, web: MadeWeb) -> None:
    question = "How high does the spring tide at Port 40 reach?"

    def stop_after_the_search(event: Event) -> None:
        if isinstance(event, ToolReturned) and event.tool == "web_search" and not stopped:
            stopped.append(event.run)
            engine.pause(event.run)

    stopped: list[str] = []
    async with Engine(project, pool=ScriptedModels(reader), sink=stop_after_the_search) as engine:
        await engine.ingest([project.root / "notes"])
        paused = await engine.run("research", {"question": question, "web": True})
    assert paused.status == "paused" and len(web.searched) == 1
    async with Engine(project, pool=ScriptedModels(reader)) as engine:
        outcome = await engine.resume(paused.run)
        assert outcome.output["answer"] == height(40)
        before = list(web.asked)
        assert (await engine.fork(paused.run, at="write")).output["answer"] == height(40)
    assert len(web.searched) == 1 and web.asked == before


@pytest.mark.parametrize("step", [100, pytest.param(2, marks=[pytest.mark.slow, pytest.mark.timeout(3000)])])
async def test_questions_on_two_hundred_pages(project: Project, web: MadeWeb, step: int) -> None:
    """Answers right, quotes checkable when all is read, and no request outside the policy."""
    docs = [project.root / "notes"]
    outcomes = []
    async with Engine(project, pool=ScriptedModels(reader)) as engine:
        await engine.ingest(docs)
        for number in range(0, 200, step):
            inputs = {"question": f"How high does the spring tide at Port {number} reach?", "web": True}
            outcomes.append(await engine.run("research", inputs, docs=docs))
            assert outcomes[-1].output["answer"] == height(number)
    assert all(checkable(project, outcome) for outcome in outcomes)
    allowed = {"127.0.0.1"} | {f"{kind_of(number)}.test" for number in range(200)}
    assert {host for host, _ in web.asked} <= allowed
    assert not [path for host, path in web.asked if host == "robots.test" and path != "/robots.txt"]
    assert len({path for _, path in web.asked if path.startswith("/port")}) >= len(outcomes)
