"""What became of the files behind a report, and the names of files in it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.store import Corpus
from agentflow.research.report import sources
from agentflow.research.report.markdown import code, render
from agentflow.research.report.schema import Unread
from agentflow.research.report.sources import changed, suspects
from tests.research.test_markdown import FINDINGS, report


async def test_a_file_that_changed_or_went_since_it_was_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("same", "edited", "deleted", "touched")
    for name in names:
        (tmp_path / f"{name}.md").write_text(f"The {name} lamp burns.\n")
    corpus = Corpus.open(tmp_path / ".agentflow" / "agentflow.db", create=True)
    await ingest(corpus, [tmp_path], embedder=None)
    (tmp_path / "edited.md").write_text("The edited lamp halts.\n")
    (tmp_path / "deleted.md").unlink()
    (tmp_path / "touched.md").touch()
    found = changed(corpus, [f"{name}.md" for name in names])
    assert set(changed(corpus, suspects(corpus))) == set(found)
    monkeypatch.setattr(sources, "SMALL", 0)
    assert suspects(corpus) == ["deleted.md"], "of a large corpus, by size alone"
    (tmp_path / "edited.md").write_text("longer than it was before\n")
    assert set(suspects(corpus)) == {"deleted.md", "edited.md"}
    corpus.close()
    assert found == {"edited.md": "changed", "deleted.md": "gone"}


def test_a_quote_of_a_file_that_changed_is_marked() -> None:
    for state, words in (("changed", "the file has changed since it was read"), ("gone", "the file is gone")):
        quote = FINDINGS.evidence[0].model_copy(update={"file": state})
        assert words in render(report(evidence=[quote])), state
        assert words not in render(report())


def test_files_that_could_not_be_read_are_named() -> None:
    many = [Unread(path=f"docs/{n}.pdf", reason="locked\nwith a password") for n in range(12)]
    text = render(report(unread=many))
    assert "- `docs/0.pdf`: locked with a password\n" in text and "and 2 more" in text
    assert "Not read" not in render(report())


@given(st.text(max_size=40))
def test_a_path_cannot_leave_its_code_span(path: str) -> None:
    shown = f"[1] {code('docs/' + path)} (about)"
    (paragraph,) = [token for token in MarkdownIt().parse(shown) if token.type == "inline"]
    kinds = [child.type for child in paragraph.children or []]
    assert kinds == ["text", "code_inline", "text"], shown
