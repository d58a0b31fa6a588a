"""File names of any bytes: stored and shown as one printable line, and found again on disk."""

import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.names import name_on_disk, stored_name
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus


def names(raw: bytes) -> str:
    return os.fsdecode(raw)


FILE_NAMES = st.binary(min_size=1, max_size=60).map(lambda raw: raw.replace(b"\0", b"").replace(b"/", b"")).map(names)
EXAMPLES = int(os.environ.get("AGENTFLOW_EXAMPLES", "100"))


@settings(max_examples=EXAMPLES)
@given(FILE_NAMES | st.text(alphabet="\\x0aef9\n\x1b\u202e\udce9é", max_size=12))
def test_the_name_on_disk_follows_from_the_stored_one(name: str) -> None:
    stored = stored_name(name)
    assert name_on_disk(stored) == name
    stored.encode()  # SQLite and JSON take it
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in stored) and "\u202e" not in stored


def test_what_a_person_would_read() -> None:
    assert stored_name("caf\udce9.md") == r"caf\xe9.md"
    assert stored_name("two\nlines.md") == r"two\x0alines.md"
    assert stored_name("Größe \u3000日本 خانه\u200cها.md") == "Größe \u3000日本 خانه\u200cها.md"
    assert stored_name(r"a\xe9.md") == r"a\x5cxe9.md"


async def test_a_file_whose_name_is_no_text_is_read_and_found_again(corpus: Corpus, folder: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9 \x1b[31m\n"))
    odd.mkdir()
    (odd / "tide\t.md").write_text("The tide at Fenmoor turns at noon.\n")
    report = await ingest(corpus, [folder], embedder=None)
    stored = r"docs/caf\xe9 \x1b[31m\x0a/tide\x09.md"
    assert stored in report.added
    (passage,) = await HybridSearcher(corpus, None).search("Fenmoor tide", k=1)
    assert passage.path == stored and passage.title == r"tide\x09.md"
    document = corpus.document(stored)
    assert corpus.file(document) == odd / "tide\t.md" and corpus.document(odd / "tide\t.md") == document
    assert corpus.status().failed == []
    (odd / "tide\t.md").unlink()
    assert (await ingest(corpus, [odd.parent], embedder=None)).removed == [stored]
