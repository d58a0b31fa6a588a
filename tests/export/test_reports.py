"""Reports as people hand them on: citations in a style, LaTeX, HTML with its sources, a timeline."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexWalker

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.store import Corpus
from agentflow.errors import AgentflowError
from agentflow.export.bibtex import to_bibtex
from agentflow.export.citations import cited
from agentflow.export.csl import csl_items
from agentflow.export.dates import undated, with_own_dates
from agentflow.export.formats import form_of, report_file
from agentflow.export.latex import to_latex
from agentflow.export.passages import around
from agentflow.export.report_html import to_report_html
from agentflow.export.timeline import to_svg
from agentflow.research.report.markdown import render
from agentflow.research.report.schema import Claim, Conflict, Quote, Report
from agentflow.runs.outcome import Outcome
from agentflow.status import RunStatus
from agentflow.text.people import names
from agentflow.usage import Usage

TOWER = "The tower of Ballen is 41 m high & leans by 2 %."


def quote(id: int, text: str, path: str, **more: Any) -> Quote:
    known = {
        "line": 3,
        "page": None,
        "date": "2024-05-01",
        "source": "On towers › Height",
        "question": "q",
        "relevance": 1.0,
    }
    return Quote(id=id, quote=text, path=path, **{**known, **more})


def report(**changes: Any) -> Report:
    facts: dict[str, Any] = {
        "question": "How high is the tower?", "answer": "41 m", "plan": ["How high is the tower?"],
        "claims": [Claim(text=TOWER, support="supported", evidence=[1, 3], sources=["document", "web"]),
                   Claim(text="It leans.", support="supported", evidence=[2], sources=["document"])],
        "evidence": [quote(1, TOWER, "towers.md", author="Ida van Hansen and Jo Berg"),
                     quote(2, "It leans.", "towers.md", author="Ida van Hansen and Jo Berg"),
                     quote(3, "41 m, says the town.", ".agentflow/web/town.test/p-1.html", url="https://town.test/tower", retrieved="2026-11-29T07:00:00Z",
                           date="2026-03-11", source="The <Tower>_of Ballen", author="Town Office"),
                     quote(4, "It is 39 m high.", "old.md", date="1998", source="Old list")],
        "conflicts": [Conflict(claim=0, evidence=4)], "not_found": [], "support_rate": 1.0, "notes": [],
        "run": "r1", "status": "answered", "usage": Usage(), "seconds": 1.0, "model": "m", **changes,
    }  # fmt: skip
    return Report(**facts)


@pytest.mark.parametrize(
    ("style", "claim", "references"),
    [
        ("apa", "(Town Office, 2026; van Hansen & Berg, 2024)",
         ["Town Office. (2026, March 11). *The <Tower>_of Ballen*. Town.test. https://town.test/tower",
          "van Hansen, I., & Berg, J. (2024, May 1). *On towers*.", "*Old list*. (1998)."]),
        ("chicago", "(Town Office 2026; van Hansen and Berg 2024)",
         ["Town Office. 2026. “The <Tower>_of Ballen”. Town.test, March 11. https://town.test/tower.",
          "van Hansen, Ida, and Jo Berg. 2024. “On Towers”. May 1.", "“Old List”. 1998."]),
        ("ieee", "[1], [2]",
         ["[1] I. van Hansen and J. Berg, “On towers”. May 01, 2024.",
          "[2] Town Office, “The <Tower>_of Ballen”, town.test. Accessed: Nov. 29, 2026. [Online]. Available: https://town.test/tower",
          "[3] “Old list”. 1998."]),
    ],
)  # fmt: skip
def test_citations_follow_the_style(style: str, claim: str, references: list[str]) -> None:
    """Each document once, the contradicting one as well."""
    styled = cited(report(), style)
    first, *others = [re.sub(r"\\(.)", r"\1", text) for text in (styled.claims[0], *styled.references)]
    assert first == claim
    assert [entry.strip() for entry in others] == references
    markdown = render(report(), styled)
    assert "## References" in markdown and "[q1]" in markdown and "\\<Tower\\>\\_of" in markdown


PREPRINT = {"type": "article", "title": "Tides: a preprint", "author": [{"family": "Berg", "given": "Jo"}, {"literal": "Tide & Sons"}],
            "issued": {"date-parts": [[2021, 1, 3]]}, "publisher": "arXiv", "number": "arXiv:2101.00001", "DOI": "10.48550/arxiv.2101.00001"}  # fmt: skip
TALK = {"type": "paper-conference", "title": "A talk", "author": [{"family": "Lin", "given": "Mei"}], "issued": {"date-parts": [[2020]]},
        "container-title": "Tide Days", "page": "3-9", "DOI": "10.5555/p_1", "PMID": "7"}  # fmt: skip


def test_a_document_is_cited_by_the_record_beside_it() -> None:
    claim = Claim(text="x", support="supported", evidence=[1, 2])
    quotes = [quote(1, "x", "a.pdf", record=PREPRINT), quote(2, "y", "b.pdf", record=TALK)]
    shown = report(evidence=quotes, claims=[claim], conflicts=[])
    styled = cited(shown, "apa")
    assert styled.claims == [r"(Berg \& Tide \& Sons, 2021; Lin, 2020)"]
    assert [re.sub(r"\\(.)", r"\1", text) for text in styled.references] == [
        "Berg, J., & Tide & Sons. (2021). *Tides: a preprint* (ArXiv:2101.00001). arXiv. https://doi.org/10.48550/arxiv.2101.00001",
        "Lin, M. (2020). A talk. *Tide Days*, 3–9. https://doi.org/10.5555/p_1",
    ]
    assert csl_items(shown)[1] == {**TALK, "id": "b.pdf"}
    bibtex = to_bibtex(Outcome("r1", RunStatus.DONE, shown.model_dump(), Usage(), 1.0, "m"))
    for line in ("@misc{a-", r"author = {Berg, Jo and {Tide \& Sons}}", "eprint = {2101.00001}", "archiveprefix = {arXiv}",
                 "@inproceedings{b-", "booktitle = {Tide Days}", "pages = {3--9}", "doi = {10.5555/p_1}", "year = {2020}"):  # fmt: skip
        assert line in bibtex


async def test_the_day_of_a_file_is_no_year_of_its_document(tmp_path: Path) -> None:
    (tmp_path / "towers.md").write_text(f"# On towers\n\n{TOWER}\n")
    (tmp_path / "old.md").write_text("# Old list\n\n3 May 1998\n\nIt is 39 m high.\n")
    database = tmp_path / ".agentflow" / "agentflow.db"
    corpus = Corpus.open(database, create=True)
    await ingest(corpus, [tmp_path / "towers.md", tmp_path / "old.md"], embedder=None)
    corpus.close()
    shown = with_own_dates(report(), database)
    assert [quote.date for quote in shown.evidence] == ["", "", "2026-03-11", "1998"]
    assert "(n.d.)" in report_file(report(), "md", database, "apa").decode()
    assert "issued" not in csl_items(shown)[0]
    bibtex = to_bibtex(Outcome("r1", RunStatus.DONE, report().model_dump(), Usage(), 1.0, "m"), undated(database))
    assert "year = {2024}" not in bibtex and "year = {1998}" in bibtex


def test_full_names_stay_full_in_chicago() -> None:
    assert "Jo Berg" in " ".join(cited(report(), "chicago").references)


def test_an_unknown_style_names_the_known_ones() -> None:
    for style in ("no-such-style", "../../etc/passwd", ""):
        with pytest.raises(AgentflowError, match="no citation style"):
            cited(report(), style)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Guido van Rossum <guido@python.org>, Barry Warsaw <b@x.org>",
         [{"family": "van Rossum", "given": "Guido"}, {"family": "Warsaw", "given": "Barry"}]),
        ("Hansen, Ida; Berg, J.", [{"family": "Hansen", "given": "Ida"}, {"family": "Berg", "given": "J."}]),
        ("Berg, J., Lund, K. and Moss, A.",
         [{"family": "Berg", "given": "J."}, {"family": "Lund", "given": "K."}, {"family": "Moss", "given": "A."}]),
        ("The Office of Weights and Measures of Ballen", None),
        ("NASA", [{"literal": "NASA"}]),
        ("", []),
    ],
)  # fmt: skip
def test_names(text: str, found: list[dict[str, str]] | None) -> None:
    assert found is None or names(text) == found


def test_csl_json_names_each_document_once() -> None:
    items = csl_items(report())
    assert [item["id"] for item in items] == ["towers.md", ".agentflow/web/town.test/p-1.html", "old.md"]
    assert items[1]["URL"] == "https://town.test/tower" and items[1]["accessed"] == {"date-parts": [[2026, 11, 29]]}
    assert items[2]["issued"] == {"date-parts": [[1998]]}


class Page(HTMLParser):
    """Every element with its attributes; how deep an id stands in <details>."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.inside: dict[str, list[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if given.get("id"):
            assert given["id"] not in self.inside, "an id stands once"
            self.inside[str(given["id"])] = [*self.open]
        if tag not in ("meta", "link", "br", "hr", "circle", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass


async def test_html_opens_each_citation_at_the_marked_quote(tmp_path: Path) -> None:
    (tmp_path / "towers.md").write_text(f"# Towers\n\nBefore <b>it</b>.\n\n{TOWER}\n\nIt leans.\n\nAfter it.\n")
    corpus = Corpus.open(tmp_path / ".agentflow" / "agentflow.db", create=True)
    await ingest(corpus, [tmp_path / "towers.md"], embedder=None)
    corpus.close()
    shown = around(tmp_path / ".agentflow" / "agentflow.db", report())
    assert shown[1].before.endswith("\n\n") and "After it." in shown[1].after and shown[4] == ("", "")
    html = to_report_html(report(), shown)
    page = Page(html)
    links = [given["href"] for tag, given in page.tags if tag == "a"]
    assert {"#q1", "#q2", "#q3", "#q4"} <= set(links)
    assert all(str(link)[1:] in page.inside and "details" in page.inside[str(link)[1:]] for link in links)
    assert "Before &lt;b&gt;it&lt;/b&gt;" in html and f'<mark id="q1">{TOWER.replace("&", "&amp;")}</mark>' in html
    assert "Only what was quoted is kept" in html
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "iframe", "img", "object", "embed", "form"}
    loaded = [value for _, given in page.tags for name, value in given.items() if name in ("src", "href", "xlink:href")]
    assert all(str(value).startswith(("#", "data:")) for value in loaded), "nothing of another host"
    assert not [name for _, given in page.tags for name in given if name.startswith("on")]


