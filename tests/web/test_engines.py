"""The engines' interfaces, by the shapes that their documentation shows."""

import json

import pytest

from agentflow.errors import AgentflowError
from agentflow.toolbox.settings import Web
from agentflow.web.engines import WebHit, brave, configured, searxng, tavily

SEARXNG = {
    "query": "tides", "number_of_results": 0, "answers": [], "corrections": [], "infoboxes": [], "suggestions": [],
    "results": [{"url": "https://example.org/tides", "title": "Tides", "content": "High &amp; low water", "engine": "brave",
                 "parsed_url": ["https", "example.org", "/tides", "", "", ""], "engines": ["brave"], "positions": [1], "score": 1.0,
                 "category": "general", "publishedDate": "2026-04-02T00:00:00"},
                {"url": "https://example.org/moon", "title": "Moon", "publishedDate": None}],
    "unresponsive_engines": [["duckduckgo", "CAPTCHA"], ["qwant", "timeout"]],
}  # fmt: skip
BRAVE = {
    "type": "search", "query": {"original": "tides", "more_results_available": True},
    "web": {"type": "search", "results": [
        {"title": "Tides", "url": "https://example.org/tides", "is_source_local": False, "description": "<strong>High</strong> water",
         "page_age": "2026-04-02T10:00:00", "language": "en", "family_friendly": True, "age": "April 2, 2026",
         "meta_url": {"scheme": "https", "netloc": "example.org", "hostname": "example.org", "path": "tides"}}]},
}  # fmt: skip
TAVILY = {
    "query": "tides", "answer": None, "images": [], "follow_up_questions": None, "response_time": 1.2, "request_id": "1",
    "results": [{"title": "Tides", "url": "https://example.org/tides", "content": "High water", "score": 0.8, "raw_content": None,
                 "published_date": "2026-04-02"}],
}  # fmt: skip


def test_searxng() -> None:
    asked = searxng.request("http://localhost:8888", "tides & moon", 10, "")
    assert asked.url == "http://localhost:8888/search?q=tides+%26+moon&format=json" and asked.body is None
    hits, troubles = searxng.read(SEARXNG)
    assert hits == [
        WebHit("Tides", "https://example.org/tides", "High & low water", "2026-04-02"), WebHit("Moon", "https://example.org/moon", "")
    ]  # fmt: skip
    assert troubles == ["duckduckgo: CAPTCHA", "qwant: timeout"]


def test_brave() -> None:
    asked = brave.request(brave.URL, "tides", 5, "secret")
    assert asked.url == "https://api.search.brave.com/res/v1/web/search?q=tides&count=5"
    assert asked.headers["X-Subscription-Token"] == "secret" and "secret" not in asked.url
    assert brave.read(BRAVE).hits == [WebHit("Tides", "https://example.org/tides", "High water", "2026-04-02")]
    assert brave.read({"type": "search", "query": {"original": "x"}}).hits == []


def test_tavily() -> None:
    asked = tavily.request(tavily.URL, "tides", 5, "tvly-secret")
    assert asked.url == "https://api.tavily.com/search" and asked.headers["Authorization"] == "Bearer tvly-secret"
    assert json.loads(asked.body or b"")["query"] == "tides" and b"secret" not in (asked.body or b"")
    assert tavily.read(TAVILY).hits == [WebHit("Tides", "https://example.org/tides", "High water", "2026-04-02")]


def test_what_is_missing_is_said_before_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    for web, told in ((None, "no search engine"), (Web(), "names no url"), (Web(engine="brave"), "names no key"),
                      (Web(engine="tavily", key="NO_SUCH_KEY"), "NO_SUCH_KEY is empty")):  # fmt: skip
        with pytest.raises(AgentflowError, match=told):
            configured(web)
    monkeypatch.setenv("NO_SUCH_KEY", "k")
    assert configured(Web(engine="tavily", key="NO_SUCH_KEY")).engine == "tavily"
