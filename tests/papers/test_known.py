"""Which records are of one paper, and what becomes of them."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.papers.known import merged, same
from agentflow.papers.paper import Link, Paper, csl, of_csl

BERG = ({"family": "Berg", "given": "Jo"},)
PREPRINT = Paper(
    "Tides of small ports", BERG, "2021-01-03", kind="article", arxiv="2101.00001", doi="10.48550/arxiv.2101.00001", publisher="arXiv",
    abstract="Long.", open=True, pdfs=(Link("https://arxiv.org/pdf/2101.00001v2", "arxiv"),), sources=("arxiv",),
)  # fmt: skip
ARTICLE = Paper(
    "Tides of Small Ports.", ({"family": "BERG", "given": "J."},), "2022", "Tide Journal", doi="10.5555/tides.1", licence="CC BY 4.0",
    sources=("crossref",),
)  # fmt: skip
BOTH = Paper(
    "Tides of small ports", BERG, "2022", arxiv="2101.00001", doi="10.5555/tides.1", pmid="7", sources=("openalex",)
)


def test_the_published_record_is_cited_and_the_open_text_kept() -> None:
    (paper,) = merged([[PREPRINT], [ARTICLE]])
    assert (paper.title, paper.date, paper.venue, paper.doi) == (
        "Tides of Small Ports.",
        "2022",
        "Tide Journal",
        "10.5555/tides.1",
    )
    assert (paper.abstract, paper.arxiv, paper.open, paper.pdfs) == ("Long.", "2101.00001", True, PREPRINT.pdfs)
    assert paper.sources == ("arxiv", "crossref")


@pytest.mark.parametrize("order", permutations([PREPRINT, ARTICLE, BOTH]))
def test_records_are_one_paper_in_any_order(order: tuple[Paper, ...]) -> None:
    (paper,) = merged([[record] for record in order])
    assert (paper.doi, paper.arxiv, paper.pmid, paper.venue) == ("10.5555/tides.1", "2101.00001", "7", "Tide Journal")


def test_a_record_that_links_two_makes_them_one() -> None:
    one, other = Paper("A", arxiv="2101.00001"), Paper("B", doi="10.5555/b")
    assert len(merged([[one, other]])) == 2
    assert len(merged([[one, other, Paper("C", arxiv="2101.00001", doi="10.5555/b")]])) == 1


def test_what_only_shares_a_title_is_not_one_paper() -> None:
    editorial = Paper("Editorial", BERG, "2022")
    assert not same(editorial, Paper("Editorial", ({"family": "Lund"},), "2022"))
    assert not same(editorial, Paper("Editorial", (), "2021"))
    assert same(editorial, Paper("EDITORIAL", (), "2022"))
    published = Paper("Editorial", BERG, "2022", "Journal", doi="10.5555/1")
    assert not same(published, Paper("Editorial", BERG, "2023", "Journal", doi="10.5555/2"))
    assert not same(Paper("!", BERG), Paper("?", BERG))


def test_lists_take_turns() -> None:
    papers = [Paper(name, doi=f"10.5555/{name}") for name in "abcd"]
    assert [paper.title for paper in merged([papers[:2], papers[2:]])] == ["a", "c", "b", "d"]


records = st.builds(
    Paper, title=st.sampled_from(["A", "a.", "B"]), authors=st.sampled_from([(), BERG]), date=st.sampled_from(["", "2021"]),
    doi=st.sampled_from(["", "10.5555/1", "10.5555/2"]), arxiv=st.sampled_from(["", "2101.00001"]), venue=st.sampled_from(["", "J"]),
)  # fmt: skip


@given(st.lists(st.lists(records, max_size=6), max_size=4))
def test_no_id_is_of_two_papers(lists: list[list[Paper]]) -> None:
    found = merged(lists)
    given = {record.doi for records in lists for record in records if record.doi}
    for paper in found:
        assert sum(other.arxiv == paper.arxiv for other in found) == 1 or not paper.arxiv
        assert sum(other.doi == paper.doi for other in found) == 1 or not paper.doi
    assert {paper.doi for paper in found if paper.doi} <= given
    assert bool(found) == any(lists)


@pytest.mark.parametrize("paper", [PREPRINT, ARTICLE, BOTH])
def test_a_paper_is_known_again_by_its_record(paper: Paper) -> None:
    again = of_csl(csl(paper))
    assert same(paper, again)
    assert (again.title, again.doi, again.date, again.authors) == (paper.title, paper.doi, paper.date, paper.authors)
