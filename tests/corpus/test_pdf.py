"""PDF pages as they look: columns, tables, headings and furniture by place and type; what cannot be read is told."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from agentflow.corpus.blocks import Extract
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.parsing.identity import meant, title_of
from agentflow.corpus.readers import pdf
from agentflow.corpus.readers.unreadable import Unreadable
from agentflow.corpus.store import Corpus

Text = tuple[float, float, float, str]  # x, y from the foot, size, text; a size below 0 is bold


def make(*pages: Sequence[Text], picture: bool = False, font: str = "", more: str = "", catalog: str = "") -> bytes:
    """A PDF with text at its places. `font` replaces the first font, `more` are objects from number 6 on."""
    first = font or "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    extra = [each for each in more.split("\n\n") if each]
    kids = [6 + len(extra) + 2 * at for at in range(len(pages) + picture)]
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] /Count {len(kids)} >>",
        first,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        "<< /Length 0 >>\nstream\n\nendstream",
        *extra,
    ]
    contents = ["\n".join(_shown(*text) for text in page) for page in pages] + ["0 0 200 200 re f"] * picture
    notes = "/Annots [6 0 R 7 0 R]" if "AcroForm" in catalog else ""
    for kid, content in zip(kids, contents, strict=True):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {kid + 1} 0 R {notes} "
            f"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(content.encode('cp1252'))} >>\nstream\n{content}\nendstream")
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    return body + tail.encode()


def _shown(x: float, y: float, size: float, text: str) -> str:
    name = "F2" if size < 0 else "F1"
    escaped = text.replace("(", r"\(").replace(")", r"\)")
    shown = text if text.startswith("<") else f"({escaped})"
    return f"BT /{name} {abs(size)} Tf {x} {y} Td {shown} Tj ET"


def column(x: float, top: float, lines: str, size: float = 10) -> list[Text]:
    return [(x, top - 12 * at, size, line) for at, line in enumerate(lines.split("/"))]


def texts(extract: Extract, kind: str = "") -> list[str]:
    return [extract.text[b.start : b.end] for b in extract.blocks if kind in ("", b.kind)]


LEFT = "The mill at Elm was built by two brothers/and has ground barley ever since then/without a stop. It was sold last year"
RIGHT = "to a baker from the town, who has put in/a new wheel of oak and a second pair of/stones from the north of the county."


def test_columns_are_read_one_after_the_other_whatever_was_drawn_first() -> None:
    left, right = column(50, 700, LEFT), column(320, 700, RIGHT)
    mixed = [text for pair in zip(right, left, strict=True) for text in pair]
    extract = pdf.read(make(mixed))
    assert [text.replace("\n", " ") for text in texts(extract)] == [f"{LEFT}/{RIGHT}".replace("/", " ")]


def test_tables_are_rows_with_names_however_they_were_drawn() -> None:
    cells = {50: ["Harbour", "Elm", "Oak Point"], 180: ["Depth", "3.2", ""], 300: ["Ships", "140", "9,310"]}
    drawn = [(x, 700 - 16 * at, 10, text) for x, rows in cells.items() for at, text in enumerate(rows) if text]
    extract = pdf.read(make([*drawn, (50, 620, 10, "The table was drawn by the harbour office.")]))
    assert [(block.kind, extract.text[block.start : block.end]) for block in extract.blocks] == [
        ("columns", "Harbour | Depth | Ships"), ("row", "Elm | 3.2 | 140"), ("row", "Oak Point |  | 9,310"),
        ("prose", "The table was drawn by the harbour office."),
    ]  # fmt: skip


def test_headings_stand_apart_by_type_and_by_number() -> None:
    page = [
        (50, 740, 16, "Drains of the parish"), (50, 715, -10, "Where they lie"), (50, 700, 10, "All lie north of the road"),
        (50, 688, 10, "and run to the weir."), (50, 660, 10, "2.1 How deep they are"), (50, 640, 10, "The deepest is nine feet."),
    ]  # fmt: skip
    extract = pdf.read(make(page))
    assert texts(extract, "heading") == ["Drains of the parish", "Where they lie", "2.1 How deep they are"]
    assert "All lie north of the road\nand run to the weir." in texts(extract, "prose")


def test_heads_feet_and_page_numbers_are_left_out_and_sentences_run_on() -> None:
    bodies = [
        "The warden wrote on the first day that the ice had",
        "reached the weir, and on the next he closed it.",
        "It rained.",
    ]
    pages = [
        [(50, 780, 8, "Minutes of the parish"), (50, 700, 10, body), (280, 20, 8, f"Page {at} of 3")]
        for at, body in enumerate(bodies, 1)
    ]
    extract = pdf.read(make(*pages))
    assert extract.text == "\n".join(bodies) + "\n"
    assert extract.pages == [0, 51, 99]
    assert (
        texts(extract)[0]
        == "The warden wrote on the first day that the ice had\nreached the weir, and on the next he closed it."
    )


def test_words_broken_at_a_line_end_are_whole_and_hyphens_stay() -> None:
    lines = "They asked for an inter-/national long-/term plan and a manage-/ment of it. Vor-/und Nachteile."
    shown = pdf.read(make(column(50, 700, lines))).text.replace("\n", " ").strip()
    assert shown == "They asked for an international long-term plan and a management of it. Vor- und Nachteile."


def test_pages_that_hold_only_pictures_are_told() -> None:
    extract = pdf.read(make([(50, 700, 10, "A cover sheet.")], picture=True))
    assert extract.note == "page 2 of 2 with no text, only pictures: they need text recognition (OCR) first"


async def test_what_was_not_read_is_in_the_report_and_the_status(
    corpus: Corpus, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentflow.corpus.ingest.scans.can_recognise", lambda: False)  # as without the extra `ocr`
    (folder / "scan.pdf").write_bytes(make([(50, 700, 10, "A cover sheet.")], picture=True))
    report = await ingest(corpus, [folder], embedder=None)
    assert [path for path, note in report.partly if "OCR" in note] == ["docs/scan.pdf"]
    assert corpus.status().partly == report.partly
    assert "OCR" in corpus.document("scan.pdf").note


def test_a_font_without_a_character_map_is_refused_not_guessed() -> None:
    font = (
        "<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Sans /Encoding /Identity-H /DescendantFonts [<< /Type /Font"
        " /Subtype /CIDFontType2 /BaseFont /ABCDEF+Sans /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity)"
        " /Supplement 0 >> /FontDescriptor << /Type /FontDescriptor /FontName /ABCDEF+Sans /Flags 4 >> >>] >>"
    )
    with pytest.raises(Unreadable, match="character map"):
        pdf.read(make([(50, 700, 10, "<0037004B0048000300470044005100460048>")], font=font))


def test_values_of_a_form_stand_beside_their_labels() -> None:
    field = "<< /Type /Annot /Subtype /Widget /FT /Tx /T ({}) /V ({}) /Rect [150 {} 300 {}] >>"
    more = "\n\n".join([field.format("name", "Grey Gull", 695, 711), field.format("size", "9.5", 675, 691)])
    labels: list[Text] = [(50, 700, 10, "Name of the boat:"), (50, 680, 10, "Length:")]
    extract = pdf.read(make(labels, more=more, catalog="/AcroForm << /Fields [6 0 R 7 0 R] >>"))
    assert texts(extract) == ["Name of the boat: Grey Gull", "Length: 9.5"]


@pytest.mark.parametrize(
    ("written", "title"),
    [("Microsoft Word - Document3", ""), ("Unbenannt", ""), ("(anonymous)", ""), ("PowerPoint Presentation", ""),
     ("Microsoft Word - tide tables.docx", "tide tables"), ("Document Law", "Document Law"), ("Layout1", "")],
)  # fmt: skip
def test_a_title_that_a_program_gave_is_none(written: str, title: str) -> None:
    assert meant(written) == title
    assert title_of(Extract("", title=written), Path("dues.pdf")) == title or "dues.pdf"
