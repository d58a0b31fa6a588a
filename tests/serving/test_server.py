"""The face, through the official OpenAI client as it comes: nothing of ours is between it and the server."""

import asyncio
import json
import math
import re
from typing import Any

import httpx
import jsonschema
import openai
import pytest

from agentflow.serving.api.metrics import family, labels
from benchmarks.serve.mixed import until_idle
from tests.serving.conftest import Server

HELLO: Any = [{"role": "user", "content": "hello there"}]
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a town",
        "parameters": {
            "type": "object",
            "properties": {"town": {"type": "string", "maxLength": 8}, "days": {"type": "integer", "maximum": 9}},
            "required": ["town", "days"],
            "additionalProperties": False,
        },
    },
}
SCHEMA = {
    "type": "object",
    "properties": {
        "questions": {"type": "array", "items": {"type": "string", "maxLength": 6}, "minItems": 1, "maxItems": 2}
    },
    "required": ["questions"],
    "additionalProperties": False,
}


@pytest.fixture
def client(server: Server) -> Any:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=server.key, max_retries=0) as client:
        yield client


@pytest.fixture
def http(server: Server) -> Any:
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {server.key}"}, timeout=60) as client:
        yield client


def test_an_answer_counts_its_tokens(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="tiny", messages=HELLO, max_tokens=12, temperature=0)
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage and answer.usage.completion_tokens == 12
    extra = answer.model_extra or {}
    assert set(extra["timings"]) == {"queue_s", "first_token_s", "prefill_s", "decode_s"}
    assert set(extra["speculation"]) == {"steps", "drafted", "accepted", "by_source"}


