"""Whatever a source answers, what is made of it is a clean paper, or none."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agentflow.papers.sources import SourceGet, arxiv, crossref, each, openalex, pubmed, semantic_scholar
from agentflow.text.plain import plain
from agentflow.toolbox import ToolFailed
from tests.papers import made

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["10.1234/x\x1b[2J", "10.1/x", "http://a.test/b.pdf", "\x1b[2J", "../../etc"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip
RECORDS: list[tuple[Any, dict[str, Any]]] = [
    (crossref, made.crossref_item(5, "http://files.test")),
    (openalex, made.openalex_work(5, "http://files.test")),
    (semantic_scholar, made.semantic_scholar_item(5, "http://files.test")),
]


@given(st.data())
def test_a_record_with_anything_in_it_is_a_clean_paper_or_none(data: st.DataObject) -> None:
    module, record = data.draw(st.sampled_from(RECORDS))
    changed = {
        **record,
        **{name: data.draw(JUNK) for name in data.draw(st.sets(st.sampled_from(sorted(record)), min_size=1))},
    }
    paper = next(each([json.loads(json.dumps(changed))], module.read))
    texts = [
        paper.title,
        paper.venue,
        paper.doi,
        paper.date,
        paper.licence,
        *(text for author in paper.authors for text in author.values()),
    ]
    assert all(isinstance(text, str) and plain(text) == " ".join(text.split()) and len(text) <= 310 for text in texts)
    assert all(link.url.startswith(("http://", "https://")) for link in paper.pdfs)


@given(st.binary(max_size=200), st.integers(0, 2000))
def test_a_damaged_record_of_pubmed_or_arxiv_is_told_or_read(junk: bytes, place: int) -> None:
    for module, whole in ((pubmed, made.pubmed_records([15])), (arxiv, made.arxiv_feed([1], "http://files.test", 0))):
        try:
            list(module.papers(answering(whole[:place] + junk + whole[place + len(junk) :]), "tides", 5))
        except ToolFailed as error:
            assert error.message


def answering(body: bytes) -> SourceGet:
    """Finds one id, and gives `body` for all else."""

    def ask(path: str, parameters: Mapping[str, object]) -> bytes:
        return made.pubmed_search([15]) if "esearch" in path else body

    return ask
