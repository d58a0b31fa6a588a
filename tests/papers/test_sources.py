"""What every scholarly source does: asks as its documentation says, reads its records, and survives any answer."""

from collections.abc import Iterator
from itertools import islice
from urllib.parse import parse_qs, urlsplit

import pytest

from agentflow.errors import AgentflowError
from agentflow.papers.connection import ANSWER, SourceConnection
from agentflow.papers.paper import Link, Paper
from agentflow.papers.sources import NAMES, adapter, crossref, openalex, semantic_scholar
from agentflow.toolbox import ToolFailed
from agentflow.toolbox.settings import SourceName
from tests.papers import made
from tests.papers.conftest import settings
from tests.papers.served import Reply, Served
from tests.web.clock import Clock

PATHS: dict[SourceName, str] = {
    "arxiv": "arxiv.test/api/query",
    "crossref": "crossref.test/works",
    "openalex": "openalex.test/works",
    "semantic_scholar": "semantic-scholar.test/graph/v1/paper/search",
    "pubmed": "pubmed.test/esearch.fcgi",
}
EMPTY: dict[SourceName, bytes] = {
    "arxiv": made.arxiv_feed([], "", 0),
    "crossref": made.crossref([], "", "x"),
    "openalex": made.openalex([], "", ""),
    "semantic_scholar": b'{"total": 0, "offset": 0}',
    "pubmed": made.pubmed_search([]),
}
every = pytest.mark.parametrize("name", NAMES)


def ask_for(connection: SourceConnection, name: SourceName, count: int, query: str = "tides") -> list[Paper]:
    found: Iterator[Paper] = adapter(name).papers(connection.ask(name), query, count)
    return list(islice(found, count))


def sent(served: Served, place: int = 0) -> tuple[dict[str, str], dict[str, str]]:
    """Parameters and headers of a request."""
    _, path, headers = served.asked[place]
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}, headers


@every
def test_papers_come_in_its_order_and_no_more_than_asked_for(
    connection: SourceConnection, served: Served, name: SourceName
) -> None:
    known = list(made.KNOWN[name])
    assert [paper.title for paper in ask_for(connection, name, 4)] == [made.title(n) for n in known[:4]]
    assert [paper.title for paper in ask_for(connection, name, 50)] == [made.title(n) for n in known]
    assert all(paper.sources == (name,) for paper in ask_for(connection, name, 50))


@every
def test_further_pages_are_asked_for(
    connection: SourceConnection, served: Served, name: SourceName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter(name), "PAGE", 3)
    assert [paper.title for paper in ask_for(connection, name, 5)] == [
        made.title(n) for n in list(made.KNOWN[name])[:5]
    ]


@every
def test_who_asks_is_told_and_requests_are_apart(
    connection: SourceConnection, served: Served, clock: Clock, name: SourceName
) -> None:
    ask_for(connection, name, 2)
    ask_for(connection, name, 2)
    assert all(headers["user-agent"].endswith("(mailto:me@example.org)") for _, _, headers in served.asked)
    assert clock.slept and min(clock.slept) == adapter(name).PAUSE


@every
def test_an_empty_answer_is_no_papers(connection: SourceConnection, served: Served, name: SourceName) -> None:
    served.replies[PATHS[name]] = Reply(EMPTY[name])
    assert ask_for(connection, name, 10) == []
    assert len(served.asked) == 1


@every
@pytest.mark.parametrize(
    ("body", "told"),
    [(b"", "answered no"), (b"<html>Sorry</html>", "answered no|holds no list|no papers"), (b'{"message": ', "answered no"),
     (b"[" * 100_000, "answered no"), (b"\xff\xfe\x00", "answered no"), (b'{"data": {"a": 1}}', "answered no|holds no list")],
)  # fmt: skip
def test_an_answer_of_another_form_is_told(
    connection: SourceConnection, served: Served, name: SourceName, body: bytes, told: str
) -> None:
    served.replies[PATHS[name]] = Reply(body)
    if name == "arxiv" and b"html" in body:
        assert ask_for(connection, name, 10) == []  # well-formed XML without an entry
        return
    with pytest.raises(ToolFailed, match=told):
        ask_for(connection, name, 10)


