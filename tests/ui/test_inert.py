"""S9: hostile text from documents and models is shown as it is, and does nothing, in every view."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from agentflow.bundled.ui.app import AgentflowApp
from agentflow.bundled.ui.backend import DocumentRow, RunResult, WorkflowRow
from agentflow.bundled.ui.fake_backend import RecordedBackend, RecordedRun
from agentflow.bundled.ui.screens.report import ReportScreen
from agentflow.bundled.ui.screens.run import RunScreen
from agentflow.bundled.ui.screens.source import SourceScreen

from agentflow import events as ev
from agentflow.status import RunStatus
from tests.ui.waiting import until

HOSTILE = [
    "[bold red]HOSTILE[/]", "[@click=app.quit]HOSTILE[/]", "[@click='app.exit()']HOSTILE", "[link=file:///etc/passwd]HOSTILE[/link]",
    "[/]HOSTILE[/]", "[HOSTILE", "HOSTILE]", "[[HOSTILE]]", "[$error]HOSTILE[/$error]", "[on red blink]HOSTILE", "\\[HOSTILE]",
    "\x1b[31mHOSTILE\x1b[0m", "\x1b[2J\x1b[HHOSTILE", "\x1b]0;HOSTILE-title\x07HOSTILE", "\x1b]8;;http://evil.invalid\x1b\\HOSTILE\x1b]8;;\x1b\\",
    "\x1b]52;c;SE9TVElMRQ==\x07HOSTILE", "\x1bP+q544e\x1b\\HOSTILE", "\x9b31mHOSTILE", "\x1b[?1049lHOSTILE", "\x1b[6nHOSTILE", "\x1bcHOSTILE",
    "HOSTILE\x08\x08\x08safe", "HOSTILE\rovertype", "\x07\x07HOSTILE", "\u202eHOSTILE\u202c", "\u2066HOSTILE\u2069", "\ufeffHOS\u200bTILE",
    "{{ HOSTILE }} {% raw %}", "HOSTILE\x00\x01\x02", "HOSTILE\U000e0041\U000e0042",
]  # fmt: skip
OpenApp = Callable[..., AgentflowApp]


def hostile_backend(backend: RecordedBackend, texts: list[str]) -> RecordedBackend:
    """The same text as question, label, streamed answer, prompt, quote, place, claim, note, error, title, path and report."""
    run, recorded = next(iter(backend.runs.runs.items()))
    log: list[ev.Event] = [ev.RunStarted(run=run, graph="research", inputs={"question": texts[0]}, models={})]
    for number, text in enumerate(texts):
        step = f"{number:03d}-n"
        log += [
            ev.StepStarted(step=step, node=text, label=text), ev.ModelCalled(step=step, call="c", role="r", model=text, prompt=text),
            ev.ModelText(step=step, call="c", text=text), ev.ToolCalled(step=step, call="t", tool=text, arguments={text: text}),
            ev.ToolReturned(step=step, call="t", tool=text, seconds=0, error=text),
            ev.EvidenceFound(step=step, evidence=str(number), question=text, quote=text, place=f"{text}:1", relevance=0.5),
            ev.ClaimMade(step=step, claim=number, text=text, evidence=["1"]), ev.Note(step=step, text=text, level="warning"),
            ev.Progress(task=text, done=1, total=2, unit=text), ev.PlanMade(step=step, questions=texts[: number + 1]),
        ]  # fmt: skip
    log.append(ev.RunEnded(run=run, status=RunStatus.ANSWERED, seconds=1, message=texts[0]))
    quote = {
        "id": 1,
        "quote": texts[0],
        "path": texts[0],
        "line": 1,
        "page": None,
        "date": texts[0],
        "source": texts[0],
        "question": texts[0],
        "relevance": 1.0,
    }
    output = {
        "question": texts[0], "answer": texts[0], "plan": texts, "claims": [{"text": text, "support": "partial", "evidence": [1]} for text in texts],
        "evidence": [quote], "conflicts": [{"claim": 0, "evidence": 1}], "not_found": [{"question": texts[0], "tried": texts}], "notes": texts,
        "support_rate": 1.0,
    }  # fmt: skip
    result = RunResult(run, "research", "answered", output, "\n\n".join(texts), model=texts[0])
    backend.runs.runs[run] = RecordedRun(replace(recorded.row, question=texts[0], graph=texts[0]), log, result)
    rows = [DocumentRow(n, text, text, text, text, 1, 1, text if n % 2 else "") for n, text in enumerate(texts)]
    backend.documents.rows, backend.documents.texts = rows, dict.fromkeys(texts, "\n".join(texts))
    backend.workflows.rows = [WorkflowRow(f"w{n}", text, text, (text,)) for n, text in enumerate(texts)]
    backend.models.rows[0] = replace(backend.models.rows[0], weights=texts[0], description=texts[0])
    backend.models.logs["starter"] = "\n".join(texts)
    return backend


def painted(app: AgentflowApp) -> list[tuple[str, object]]:
    """What the terminal is given: text with its style's meta data."""
    strips = app.screen._compositor.render_strips()
    return [(segment.text, segment.style.meta if segment.style else {}) for strip in strips for segment in strip]


@pytest.mark.parametrize("part", [HOSTILE[:15], HOSTILE[15:]], ids=["markup", "escapes"])
async def test_thirty_hostile_strings_do_nothing(backend: RecordedBackend, open_app: OpenApp, part: list[str]) -> None:
    app = open_app(hostile_backend(backend, part))
    run = next(iter(backend.runs.runs))
    quits: list[str] = []
    async with app.run_test(size=(150, 60)) as pilot:
        app.action_quit = lambda: quits.append("quit")

        async def inspect(*, shows: bool = True) -> None:
            await pilot.pause(0.3)
            await until(pilot, lambda: not shows or "HOSTILE" in "".join(text for text, _ in painted(app)))
            cells = painted(app)
            text = "".join(text for text, _ in cells)
            acting = {
                hex(ord(char))
                for char in text
                if ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or 0x202A <= ord(char) <= 0x202E
            }
            assert not acting, type(app.screen).__name__
            clicks = [meta for _, meta in cells if isinstance(meta, dict) and "@click" in meta]
            assert not clicks

        await inspect()
        for key in "2", "3", "4":
            await pilot.press("escape", key)
            await inspect()
        for screen in (RunScreen(run), ReportScreen(run), SourceScreen(f"{part[0]}:1", part[0])):
            await app.push_screen(screen)
            await inspect()
        await app.pop_screen()
        await pilot.press("m")
        await inspect(shows=False)
        app.notify(part[0], markup=False)
        await inspect()
    assert not quits
