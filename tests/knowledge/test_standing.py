"""A claim stands while its file is what it was, byte for byte, and not a byte longer."""

import asyncio
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError
from agentflow.knowledge.known_claim import KnownClaim
from agentflow.knowledge.standing import faults
from agentflow.research.report.schema import Quoted
from tests.knowledge.conftest import FEES

QUOTE = "The fee for a berth is 14 euros a night."
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=12)


def read(corpus: Corpus, folder: Path) -> None:
    """Also a file that an edit has made a binary one, which is refused as the only one of its folder."""
    with suppress(AgentflowError):
        asyncio.run(ingest(corpus, [folder], embedder=None))


@settings(max_examples=40)
@example(at=0, cut=0, put="\x01" * 12, again=True)
@given(at=st.integers(0, len(FEES)), cut=st.integers(0, 30), put=TEXT, again=st.booleans())
def test_any_edit_ends_it_whether_the_file_was_read_again_or_not(at: int, cut: int, put: str, again: bool) -> None:
    with tempfile.TemporaryDirectory() as root, closing(Corpus.open(Path(root) / "af.db", create=True)) as corpus:
        folder = Path(root) / "docs"
        folder.mkdir()
        file = folder / "fees.md"
        file.write_text(FEES)
        read(corpus, folder)
        document = corpus.documents()[0]
        start = corpus.text(document.id).index(QUOTE)
        quote = Quoted(quote=QUOTE, path=document.path, sha256=document.sha256, start=start, line=3, page=None)
        claim = KnownClaim("1", QUOTE, "What is the fee?", "14 euros", "run", 0.0, "", (quote,))
        assert faults(corpus, [claim]) == {}
        edited = FEES[:at] + put + FEES[at + cut :]
        file.write_text(edited)
        if again:
            read(corpus, folder)
        assert bool(faults(corpus, [claim])) == (edited != FEES)