@every
def test_too_many_requests_is_waited_for_and_asked_again(
    connection: SourceConnection, served: Served, clock: Clock, name: SourceName
) -> None:
    known = [made.title(n) for n in list(made.KNOWN[name])[:2]]
    served.replies[PATHS[name]] = [
        Reply(status=429, headers={"Retry-After": "7"}),
        Reply(status=503, headers={"Retry-After": "9"}),
    ]
    assert [paper.title for paper in ask_for(connection, name, 2)] == known
    assert {7.0, 9.0} <= set(clock.slept)
    served.replies[PATHS[name]] = [Reply(status=429)]
    assert [paper.title for paper in ask_for(connection, name, 2)] == known
    assert 60.0 in clock.slept


@every
def test_it_is_given_up_after_three_tries_or_when_the_pause_is_too_long(
    connection: SourceConnection, served: Served, clock: Clock, name: SourceName
) -> None:
    served.replies[PATHS[name]] = Reply(b"slow down", status=429, headers={"Retry-After": "1"})
    with pytest.raises(ToolFailed, match="answered 429: slow down"):
        ask_for(connection, name, 2)
    assert len(served.asked) == 3
    served.replies[PATHS[name]] = Reply(status=429, headers={"Retry-After": "3600"})
    with pytest.raises(ToolFailed, match="wants no request for 3,600 s"):
        ask_for(connection, name, 2)
    assert len(served.asked) == 4


@every
def test_a_longer_answer_than_any_is_not_read_to_its_end(
    connection: SourceConnection, served: Served, name: SourceName
) -> None:
    served.replies[PATHS[name]] = Reply(b" " * (ANSWER + 2))
    with pytest.raises(ToolFailed, match="longer than"):
        ask_for(connection, name, 2)


