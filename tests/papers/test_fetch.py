"""Papers to files: what is kept, what is told, what never happens."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from agentflow.papers.connection import SourceConnection
from agentflow.papers.fetch import FetchedPaper, keep
from agentflow.papers.find import find
from agentflow.papers.paper import Link, Paper
from agentflow.papers.shelf import Shelf
from agentflow.papers.sources import NAMES
from agentflow.storage.files import write_whole
from agentflow.toolbox.settings import Papers
from tests.papers import made
from tests.papers.conftest import settings
from tests.papers.served import Reply, Served
from tests.web.clock import Clock

BERG = ({"family": "Berg", "given": "Jo"},)


def paper(url: str, **more: str) -> Paper:
    told = {"title": "On tides", "date": "2022", "doi": "10.5555/one", "abstract": "Short.", **more}
    return Paper(authors=BERG, pdfs=(Link(url, "openalex"),), sources=("openalex",), **told)  # type: ignore[arg-type]


def keep_all(connection: SourceConnection, folder: Path, count: int = 20) -> list[FetchedPaper]:
    shelf = Shelf(folder)
    return [keep(connection, shelf, each) for each in find(connection, NAMES, "tides", count).papers]


def test_twenty_papers_of_five_sources_are_kept_once_each(
    connection: SourceConnection, served: Served, tmp_path: Path
) -> None:
    folder = tmp_path / "papers"
    kept = {each.paper.doi: each for each in keep_all(connection, folder)}
    states = {n: kept[made.doi(n)].state for n in range(1, 21)}
    assert {n: state for n, state in states.items() if state != "pdf"} == {
        18: "abstract",
        19: "abstract",
        20: "abstract",
    }
    assert len(kept) == 20
    assert "refuses programs (403)" in kept[made.doi(18)].reason and "CAPTCHA" in kept[made.doi(19)].reason
    assert kept[made.doi(20)].reason == "no open full text is known"
    for n in range(1, 18):
        path = kept[made.doi(n)].path
        assert path and path.read_bytes() == made.pdf(n)
        (record,) = json.loads(path.with_name(f"{path.name}.csl.json").read_text())
        assert (record["DOI"], record["title"], record["container-title"]) == (
            made.doi(n),
            made.title(n),
            "Journal of Made Tides",
        )
        assert record["custom"]["text"] == "full" and record["custom"]["licence"].startswith("CC BY")
    assert "/PMC715.2/PMC715.2.pdf" in served.paths("pmc.test")
    abstract = next(folder.glob("*port-20*.md")).read_text()
    assert made.fact(20) in abstract and "Only the abstract is here: no open full text is known." in abstract


def test_a_second_fetch_downloads_nothing_again(connection: SourceConnection, served: Served, tmp_path: Path) -> None:
    keep_all(connection, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    served.asked.clear()
    again = keep_all(connection, tmp_path)
    assert sum(each.state == "here" for each in again) == 17
    fetched = [path for path in served.paths() if path.startswith(("/pdf/", "/PMC"))]
    assert set(fetched) == {"/pdf/18", "/pdf/19"}  # what could not be had before
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_an_interrupted_fetch_goes_on(
    connection: SourceConnection, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the record and the PDF of the sixth paper: five are whole, the rest follows."""
    written: list[Path] = []

    def killed(path: Path, data: str | bytes) -> None:
        if path.suffix == ".pdf" and len(written) == 5:
            raise KeyboardInterrupt
        write_whole(path, data)
        written.extend([path] if path.suffix == ".pdf" else [])

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("agentflow.papers.shelf.write_whole", killed)
        keep_all(connection, tmp_path)
    assert sorted(tmp_path.glob("*.pdf")) == sorted(written)
    served.asked.clear()
    again = keep_all(connection, tmp_path)
    assert sum(each.state == "here" for each in again) == 5 and sum(each.state == "pdf" for each in again) == 12
    assert len(list(tmp_path.glob("*.pdf"))) == 17 and len(list(tmp_path.glob("*.md"))) == 3
    assert len(list(tmp_path.glob("*.csl.json"))) == 20


