"""Files of every format, made here, with the words that a test gives: `FILES[name](fact)` is the file's bytes.

Most put the fact into the second slide, sheet, chapter or message, below some filling."""

import io
import json
import mailbox
import tempfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

FILLING = "Nothing of note happened in the other weeks."
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"'
)
CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'


def archive(parts: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return stream.getvalue()


def powerpoint(fact: str, *, table: bool = False, notes: bool = False, grouped: bool = False) -> bytes:
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.core_properties.title = "A talk"
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text, first.placeholders[1].text = "Beginning", FILLING
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "Second"
    if table:
        grid = second.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(6), Inches(2)).table
        grid.cell(0, 0).text, grid.cell(0, 1).text, grid.cell(1, 0).text, grid.cell(1, 1).text = (
            "name",
            "what",
            "Elm",
            fact,
        )
    elif notes:
        second.notes_slide.notes_text_frame.text = fact
    else:
        shapes = second.shapes.add_group_shape().shapes if grouped else second.shapes
        shapes.add_textbox(Inches(1), Inches(2), Inches(6), Inches(2)).text_frame.text = fact
    stream = io.BytesIO()
    deck.save(stream)
    return stream.getvalue()


def excel(fact: str) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Cover"
    book.active.append([FILLING])
    sheet = book.create_sheet("Costs")
    sheet.append(["what", "share"])
    sheet.append(["Elm", 0.25])
    sheet.append([fact, 0.5])
    sheet["B3"].number_format = "0.0%"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def odf(kind: str, body: str) -> bytes:
    content = f"<office:document-content {ODF}><office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    return archive({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content})


def odt(fact: str) -> bytes:
    deleted = "<text:tracked-changes><text:p>deleted words</text:p></text:tracked-changes>"
    inside = f"<text:span>{fact[:5]}</text:span>{fact[5:]}"
    return odf(
        "text",
        f'{deleted}<text:h text:outline-level="1">Notes</text:h><text:p>{FILLING}</text:p><text:p>{inside}</text:p>',
    )


def odt_table(fact: str) -> bytes:
    cells = [["name", "what"], ["Elm", fact]]
    rows = "".join(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in cells)
    return odf("text", f"<text:p>{FILLING}</text:p><table:table>{rows}</table:table>")


def _cell(words: str) -> str:
    return f"<table:table-cell><text:p>{words}</text:p></table:table-cell>"


def ods(fact: str) -> bytes:
    rows = [["what", "share"], ["Elm", "1"], [fact, "2"]]
    written = "".join(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in rows)
    gap = '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="1000"/></table:table-row>'
    return odf("spreadsheet", f'<table:table table:name="Costs">{gap}{written}</table:table>')


def odp(fact: str) -> bytes:
    def slide(title: str, words: str) -> str:
        box = "<draw:text-box><text:p>{}</text:p></draw:text-box>"
        return (
            f'<draw:page><draw:frame presentation:class="title">{box.format(title)}</draw:frame>'
            f"<draw:frame>{box.format(words)}</draw:frame></draw:page>"
        )

    return odf("presentation", slide("One", FILLING) + slide("Two", fact))


def epub(fact: str) -> bytes:
    items = "".join(f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in (1, 2))
    opf = (
        '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>A book</dc:title><dc:creator>Ann Berg'
        "</dc:creator><dc:date>2011-04-05</dc:date><dc:subject>novel</dc:subject></metadata>"
        f'<manifest>{items}<item id="toc" properties="nav" href="toc.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="toc"/><itemref idref="c1"/><itemref idref="c2"/></spine></package>'
    )
    page = '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><body><h1>{}</h1><p>{}</p></body></html>'
    return archive({
        "mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf,
        "OEBPS/c1.xhtml": page.format("One", FILLING), "OEBPS/c2.xhtml": page.format("Two", fact),
        "OEBPS/toc.xhtml": page.format("Contents", "One, Two"),
    })  # fmt: skip


def mail(fact: str, subject: str = "News") -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "Ann Berg <ann@example.org>", "bo@example.org"
    message["Date"] = "Mon, 03 May 2021 10:00:00 +0000"
    message.set_content(f"Hello,\n\n{fact}\n", cte="base64")
    return message.as_bytes()


