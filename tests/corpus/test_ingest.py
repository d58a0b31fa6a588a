"""Ingest: incremental, resumable, one writer, and one file's trouble never ends it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agentflow.corpus.index.vectors import open_index
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.ingest.verify import forget, verify
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError, Unavailable
from agentflow.events import Event, Note
from agentflow.testing import HashEmbedder


async def test_every_sentence_is_found_verbatim_at_its_line(corpus: Corpus, folder: Path) -> None:
    report = await ingest(corpus, [folder], embedder=None)
    assert len(report.added) == 5 and report.failed == []
    checked = 0
    for document in corpus.documents():
        text, source = corpus.text(document.id), corpus.file(document).read_text("utf-8").split("\n")
        for (chunk,) in corpus.rows("SELECT id FROM chunks WHERE document = ?", [document.id]):
            passage = corpus.passage(chunk)
            assert passage.text.split("\n")[0] in source[passage.place.line - 1]
            for sentence in passage.sentences:
                assert text[sentence.start : sentence.end] == sentence.text
                assert corpus.sentence(sentence.id) == sentence
                place = corpus.locate(document.id, sentence.start)
                assert sentence.text.split("\n")[0] in source[place.line - 1]
                checked += 1
    assert checked > 25


async def test_a_document_carries_its_own_title_and_date(corpus: Corpus, folder: Path) -> None:
    await ingest(corpus, [folder], embedder=None)
    tea, rockets = corpus.document("tea.rst"), corpus.document("docs/deep/rockets.md")
    assert (tea.title, tea.date, tea.path) == ("RFC 12 – Tea for Everyone", "2021-07-05", "docs/tea.rst")
    assert (rockets.title, rockets.date) == ("Notes on rockets", "2024-03-01")
    assert corpus.document(corpus.file(tea)) == tea
    assert corpus.passage(1).source.count("›") <= 3


async def test_a_second_run_touches_only_what_changed(corpus: Corpus, folder: Path, embedder: HashEmbedder) -> None:
    first = await ingest(corpus, [folder], embedder=embedder)
    assert first.embedded == embedder.texts == corpus.status().vectors
    tea = corpus.document("tea.rst")
    (folder / "plain.txt").unlink()
    (folder / "new.txt").write_text("A new line about tea.", "utf-8")
    (folder / "tea.rst").write_text((folder / "tea.rst").read_text("utf-8") + "\nOne more line.\n", "utf-8")
    second = await ingest(corpus, [folder], embedder=embedder)
    assert (second.added, second.changed, second.removed) == (["docs/new.txt"], ["docs/tea.rst"], ["docs/plain.txt"])
    assert len(second.unchanged) == 3 and second.embedded == 2, "equal passages keep their vectors"
    assert corpus.document("tea.rst").id == tea.id
    third = await ingest(corpus, [folder], embedder=embedder)
    assert len(third.unchanged) == 5 and third.embedded == 0 and third.chunks == 0
    assert verify(corpus).problems == {}


async def test_files_outside_the_named_folder_stay(corpus: Corpus, folder: Path) -> None:
    await ingest(corpus, [folder], embedder=None)
    report = await ingest(corpus, [folder / "deep"], embedder=None)
    assert report.removed == [] and corpus.status().documents == 5


async def test_no_passage_of_an_old_version_is_found(corpus: Corpus, folder: Path, embedder: HashEmbedder) -> None:
    await ingest(corpus, [folder], embedder=embedder)
    (folder / "plain.txt").write_text("The harbour is open all year.", "utf-8")
    (folder / "tea.rst").rename(folder / "renamed.rst")
    await ingest(corpus, [folder], embedder=embedder)
    found = await HybridSearcher(corpus, embedder).search("harbour closes winter tea", k=20)
    assert not any("winter" in passage.text or passage.path.endswith("tea.rst") for passage in found)


async def test_another_embedder_is_another_space(corpus: Corpus, folder: Path, embedder: HashEmbedder) -> None:
    await ingest(corpus, [folder], embedder=embedder)
    other = HashEmbedder(64)
    report = await ingest(corpus, [folder], embedder=other)
    assert report.embedded == corpus.status().chunks and corpus.embedder == other.name
    assert verify(corpus).problems == {}


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00", b"%PDF-1.4 nothing", b"", b"\xff\xfe"], ids=repr)
async def test_a_file_that_cannot_be_read_is_named_and_the_rest_goes_on(
    corpus: Corpus, folder: Path, content: bytes
) -> None:
    (folder / "bad.pdf").write_bytes(content)
    report = await ingest(corpus, [folder], embedder=None)
    assert [path for path, _ in report.failed] == ["docs/bad.pdf"]
    assert corpus.status().failed == report.failed and corpus.status().documents == 5
    assert (await ingest(corpus, [folder], embedder=None)).failed == report.failed


async def test_pictures_and_hidden_files_are_left_out(corpus: Corpus, folder: Path) -> None:
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    (folder / "plot.svg").write_text("<svg><text>secret</text></svg>", "utf-8")
    (folder / ".secret.txt").write_text("secret", "utf-8")
    (folder / ".git").mkdir()
    (folder / ".git" / "config.txt").write_text("secret", "utf-8")
    report = await ingest(corpus, [folder], embedder=None)
    assert report.skipped == [("docs/picture.png", "a binary file, not text"), ("docs/plot.svg", "an image")]
    assert report.failed == []
    assert corpus.value("SELECT count(*) FROM chunks WHERE text LIKE '%secret%'") == 0


async def test_a_link_out_of_the_folder_is_not_followed(corpus: Corpus, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("a secret outside", "utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "up").symlink_to(tmp_path)
    report = await ingest(corpus, [folder], embedder=None)
    assert ("docs/link.txt", "a link that leads out of the folder") in report.failed == corpus.status().failed
    assert corpus.value("SELECT count(*) FROM chunks WHERE text LIKE '%outside%'") == 1, "plain.txt's own words only"


async def test_a_pipe_does_not_hang_it(corpus: Corpus, folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    report = await ingest(corpus, [folder], embedder=None)
    assert ("docs/pipe.txt", "not a regular file") in report.failed


async def test_a_file_too_large_is_refused_with_its_size(corpus: Corpus, folder: Path) -> None:
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(200_000_000)
    report = await ingest(corpus, [folder], embedder=None)
    assert report.failed == [("docs/huge.txt", "200 MB is more than the limit of 50 MB: split it")]


async def test_a_file_that_vanishes_in_the_middle_is_recorded(corpus: Corpus, folder: Path) -> None:
    def thief(event: Event) -> None:
        (folder / "tea.rst").unlink(missing_ok=True)

    report = await ingest(corpus, [folder], embedder=None, sink=thief)
    assert report.failed == [("docs/tea.rst", "No such file or directory")]
    assert len(report.added) == 4


async def test_there_is_nothing_to_read(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(AgentflowError, match="nothing to read in"):
        await ingest(corpus, [tmp_path / "empty"], embedder=None)
    with pytest.raises(AgentflowError, match="no such file or folder"):
        await ingest(corpus, [tmp_path / "nowhere"], embedder=None)


async def test_only_unreadable_files(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.pdf").write_bytes(b"no")
    with pytest.raises(AgentflowError, match=r"the only file in .*could not be read .a.pdf: not a PDF"):
        await ingest(corpus, [tmp_path / "bad"], embedder=None)


async def test_text_in_other_encodings(corpus: Corpus, folder: Path) -> None:
    words = "Größe und Übermut kommen vor dem Fall, sagte der Müller. " * 4
    (folder / "latin.txt").write_bytes(words.encode("latin-1"))
    (folder / "wide.txt").write_bytes(words.encode("utf-16"))
    (folder / "marked.txt").write_bytes(words.encode("utf-8-sig"))
    (folder / "windows.txt").write_bytes(b"One line.\r\nAnother line.\rThird.")
    await ingest(corpus, [folder], embedder=None)
    for name in ("latin", "wide", "marked"):
        assert corpus.text(corpus.document(f"{name}.txt").id).startswith("Größe und Übermut")
    assert corpus.text(corpus.document("windows.txt").id) == "One line.\nAnother line.\nThird."


async def test_a_second_writer_waits_and_is_told_for_whom(corpus: Corpus, folder: Path) -> None:
    code = "import sys, time; from pathlib import Path; from agentflow.corpus.ingest.lock import writer_lock\n"
    code += "with writer_lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    notes: list[Event] = []
    with subprocess.Popen([sys.executable, "-c", code, str(corpus.path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        with pytest.raises(Unavailable, match=rf"process {holder.pid}\)"):
            forget(corpus, [])

        def told(event: Event) -> None:
            if isinstance(event, Note):
                notes.append(event)
                assert f"kill {holder.pid}" in event.text and corpus.status().documents == 0
                holder.send_signal(signal.SIGKILL)  # a dead holder holds nothing

        assert len((await ingest(corpus, [folder], embedder=None, sink=told)).added) == 5
    assert len(notes) == 1


class Broken(HashEmbedder):
    async def embed(self, texts):  # type: ignore[no-untyped-def]
        if self.texts:
            raise Unavailable("the embedder's server ended", "start it again")
        return await super().embed(texts[: len(texts)])


async def test_an_embedder_that_fails_costs_only_vectors(corpus: Corpus, folder: Path, embedder: HashEmbedder) -> None:
    notes: list[Event] = []
    for number in range(100):
        (folder / f"{number}.txt").write_text(f"Line number {number} stands here.", "utf-8")
    report = await ingest(corpus, [folder], embedder=Broken(), sink=notes.append)
    status = corpus.status()
    assert report.embedded == status.vectors == 64 < status.chunks
    assert any(isinstance(note, Note) and "have no vector yet" in note.text for note in notes)
    await ingest(corpus, [folder], embedder=embedder)
    assert corpus.status().vectors == status.chunks and verify(corpus).problems == {}


async def test_one_changed_vector_in_a_hundred_is_found(corpus: Corpus, folder: Path, embedder: HashEmbedder) -> None:
    for number in range(100):
        (folder / f"{number}.txt").write_text(f"Line number {number} stands here.", "utf-8")
    await ingest(corpus, [folder], embedder=embedder)
    index = open_index(corpus)
    chunk = min(index.ids())
    index.add([chunk], -index.vector(chunk).reshape(1, -1))
    assert "self-retrieval" in verify(corpus).problems


KILLED = """
import asyncio, sys, time
from pathlib import Path
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.store import Corpus
from agentflow.testing import HashEmbedder