def test_an_abstract_gives_way_to_the_text_once_it_is_there(
    connection: SourceConnection, served: Served, tmp_path: Path
) -> None:
    url = f"{served.base('files.test')}/pdf/1"
    served.replies["files.test/pdf/1"] = [Reply(b"later", "text/plain", 503, {"Retry-After": "1"})] * 3
    first = keep(connection, Shelf(tmp_path), paper(url))
    assert (first.state, first.path and first.path.suffix) == ("abstract", ".md")
    second = keep(connection, Shelf(tmp_path), paper(url))
    assert second.state == "pdf"
    assert sorted(path.suffixes[-1] for path in tmp_path.iterdir()) == [".json", ".pdf"]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(b"", status=302, headers={"Location": "http://inside.test:PORT/a.pdf"}), "10.0.0.7, which is not public"),
        (Reply(b"", status=302, headers={"Location": "http://127.0.0.1:PORT/a.pdf"}), "'127.0.0.1' is not allowed"),
        (Reply(b"", status=302, headers={"Location": "file:///etc/passwd"}), "only http and https"),
        (Reply(b"", status=302, headers={"Location": "/pdf/7"}), "redirects"),
        (Reply(b"<html><body>Please log in to read</body></html>", "text/html"), "subscribers alone"),
        (Reply(b"<html><body>Welcome</body></html>", "text/html"), "is text/html, not a PDF"),
        (Reply(b"<html>", "application/pdf"), "not a PDF"),
        (Reply(b"%PDF-1.7" + b"x" * 200_000, "application/pdf"), "longer than 100,000 bytes"),
        (Reply(b"%PDF-1.7 x", "application/pdf", headers={"Content-Length": "1000000000"}), "ended after 10 of 1,000,000,000|longer"),
        (Reply(b"", "application/pdf"), "not a PDF"),
        (Reply(b"gone", "text/plain", 410), "is gone"),
        (Reply(b"", "text/plain", 429, {"Retry-After": "86400"}), "wants no request for 86,400 s"),
    ],
)  # fmt: skip
def test_what_is_no_open_pdf_is_told_and_the_abstract_kept(
    connection: SourceConnection, served: Served, tmp_path: Path, reply: Reply, told: str
) -> None:
    headers = {name: value.replace("PORT", str(served.port)) for name, value in reply.headers.items()}
    served.replies["files.test/pdf/7"] = replace(reply, headers=headers)
    connection.hosts = ("*.test",)
    connection.settings = settings(served, size=100_000)
    kept = keep(connection, Shelf(tmp_path / "papers"), paper(f"{served.base('files.test')}/pdf/7"))
    assert kept.state == "abstract" and re.search(told, kept.reason), kept.reason
    assert not list(tmp_path.glob("papers/*.pdf")) and not list(tmp_path.glob("papers/.*"))
    assert {host for host, _, _ in served.asked} == {"files.test"}


def test_a_paper_that_the_person_put_there_is_left_alone(
    connection: SourceConnection, served: Served, tmp_path: Path
) -> None:
    """Its record says nothing of where it came from."""
    (tmp_path / "mine.pdf").write_bytes(b"%PDF-mine")
    (tmp_path / "mine.pdf.csl.json").write_text('{"title": "On tides", "DOI": "10.5555/ONE"}')
    kept = keep(connection, Shelf(tmp_path), paper(f"{served.base('files.test')}/pdf/1"))
    assert (kept.state, kept.path) == ("here", tmp_path / "mine.pdf") and served.asked == []
    assert (tmp_path / "mine.pdf").read_bytes() == b"%PDF-mine"


def test_the_next_address_is_tried_and_each_reason_told(
    connection: SourceConnection, served: Served, tmp_path: Path
) -> None:
    links = tuple(
        Link(f"{served.base(host)}/pdf/{n}", "openalex")
        for host, n in (("closed.test", 1), ("files.test", 18), ("files.test", 3))
    )
    kept = keep(connection, Shelf(tmp_path), Paper("On tides", BERG, pdfs=links))
    assert kept.state == "pdf" and kept.path and kept.path.read_bytes() == made.pdf(3)
    nothing = keep(connection, Shelf(tmp_path), Paper("On ebbs", BERG, pdfs=links[:2]))
    assert nothing.state == "nothing" and nothing.path is None
    assert (
        "'closed.test' is not allowed" in nothing.reason
        and "refuses programs" in nothing.reason
        and "no abstract" in nothing.reason
    )