def test_a_timeline_is_svg_in_the_order_of_time() -> None:
    root = ElementTree.fromstring(to_svg(report()))
    text = ["".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")]
    rows = [line for line in text if line.endswith("]")]
    assert rows == ["Old list [4]", "On towers [1, 2]", "The <Tower>_of Ballen [3]"]
    assert to_svg(report(evidence=[], claims=[], conflicts=[])) == ""


def test_a_source_to_see_also_is_in_the_timeline() -> None:
    beside = [*report().evidence, quote(5, "Towers lean.", "beside.md", date="2020", source="Beside")]
    assert "Beside" in to_svg(report(evidence=beside))


def test_latex_holds_the_words_and_nothing_acts() -> None:
    tex = report_file(report(), "latex", None, "apa").decode()
    nodes, _, length = LatexWalker(tex).get_latex_nodes()
    assert nodes and length == len(tex)
    assert LatexNodes2Text().latex_to_text(tex)
    assert r"41 m high \& leans by 2 \%" in tex and tex.count(r"\begin{") == tex.count(r"\end{")


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=80))
def test_any_text_is_set_in_balanced_latex(text: str) -> None:
    tex = to_latex(render(report(question=text or "x", answer=text)), text)
    assert r"\input" not in tex.replace(r"\textbackslash", "") and tex.count(r"\begin{") == tex.count(r"\end{")
    depth = 0
    for char in re.sub(r"\\[\\{}]", "", tex):
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth >= 0
    assert depth == 0


@pytest.mark.parametrize(
    ("name", "form"), [("a.tex", "latex"), ("a.svg", "svg"), ("a.csl.json", "csl"), ("a.json", "json")]
)
def test_the_ending_names_the_form(name: str, form: str) -> None:
    assert form_of(name) == form


def test_every_form_takes_a_style() -> None:
    for form in ("md", "html", "docx", "pdf", "latex"):
        assert len(report_file(report(), form, None, "ieee")) > 1000
