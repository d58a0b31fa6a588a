"""SearXNG, a metasearch engine that a person runs themself: https://docs.searxng.org/dev/search_api.html."""

from typing import Any
from urllib.parse import urlencode

from agentflow.web.engines import SearchReply, SearchRequest, WebHit, day, plain_text

URL = ""
KEY = False
HINTS = {403: "allow JSON in SearXNG's settings.yml: `search: {formats: [html, json]}`"}


def request(base: str, query: str, results: int, key: str) -> SearchRequest:
    """The interface takes no number of results: one page of about 20 comes."""
    return SearchRequest(f"{base}/search?{urlencode({'q': query, 'format': 'json'})}", {"Accept": "application/json"})


def read(data: Any) -> SearchReply:
    """`unresponsive_engines` pairs an engine with its reason: CAPTCHA, too many requests, timeout."""
    hits = [
        WebHit(
            plain_text(item.get("title")), item["url"], plain_text(item.get("content")), day(item.get("publishedDate"))
        )
        for item in data["results"]
    ]
    return SearchReply(hits, [": ".join(map(str, pair)) for pair in data.get("unresponsive_engines", [])])