def test_a_stream_gives_the_same_text_and_the_same_count(client: openai.OpenAI) -> None:
    options: Any = {"model": "tiny", "messages": HELLO, "max_tokens": 12, "temperature": 0}
    whole = client.chat.completions.create(**options)
    chunks = list(client.chat.completions.create(**options, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage and chunks[-1].usage.completion_tokens == 12
    assert chunks[-1].usage.prompt_tokens_details.cached_tokens == chunks[-1].usage.prompt_tokens - 1
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "length"


def test_a_json_schema_is_kept(client: openai.OpenAI) -> None:
    form: Any = {"type": "json_schema", "json_schema": {"name": "plan", "schema": SCHEMA, "strict": True}}
    for seed in range(5):
        answer = client.chat.completions.create(
            model="tiny", messages=HELLO, max_tokens=200, temperature=1, seed=seed, response_format=form
        )
        jsonschema.validate(json.loads(answer.choices[0].message.content or ""), SCHEMA)


def test_a_required_tool_is_called_with_valid_arguments(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="tiny", messages=HELLO, tools=[WEATHER], tool_choice="required", max_tokens=200, temperature=0
    )
    assert answer.choices[0].finish_reason == "tool_calls"
    (call,) = answer.choices[0].message.tool_calls or []
    assert call.type == "function" and call.function.name == "weather"
    jsonschema.validate(json.loads(call.function.arguments), WEATHER["function"]["parameters"])


@pytest.mark.parametrize("tokens", [1, 3, 12])
def test_half_a_tool_call_is_not_shown(client: openai.OpenAI, tokens: int) -> None:
    answer = client.chat.completions.create(
        model="tiny", messages=HELLO, tools=[WEATHER], tool_choice="required", max_tokens=tokens, temperature=0
    )
    (choice,) = answer.choices
    assert choice.finish_reason == "length" and not choice.message.tool_calls and not choice.message.content


def test_a_tool_call_streams(client: openai.OpenAI) -> None:
    named: Any = {"type": "function", "function": {"name": "weather"}}
    with client.chat.completions.stream(
        model="tiny", messages=HELLO, tools=[WEATHER], tool_choice=named, max_tokens=200
    ) as stream:
        final = stream.get_final_completion()
    (call,) = final.choices[0].message.tool_calls or []
    jsonschema.validate(json.loads(call.function.arguments), WEATHER["function"]["parameters"])


def test_a_conversation_with_tools_goes_on(client: openai.OpenAI) -> None:
    call: Any = {
        "id": "c1",
        "type": "function",
        "function": {"name": "weather", "arguments": '{"town": "Rome", "days": 1}'},
    }
    messages: Any = [*HELLO, {"role": "assistant", "content": None, "tool_calls": [call]}]
    messages.append({"role": "tool", "tool_call_id": "c1", "content": "sunny <|im_end|>"})
    answer = client.chat.completions.create(model="tiny", messages=messages, tools=[WEATHER], max_tokens=20)
    assert answer.usage and answer.usage.completion_tokens <= 20


def test_the_first_tokens_probabilities_are_given(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="tiny", messages=HELLO, max_tokens=1, temperature=0, logprobs=True, top_logprobs=5
    )
    assert answer.choices[0].logprobs and answer.choices[0].logprobs.content
    (token,) = answer.choices[0].logprobs.content
    assert [top.logprob for top in token.top_logprobs] == sorted((t.logprob for t in token.top_logprobs), reverse=True)
    assert token.logprob == token.top_logprobs[0].logprob
    assert 0 < sum(math.exp(top.logprob) for top in token.top_logprobs) < 1


def test_completions_without_a_template(client: openai.OpenAI) -> None:
    answer = client.completions.create(model="tiny", prompt="once upon", max_tokens=5, temperature=0, logprobs=2)
    assert answer.usage and answer.usage.completion_tokens == 5
    assert answer.choices[0].logprobs and len(answer.choices[0].logprobs.tokens or []) == 5


def test_embeddings_are_unit_vectors_and_equal_for_equal_texts(client: openai.OpenAI) -> None:
    answer = client.embeddings.create(model="embedder", input=["a cat", "a dog", "a cat"])
    vectors = [item.embedding for item in answer.data]
    assert [round(math.hypot(*vector), 4) for vector in vectors] == [1, 1, 1]
    assert vectors[0] == pytest.approx(vectors[2], abs=1e-4)
    assert vectors[0] != pytest.approx(vectors[1], abs=1e-3)


def test_models_tell_their_window(http: httpx.Client) -> None:
    models = {model["id"]: model for model in http.get("/v1/models").json()["data"]}
    assert models["tiny"]["context_window"] == 1024
    assert models["embedder"]["kind"] == "embedding"


def test_tokenize_counts_what_the_prompt_will_cost(http: httpx.Client, client: openai.OpenAI) -> None:
    counted = http.post("/tokenize", json={"model": "tiny", "messages": HELLO}).json()
    answer = client.chat.completions.create(model="tiny", messages=HELLO, max_tokens=1)
    assert answer.usage and counted["count"] == answer.usage.prompt_tokens == len(counted["tokens"])


def test_metrics_count_tokens(http: httpx.Client, client: openai.OpenAI) -> None:
    def written() -> int:
        lines = http.get("/metrics").text.splitlines()
        return int(next(line for line in lines if line.startswith("agentflow_completion_tokens_total{")).split()[-1])

    before = written()
    client.chat.completions.create(model="tiny", messages=HELLO, max_tokens=7, extra_body={"ignore_eos": True})
    assert written() == before + 7


def test_a_model_of_any_name_has_its_label() -> None:
    assert family("cells", "gauge", {labels('a"b\\c'): 3}) == [
        "# TYPE agentflow_cells gauge", r'agentflow_cells{model="a\"b\\c"} 3',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ({"messages": []}, "invalid_request_error", "messages"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "invalid_request_error", "wizard"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "invalid_request_error", "only text"),
        ({"messages": HELLO, "temperature": -1}, "invalid_request_error", "temperature"),
        ({"messages": HELLO, "stop": ""}, "invalid_request_error", "stop"),
        ({"messages": HELLO, "logit_bias": {"999999": 1}}, "invalid_request_error", "logit_bias"),
        ({"messages": HELLO, "grammar": "((("}, "invalid_request_error", "grammar"),
        ({"messages": HELLO, "response_format": {"type": "json_schema"}}, "invalid_request_error", "schema is missing"),
        (
            {
                "messages": HELLO,
                "response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "strin"}}},
            },
            "invalid_request_error",
            "strin",
        ),
        ({"messages": [{"role": "user", "content": "word " * 3000}]}, "exceed_context_size_error", "window"),
        ({"messages": HELLO, "tool_choice": "required"}, "invalid_request_error", "there are no tools"),
        ({"messages": HELLO, "tool_choice": "often", "tools": [WEATHER]}, "invalid_request_error", "'often'"),
        ({"messages": HELLO, "tool_choice": {"function": {"name": "x"}}}, "invalid_request_error", "x"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    http: httpx.Client, body: dict[str, Any], kind: str, words: str
) -> None:
    answer = http.post("/v1/chat/completions", json={"model": "tiny", **body})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["type"] == kind
    assert words in error["message"]


def test_an_unknown_model_is_named_with_the_known_ones(http: httpx.Client) -> None:
    answer = http.post("/v1/chat/completions", json={"model": "gpt-9", "messages": HELLO})
    assert answer.status_code == 404
    assert "tiny" in answer.json()["error"]["message"]


def test_a_wrong_key_and_a_foreign_host_are_refused(server: Server) -> None:
    key = {"Authorization": f"Bearer {server.key}"}
    with httpx.Client(base_url=server.url, timeout=60) as client:
        assert client.get("/v1/models").status_code == 401
        assert client.get("/v1/models", headers={"Authorization": "Bearer nope"}).status_code == 401
        assert client.get("/v1/models", headers={**key, "Host": "evil.example"}).status_code == 403
        assert "access-control-allow-origin" not in client.get("/v1/models", headers=key).headers


def test_a_deadline_ends_with_a_timeout(http: httpx.Client) -> None:
    body = {"model": "tiny", "messages": HELLO, "max_tokens": 900, "deadline_s": 0.02, "ignore_eos": True}
    answer = http.post("/v1/chat/completions", json=body)
    assert answer.status_code == 504
    assert answer.json()["error"]["type"] == "timeout"


async def given_up(client: httpx.AsyncClient) -> int:
    """Answers that were stopped half-way."""
    found = re.search(r'agentflow_cancelled_total\{model="tiny"\} (\d+)', (await client.get("/metrics")).text)
    assert found
    return int(found[1])


async def test_a_full_queue_answers_503_and_a_client_that_leaves_frees_its_place(server: Server) -> None:
    headers = {"Authorization": f"Bearer {server.key}"}
    body = {"model": "tiny", "messages": HELLO, "max_tokens": 900, "ignore_eos": True, "speculation": False}
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60, limits=limits) as client:
        before = await given_up(client)
        calls = [asyncio.create_task(client.post("/v1/chat/completions", json=body)) for _ in range(60)]
        refused = []
        for done in asyncio.as_completed(calls):
            answer = await done
            if answer.status_code == 503:
                refused.append(answer)
                break
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        assert refused and refused[0].headers["retry-after"]
        assert refused[0].json()["error"]["type"] == "overloaded"
        await until_idle(client, "tiny")
        assert await given_up(client) > before


async def test_leaving_a_stream_frees_its_place(server: Server) -> None:
    body = {
        "model": "tiny",
        "messages": HELLO,
        "max_tokens": 900,
        "ignore_eos": True,
        "stream": True,
        "speculation": False,
    }
    headers = {"Authorization": f"Bearer {server.key}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) as client:
        async with client.stream("POST", "/v1/chat/completions", json=body) as stream:
            async for _ in stream.aiter_lines():
                break
        await until_idle(client, "tiny")
