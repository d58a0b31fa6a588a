"""Files as other programs write them: under a suffix that lies, in a form that is seldom met, with marks of the program."""

import re
import zipfile
from io import BytesIO
from pathlib import PurePath

import pytest

from agentflow.corpus.blocks import Block, Extract
from agentflow.corpus.parsing.chunks import chunks
from agentflow.corpus.parsing.identity import meant, title_of
from agentflow.corpus.readers import format_of, html, read
from agentflow.corpus.readers.decode import decode
from tests.corpus.test_documents import run, word

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def sentences(name: str, content: bytes) -> list[str]:
    form = format_of(PurePath(name), content)
    extract = read(form, content if form.binary else decode(content))
    return [" ".join(extract.text[s.start : s.end].split()) for chunk in chunks(extract) for s in chunk.sentences]


def rewritten(document: bytes, change: dict[str, tuple[bytes, bytes]], **more: bytes) -> bytes:
    """An archive with something replaced in some of its parts (`*`: in all), and further parts."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(document)) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            old, new = change.get(name, change.get("*", (b"", b"")))
            content = source.read(name)
            target.writestr(name, re.sub(old, new, content) if old else content)
        for name, content in more.items():
            target.writestr(f"word/{name}.html", content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("tide.doc", rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0\fcharset204 A;}}\f0 \'cb\'ee\'e4\'ea\'e0.\par}", "Лодка."),
        ("tide.doc", "<html xmlns:o='urn:x'><p>Das Boot fährt.</p></html>".encode(), "Das Boot fährt."),
        ("tide.xls", b"\xef\xbb\xbf<html><table><tr><td>Elm<td>1904</table>", "Elm | 1904"),
        ("tide.xls", b"Town\tYear\nElm\t1904\nAsh\t1905\n", "Elm 1904"),
        ("tide.txt", b"From: a@b\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nIt le=\r\naks.\r\n", "It leaks."),
        ("tide.fb2", b"<?xml version='1.0'?><book><section><p>The boat leaks.</p></section></book>", "The boat leaks."),
        ("tide.txt", b"Use <html> for a page.\n", "Use <html> for a page."),
        ("tide.eml", b"\xef\xbb\xbf\nFrom: a@b\rSubject: x\r\rThe boat leaks.\r", "The boat leaks."),
    ],
)  # fmt: skip
def test_the_content_tells_what_the_suffix_hides(name: str, content: bytes, sentence: str) -> None:
    assert sentence in sentences(name, content)


def test_a_word_document_of_the_strict_form_is_read() -> None:
    strict = rb"http://purl.oclc.org/ooxml/\1/"
    names = rb"http://schemas\.openxmlformats\.org/(wordprocessingml|officeDocument|drawingml)/2006/"
    document = word(f"<w:p>{run('The lock is shut.')}</w:p>")
    assert sentences("a.docx", rewritten(document, {"*": (names, strict)})) == ["The lock is shut."]


def test_a_page_that_a_program_put_into_a_word_document_is_read() -> None:
    document = rewritten(
        word(f"<w:altChunk xmlns:r='{RELATIONS}' r:id='chunk'/>"),
        {
            "word/_rels/document.xml.rels": (
                b"</Relationships>",
                f"<Relationship Id='chunk' Type='{RELATIONS}/aFChunk' Target='page.html'/></Relationships>".encode(),
            ),
            "[Content_Types].xml": (b"</Types>", b"<Override PartName='/word/page.html' ContentType='text/html'/></Types>"),
        },
        page=b"<h1>Report</h1><p>The lock is shut.</p>",
    )  # fmt: skip
    assert "The lock is shut." in sentences("a.docx", document)


def test_a_deleted_end_of_a_paragraph_joins_two() -> None:
    deleted = "<w:pPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr>"
    body = f"<w:p>{deleted}{run('The fee ')}</w:p><w:p>{run('is 7 crowns.')}</w:p>"
    assert sentences("a.docx", word(body)) == ["The fee is 7 crowns."]


@pytest.mark.parametrize(
    "page",
    [
        "<p class=MsoNormal>The <st1:City>Elm</st1:City> rail<wbr>way<o:p></o:p> is shut.<o:p>&nbsp;</o:p></p>",
        "<p>The <nobr>Elm</nobr> <img src=x>rail<wbr/>way <math><mi>is</mi></math> shut.</p>",
        "<table><tr><td>The Elm <img src=x>rail<wbr>way <o:p>is</o:p> shut.</td></tr></table>",
    ],
)
def test_a_tag_within_a_line_parts_no_sentence(page: str) -> None:
    assert " ".join(html.read(page.encode()).text.split()) == "The Elm railway is shut."


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Présentation PowerPoint", ""),
        ("Bez názvu", ""),
        ("未命名文档", ""),
        ("IMG_20240301", ""),
        ("CamScanner 03-01-2024 10.11", ""),
        ("LibreOffice Writer", ""),
        (r"C:\Users\ann\Harbour dues.doc", "Harbour dues"),
        ("Microsoft Word - draft3.doc", ""),
        ("Microsoft Word - Annual report 2023.docx", "Annual report 2023"),
        ("paper_final_v2.dvi", ""),
        ("untitled", ""),
        ("New York", "New York"),
        ("Doc Martens", "Doc Martens"),
    ],
)
def test_a_title_that_a_program_gave_is_none(title: str, kept: str) -> None:
    assert meant(title) == kept


def test_a_title_that_is_the_name_of_the_file_gives_way_to_the_first_heading() -> None:
    extract = Extract("Tides of Ballen\n\nThey are high.\n", [Block("heading", 0, 15, 1)], title="draft-final")
    assert title_of(extract, PurePath("docs/draft-final.pdf")) == "Tides of Ballen"
    assert title_of(extract, PurePath("docs/other.pdf")) == "draft-final"


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("refs.bib", "@article{s, author={Smith}, title={Soil moisture}}\n@book{r, title={History}}\n", "refs.bib"),
        ("analysis.py", '#!/usr/bin/env python3\n# by Ida\n\n"""Fit the model."""\n\ndef fit(data):\n', "Fit the model."),
        ("plots.py", "'''\nDraws the plots.\n\nAll of them.\n'''\nA = 1\n", "Draws the plots."),
        ("bare.py", "#!/usr/bin/env python3\ndef fit(data):\n    return data\n", "bare.py"),
        ("sql.py", 'def ask():\n    """Asks."""\n', "sql.py"),
        ("pyproject.toml", '[build-system]\nname = "x"\n', "pyproject.toml"),
    ],
)  # fmt: skip
def test_entries_and_functions_give_a_file_no_title(name: str, text: str, title: str) -> None:
    assert title_of(read(format_of(PurePath(name)), text), PurePath(name)) == title


def test_an_entry_of_bibtex_keeps_what_comes_before_its_title() -> None:
    entry = (
        b"@book{r1, author={Rackham, Oliver}, title={The History of the Countryside}, publisher={Dent}, year={1986}}"
    )
    found = sentences("refs.bib", entry)
    assert found == ["The History of the Countryside", "author={Rackham, Oliver}", "publisher={Dent}", "year={1986}"]
