"""Tavily by key: https://docs.tavily.com/documentation/api-reference/endpoint/search."""

import json
from typing import Any

from agentflow.web.engines import SearchReply, SearchRequest, WebHit, day, plain_text

URL = "https://api.tavily.com"
KEY = True
HINTS = {
    401: "check the key",
    403: "check the url",
    432: "the key's plan is used up",
    433: "the key's limit is used up",
}


def request(base: str, query: str, results: int, key: str) -> SearchRequest:
    """Asks for results alone: no answer of its model, no pages."""
    body = {"query": query, "max_results": results, "search_depth": "basic", "include_answer": False}
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return SearchRequest(f"{base}/search", headers, json.dumps(body).encode())


def read(data: Any) -> SearchReply:
    hits = [
        WebHit(plain_text(item["title"]), item["url"], plain_text(item.get("content")), day(item.get("published_date")))
        for item in data["results"]
    ]
    return SearchReply(hits, [])
