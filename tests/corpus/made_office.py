"""Office files by the libraries that write them, beyond those of tests/corpus/made.py: where else a fact may stand."""

import io
from typing import Any

from tests.corpus.facts import Told


def saved(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def paragraph(told: Told) -> bytes:
    """Within a paragraph, in several runs of other type, under a heading."""
    from docx import Document

    document = Document()
    document.core_properties.title = told.title
    document.add_heading(told.title, 1)
    words = document.add_paragraph(told.before + " ")
    words.add_run(told.fact[:3]).bold = True
    words.add_run(told.fact[3:])
    words.add_run(" " + told.after).italic = True
    return saved(document)


def listed(told: Told) -> bytes:
    from docx import Document

    document = Document()
    document.add_paragraph(told.before)
    for text in (told.after, told.fact):
        document.add_paragraph(text, style="List Bullet")
    return saved(document)


def merged(told: Told) -> bytes:
    """A table with a merged head."""
    from docx import Document

    document = Document()
    document.add_paragraph(told.before)
    grid = document.add_table(rows=3, cols=2)
    grid.cell(0, 0).merge(grid.cell(0, 1)).text = told.title
    grid.cell(1, 0).text, grid.cell(1, 1).text, grid.cell(2, 0).text = "1", told.after, "2"
    grid.cell(2, 1).text = told.fact
    return saved(document)


def sheet(told: Told) -> bytes:
    """Under a title over the table and a merged row, on the third sheet, whose name has blanks."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.append([told.before])
    book.create_sheet("Empty")
    third = book.create_sheet("Third sheet")
    for row in ([told.title], [], ["No", "What"], [1, told.after], [2, told.fact]):
        third.append(row)
    third.merge_cells("A1:B1")
    return saved(book)


def framed(told: Told) -> bytes:
    """As pandas writes a table: an index without a name, bold heads."""
    import pandas

    stream = io.BytesIO()
    pandas.DataFrame({"What": [told.before, told.fact], "Year": [1901, 1902]}).to_excel(stream, sheet_name="Data")
    return stream.getvalue()


def bullets(told: Told) -> bytes:
    """A slide with bullets at two levels."""
    from pptx import Presentation

    deck = Presentation()
    for number in range(3):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = f"{told.title} {number}"
        frame = slide.placeholders[1].text_frame
        frame.text = told.before
        below = frame.add_paragraph()
        below.level, below.text = 1, told.fact if number == 2 else told.after
    return saved(deck)


def captioned(told: Told) -> bytes:
    """The names of a chart's categories."""
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = told.title
    data = CategoryChartData()
    data.categories = [told.before, told.fact]
    data.add_series("A", (3, 4))
    slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, Inches(1), Inches(2), Inches(6), Inches(4), data)
    return saved(deck)
