"""A document that is named by its title is read, and answers."""

from dataclasses import replace
from pathlib import Path

import pytest

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.store import Corpus
from agentflow.engine import Engine
from agentflow.project import Project
from agentflow.research.passages.titled import of_another, titled
from agentflow.testing import ScriptedModels

PAGES = {
    "p7": "Plan: 7\nTitle: Lamps for the pier\nAuthor: Ada Moss\n\nThe pier is dark at night, and boats miss it.\n",
    "p8": "Plan: 8\nTitle: A new bell\nAuthor: Jonas Vik\n\nThe bell of the pier is cracked.\n",
    "note": "# Works log\n\nLamps for the pier were drawn by Ida Brandt. The log is kept in the tower.\n",
}


@pytest.fixture
async def corpus(tmp_path: Path) -> Corpus:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name, text in PAGES.items():
        (docs / (f"{name}.md" if text.startswith("#") else f"{name}.rst")).write_text(text)
    opened = Corpus.open(tmp_path / "agentflow.db", create=True)
    await ingest(opened, [docs], embedder=None)
    return opened


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ('Who wrote the plan "Lamps for the pier"?', ["p7"]),
        ("Who wrote lamps for the pier?", ["p7"]),
        ("Who wrote plan 8?", ["p8"]),
        ("What does the works log say?", ["note"]),
        ("Who cleans the pier?", []),
        ("Which plan is the newest?", []),
    ],
)
async def test_a_title_or_a_part_of_it_names_its_document(corpus: Corpus, question: str, names: list[str]) -> None:
    found = titled(corpus, question, None)
    assert [Path(corpus.document(id).path).stem for id in found] == names
    assert not titled(corpus, question, frozenset())


async def test_what_another_document_tells_is_not_of_the_one_that_is_quoted(corpus: Corpus) -> None:
    by_name = {Path(passage.path).stem: passage for passage in corpus.passages(range(1, 10))}
    question = 'Who wrote the plan "Lamps for the pier"?'
    assert of_another(corpus, question, by_name["p8"]) == "Lamps for the pier"
    assert not of_another(corpus, question, by_name["p7"])
    assert not of_another(corpus, question, by_name["note"])  # names it
    told = replace(by_name["p7"], text="Lamps for the pier come after a new bell.")
    bell = replace(by_name["p8"], title="A new bell")
    assert not of_another(corpus, question, bell, [bell, told])  # led to: a question of several hops
    assert of_another(corpus, question, bell, [bell, by_name["p7"]])
    assert not of_another(corpus, 'Who said "the pier is dark"?', by_name["p8"])  # no title


async def test_a_run_on_some_documents_follows_no_title_out_of_them(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "tower.md").write_text("# The tower\n\nThe tower was built by the Harbour Guild.\n")
    (docs / "guild.md").write_text("# Harbour Guild\n\nThe Harbour Guild was led by Ada Brenn.\n")
    seen: list[str] = []

    def reply(request: object) -> object:
        seen.append(request.messages[-1].content)  # type: ignore[attr-defined]
        return {"answer": "", "sentence": 0, "first": "", "then": ""}

    async with Engine(Project(tmp_path), pool=ScriptedModels(reply)) as engine:
        await engine.ingest([docs])
        question = "Who led the builder of the tower, the Harbour Guild?"
        await engine.run("research", {"question": question}, docs=[docs / "tower.md"])
        assert not any("Ada Brenn" in prompt for prompt in seen)
        await engine.run("research", {"question": question})
        assert any("Ada Brenn" in prompt for prompt in seen)
