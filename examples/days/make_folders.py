"""Makes the folders of docs/days.md: `python examples/days/make_folders.py FOLDER [NAME ...]`.

NAME.txt holds the files of a folder, each under a line `==> path <==`; the ending of the path says what is written: .pdf, .docx
and .xlsx as such, everything else as plain text.
"""

import csv
import re
import sys
from pathlib import Path

import docx
import openpyxl
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

HERE = Path(__file__).parent
HEAD = re.compile(r"^==> (.+) <==\n", re.MULTILINE)


def main(folder: Path, names: list[str]) -> None:
    for name in names or sorted(path.stem for path in HERE.glob("*.txt")):
        make(folder / name, (HERE / f"{name}.txt").read_text("utf-8"))


def make(folder: Path, files: str) -> None:
    _, *parts = HEAD.split(files)
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        WRITERS.get(path.suffix, write_text)(path, text.strip() + "\n")


def write_text(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def write_pdf(path: Path, text: str) -> None:
    styles = getSampleStyleSheet()
    title, *others = text.strip().split("\n\n")
    story = [Paragraph(title, styles["Title"])]
    for part in others:
        head = part.startswith("# ")
        story.append(Paragraph(part.removeprefix("# "), styles["Heading2" if head else "BodyText"]))
    SimpleDocTemplate(str(path), title=title, invariant=1).build(story)


def write_docx(path: Path, text: str) -> None:
    document = docx.Document()
    title, *others = text.strip().split("\n\n")
    document.add_heading(title, 0)
    for part in others:
        if part.startswith("# "):
            document.add_heading(part.removeprefix("# "), 1)
        else:
            document.add_paragraph(part.replace("\n", " "))
    document.save(str(path))


def write_xlsx(path: Path, text: str) -> None:
    book = openpyxl.Workbook()
    for row in csv.reader(text.splitlines()):
        book.active.append([int(cell) if cell.isdecimal() else cell for cell in row])
    book.save(path)


WRITERS = {".pdf": write_pdf, ".docx": write_docx, ".xlsx": write_xlsx}

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
