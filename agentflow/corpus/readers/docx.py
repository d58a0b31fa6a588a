"""Word documents. `line` is the number of the paragraph or table row, counted from the top."""

from importlib import import_module
from io import BytesIO
from typing import Any

from agentflow.corpus.blocks import BlockKind, Extract
from agentflow.corpus.dates import local_day
from agentflow.corpus.readers import word
from agentflow.corpus.readers.archive import Archive, transitional
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.unreadable import Unreadable
from agentflow.corpus.readers.word import W

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
EMBEDDED = {"html": "html", "rfc822": "mail", ".mht": "mail", "rtf": "rtf"}
NOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}s"


def read(content: bytes) -> Extract:
    """Raises Unreadable for what is no Word document, for bombs and for damage."""
    Archive(content, "a Word document").must_hold("word/document.xml")
    content = transitional(content)
    from docx import Document

    try:
        return WordText(Document(BytesIO(content))).extract()
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # python-docx lets out whatever damaged XML makes of its objects
        raise Unreadable(f"a damaged Word document ({type(error).__name__}: {error})") from error


class WordText:
    """Counts paragraphs and rows as lines; a text box or note stands after the paragraph that it belongs to."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.flow = Flow()
        self.line = 0
        self.styles = self.read_styles()
        self.notes = {kind: self.read_notes(kind) for kind in ("footnote", "endnote")}

    def extract(self) -> Extract:
        self.body(self.document.element.body)
        extract = self.flow.extract()
        about = self.document.core_properties
        extract.title, extract.author = about.title or "", about.author or ""
        stamp = about.modified or about.created
        extract.date = local_day(stamp) if stamp else ""
        return extract

    def read_notes(self, kind: str) -> dict[str, Any]:
        from lxml import etree

        for relation in self.document.part.rels.values():
            if relation.reltype == NOTES.format(kind=kind) and not relation.is_external:
                parser = etree.XMLParser(resolve_entities=False, no_network=True)
                return {note.get(f"{W}id"): note for note in etree.fromstring(relation.target_part.blob, parser)}
        return {}

    def body(self, body: Any, depth: int = 0) -> None:
        before = ""
        for part in word.parts(body):
            if part.tag == f"{W}tbl":
                self.table(part, depth)
            elif part.tag == f"{W}altChunk":
                self.embedded(part)
            else:
                self.line += 1
                found = word.paragraph(part)
                before += found.text
                if not word.goes_on(part):
                    self.write(*self.kind(part), before)
                    before = ""
                self.attached(found, depth)
        self.write("prose", 0, before)

    def embedded(self, chunk: Any) -> None:
        """A page or a mail that a program put into the document as it was, for Word to take apart."""
        relation = self.document.part.rels.get(chunk.get(f"{R}id"))
        if relation is None or relation.is_external:
            return
        part = relation.target_part
        kind = next((kind for kind in EMBEDDED if kind in f"{part.content_type} {part.partname}".lower()), "")
        if not kind:
            return
        extract = import_module(f"agentflow.corpus.readers.{EMBEDDED[kind]}").read(part.blob)
        for block in extract.blocks:
            self.line += 1
            self.write(block.kind, block.level, extract.text[block.start : block.end])

    def attached(self, found: word.WordParagraph, depth: int) -> None:
        line = self.line
        if depth < word.DEEPEST:
            for box in found.boxes:
                self.body(box, depth + 1)
                self.line = line
            for kind, number in found.notes:
                for part in word.parts(self.notes[kind].get(number, ())):
                    self.write("item", 0, word.paragraph(part).text)

    def write(self, kind: BlockKind, level: int, text: str) -> None:
        self.flow.put(kind, " ".join(text.split()), self.line, level)

    def table(self, table: Any, depth: int) -> None:
        above: list[str] = []
        lines = list(word.rows(table))
        for number, row in enumerate(lines):
            self.line += 1
            texts: list[str] = []
            inner: list[Any] = []
            attached: list[word.WordParagraph] = []
            for cell in word.cells(row):
                across, goes_on = word.spans(cell)
                text = self.cell(cell, inner, attached)
                at = len(texts)
                texts += [above[at] if goes_on and at < len(above) else text, *[""] * (across - 1)]
            if any(texts):
                self.flow.row([(text, self.line) for text in texts], names=number == 0 and len(lines) > 1)
            above = texts
            for found in attached:
                self.attached(found, depth)
            for nested in inner if depth < word.DEEPEST else ():
                self.table(nested, depth + 1)

    def cell(self, cell: Any, inner: list[Any], attached: list[word.WordParagraph]) -> str:
        """The text of a cell's paragraphs; its tables and what is attached go to the lists."""
        texts: list[str] = []
        for part in word.parts(cell):
            if part.tag == f"{W}tbl":
                inner.append(part)
            else:
                found = word.paragraph(part)
                attached.append(found)
                texts.append(found.text)
        return " ".join(" ".join(texts).split())

    def kind(self, element: Any) -> tuple[BlockKind, int]:
        """By the paragraph's style, its outline level or its number in a list."""
        properties = element.find(f"{W}pPr")
        if properties is None:
            return "prose", 0
        style = properties.find(f"{W}pStyle")
        name = self.styles.get(style.get(f"{W}val"), "") if style is not None else ""
        if name.lower() == "title":
            return "heading", 1
        if name.lower().startswith("heading"):
            level = name[7:].strip()
            return "heading", int(level) if level.isascii() and level.isdigit() and len(level) < 3 else 1
        outline = properties.find(f"{W}outlineLvl")
        if outline is not None and (outline.get(f"{W}val") or "") in tuple("012345678"):
            return "heading", int(outline.get(f"{W}val")) + 1
        return ("item", 0) if name.startswith("List") or properties.find(f"{W}numPr") is not None else ("prose", 0)

    def read_styles(self) -> dict[str, str]:
        """The name of each style by its id, which differs from one language of Word to another."""
        names = {each.get(f"{W}styleId"): each.find(f"{W}name") for each in self.document.styles.element}
        return {key: name.get(f"{W}val") or "" for key, name in names.items() if key and name is not None}
