"""Brave Search by key: https://api-dashboard.search.brave.com/app/documentation/web-search."""

from typing import Any
from urllib.parse import urlencode

from agentflow.web.engines import SearchReply, SearchRequest, WebHit, day, plain_text

URL = "https://api.search.brave.com/res/v1"
KEY = True
HINTS = {401: "check the key", 403: "check the key and what its plan allows", 422: "check the key and the query"}


def request(base: str, query: str, results: int, key: str) -> SearchRequest:
    return SearchRequest(
        f"{base}/web/search?{urlencode({'q': query, 'count': results})}",
        {"Accept": "application/json", "X-Subscription-Token": key},
    )


def read(data: Any) -> SearchReply:
    """An answer without web results has no `web` at all."""
    hits = [
        WebHit(plain_text(item["title"]), item["url"], plain_text(item.get("description")), day(item.get("page_age")))
        for item in data.get("web", {}).get("results", [])
    ]
    return SearchReply(hits, [])
