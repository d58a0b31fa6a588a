"""Any tree of folders, links and odd names: what is a document is read, all else is left out with a reason."""

import asyncio
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow.corpus.files.ignore import bounded
from agentflow.corpus.files.walk import find_files
from agentflow.corpus.ingest.ingest import IngestReport, ingest
from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError
from agentflow.storage.handed_out import hand_out
from tests.corpus.test_names import FILE_NAMES

TEXT = "The ferry leaves at nine.\n"
EXAMPLES = int(os.environ.get("AGENTFLOW_EXAMPLES", "40"))


def write(path: Path, content: str | bytes = TEXT) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def left_out(folder: Path) -> dict[str, str]:
    found = find_files([folder], state=folder / "none")
    together = {**found.failed, **found.unlisted, **found.ignored}
    return {path.relative_to(folder).as_posix(): reason for path, reason in together.items()}


def read(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in find_files([folder], state=folder / "none").files}


def test_links_that_lead_in_a_circle_or_nowhere_are_told(tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    for name, target in (
        ("self", "self"),
        ("one", "two"),
        ("two", "one"),
        ("lost.md", "nothing.md"),
        ("good.md", "a.md"),
    ):
        (tmp_path / name).symlink_to(target)
    assert read(tmp_path) == {"a.md", "good.md"}
    reasons = left_out(tmp_path)
    assert all("in a circle" in reasons[name] for name in ("self", "one", "two")) and "not there" in reasons["lost.md"]


def test_links_to_folders_are_named(tmp_path: Path) -> None:
    write(tmp_path / "docs" / "deep" / "a.md")
    write(tmp_path / "outside" / "b.md")
    (tmp_path / "docs" / "up").symlink_to("..")
    (tmp_path / "docs" / "deep" / "round").symlink_to("../deep")
    (tmp_path / "docs" / "other").symlink_to(tmp_path / "outside")
    assert read(tmp_path / "docs") == {"deep/a.md"}
    reasons = left_out(tmp_path / "docs")
    assert "name it" in reasons["up"] and "name it" in reasons["other"] and "inside the folder" in reasons["deep/round"]
    both = find_files([tmp_path / "docs", tmp_path / "outside"], state=tmp_path / "none")
    assert {path.name for path in both.files} == {"a.md", "b.md"} and tmp_path / "docs" / "other" not in both.failed


async def test_what_was_read_stays_while_its_folder_cannot_be_listed(
    corpus: Corpus, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ingest(corpus, [folder], embedder=None)
    scan = os.scandir

    def locked(path: Path) -> object:
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", locked)
    report = await ingest(corpus, [folder], embedder=None)
    assert report.failed == [("docs/deep", "cannot be listed: Permission denied")] == corpus.status().failed
    assert report.removed == [] and corpus.document("docs/deep/rockets.md").chunks
    monkeypatch.undo()
    assert (await ingest(corpus, [folder], embedder=None)).failed == [] == corpus.status().failed


def test_gitignore_is_read_as_git_reads_it(tmp_path: Path) -> None:
    write(tmp_path / ".gitignore", "*.log\nbuild/\n/top.md\n!keep.log\n[z-a]\n!\n")
    write(tmp_path / "sub" / ".gitignore", "!loud.log\nown.md\n")
    for name in (
        "a.md",
        "x.log",
        "keep.log",
        "top.md",
        "sub/top.md",
        "sub/loud.log",
        "sub/own.md",
        "own.md",
        "build/x.md",
    ):
        write(tmp_path / name)
    assert read(tmp_path) == {"a.md", "keep.log", "sub/top.md", "sub/loud.log", "own.md"}
    assert left_out(tmp_path)["build"] == "ignored by .gitignore: build/"


def test_agentflowignore_has_the_last_word(tmp_path: Path) -> None:
    write(tmp_path / ".gitignore", "data/\n")
    write(tmp_path / ".agentflowignore", "!data/\ndrafts/\n")
    for name in ("data/a.md", "drafts/b.md", "c.md"):
        write(tmp_path / name)
    assert read(tmp_path) == {"data/a.md", "c.md"}


def test_a_folder_that_was_named_is_read_though_its_repository_ignores_it(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path / ".gitignore", "*.env\n/data/*\n")
    for name in ("data/a.md", "data/deep/b.md", "data/secret.env"):
        write(tmp_path / name)
    assert read(tmp_path / "data") == {"a.md", "deep/b.md"}


def test_a_rule_with_many_stars_is_widened_not_waited_for(tmp_path: Path) -> None:
    assert bounded("*.tar.*") == "*.tar.*" and bounded("a**b/**/c") == "a*b/**/c"
    assert bounded("*a*a*a*a*a*a*b") == "*b" and bounded("!*a*a*a*a*b") == ""
    write(tmp_path / ".gitignore", "*a*a*a*a*a*a*a*a*a*a*b\n**/a/**/a/**/a/**/a/**/c\n")
    write(tmp_path / ("a" * 200))
    write(tmp_path / ("a" * 99 + "b"))
    write(tmp_path.joinpath(*["a"] * 60, "c"))
    assert read(tmp_path) == {"a" * 200}


def test_lock_and_scratch_files_are_no_documents(tmp_path: Path) -> None:
    for name in ("~$plan.xlsx", ".~lock.plan.odt#", "~WRL0003.tmp", "#notes.md#", "notes.md~", "plan ~$ 3.md"):
        write(tmp_path / name)
    assert read(tmp_path) == {"plan ~$ 3.md"}
    assert find_files([tmp_path / "~$plan.xlsx"], state=tmp_path).files == [], "named by docs/*"


async def test_formats_that_are_not_read_are_recorded_and_pictures_are_not(corpus: Corpus, folder: Path) -> None:
    zipped = b"PK\x03\x04" + bytes(26)
    write(folder / "talk.odp", zipped + b"mimetypeapplication")
    write(folder / "novel.epub", zipped + b"mimetypeapplication/epub+zip")
    write(folder / "old", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
    write(folder / "photo.jpg", b"\xff\xd8\xff\xe0" + bytes(100))
    with (folder / "film.mp4").open("wb") as film:
        film.truncate(60_000_000)
    report = await ingest(corpus, [folder], embedder=None)
    assert [path for path, _ in corpus.status().failed] == ["docs/novel.epub", "docs/old", "docs/talk.odp"]
    assert [path for path, _ in report.skipped] == ["docs/film.mp4", "docs/photo.jpg"]
    assert (await ingest(corpus, [folder], embedder=None)).failed == report.failed


def test_a_tree_deeper_than_any_person_makes_ends(tmp_path: Path) -> None:
    write(tmp_path.joinpath(*["d"] * 150, "a.md"))
    assert read(tmp_path) == set()
    ((place, reason),) = left_out(tmp_path).items()
    assert place == "/".join(["d"] * 101) and "100 folders deep" in reason


LINK = st.sampled_from([".", "..", "a", "b", "a/b", "../..", "/", "/nowhere", "b/a", "a/../b"])
NODE = st.one_of(st.just("file"), st.just("folder"), st.just("pipe"), LINK.map(lambda target: f"->{target}"))
PLACE = st.lists(
    FILE_NAMES | st.sampled_from(["a", "b", ".git", ".gitignore", "~$a.docx", "x.md"]), min_size=1, max_size=4
)


def plant(root: Path, tree: list[tuple[list[str], str, bytes]]) -> None:
    for parts, kind, content in tree:
        path = root.joinpath(*(part if part not in (".", "..", "") else "dot" for part in parts))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if os.path.realpath(path.parent).startswith(os.path.realpath(root)) and not os.path.lexists(path):
                match kind:
                    case "file":
                        path.write_bytes(content)
                    case "folder":
                        path.mkdir()
                    case "pipe":
                        os.mkfifo(path)
                    case link:
                        path.symlink_to(link[2:])
        except OSError:
            continue  # two nodes that cannot both be


async def account(root: Path) -> tuple[IngestReport | None, Corpus]:
    corpus = Corpus.open(root / "state.db", create=True)
    try:
        return await ingest(corpus, [root / "tree"], embedder=None), corpus
    except AgentflowError as error:
        assert "read" in error.message
        return None, corpus


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.lists(st.tuples(PLACE, NODE, st.just(TEXT.encode()) | st.binary(max_size=40)), max_size=12))
def test_any_tree_ends_with_each_entry_read_or_a_reason(tree: list[tuple[list[str], str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "tree"
        root.mkdir()
        plant(root, tree)
        report, corpus = asyncio.run(account(Path(name)))
        if report is not None:
            told = {*report.added, *(path for path, _ in report.failed + report.skipped + report.ignored)}
            for folder, folders, files in os.walk(root):
                folders[:] = [each for each in folders if corpus.stored_path(Path(folder, each)) not in told]
                for each in files:
                    assert corpus.stored_path(Path(folder, each)) in told, each
            assert {path for path, _ in corpus.failed()} == {path for path, _ in report.failed}
        corpus.close()


def test_what_agentflow_wrote_itself_is_no_document_of_the_folder(tmp_path: Path) -> None:
    state, notes = tmp_path / ".agentflow", tmp_path / "notes"
    state.mkdir()
    write(notes / "ferry.md")
    hand_out(notes / "answer.docx", b"The ferry leaves at ten.", state)
    hand_out(notes / "answer.docx", b"The ferry leaves at nine.", state)
    write(notes / "old" / "report-20260102-030405-ab12.md")
    found = find_files([notes], state=state)
    assert found.files == [notes / "ferry.md"]
    assert all(reason.startswith("written by agentflow") for reason in found.ignored.values())
    assert find_files([notes / "answer.docx"], state=state).files == [notes / "answer.docx"], "named by a person"
    assert len((state / "handed_out.jsonl").read_text().splitlines()) == 1


def test_the_settings_of_the_project_are_no_documents_and_those_of_others_are(tmp_path: Path) -> None:
    for name in ("models.yaml", "tools.yaml", "notes.yaml", "others/models.yaml"):
        write(tmp_path / name)
    found = find_files([tmp_path], state=tmp_path / ".agentflow")
    assert found.files == [tmp_path / "notes.yaml", tmp_path / "others" / "models.yaml"]
    assert all(reason.startswith("settings of agentflow") for reason in found.ignored.values())
    assert find_files([tmp_path / "tools.yaml"], state=tmp_path / ".agentflow").files == [tmp_path / "tools.yaml"]
