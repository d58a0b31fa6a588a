"""How to do something: the instruction, with the code or the list beneath it, without a call of the model."""

from pathlib import Path

import pytest

from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.research.forms.definition import is_definition, thing
from agentflow.research.question.planning import is_broad, wants_instruction
from agentflow.research.report.markdown import render
from agentflow.research.report.of_run import assemble
from agentflow.research.report.schema import Findings
from agentflow.runs.outcome import Outcome
from agentflow.status import RunStatus
from agentflow.testing import ScriptedModels
from agentflow.usage import Usage
from tests.research.asking import asked

GUIDE = """# Skiff

Skiff is a small mail program. It was written in the harbour of Wendle.

## Installation

Skiff can be installed on all systems in seconds.

Install Skiff with pip:

```bash
pip install skiff
```

After Skiff is installed, check it:

```bash
skiff --version
```

## Mailboxes

A mailbox is a folder of messages with an index. Mailboxes are shown at the left.

Skiff reads all mailboxes at its start, and mailboxes can be renamed.

To add a mailbox, list it in the settings:

```yaml
mailboxes:
  - name: work
    folder: ~/mail
```

To turn notifications on:

```bash
skiff notify on
```

Notifications are a nuisance to some: turn them off. For example:

```bash
skiff notify off
```

## Moving to another computer

1. Copy the folder `~/mail`.
2. Start Skiff there.

## Sending

Do the following to send a message:

1. Press `n`.
2. Write the message.
3. Press `Ctrl+Enter`.
"""
CHANGES = """# Changelog

## 1.17.0

- Add `skiff mailbox lock` to lock a mailbox of messages
"""


async def ask(root: Path, question: str) -> tuple[Outcome, int]:
    """The outcome, and how many prompts it took; the model says "harbour of Wendle" to everything."""
    return await asked(root, {"guide.md": GUIDE, "changes.md": CHANGES}, question, "harbour of Wendle")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How do I install Skiff?", "Install Skiff with pip:\n    pip install skiff"),
        (
            "How can I add a mailbox?",
            "To add a mailbox, list it in the settings:\n    mailboxes:\n      - name: work\n        folder: ~/mail",
        ),
        ("How do I turn notifications on?", "To turn notifications on:\n    skiff notify on"),
        (
            "How do I turn notifications off?",
            "Notifications are a nuisance to some: turn them off. For example:\n    skiff notify off",
        ),
        (
            "How do I move Skiff to another computer?",
            "Moving to another computer:\n1. Copy the folder `~/mail`.\n2. Start Skiff there.",
        ),
        (
            "How do I send a message?",
            "Do the following to send a message:\n1. Press `n`.\n2. Write the message.\n3. Press `Ctrl+Enter`.",
        ),
    ],
)
async def test_an_instruction_answers_with_what_stands_beneath_it(tmp_path: Path, question: str, answer: str) -> None:
    outcome, prompts = await ask(tmp_path, question)
    assert outcome.output["answer"] == answer
    assert prompts == 0
    quote = outcome.output["evidence"][0]
    text = (tmp_path / "docs" / "guide.md").read_text("utf-8")
    assert quote["quote"] in text
    assert all(line.strip() in quote["quote"] for line in answer.split("\n")[1:])


async def test_what_no_instruction_is_near_goes_to_the_model(tmp_path: Path) -> None:
    outcome, prompts = await ask(tmp_path, "How do I paint a fence?")
    assert prompts > 0
    assert "pip install" not in outcome.output["answer"]


async def test_an_instruction_that_leaves_out_what_is_asked_is_no_answer(tmp_path: Path) -> None:
    outcome, prompts = await ask(tmp_path, "How do I install Skiff on a refrigerator?")
    assert prompts > 0
    assert "pip install" not in outcome.output["answer"]


@pytest.mark.parametrize(
    ("question", "said", "answer"),
    [
        ("What do I press?", "Did you press it?", ""),
        ("Does Skiff read mail by IMAP4?", "small mail program", ""),
        ("Does Skiff read mail by IMAP2?", "Skiff reads mail by IMAP2.", "Skiff reads mail by IMAP2."),
        ("Who wrote the program?", "--format maildir", ""),
        ("Which format does it convert?", "maildir", "maildir"),
    ],
)
async def test_what_does_not_tell_is_no_answer(tmp_path: Path, question: str, said: str, answer: str) -> None:
    (tmp_path / "docs").mkdir()
    text = "# Skiff\n\nSkiff is a small mail program. Skiff reads mail by IMAP2. Did you press it?\n\n"
    (tmp_path / "docs" / "skiff.md").write_text(f"{text}```\nskiff convert --format maildir\n```\n", "utf-8")
    models = ScriptedModels(lambda _: {"answer": said, "sentence": 3})
    async with Engine(Project(tmp_path), pool=models) as engine:
        await engine.ingest([tmp_path / "docs"])
        outcome = await engine.run("research", {"question": question, "depth": "quick"})
    assert outcome.output["answer"] == answer


