"""The limit of thinking, on a model that would never stop by itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agentflow.serving.backend.llama_model import LlamaModel
from agentflow.serving.engine.thinking import ThinkingLimit
from tests.serving.conftest import start_server
from tests.serving.test_server import SCHEMA

OPENS = "{{ messages[0].content }}{% if enable_thinking is not defined or enable_thinking %}<think>\n{% endif %}"


@pytest.fixture(scope="module")
def http(gguf: Path) -> Iterator[httpx.Client]:
    model = {"name": "tiny", "path": str(gguf), "context": 1024, "parallel": 4, "chat_template": OPENS}
    running = start_server({"api_key": "secret", "models": [model]})
    with httpx.Client(base_url=running.url, headers={"Authorization": "Bearer secret"}, timeout=60) as client:
        yield client
    running.process.terminate()
    assert running.process.wait(timeout=120) == 0


def answer(http: httpx.Client, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The message, and the usage."""
    body = {"model": "tiny", "messages": [{"role": "user", "content": "how many?"}], "temperature": 0, **more}
    found = http.post("/v1/chat/completions", json=body).json()
    return found["choices"][0]["message"], found["usage"]


def test_thinking_ends_at_its_limit_and_the_answer_follows(http: httpx.Client) -> None:
    message, used = answer(http, max_thinking=6, max_tokens=40, ignore_eos=True)
    free, _ = answer(http, max_tokens=40, ignore_eos=True)
    assert not free["content"], "left alone it thinks to the end"
    assert free["reasoning_content"].startswith(message["reasoning_content"].strip())
    assert 0 < len(message["reasoning_content"]) < len(free["reasoning_content"])
    assert message["content"]
    assert used["completion_tokens"] == 40


@pytest.mark.parametrize("limit", [0, 6])
def test_a_schema_holds_for_what_follows(http: httpx.Client, limit: int) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    message, _ = answer(http, max_thinking=limit, max_tokens=200, response_format=form)
    assert set(json.loads(message["content"])) == {"questions"}
    assert bool(message["reasoning_content"].strip() if limit else not message.get("reasoning_content", "").strip())


def test_a_model_says_whether_it_can_think(http: httpx.Client) -> None:
    assert http.get("/v1/models").json()["data"][0]["thinks"] is True


def test_the_states_of_a_limit(weights: LlamaModel) -> None:
    plain = ThinkingLimit.of(2, weights.vocab, inside=False)
    plain.wrote(1, "Hel")
    assert (plain.state, plain.forced()) == ("answer", None)
    opened = ThinkingLimit.of(2, weights.vocab, inside=False)
    for piece in ("\n<th", "ink>", "a", "b"):
        assert opened.forced() is None
        opened.wrote(1, piece)
    closing = list(opened.closing)
    for token in closing:
        assert opened.forced() == token
        opened.wrote(token, "")
    assert (opened.state, opened.forced()) == ("answer", None)
    done = ThinkingLimit.of(9, weights.vocab, inside=True)
    for piece in ("a </thi", "nk> b"):
        done.wrote(1, piece)
    assert done.state == "answer"
