"""Copies of pages in the project: readable, searched and quoted like any document, beside the bytes as they came."""

import hashlib
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from agentflow.context import Context
from agentflow.corpus.blocks import Extract
from agentflow.corpus.embedding import embed_pending
from agentflow.corpus.lock import writer_turn
from agentflow.corpus.origins import Origin, origins_of, remember
from agentflow.corpus.parser import Parser
from agentflow.corpus.prepare import prepare
from agentflow.corpus.readers import Format, format_of
from agentflow.corpus.readers.unreadable import Unreadable
from agentflow.corpus.write import store_document
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
class Kept:
    """`new` is false where the page still says what an earlier copy of it says."""

    origin: Origin
    new: bool


async def keep(context: Context, page: Page, asked: str) -> Kept:
    """Stores and indexes a page. Raises ToolFailed for what is no page or cannot be read."""
    suffix = SUFFIXES.get(page.kind, "")
    if page.status == 200 and not suffix:
        raise ToolFailed(f"{page.url} is {page.kind}, which is not read", "name a page of text or a PDF")
    if suffix == ".pdf" and page.cut:
        raise ToolFailed(f"{page.url} is longer than the limit for one page", "raise `size` under `web:` in tools.yaml")
    sha256 = hashlib.sha256(page.body).hexdigest()
    retrieved = time.strftime(READ, time.gmtime())
    async with Parser() as parser:
        try:
            extract = await parser.read(WEBPAGE if suffix == ".html" else format_of(PurePath(f"x{suffix}")), _utf8(page))
        except Unreadable as error:
            extract = Extract("")
            reason = str(error)
        else:
            reason = ""
        if told := trouble(page, len(extract.text.split())) or reason:
            raise ToolFailed(f"{page.url} {told}", "nothing rests on it; open it in a browser to see for yourself")
        copy = to_copy(extract, url=page.url, retrieved=retrieved, sha256=sha256).encode() if suffix == ".html" else page.body
        path = _path(context.project.state / FOLDER, page.url, extract.text, suffix)
        origin = Origin(context.corpus.stored_path(path), page.url, asked, retrieved, sha256)
        async with writer_turn(context.corpus.path, context.sink):
            if known := origins_of(context.corpus, [origin.path]).get(origin.path):
                remember(context.corpus, replace(origin, sha256=known.sha256))
                return Kept(replace(origin, sha256=known.sha256), new=False)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(path, copy)
            if suffix == ".html":
                write_whole(path.with_suffix(".received"), page.body)
            await _index(context, parser, path, copy, extract.date)
            remember(context.corpus, origin)
            await _embed(context)
    return Kept(origin, new=True)


async def _index(context: Context, parser: Parser, path: Path, copy: bytes, date: str) -> None:
    """`date` is the page's own; the day it was fetched says nothing about what it tells."""
    form, stored = format_of(path), context.corpus.stored_path(path)
    try:
        prepared = prepare(await parser.read(form, copy), PurePath(stored), time.time())
    except Unreadable as error:
        raise ToolFailed(f"the copy of a page cannot be read: {error}", "open the page in a browser") from None
    size = len(copy)
    store_document(
        context.corpus, stored, form.kind, hashlib.sha256(copy).hexdigest(), size, replace(prepared, date=date)
    )


async def _embed(context: Context) -> None:
    """Vectors for its passages where the documents have them too."""
    embedder, corpus = context.embedder, context.corpus
    if embedder is not None and corpus.embedder == embedder.name:
        await embed_pending(corpus, embedder, context.sink)


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