class Slow(HashEmbedder):
    async def embed(self, texts):
        await asyncio.sleep(0.02)
        return await super().embed(texts)

corpus = Corpus.open(Path(sys.argv[1]), create=True)
asyncio.run(ingest(corpus, [Path(sys.argv[2])], embedder=Slow(), sink=lambda event: print(event.task, flush=True)))
print("end", flush=True)
"""


def killed_after(lines: int, database: Path, folder: Path) -> bool:
    """Runs ingest in a process and kills it when it has told of so much progress; whether it came to its end."""
    with subprocess.Popen([sys.executable, "-c", KILLED, str(database), str(folder)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for number, line in enumerate(child.stdout):
            if line == b"end\n":
                return True
            if number >= lines:
                time.sleep(0.003 * (lines % 7))
                child.kill()
                return False
    raise AssertionError("ingest failed by itself")


async def test_kill_9_anywhere_then_resume_then_verify(corpus: Corpus, folder: Path, embedder: HashEmbedder) -> None:
    for number in range(25):
        paragraphs = (f"Paragraph {at} of file {number} tells of harbour {number * at}.\n" * 9 for at in range(12))
        (folder / f"{number:02}.txt").write_text("\n".join(paragraphs), "utf-8")
    finished = [killed_after(lines, corpus.path, folder) for lines in (3, 20, 31)]
    assert not any(finished)
    assert set(verify(corpus).problems) <= {"vectors"}, "unfinished, never wrong"
    await ingest(corpus, [folder], embedder=embedder)
    status = corpus.status()
    assert status.documents == 30 and status.vectors == status.indexed == status.chunks
    assert verify(corpus).problems == {}


@pytest.mark.slow
def test_kill_9_in_the_middle_of_a_real_corpus(tmp_path: Path) -> None:
    peps = Path(__file__).parents[3] / "shared" / "data" / "corpora" / "peps"
    if not peps.is_dir():
        pytest.skip("needs the PEPs in ../shared/data")
    database = tmp_path / "agentflow.db"
    rounds = 0
    while not killed_after(150 + 97 * rounds, database, peps):
        rounds += 1
        assert rounds < 30
    corpus = Corpus.open(database)
    assert corpus.status().documents > 700 and verify(corpus).problems == {}
    corpus.close()


async def test_headings_and_lone_figures_cannot_be_cited_but_code_and_rows_can(corpus: Corpus, folder: Path) -> None:
    text = "# Harbour of Tarn\n\nIt opens in May.\n\n7\n\n£20.\n\n9:30\n\n- two cranes\n\n| crane | tonnes |\n|---|---|\n| east | 12 |\n\n____\n\n│ Press ? │\n"
    (folder / "tarn.md").write_text(text, "utf-8")
    await ingest(corpus, [folder], embedder=None)
    said: dict[str, bool] = {}
    for (chunk,) in corpus.rows("SELECT id FROM chunks"):
        said |= {sentence.text: sentence.citable for sentence in corpus.passage(chunk).sentences}
    assert not said["│ Press ? │"]  # of a drawn screen
    assert not said["Harbour of Tarn"] and not said["7"] and "____" not in said
    assert said["£20."] and said["9:30"]  # under a heading that says of what
    assert said["It opens in May."] and said["two cranes"] and said["def launch(pad):"]
    assert any(citable for line, citable in said.items() if line.startswith("east | 12"))