def test_no_request_leaves_the_policy(connection: SourceConnection, served: Served, tmp_path: Path) -> None:
    """Every paper names a PDF on a host that is not allowed, on an inner one, and on the sources' own servers."""
    shelf = Shelf(tmp_path)
    for place, host in enumerate(("thief.test", "inside.test", "arxiv.test", "127.0.0.1", "files.test.evil.test")):
        keep(connection, shelf, paper(f"{served.base(host)}/pdf/1", title=f"Paper {place}", doi=f"10.5555/{place}"))
    assert served.asked == []
    connection.hosts = ()
    keep_all(connection, tmp_path)
    own = {f"{name.replace('_', '-')}.test" for name in (*NAMES, "pmc")}
    assert {host for host, _, _ in served.asked} == own


def test_robots_are_kept_to_and_hosts_not_hurried(
    connection: SourceConnection, served: Served, clock: Clock, tmp_path: Path
) -> None:
    served.replies["files.test/robots.txt"] = Reply(b"User-agent: *\nDisallow: /pdf/2\nCrawl-delay: 15\n", "text/plain")
    shelf = Shelf(tmp_path)
    kept = [
        keep(connection, shelf, paper(f"{served.base('files.test')}/pdf/{n}", title=f"Paper {n}", doi=f"10.5555/{n}"))
        for n in (1, 2, 3)
    ]
    assert [each.state for each in kept] == ["pdf", "abstract", "pdf"] and "robots.txt" in kept[1].reason
    assert "/pdf/2" not in served.paths() and clock.slept == [15.0]


def test_a_source_that_fails_stops_no_other(connection: SourceConnection, served: Served) -> None:
    served.replies["crossref.test/works"] = Reply(b"<html>maintenance</html>", "text/html")
    served.replies["pubmed.test/efetch.fcgi"] = Reply(
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><PubmedArticleSet>&b;</PubmedArticleSet>'
    )
    found = find(connection, NAMES, "tides", 20)
    assert len(found.papers) == 20 and set(found.troubles) == {"crossref", "pubmed"}
    assert "no JSON" in found.troubles["crossref"] and "entities" in found.troubles["pubmed"]


def test_records_that_cannot_be_read_are_counted(connection: SourceConnection, served: Served) -> None:
    answer = json.loads(made.openalex([1, 2, 3], served.base("files.test"), ""))
    answer["results"][1] = {"title": None}
    answer["results"].append("x")
    served.replies["openalex.test/works"] = Reply(json.dumps(answer).encode())
    found = find(connection, ["openalex"], "tides", 20)
    assert len(found.papers) == 2 and found.troubles == {"openalex": "2 of its 4 records could not be read"}


@pytest.mark.parametrize(
    "title",
    ["../../../etc/passwd", "a/b\\c\x00d", "\x1b]0;owned\x07Tides\x1b[2J", "\n\n", "潮汐", "x" * 5000, "CON", "-rf ."],
)
def test_a_hostile_title_names_a_file_in_the_folder(
    connection: SourceConnection, served: Served, tmp_path: Path, title: str
) -> None:
    folder = tmp_path / "papers"
    record = made.openalex_work(1, served.base("files.test"))
    served.replies["openalex.test/works"] = Reply(
        json.dumps({"meta": {}, "results": [{**record, "title": title}]}).encode()
    )
    for each in find(connection, ["openalex"], "tides", 1).papers:
        keep(connection, Shelf(folder), each)
        (file,) = folder.glob("*.pdf")
        assert file.name.isascii() and file.name.isprintable() and len(file.name) < 100 and "/" not in file.name
        assert each.title.isprintable() and len(each.title) <= 300
    assert {path.name for path in tmp_path.iterdir()} <= {
        "papers",
        "agentflow.db",
        "agentflow.db-wal",
        "agentflow.db-shm",
    }


def test_the_same_title_by_others_is_another_file(connection: SourceConnection, served: Served, tmp_path: Path) -> None:
    shelf, url = Shelf(tmp_path), f"{served.base('files.test')}/pdf/1"
    one, other = (
        keep(connection, shelf, paper(url, title="Editorial", doi=doi, venue="J")) for doi in ("10.5555/1", "10.5555/2")
    )
    assert one.state == other.state == "pdf" and one.path != other.path


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="mailto"):
        Papers(mailto="not an address")
