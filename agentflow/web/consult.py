"""What a research run asks of the web: its questions to the search engine, the best results read, all else told."""

import asyncio
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

from agentflow.context import Context
from agentflow.toolbox.errors import ToolFailed, ToolRefused
from agentflow.toolbox.settings import Web, load_settings
from agentflow.web.engines import address

MOST_QUERIES = 3


class Consulted(NamedTuple):
    """`pages` are stored paths of copies; `unread` pairs an address with the reason."""

    pages: list[str]
    unread: list[tuple[str, str]]


async def consult(context: Context, questions: Sequence[str]) -> Consulted:
    """Only the questions leave, as they are put here; no word of a document does. Recorded call by call."""
    web = load_settings(context.project).web or Web()
    lists: list[list[str]] = []
    for question in questions[:MOST_QUERIES]:
        try:
            found = await context.call_tool("web_search", {"query": question})
        except (ToolFailed, ToolRefused) as error:
            context.note(f"the web was not searched for {question!r}: {error.message}; {error.hint}", "warning")
            break
        context.note(f"sent to {found['engine']} ({address(web)}): {found['query']!r}, nothing else")
        if found["troubles"]:
            context.note(f"{found['engine']} could not ask all its sources: {'; '.join(found['troubles'])}", "warning")
        if not found["results"]:
            context.note(f"{found['engine']} found nothing for {found['query']!r}", "warning")
        lists.append([item["url"] for item in found["results"]])
    in_turn = filter(None, chain.from_iterable(zip_longest(*lists)))  # the first of each list, then the second of each
    urls = list(dict.fromkeys(in_turn))[: web.pages]
    told = await asyncio.gather(*(_read(context, url) for url in urls))
    pages = [page for page, _ in told if page]
    return Consulted(
        list(dict.fromkeys(pages)), [(url, reason) for url, (_, reason) in zip(urls, told, strict=True) if reason]
    )


async def _read(context: Context, url: str) -> tuple[str, str]:
    """(the copy's path, empty) or (empty, why there is none)."""
    try:
        page = await context.call_tool("read_page", {"url": url, "words": 0})
    except (ToolFailed, ToolRefused) as error:
        return "", error.message.removeprefix(f"{url} ")
    return page["path"], ""
