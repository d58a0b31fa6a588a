"""E-books (EPUB 2 and 3): the chapters in the order they are read. `line` is the paragraph of its chapter."""

import posixpath
from typing import Any
from urllib.parse import unquote

from agentflow.corpus.blocks import Extract
from agentflow.corpus.dates import date_of_text
from agentflow.corpus.readers import html
from agentflow.corpus.readers.archive import Archive
from agentflow.corpus.readers.parts import Parts
from agentflow.corpus.readers.unreadable import Unreadable
from agentflow.corpus.readers.xmltree import attribute, name, root_of

CONTAINER, LOCKED = "META-INF/container.xml", "META-INF/encryption.xml"
TEXTUAL = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "")


def read(content: bytes) -> Extract:
    """Raises Unreadable for what is no e-book, for bombs, copy protection and damage."""
    archive = Archive(content, "an e-book")
    archive.must_hold(CONTAINER)
    container = root_of(archive.read(CONTAINER), "e-book")
    path = next((attribute(each, "full-path") for each in container.iter() if name(each) == "rootfile"), "")
    package = root_of(archive.read(path), "e-book")
    chapters = _chapters(package, posixpath.dirname(path))
    if LOCKED in archive.names:
        sealed = {unquote(attribute(each, "URI")) for each in root_of(archive.read(LOCKED), "e-book").iter()}
        if sealed.intersection(chapters):
            raise Unreadable("copy-protected (DRM)")
    parts, notes = Parts(), []
    for number, chapter in enumerate(chapters, 1):
        try:
            parts.add(f"chapter {number}", _chapter(archive.read(chapter)))
        except Unreadable as error:
            notes.append(f"chapter {number} was not read: {error}")
    extract = parts.finish()
    extract.note = "; ".join(notes[:5])
    _about(extract, package)
    return extract


def _chapters(package: Any, folder: str) -> list[str]:
    """Their files, by the spine; a table of contents tells nothing and is no chapter."""
    files, order = {}, []
    for element in package.iter():
        if name(element) == "item" and attribute(element, "media-type") in TEXTUAL:
            if "nav" in attribute(element, "properties").split():
                continue
            href = posixpath.join(folder, unquote(attribute(element, "href")))
            files[attribute(element, "id")] = posixpath.normpath(href)
        elif name(element) == "itemref":
            order.append(attribute(element, "idref"))
    return [files[id] for id in order if id in files]


def _chapter(content: bytes) -> Extract:
    found = html.read(content)
    found.lines = [(block.start, number) for number, block in enumerate(found.blocks, 1)]
    return found


def _about(extract: Extract, package: Any) -> None:
    for element in package.iter():
        value = " ".join((element.text or "").split())
        match name(element):
            case "title" if not extract.title:
                extract.title = value
            case "creator" if value:
                extract.author = ", ".join(filter(None, (extract.author, value)))
            case "subject" if value:
                extract.tags.append(value)
            case "date" if not extract.date:
                extract.date = date_of_text(value)