@every
def test_a_key_that_is_named_and_none_is_told_before_any_request(
    connection: SourceConnection, served: Served, name: SourceName, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = settings(served, sources={name: {"key": "MADE_KEY"}})
    for wrong in ("", " ", "two\r\nlines"):
        monkeypatch.setenv("MADE_KEY", wrong)
        with pytest.raises(AgentflowError, match="MADE_KEY holds no key"):
            SourceConnection((), changed, connection.manners).ask(name)
    assert not served.asked


@pytest.mark.parametrize(
    ("name", "place"),
    [("crossref", "crossref-plus-api-token"), ("openalex", "api_key"), ("semantic_scholar", "x-api-key"), ("pubmed", "api_key")],
)  # fmt: skip
def test_a_key_goes_where_the_source_wants_it(
    connection: SourceConnection, served: Served, name: SourceName, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADE_KEY", "secret-1")
    connection.settings.sources[name] = connection.settings.sources[name].model_copy(update={"key": "MADE_KEY"})
    ask_for(connection, name, 1)
    parameters, headers = sent(served)
    assert {**parameters, **headers}[place].endswith("secret-1")
    assert ("secret-1" in served.asked[0][1]) == (place == "api_key")


def test_arxiv(connection: SourceConnection, served: Served) -> None:
    first = ask_for(connection, "arxiv", 1, "the tides of a port")[0]
    assert sent(served)[0] == {"search_query": "all:tides AND all:port", "start": "0", "max_results": "1"}
    pdf = f"{served.base('files.test')}/pdf/{made.arxiv(1)}v2"
    assert first == Paper(
        made.title(1), ({"family": "Berg", "given": "Jo"}, {"family": "Lin", "given": "Mei"}), "2021-01-01", abstract=made.abstract(1),
        kind="article", doi="10.5555/tides.1", arxiv="2101.00001", url="https://arxiv.org/abs/2101.00001", publisher="arXiv", open=True,
        pdfs=(Link(pdf, "arxiv"),), sources=("arxiv",),
    )  # fmt: skip
    feed = made.arxiv_feed([2], "http://arxiv.org", 0)
    served.replies["arxiv.test/api/query"] = Reply(feed)
    paper = ask_for(connection, "arxiv", 1)[0]
    assert paper.doi == "10.48550/arxiv.2101.00002"
    assert [link.url for link in paper.pdfs] == [
        f"https://{host}/pdf/2101.00002v2" for host in ("export.arxiv.org", "arxiv.org")
    ]
    error = feed.replace(
        b"http://arxiv.org/abs/2101.00002v2", b"http://arxiv.org/api/errors#start_must_be_an_integer", 1
    )
    served.replies["arxiv.test/api/query"] = Reply(error)
    with pytest.raises(ToolFailed, match="it answered"):
        ask_for(connection, "arxiv", 1)


def test_crossref(connection: SourceConnection, served: Served) -> None:
    first = ask_for(connection, "crossref", 1)[0]
    parameters, _ = sent(served)
    assert (parameters["query.bibliographic"], parameters["cursor"], parameters["mailto"]) == (
        "tides",
        "*",
        "me@example.org",
    )
    assert first == Paper(
        made.title(5), tuple({"family": family, "given": given} for given, family in made.authors(5)), "2022-03-05", "Journal of Made Tides",
        made.abstract(5), doi="10.5555/tides.5", url="https://doi.org/10.5555/tides.5", volume="7", issue="5", pages="5-14",
        publisher="Made Press", licence="CC BY 4.0", open=True, pdfs=(Link(f"{served.base('files.test')}/pdf/5", "crossref"),),
        sources=("crossref",),
    )  # fmt: skip
    closed = crossref.read(made.crossref_item(made.COUNT, ""))
    assert not closed.open and not closed.pdfs and not closed.licence
    terms = [{"content-version": "vor", "URL": "https://www.elsevier.com/tdm/userlicense/1.0/"}]
    sold = crossref.read({**made.crossref_item(5, served.base("files.test")), "license": terms})
    assert (sold.open, sold.pdfs, sold.licence) == (False, (), "https://www.elsevier.com/tdm/userlicense/1.0/")


def test_openalex(connection: SourceConnection, served: Served) -> None:
    first = ask_for(connection, "openalex", 1)[0]
    assert sent(served)[0]["search"] == "tides"
    assert (first.abstract, first.pages, first.pmid) == (made.abstract(1), "1-10", "901")
    assert (first.licence, first.open, first.venue, first.date) == (
        "CC BY",
        True,
        "Journal of Made Tides",
        "2022-03-01",
    )
    closed = openalex.read(made.openalex_work(made.COUNT, ""))
    assert not closed.open and not closed.pdfs


def test_semantic_scholar(connection: SourceConnection, served: Served) -> None:
    first = ask_for(connection, "semantic_scholar", 1, "tide-pools")[0]
    assert sent(served)[0]["query"] == "tide pools"
    assert (first.doi, first.arxiv, first.licence, first.pages) == ("10.5555/tides.3", "2101.00003", "CC BY", "3-12")
    shut = {
        **made.semantic_scholar_item(3, ""),
        "openAccessPdf": {"url": "", "status": None},
        "isOpenAccess": False,
        "journal": None,
    }
    assert not semantic_scholar.read(shut).pdfs and not semantic_scholar.read(shut).open


def test_pubmed(connection: SourceConnection, served: Served) -> None:
    """A record with a document type and marks in its texts; the DOIs of its references are not its own."""
    first = ask_for(connection, "pubmed", 2)[0]
    parameters, _ = sent(served)
    assert (parameters["term"], parameters["tool"], parameters["email"]) == ("tides", "agentflow", "me@example.org")
    assert sent(served, 1)[0]["id"] == "915,916"
    assert (first.title, first.doi, first.pmid, first.pmcid) == (made.title(15), "10.5555/tides.15", "915", "PMC715")
    assert (first.date, first.abstract) == ("2022-03-15", f"RESULTS: {made.fact(15)}")
    assert first.authors[-1] == {"literal": "Port Tide Study Group"}