def mbox(fact: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        box = mailbox.mbox(Path(folder) / "box")
        box.add(mail(FILLING))
        box.add(mail(fact, "Second"))
        box.close()
        return (Path(folder) / "box").read_bytes()


def word(fact: str) -> bytes:
    from docx import Document

    document = Document()
    document.add_heading("Notes", 1)
    document.add_paragraph(FILLING)
    document.add_paragraph(fact)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def latex(fact: str, body: str = "{}") -> bytes:
    return (
        "\\documentclass{article}\n\\title{Notes}\n\\begin{document}\n\\section{One}\n% a comment\n"
        f"{FILLING}\n\n{body.format(fact)}\n\\end{{document}}\n"
    ).encode()


TABULAR = "\\begin{{tabular}}{{ll}}\nname & what \\\\\n\\hline\nElm & {} \\\\\n\\end{{tabular}}"
ORG = "#+TITLE: Notes\n* One :trip:\n" + FILLING + "\n** Two\n{}\n"
ORG_TABLE = "* One\n| name | what |\n|------+------|\n| Elm  | {} |\n"
ENTRY = "@article{{elm2020,\n  title = {{A study}},\n  abstract = {{{}}},\n  year = {{2020}}\n}}\n"
DOCBOOK = "<article><section><title>One</title>\n<para>{}</para>\n<para>See: <emphasis>{}</emphasis></para></section></article>"
CSL = '[{{"id": "a", "title": "Other", "type": "book"}},\n {{"id": "b", "type": "book", "author": [{{"family": "Berg"}}], "title": {}}}]'


def text(pattern: str, encoding: str = "utf-8") -> Callable[[str], bytes]:
    return lambda fact: pattern.format(fact).encode(encoding)


FILES: dict[str, Callable[[str], bytes]] = {
    "talk.pptx": powerpoint,
    "table.pptx": lambda fact: powerpoint(fact, table=True),
    "notes.pptx": lambda fact: powerpoint(fact, notes=True),
    "group.pptx": lambda fact: powerpoint(fact, grouped=True),
    "costs.xlsx": excel,
    "notes.odt": odt,
    "table.odt": odt_table,
    "costs.ods": ods,
    "talk.odp": odp,
    "book.epub": epub,
    "letter.eml": mail,
    "box.mbox": mbox,
    "notes.docx": word,
    "notes.tex": latex,
    "table.tex": lambda fact: latex(fact, TABULAR),
    "list.tex": lambda fact: latex(fact, "\\begin{{itemize}}\n\\item First.\n\\item {}\n\\end{{itemize}}"),
    "notes.org": text(ORG),
    "table.org": text(ORG_TABLE),
    "refs.bib": text(ENTRY),
    "data.xml": text('<trees>\n<tree name="Oak" what="tall"/>\n<tree name="Elm" what="{}"/>\n</trees>'),
    "doc.xml": lambda fact: DOCBOOK.format(FILLING, fact).encode(),
    "utf16.xml": text('<?xml version="1.0" encoding="utf-16"?><doc>\n<p>{}</p></doc>', "utf-16"),
    "data.json": lambda fact: json.dumps([{"name": "Oak"}, {"name": "Elm", "what": fact}], indent=1).encode(),
    "deep.json": lambda fact: json.dumps({"a": {"b": [{"c": {"what": fact}}]}}).encode(),
    "csl.json": lambda fact: CSL.format(json.dumps(fact)).encode(),
    "lines.jsonl": lambda fact: b"".join(json.dumps({"what": each}).encode() + b"\n" for each in (FILLING, fact)),
    "files.zip": lambda fact: archive({"a/one.md": FILLING, "a/two.md": f"# Two\n\n{fact}\n", ".hidden": "no"}),
    "talk.zip": lambda fact: archive({"talk.pptx": powerpoint(fact), "inner.zip": archive({"x.txt": "x"})}),
    "notes.txt": text(FILLING + "\n\n{}\n"),
    "utf16.txt": text(FILLING + "\n\n{}\n", "utf-16"),
    "notes.md": text("---\ntitle: Vault\ntags: [trip, sea]\nauthor: Ann Berg\ndate: 2019-02-03\n---\n# One\n\n{}\n"),
    "table.md": text("| name | what |\n|---|---|\n| Elm | {} |\n"),
    "notes.rst": text("One\n===\n\n" + FILLING + "\n\n{}\n"),
    "page.html": text("<meta charset=utf-8><h1>One</h1>\n<p>" + FILLING + "\n<p>{}</p>"),
    "table.html": text("<table><tr><th>name<th>what</tr>\n<tr><td>Elm<td>{}</tr></table>"),
    "table.csv": text("name,what\nElm,{}\n"),
    "table.tsv": text("name\twhat\nElm\t{}\n"),
    "notes.rtf": lambda fact: (
        b"{\\rtf1\\ansi Nothing.\\par " + "".join(f"\\u{ord(c)}?" for c in fact).encode() + b"\\par}"
    ),
    "book.ipynb": lambda fact: json.dumps(
        {"cells": [{"cell_type": "markdown", "source": [fact]}], "nbformat": 4}
    ).encode(),
    "code.py": text("def f():\n    # {}\n    return 1\n"),
}
