"""Copies of pages in the project: readable, searched and quoted like any document, beside the bytes as they came."""

import hashlib
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from agentflow.context import Context
from agentflow.corpus.blocks import Extract
from agentflow.corpus.ingest.embedding import embed_pending
from agentflow.corpus.ingest.intake import Intake
from agentflow.corpus.ingest.lock import writer_turn
from agentflow.corpus.ingest.write import store_document
from agentflow.corpus.origins import Origin, origins_of, remember
from agentflow.corpus.parsing.prepare import prepare
from agentflow.corpus.readers import Format, format_of
from agentflow.corpus.readers.unreadable import Unreadable
from agentflow.storage.files import write_whole
from agentflow.toolbox.errors import ToolFailed
from agentflow.toolbox.network import Page
from agentflow.web.blocked import trouble
from agentflow.web.copy import to_copy

FOLDER = "web"  # in the project's state
WEBPAGE = Format("html", "webpage", binary=True, guarded=True)
SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/json": ".json",
    "text/csv": ".csv",
}
READ = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class PageCopy:
    """`new` is false where the page still says what an earlier copy of it says."""

    origin: Origin
    new: bool


async def keep(context: Context, page: Page, asked: str) -> PageCopy:
    """Stores and indexes a page. Raises ToolFailed for what is no page or cannot be read."""
    assert context.intake is not None
    async with context.intake.turn:
        return await _keep(context, context.intake, page, asked)


async def _keep(context: Context, intake: Intake, page: Page, asked: str) -> PageCopy:
    suffix = SUFFIXES.get(page.kind, "")
    if page.status == 200 and not suffix:
        raise ToolFailed(f"{page.url} is {page.kind}, which is not read", "name a page of text or a PDF")
    if suffix == ".pdf" and page.cut:
        raise ToolFailed(f"{page.url} is longer than the limit for one page", "raise `size` under `web:` in tools.yaml")
    extract = await _main_text(intake, page, suffix)
    sha256, retrieved = hashlib.sha256(page.body).hexdigest(), time.strftime(READ, time.gmtime())
    path = _path(context.project.state / FOLDER, page.url, extract.text, suffix)
    origin = Origin(context.corpus.stored_path(path), page.url, asked, retrieved, sha256)
    async with writer_turn(context.corpus.path, context.emit):
        if known := origins_of(context.corpus, [origin.path]).get(origin.path):
            origin = replace(origin, sha256=known.sha256)
            remember(context.corpus, origin)
            return PageCopy(origin, new=False)
        copy = to_copy(extract, page.url, retrieved, sha256).encode() if suffix == ".html" else page.body
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, copy)
        if suffix == ".html":
            write_whole(path.with_suffix(".received"), page.body)
        await _index(context, intake, path, copy, extract.date)
        remember(context.corpus, origin)
    return PageCopy(origin, new=True)


async def _main_text(intake: Intake, page: Page, suffix: str) -> Extract:
    """Raises ToolFailed for a CAPTCHA and the like, which are no page."""
    form = WEBPAGE if suffix == ".html" else format_of(PurePath(f"page{suffix}"))
    reason, extract = "", Extract("")
    try:
        extract = await intake.parser.read(form, _utf8(page))
    except Unreadable as error:
        reason = f"cannot be read: {error}"
    if told := trouble(page, len(extract.text.split())) or reason:
        raise ToolFailed(f"{page.url} {told}", "nothing rests on it; open it in a browser to see for yourself")
    return extract


async def _index(context: Context, intake: Intake, path: Path, copy: bytes, date: str) -> None:
    """`date` is the page's own: the day it was fetched says nothing about what it tells. Its passages get vectors where
    those of the documents have them."""
    form, corpus = format_of(path), context.corpus
    stored = corpus.stored_path(path)
    try:
        prepared = prepare(await intake.parser.read(form, copy), PurePath(stored), time.time())
    except Unreadable as error:
        raise ToolFailed(f"the copy of a page cannot be read: {error}", "open the page in a browser") from None
    sha256 = hashlib.sha256(copy).hexdigest()
    store_document(corpus, stored, form.kind, sha256, len(copy), replace(prepared, date=date))
    if corpus.embedder == intake.embedder.name:
        await embed_pending(corpus, intake.embedder, context.emit)


def _path(folder: Path, url: str, text: str, suffix: str) -> Path:
    """Readable, and another one when the page's text has changed."""
    parts = urlsplit(url)
    name = re.sub(r"[^A-Za-z0-9]+", "-", f"{parts.path} {parts.query}").strip("-")[:60].strip("-") or "page"
    mark = hashlib.sha256(f"{url}\0{text}".encode("utf-8", "replace")).hexdigest()[:8]
    return folder / re.sub(r"[^a-z0-9.-]", "_", parts.netloc.lower()) / f"{name}-{mark}{suffix}"


def _utf8(page: Page) -> bytes:
    """A page in the encoding that its header names, as UTF-8; its own word on that counts less (HTML standard)."""
    found = re.search(r"charset=[\"']?([\w.:-]+)", page.headers.get("content-type", ""), re.IGNORECASE)
    if page.kind == "application/pdf" or not found or found[1].lower() in ("utf-8", "utf8"):
        return page.body
    try:
        return page.body.decode(found[1]).encode()
    except (LookupError, UnicodeError):
        return page.body