async def test_an_entry_of_a_glossary_is_found_wherever_it_is(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for number in range(12):
        text = f"# Lease {number}\n\nLease the lease of a lease, and lease {number}.\n"
        (tmp_path / "docs" / f"{number}.md").write_text(text, "utf-8")
    rows = "| term | meaning |\n|---|---|\n| fork | a branch |\n| lease | the mark of an owner; it expires |\n"
    (tmp_path / "docs" / "glossary.md").write_text(f"# Glossary\n\n{rows}", "utf-8")
    async with Engine(Project(tmp_path), pool=ScriptedModels(lambda _: {"answer": "12", "sentence": 1})) as engine:
        await engine.ingest([tmp_path / "docs"])
        outcome = await engine.run("research", {"question": "What is a lease?"})
    assert outcome.output["answer"] == "lease: the mark of an owner; it expires"


async def test_a_definition_stands_for_words_near_by(tmp_path: Path) -> None:
    outcome, _ = await ask(tmp_path, "What is a mailbox?")
    assert outcome.output["answer"] == "A mailbox is a folder of messages with an index."


def test_the_report_shows_code_as_it_stands() -> None:
    findings = Findings(
        question="How?", answer="Use [`new`](cli.md#new):\n    if a < b:\n        - run *all*", plan=[], claims=[], evidence=[],
        conflicts=[], not_found=[], support_rate=1.0, notes=[],
    )  # fmt: skip
    report = assemble(findings, run="r", status=RunStatus.ANSWERED, usage=Usage(), seconds=1.0, model="m", message="")
    assert "**Use \\`new\\`:**\n\n    if a < b:\n        - run *all*\n" in render(report)


def test_how_to_compare_is_no_overview() -> None:
    assert not is_broad("How do I compare two runs?")
    assert is_broad("Compare the two runs.")
    assert is_broad("How do the two runs differ?")


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("How do I install it?", True),
        ("How to install it", True),
        ("Can you tell me how to install it?", True),
        ("How can a run be resumed?", True),
        ("Which command installs it?", True),
        ("What is the command to install it?", True),
        ("On Windows, how do we start it?", True),
        ("How does it work?", False),
        ("How many does it take to install it?", False),
        ("What do I install?", False),
    ],
)
def test_which_questions_want_an_instruction(question: str, wanted: bool) -> None:
    assert wants_instruction(question) is wanted


@pytest.mark.parametrize(
    ("question", "name", "whole"),
    [
        ("What is a solver?", "solver", ""),
        ("What is a solver in Inspect?", "solver", "Inspect"),
        ("What are Kedro pipelines?", "Kedro pipelines", ""),
        ("What's the data catalog in Kedro?", "data catalog", "Kedro"),
    ],
)
def test_what_a_question_asks_the_nature_of(question: str, name: str, whole: str) -> None:
    found = thing(question)
    assert found is not None
    assert (found.name, found.whole) == (name, whole)


@pytest.mark.parametrize(
    "question", ["What is the capital of France?", "What did he say?", "What is it?", "Who is it?"]
)
def test_what_asks_for_something_else(question: str) -> None:
    assert thing(question) is None


@pytest.mark.parametrize(
    ("sentence", "defines"),
    [
        ("A pipeline is a chain of nodes.", True),
        ("In Kedro, a pipeline is a chain of nodes.", True),
        ("A Kedro pipeline organises the order of nodes.", True),
        ("Pipelines are chains of nodes.", True),
        ("A *pipeline* is just a chain.", True),
        ("[Pipelines](p.md) are isolated chains.", True),
        ("Pipelines are stored in a folder.", False),
        ("Pipelines can also be named.", False),
        ("The default pipeline is a chain.", False),
        ("Run the pipeline.", False),
        ("We use pipelines (P), a kind of chain, here.", True),
        ("We use pipelines, and a chain.", False),
        ("pipeline | a chain of nodes |", True),
        ("- **Pipeline**: a chain of nodes", True),
        ("Each pipeline is an ordinary chain.", False),
        ("A pipeline is not a node.", False),
    ],
)
def test_which_sentences_define(sentence: str, defines: bool) -> None:
    assert is_definition("What is a pipeline?", sentence) is defines


def test_what_has_no_article_may_be_defined_by_what_it_does() -> None:
    assert is_definition("What is tractography?", "Tractography estimates the path of nerves.")
    assert not is_definition("What is a tract?", "Tract estimates are poor.")
