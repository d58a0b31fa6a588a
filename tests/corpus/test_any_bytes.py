"""Any bytes under any supported ending are read or refused with a reason: no reader fails in another way.

AGENTFLOW_EXAMPLES=5000 pytest tests/corpus/test_any_bytes.py
"""

import os
from functools import cache
from io import BytesIO
from pathlib import PurePath
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow.corpus.parsing.parser import Parser
from agentflow.corpus.parsing.prepare import prepare
from agentflow.corpus.readers import FORMATS, read
from agentflow.corpus.readers.decode import decode
from agentflow.corpus.readers.unreadable import Unreadable
from tests.corpus.made import FILES, archive

EXAMPLES = int(os.environ.get("AGENTFLOW_EXAMPLES", "40"))
MAN = r"""'\\" t
.de X
.B \\$1
..
.ds C \\fBC\\fR
.ie n \{\
.X a
.\}
.el .X b
.TH TEA 1 "2020-01-01"
.SH NAME
tea \- \*C \(co \[u00E9]
.TP
.BR \-f ", " \-\-file
Text\c
.UR http://a
it
.UE .
.nf
x
.fi
.TS
tab(@);
lb l
l l.
a@b
1@T{
.I c
T}
.TE
.RS
\h'1'\s-1x\s0\N'65'
"""
TEXTS = {
    ".md": b"---\ntitle: Tea\n---\n# Tea\n\n1. One\n2. Two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx\n```\n<b>y</b>\n> q\n",
    ".rst": b"Tea\n===\n\n:Author: Ann\n\n.. note:: Mind.\n\n+---+---+\n| a | b |\n+---+---+\n\n::\n\n  code\n",
    ".csv": b'sep=;\nname;size\n"elm ""x""\ny";3\noak;"4\n',
    ".html": b"<!doctype html><meta charset=latin1><title>T</title><main><h1>A<p>B<table><tr><th rowspan=2>c<td>d</table>"
    b"<ul><li hidden>e<li>f</ul><div style='opacity:0' class=fade>g</div><svg><text>h</text></svg></main>",
    ".rtf": rb"{\rtf1\ansi{\fonttbl{\f0 A;}}{\info{\title T}}\pard A\'e9 b\line c{\footnote N}\par\trowd\cellx9 d\cell\row}",
    ".ipynb": b'{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "heading", "level": 1, "source": ["T"]}]}]}',
    ".eml": b"From: a@b\nSubject: =?utf-8?q?T=C3=A9?=\nContent-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: text/html;"
    b" charset=x\nContent-Transfer-Encoding: base64\n\nPHA+eA==\n--o\nContent-Type: message/rfc822\n\nSubject: in\n\nx\n--o--\n",
    ".txt": "A. Marsh came.\n\n1. One\n2. Two\n\nName: x\nDate: 1.2.2020\n\nГод. 年。\n".encode(),
    ".man": MAN.encode(),
    ".adoc": b'= Tea\nAnn Berg\nv1, 2020-01-01\n:toc:\n\n== One\n[%header,cols="1,2"]\n|===\n|a |b\n\n|1\n|2\n|===\n\n[source]\n----\nx\n----\n'
    b"* One\n+\nmore\n\n-f::\n--file:: Text.\n\n////\nno\n////\nTwo\n---\nNOTE: y\n",
    ".texi": b"@settitle T\n@chapter A @code{b}\n@table @code\n@item -a\n@itemx -b\nText @xref{B,,C}.\n@end table\n@example\nx @{\n"
    b"@end example\n@multitable\n@headitem a @tab b\n@item 1 @tab 2\n@end multitable\n@set v 1\n@value{v}\n@deffn {F} f (@var{x})\n",
    ".py": b"class A:\n    def f(self):\n        return 1\n[tool.x]\n",
}


@cache
def seeds() -> dict[str, bytes]:
    from tests.corpus.test_documents import run, word
    from tests.corpus.test_pdf import LEFT, RIGHT, column, make

    body = f"<w:p>{run('A')}<w:r><w:footnoteReference w:id='1'/></w:r></w:p><w:tbl><w:tr><w:tc><w:p>{run('B')}</w:p></w:tc></w:tr></w:tbl>"
    page = [*column(50, 700, LEFT), *column(320, 700, RIGHT), (50.0, 780.0, 14.0, "Head")]
    return {**TEXTS, **made(), ".docx": word(body, footnotes="<w:footnote w:id='1'/>"), ".pdf": make(page, page)}


def made() -> dict[str, bytes]:
    """One whole file of each other kind."""
    names = "talk.pptx costs.xlsx notes.odt costs.ods talk.odp book.epub notes.tex notes.org refs.bib doc.xml data.json"
    names += " lines.jsonl files.zip"
    return {PurePath(name).suffix: FILES[name]("The mill turns.") for name in names.split()}


def unpacked(whole: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(whole)) as source:
        return {name: source.read(name) for name in source.namelist()}


@st.composite
def damaged(draw: st.DrawFn, suffix: str) -> bytes:
    """A file of this kind with some of its bytes changed, cut, doubled or replaced by those of another; of an archive
    also those of one of its parts, so that what reads the parts meets them."""
    whole = seeds().get(suffix, b"x\n")
    if whole.startswith(b"PK") and draw(st.booleans()):
        parts = unpacked(whole)
        part = draw(
            st.sampled_from([name for name in sorted(parts) if name.endswith((".xml", ".opf", ".xhtml", ".md"))])
        )
        return archive({**parts, part: draw(changed(parts[part]))})
    return draw(changed(whole))


@st.composite
def changed(draw: st.DrawFn, whole: bytes) -> bytes:
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        other = draw(
            st.binary(max_size=12) | st.sampled_from([b"<", b"{", b'"', b"\n\n", b"0" * 30, b"\x00" * 3, b"\xff\xfe"])
        )
        until = draw(st.sampled_from([at, at + 1, at + 9, at + 80]))
        content[at:until] = draw(st.sampled_from([other, bytes(content[at:until]) * 2, b""]))
    return bytes(content)


@pytest.mark.parametrize(
    "suffix", sorted({min(s for s, f in FORMATS.items() if f == form) for form in FORMATS.values()})
)
@given(data=st.data())
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_any_bytes_end_with_text_or_a_reason(suffix: str, data: st.DataObject) -> None:
    known = (
        suffix
        if suffix in seeds()
        else {
            ".mbox": ".eml",
            ".htm": ".html",
            ".bash": ".py",
            ".log": ".txt",
            ".pptm": ".pptx",
            ".xlsm": ".xlsx",
            ".dbk": ".xml",
            ".geojson": ".json",
            ".latex": ".tex",
            ".ltx": ".tex",
            ".ndjson": ".jsonl",
        }.get(suffix, ".md")
    )
    content = data.draw(st.binary(max_size=300) | damaged(known) | damaged(known))
    form = FORMATS[suffix]
    try:
        extract = read(form, content if form.binary else decode(content))
        prepared = prepare(extract, PurePath(f"file{suffix}"), 0.0)
    except Unreadable as error:
        assert str(error)
        return
    for chunk in prepared.chunks:
        assert extract.text[chunk.start : chunk.start + len(chunk.text)] == chunk.text


async def test_what_fails_in_the_child_costs_one_file() -> None:
    async with Parser(seconds=60) as parser:
        for suffix in (".pdf", ".docx", ".html", ".eml", ".rtf"):
            for content in (b"", b"\x00", seeds()[suffix][:-200]):
                try:
                    assert (await parser.read(FORMATS[suffix], content)).text is not None
                except Unreadable as error:
                    assert "died" not in str(error)
