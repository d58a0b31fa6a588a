"""Office files, books, archives and data made to hurt: refused with a reason or read in part, within time and memory."""

import json
import re
import zipfile
from collections.abc import AsyncIterator, Callable
from io import BytesIO

import pytest
import pytest_asyncio

from agentflow.corpus.parsing.parser import Parser
from agentflow.corpus.readers import FORMATS
from agentflow.corpus.readers.unreadable import Unreadable
from tests.corpus.made import FILES, archive, odf, powerpoint

LAUGHS = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]>"  # fmt: skip
Cases = dict[str, tuple[str, bytes | Callable[[], bytes], str]]  # suffix, content, reason or words
SECONDS = 240  # on a busy machine; each takes three at most
FACT = "The mill turns."


def changed(name: str, part: str, content: str | bytes) -> bytes:
    """A whole file with one part of it replaced or added."""
    stream = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(FILES[name](FACT))) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for each in source.namelist():
            if each != part:
                target.writestr(each, source.read(each))
        target.writestr(part, content)
    return stream.getvalue()


def sheet(rows: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return changed(
        "costs.xlsx", "xl/worksheets/sheet2.xml", f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
    )


def cut(name: str) -> bytes:
    content = FILES[name](FACT)
    return content[: len(content) * 2 // 3]


def encrypted() -> bytes:
    """A ZIP file whose only entry says that it is encrypted."""
    content = bytearray(archive({"a.txt": "secret"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


BOMB = b"0" * 30_000_000
NESTED = "<a>" * 100_000
REFUSED: Cases = {
    "no zip as pptx": (".pptx", b"PK\x03\x04 no", "not a PowerPoint file"),
    "no zip as xlsx": (".xlsx", b"name;size", "not an Excel workbook"),
    "no zip as odt": (".odt", b"%PDF-1.4", "not an OpenDocument file"),
    "no zip as epub": (".epub", b"<html>", "not an e-book"),
    "no zip as zip": (".zip", b"Rar!", "not a ZIP file"),
    "empty": (".pptx", b"", "not a PowerPoint file"),
    "a workbook as slides": (".pptx", lambda: FILES["costs.xlsx"](FACT), "holds no ppt/presentation.xml"),
    "slides as a workbook": (".xlsx", lambda: FILES["talk.pptx"](FACT), "holds no xl/workbook.xml"),
    "a book as a letter": (".odt", lambda: FILES["book.epub"](FACT), "holds no content.xml"),
    "a letter as a book": (".epub", lambda: FILES["notes.odt"](FACT), "holds no META-INF/container.xml"),
    "pptx cut off": (".pptx", lambda: cut("talk.pptx"), "not a PowerPoint file"),
    "xlsx cut off": (".xlsx", lambda: cut("costs.xlsx"), "not an Excel workbook"),
    "ods cut off": (".ods", lambda: cut("costs.ods"), "not an OpenDocument file"),
    "epub cut off": (".epub", lambda: cut("book.epub"), "not an e-book"),
    "zip cut off": (".zip", lambda: cut("files.zip"), "not a ZIP file"),
    "bomb in pptx": (".pptx", lambda: changed("talk.pptx", "ppt/slides/slide1.xml", BOMB), "zip bomb"),
    "bomb in xlsx": (".xlsx", lambda: changed("costs.xlsx", "xl/sharedStrings.xml", BOMB), "zip bomb"),
    "bomb in odp": (".odp", lambda: changed("talk.odp", "content.xml", BOMB), "zip bomb"),
    "bomb in epub": (".epub", lambda: changed("book.epub", "OEBPS/c1.xhtml", BOMB), "zip bomb"),
    "bomb in zip": (".zip", lambda: archive({"a.txt": BOMB}), "zip bomb"),
    "a zip of zips": (".zip", lambda: archive({"a.zip": archive({"b.zip": archive({"c.txt": "x"})})}), "an archive within"),
    "many files": (".zip", lambda: archive({f"{n}.txt": b"" for n in range(20_001)}), "more than the limit"),
    "encrypted zip": (".zip", encrypted, "a.txt: encrypted"),
    "encrypted odt": (".odt", lambda: changed("notes.odt", "META-INF/manifest.xml", "<encryption-data/>"), "encrypted"),
    "protected epub": (".epub", lambda: changed("book.epub", "META-INF/encryption.xml", '<a><b URI="OEBPS/c1.xhtml"/></a>'), "DRM"),
    "laughs in odt": (".odt", lambda: changed("notes.odt", "content.xml", f"{LAUGHS}<x>&j;</x>"), "OpenDocument"),
    "laughs in epub": (".epub", lambda: changed("book.epub", "META-INF/container.xml", f"{LAUGHS}<x>&j;</x>"), "e-book"),
    "laughs in pptx": (".pptx", lambda: changed("talk.pptx", "ppt/presentation.xml", f"{LAUGHS}<x>&j;</x>"), "damaged PowerPoint"),
    "laughs in xlsx": (".xlsx", lambda: changed("costs.xlsx", "xl/workbook.xml", f"{LAUGHS}<x>&j;</x>"), "damaged Excel"),
    "laughs in xml": (".xml", f"{LAUGHS}<doc><p>&j; {FACT}</p></doc>".encode(), "entity amplification"),
    "deep odt": (".odt", lambda: odf("text", NESTED + "</a>" * 100_000), "damaged OpenDocument"),
    "deep pptx": (".pptx", lambda: changed("talk.pptx", "ppt/slides/slide2.xml", NESTED), "damaged PowerPoint"),
    "deep json": (".json", lambda: b"[" * 1_000_000, "levels deep"),
    "deep objects": (".jsonl", lambda: b'{"a":' * 1_000_000, "levels deep"),
    "deep latex": (".tex", lambda: b"{" * 50_000 + b"x", "nested too deep|damaged LaTeX"),
    "large json": (".json", lambda: b"[" + b"1," * 11_000_000 + b"1]", "MB of JSON"),
    "large xml": (".xml", lambda: b"<a>" + b"x" * 21_000_000 + b"</a>", "MB of XML"),
    "large latex": (".tex", lambda: b"x" * 6_000_000, "MB of LaTeX"),
    "no chapters": (".epub", lambda: changed("book.epub", "OEBPS/book.opf", "<package/>"), ""),
}  # fmt: skip
READ: Cases = {
    "an outside entity": (".xml", b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><doc><p>&f; The mill turns.</p></doc>', FACT),
    "xml that is not well formed": (".xml", b"<doc><p>The mill turns.</doc>", FACT),
    "json with comments": (".json", b'{\n// why\n"mill": "The mill turns."}', FACT),
    "json lines cut off": (".jsonl", b'{"a": "The mill turns."}\n{"a": "The mi', FACT),
    "json of escapes": (".json", json.dumps({"a": "\ud800", "b": FACT}).encode(), FACT),
    "a sheet's last cell": (".xlsx", lambda: sheet(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{FACT}</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), FACT),
    "a sheet without end": (".xlsx", lambda: sheet("".join(f'<row r="{n}"><c r="A{n}"><v>{n * 7919 % 10007}</v></c></row>' for n in range(1, 20_000))), "7919"),
    "rows repeated": (".ods", lambda: odf("spreadsheet", f'<table:table table:name="S"><table:table-row table:number-rows-repeated="999999999"><table:table-cell table:number-columns-repeated="999999999"><text:p>{FACT}</text:p></table:table-cell></table:table-row></table:table>'), FACT),
    "blanks repeated": (".odt", lambda: odf("text", f'<text:p>{FACT}<text:s text:c="999999999"/></text:p>'), FACT),
    "a chapter that is not there": (".epub", lambda: changed("book.epub", "OEBPS/book.opf", '<package><manifest><item id="a" href="c2.xhtml"/><item id="b" href="../../etc/passwd"/></manifest><spine><itemref idref="b"/><itemref idref="a"/></spine></package>'), FACT),
    "a slide many times grouped": (".pptx", lambda: powerpoint(FACT, grouped=True), FACT),
    "latex that never ends": (".tex", b"\\begin{document}\\begin{itemize}\\item The mill turns.", FACT),
    "latex that defines itself": (".tex", b"\\def\\a{\\a\\a}\\a The mill turns.", FACT),
    "org of stars": (".org", lambda: b"*" * 1_000_000 + b"\n* A\nThe mill turns.\n", FACT),
    "a page of strings of strings": (".man", lambda: b".TH A 1\n" + b".ds a \\*a\\*a\\*a\\*ax\n" * 5000 + b"\\*a" * 300_000 + b"\n.PP\nThe mill turns.\n", FACT),
    "a page of open conditions": (".man", lambda: b".TH A 1\n" + b".if n \\{\n" * 50_000 + b"The mill turns.\n" + b".de x\n" * 50_000, FACT),
    "a page of backslashes": (".man", lambda: b".TH A 1\nThe mill turns.\n" + b"\\" * 1_000_001 + b"\n" + b"\\\n" * 100_000, FACT),
    "a page of open brackets": (".mdoc", lambda: b".Dd x\n.Op " + b"Op Oo Fl " * 50_000 + b"\n.Pp\nThe mill turns.\n", FACT),
    "a table without end": (".man", lambda: b".TH A 1\n.TS\nl.\nThe mill turns.\n" + b"T{\n" * 50_000 + b"\t" * 100_000, FACT),
    "asciidoc of open blocks": (".adoc", lambda: b"The mill turns.\n\n" + b"".join(b"-" * (4 + n % 300) + b"\n" for n in range(20_000)), FACT),
    "asciidoc of terms": (".adoc", lambda: b"a::\n" * 100_000 + b"\n= a" + b" " * 200_000 + b"\n\nThe mill turns.\n", FACT),
    "texinfo of braces": (".texi", lambda: b"@a{x" * 100_000 + b"}" * 100_000 + b"\n\nThe mill turns.\n", FACT),
    "names that lead out": (".zip", lambda: archive({"../../a.txt": "x", "/etc/b.txt": FACT}), FACT),
}  # fmt: skip


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parser() -> AsyncIterator[Parser]:
    """One child reads them all."""
    async with Parser(seconds=SECONDS) as opened:
        yield opened


def bytes_of(content: bytes | Callable[[], bytes]) -> bytes:
    """What is large or takes work is made where it is read, not where tests are collected."""
    return content() if callable(content) else content


@pytest.mark.parametrize("name", REFUSED)
async def test_a_hostile_file_is_refused_with_a_reason(parser: Parser, name: str) -> None:
    suffix, content, reason = REFUSED[name]
    try:
        extract = await parser.read(FORMATS[suffix], bytes_of(content))
    except Unreadable as error:
        assert str(error) and re.search(reason, str(error)) and "died" not in str(error)
    else:
        assert not reason and not extract.text.strip(), "read as if nothing were wrong"


@pytest.mark.parametrize("name", READ)
async def test_what_makes_sense_of_a_hostile_file_is_read(parser: Parser, name: str) -> None:
    suffix, content, words = READ[name]
    extract = await parser.read(FORMATS[suffix], bytes_of(content))
    assert words in extract.text and "root:" not in extract.text
    assert len(extract.text) < 5_000_000


async def test_what_of_a_file_is_left_out_is_told(parser: Parser) -> None:
    nested = archive({"a.txt": FACT, "b.zip": archive({"c.txt": "x"}), "d.xls": b"\xd0\xcf\x11\xe0"})
    assert (await parser.read(FORMATS[".zip"], nested)).note == (
        "not read in it: b.zip: an archive within; d.xls: .xls is not read: a spreadsheet: save it as .xlsx or CSV"
    )
    book = READ["a chapter that is not there"][1]
    assert "chapter 1 was not read" in (await parser.read(FORMATS[".epub"], bytes_of(book))).note
