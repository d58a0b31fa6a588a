"""Word documents, mail, rich text and notebooks: all that a reader sees, and nothing else."""

import zipfile
from io import BytesIO

import pytest

from agentflow.corpus.blocks import Extract
from agentflow.corpus.readers import docx, mail, notebook, rtf
from agentflow.corpus.readers.unreadable import Unreadable

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def texts(extract: Extract) -> list[str]:
    return [extract.text[block.start : block.end] for block in extract.blocks]


def word(body: str, **parts: str) -> bytes:
    """A Word document with this body; `parts` are further parts such as endnotes."""
    from docx import Document

    plain, stream = BytesIO(), BytesIO()
    Document().save(plain)
    names = f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            content = source.read(name).decode("utf-8", "surrogateescape")
            if name == "word/document.xml":
                content = f"<w:document {names}><w:body>{body}</w:body></w:document>"
            for part in parts:
                kind = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{part}"
                if name == "word/_rels/document.xml.rels":
                    entry = f'<Relationship Id="{part}" Type="{kind}" Target="{part}.xml"/></Relationships>'
                    content = content.replace("</Relationships>", entry)
                if name == "[Content_Types].xml":
                    entry = f'<Override PartName="/word/{part}.xml" ContentType="application/xml"/></Types>'
                    content = content.replace("</Types>", entry)
            target.writestr(name, content.encode("utf-8", "surrogateescape"))
        for part, content in parts.items():
            target.writestr(f"word/{part}.xml", f"<w:{part} {names}>{content}</w:{part}>")
    return stream.getvalue()


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_word_text_is_read_through_what_wraps_it() -> None:
    box = f"<w:txbxContent><w:p>{run('In a box.')}</w:p></w:txbxContent>"
    body = (
        f"<w:p>{run('The fee is ')}<w:del><w:r><w:delText>nine</w:delText></w:r></w:del><w:ins>{run('ten')}</w:ins>"
        f"<w:hyperlink>{run(' crowns')}</w:hyperlink><w:moveFrom>{run(' gone')}</w:moveFrom>{run('.')}</w:p>"
        f"<w:sdt><w:sdtContent><w:p>{run('Chosen.')}</w:p></w:sdtContent></w:sdt>"
        f"<w:p>{run('Host.')}<w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        f"</mc:AlternateContent></w:r></w:p><w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Hidden.</w:t></w:r></w:p>"
        f"<w:p>{run('Noted.')}<w:r><w:endnoteReference w:id='2'/></w:r></w:p>"
    )
    note = f"<w:endnote w:id='2'><w:p>{run('The note.')}</w:p></w:endnote>"
    extract = docx.read(word(body, endnotes=note))
    assert texts(extract) == ["The fee is ten crowns.", "Chosen.", "Host.", "In a box.", "Noted.", "The note."]
    assert [line for _, line in extract.lines] == [1, 2, 3, 4, 5]


def test_word_tables_keep_every_cell_and_the_tables_within() -> None:
    def cell(text: str, properties: str = "", more: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{run(text)}</w:p>{more}</w:tc>"

    inner = f"<w:tbl><w:tr>{cell('in')}{cell('side')}</w:tr></w:tbl><w:p/>"
    rows = [
        cell("Hut") + cell("Beds") + cell("Beds"),
        cell("Elm", "<w:vMerge w:val='restart'/>") + cell("4") + cell("4"),
        cell("", "<w:vMerge/>") + cell("5", "<w:gridSpan w:val='2'/>"),
        cell("Oak", more=inner) + cell("") + cell("4"),
    ]
    extract = docx.read(word(f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"))
    assert texts(extract) == ["Hut | Beds | Beds", "Elm | 4 | 4", "Elm | 5 |", "Oak | | 4", "in | side"]
    assert extract.blocks[0].kind == "columns"


MAIL = (
    "From: =?utf-8?q?J=C3=B6rg?= <j@example.org>\r\nSubject: =?utf-8?b?QnLDvGNrZQ==?=\r\n"
    "Date: Fri, 01 Mar 2024 23:30:00 +0900\r\nMIME-Version: 1.0\r\n"
)


def test_mail_is_shown_as_a_reader_sees_it() -> None:
    parts = [
        "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nThe bridge co=\r\nsts =8020.",
        "Content-Type: text/html\r\n\r\n<p>The bridge costs <b>much</b>.",
        (
            "Content-Type: application/pdf; name=plan.pdf\r\nContent-Disposition: attachment; filename=plan.pdf\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0="
        ),
    ]
    inner = "\r\n".join(f"--i\r\n{part}\r\n" for part in parts[:2])
    body = f"Content-Type: multipart/alternative; boundary=i\r\n\r\n{inner}--i--\r\n"
    whole = f"{MAIL}Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n{body}\r\n--o\r\n{parts[2]}\r\n--o--\r\n"
    extract = mail.read(whole.encode())
    assert texts(extract) == [
        "Brücke", "From: Jörg <j@example.org>", "Date: Fri, 01 Mar 2024 23:30:00 +0900", "The bridge costs €20.",
    ]  # fmt: skip
    assert (extract.title, extract.date) == ("Brücke", "2024-03-01")
    assert "plan.pdf" in extract.note


def test_mail_of_html_alone_and_mailboxes_are_read() -> None:
    page = f"{MAIL}Content-Type: text/html; charset=utf-8\r\n\r\n<style>p{{}}</style><p>Seen <b>here</b>.</p>"
    box = f"From a Fri Mar  1 10:00:00 2024\n{page}\n\nFrom b Sat Mar  2 10:00:00 2024\nSubject: Two\n\n> Old text\n> goes on.\n\nNew text.\n"
    found = texts(mail.read(box.encode()))
    assert "Seen here." in found and "Two" in found and "Old text\ngoes on." in found


def test_what_is_no_mail_is_refused() -> None:
    with pytest.raises(Unreadable, match="not a mail"):
        mail.read(b"\x00\x01")


RICH = rb"""{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\info{\title The caf\'e9}}
\pard The caf\'e9 opens\line at nine.{\footnote It is shut on Sunday.} Bring 5 \'80.{\v secret}\par
\trowd\cellx9\cellx99 Hut\cell Beds\cell\row \trowd\cellx9\cellx99 Elm\cell 4\cell\row
\pard \u1052?\u1086?\u1089?\u1090?\par}"""


def test_rich_text_is_read_without_its_markup() -> None:
    extract = rtf.read(RICH)
    assert texts(extract) == [
        "The café opens\nat nine. Bring 5 €.", "Hut | Beds", "Elm | 4", "Мост", "It is shut on Sunday.",
    ]  # fmt: skip
    assert extract.title == "The café"


def test_what_is_no_rich_text_is_refused() -> None:
    with pytest.raises(Unreadable, match="not a rich text"):
        rtf.read(b"hello")


@pytest.mark.parametrize(
    "cells",
    [
        b'"worksheets": [{"cells": [{"cell_type": "heading", "level": 2, "source": ["Weir"]}, {"cell_type": "code", "input": "x = 1"}]}]',
        b'"cells": [{"cell_type": "heading", "level": 2, "source": "Weir"}, {"cell_type": "code", "source": ["x = ", "1"]}]',
    ],
)
def test_notebooks_of_every_format_are_read(cells: bytes) -> None:
    assert notebook.read(b'\xef\xbb\xbf{"nbformat": 3, %s}' % cells).text == "## Weir\n\nx = 1\n\n"
