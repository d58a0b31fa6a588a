"""Documents with labelled lines as records: asked of one, of all of a kind, and of the last."""

from pathlib import Path

import pytest

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.store import Corpus
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.research.forms.records import records, told
from agentflow.research.passages.placed import placed
from agentflow.status import RunStatus
from agentflow.testing import ScriptedModels

INVOICE = "# Invoice {number}\n\nCustomer: {customer}\nDate: {date}\nAmount: {amount} EUR\nStatus: {status}\n"
MINUTES = "# Minutes of the club\n\nDate: {date}\n\n{said}\n"
PAGES = {
    "a-101.md": INVOICE.format(number=101, customer="Acme Ltd", date="2024-02-03", amount="1,240.50", status="paid"),
    "b-110.md": INVOICE.format(number=110, customer="Birch Mills", date="2024-05-30", amount="890.00", status="open"),
    "a-117.md": INVOICE.format(number=117, customer="Acme Ltd", date="2024-08-21", amount="310.00", status="open"),
    "one.md": MINUTES.format(
        date="2024-01-15", said="Ida Brandt was elected chair. The shed gets a new roof of tiles."
    ),
    "two.md": MINUTES.format(date="2024-09-20", said="Nora Lund was elected chair. The boats are painted in green."),
    "three.md": MINUTES.format(date="2024-04-12", said="Per Olsen was elected chair. The old pump is repaired by him."),
}


def write(root: Path) -> Path:
    root.mkdir(exist_ok=True)
    for name, text in PAGES.items():
        (root / name).write_text(text)
    return root


@pytest.fixture
async def corpus(tmp_path: Path) -> Corpus:
    opened = Corpus.open(tmp_path / "agentflow.db", create=True)
    await ingest(opened, [write(tmp_path / "docs")], embedder=None)
    return opened


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Which invoices are open?", {"Invoice 110", "Invoice 117"}),
        ("List the open invoices.", {"Invoice 110", "Invoice 117"}),
        ("Which invoices were sent to Birch Mills?", {"Invoice 110"}),
        ("Which invoices are paid?", {"Invoice 101"}),
        ("Which invoices are overdue?", set()),
        ("Which boats are open?", set()),
        ("What is open?", set()),
        ("Which status is open?", set()),
        ("Which invoices does invoice 110 refer to?", set()),
        ('Name the invoices of "Birch Mills".', set()),
    ],
)
async def test_documents_of_a_kind_by_a_labelled_line(corpus: Corpus, question: str, found: set[str]) -> None:
    assert {record.title for record in records(corpus, question, None)} == found
    assert not records(corpus, question, frozenset())


def test_how_many_is_told_as_a_number_and_a_cut_list_as_cut() -> None:
    assert told("Which invoices are open?", "a; b", 2, 2) == "a; b"
    assert told("Which invoices are open?", "a; b", 2, 30) == "a; b; 28 more"
    assert told("How many invoices are open?", "a; b", 2, 2) == "2 (a; b)"
    assert told("How many invoices are open?", "a; b", 2, 30) == "30 (the first 2: a; b)"


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("What was decided at the last meeting?", "two.md"),
        ("Who was elected by the first minutes?", "one.md"),
        ("How high is the newest invoice?", "a-117.md"),
        ("How high is the oldest invoice?", "a-101.md"),
        ("What is the last word?", ""),
    ],
)
async def test_the_last_and_the_first_of_a_series(corpus: Corpus, question: str, path: str) -> None:
    named = [corpus.document(id).path for place in placed(corpus, question, None) for id in place.documents]
    assert named == ([f"docs/{path}"] if path else [])


@pytest.mark.parametrize(
    ("question", "answer", "quotes"),
    [
        (
            "Which invoices are open?",
            {"Invoice 110: open; Invoice 117: open", "Invoice 117: open; Invoice 110: open"},
            2,
        ),
        ("Is invoice 101 paid?", {"Invoice 101: paid"}, 1),
        ("Is invoice 117 paid?", {"Invoice 117: open"}, 1),
        ("What was decided at the last meeting?", {"Nora Lund was elected chair. The boats are painted in green."}, 2),
        ("Which invoices are overdue?", {""}, 0),
        ("How many invoices are there?", {"3 (Invoice 101, Invoice 117, Invoice 110)"}, 3),
        ("How many notices are there?", {""}, 0),
    ],
)
async def test_records_answer_without_a_model(tmp_path: Path, question: str, answer: set[str], quotes: int) -> None:
    (tmp_path / "models.yaml").write_text("models: {}\n")
    models = ScriptedModels(lambda _: {"answer": "1,240.50 EUR", "sentence": 1}, abilities=())
    async with Engine(Project(tmp_path), pool=models) as engine:
        await engine.ingest([write(tmp_path / "docs")])
        outcome = await engine.run("research", {"question": question})
    assert outcome.output["answer"] in answer
    assert outcome.status is (RunStatus.ANSWERED if quotes else RunStatus.INSUFFICIENT)
    assert len({id for claim in outcome.output["claims"] for id in claim["evidence"]}) == quotes
    assert bool(models.asked) is (not quotes)
