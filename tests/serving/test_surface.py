"""OpenAI's surface beyond one plain answer, through its own client."""

import json
from typing import Any

import httpx
import jsonschema
import openai
import pytest

from tests.serving.conftest import Server
from tests.serving.test_server import HELLO, SCHEMA, WEATHER

CITY: Any = {"type": "function", "name": "weather", "parameters": WEATHER["function"]["parameters"]}


@pytest.fixture
def client(server: Server) -> Any:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=server.key, max_retries=0) as client:
        yield client


@pytest.fixture
def http(server: Server) -> Any:
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {server.key}"}, timeout=60) as client:
        yield client


def test_choices_differ_and_repeat_with_the_seed(client: openai.OpenAI) -> None:
    def texts() -> list[str]:
        answer = client.chat.completions.create(
            model="tiny", messages=HELLO, n=3, seed=5, temperature=1, max_tokens=6, extra_body={"ignore_eos": True}
        )
        assert [choice.index for choice in answer.choices] == [0, 1, 2]
        assert answer.usage and answer.usage.completion_tokens == 18
        return [choice.message.content or "" for choice in answer.choices]

    texts()  # afterwards each finds the same prefix in the cache
    first = texts()
    assert len(set(first)) == 3
    assert texts() == first


def test_choices_of_a_stream_are_told_apart(client: openai.OpenAI) -> None:
    chunks = client.chat.completions.create(
        model="tiny", messages=HELLO, n=2, max_tokens=5, stream=True, stream_options={"include_usage": True}, seed=1
    )
    reasons, usages = {}, []
    for chunk in chunks:
        usages.append(chunk.usage)
        for choice in chunk.choices:
            if choice.finish_reason:
                reasons[choice.index] = choice.finish_reason
    assert sorted(reasons) == [0, 1]
    assert [usage is not None for usage in usages] == [False] * (len(usages) - 1) + [True]


def test_every_prompt_of_a_completion_is_answered(client: openai.OpenAI) -> None:
    answer = client.completions.create(model="tiny", prompt=["once", "upon a", "time"], n=2, max_tokens=3, echo=True)
    assert [choice.index for choice in answer.choices] == list(range(6))
    assert [choice.text[:4] for choice in answer.choices] == ["once", "once", "upon", "upon", "time", "time"]
    alone = [client.completions.create(model="tiny", prompt=p, max_tokens=1).usage for p in ("once", "upon a", "time")]
    assert answer.usage and answer.usage.prompt_tokens == sum(usage.prompt_tokens for usage in alone if usage)


def test_more_choices_than_the_queue_takes_are_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="at most 16"):
        client.chat.completions.create(model="tiny", messages=HELLO, n=17, max_tokens=1)


def test_null_fields_are_fields_that_are_not_there(http: httpx.Client) -> None:
    names = ["model", "stop", "seed", "tools", "tool_choice", "stream", "n", "logit_bias", "temperature", "grammar"]
    body = {"messages": HELLO, "max_tokens": 3, **dict.fromkeys(names)}
    assert http.post("/v1/chat/completions", json=body).status_code == 200


@pytest.mark.parametrize("bias", [{"7": -100}, [[7, -100]], {"7": False}, [[7, False]]])
def test_a_bias_keeps_a_token_out(http: httpx.Client, bias: Any) -> None:
    grammar = {"prompt": [7, 8, 9], "max_tokens": 1, "temperature": 0, "logit_bias": {"7": 100}}
    body = {"model": "tiny", "prompt": [7, 8, 9], "max_tokens": 1, "temperature": 0, "logprobs": 1}
    forced = http.post("/v1/completions", json={**body, **grammar}).json()["choices"][0]["logprobs"]["content"][0]["id"]
    free = http.post("/v1/completions", json={**body, "logit_bias": bias}).json()["choices"][0]["logprobs"]["content"]
    assert forced == 7 != free[0]["id"]


def test_the_probabilities_spell_the_answer(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="tiny", messages=HELLO, max_tokens=8, temperature=0, logprobs=True, top_logprobs=3
    )
    scores = answer.choices[0].logprobs
    assert scores and scores.content
    spelt = b"".join(bytes(token.bytes or []) for token in scores.content)
    assert spelt.decode("utf-8", "replace") == answer.choices[0].message.content
    streamed = client.chat.completions.create(
        model="tiny", messages=HELLO, max_tokens=8, temperature=0, logprobs=True, top_logprobs=3, stream=True
    )
    pieces = [c.choices[0].logprobs for c in streamed if c.choices and not c.choices[0].delta.role]
    assert [t.token for piece in pieces if piece for t in piece.content or []] == [t.token for t in scores.content]


def test_an_answer_goes_on_in_the_assistants_message(http: httpx.Client) -> None:
    begun = [*HELLO, {"role": "assistant", "content": "Once upon"}]
    body = {"model": "tiny", "max_tokens": 1, "messages": begun, "continue_final_message": True}
    fresh = http.post("/v1/chat/completions", json={"model": "tiny", "max_tokens": 1, "messages": HELLO}).json()
    tokens = http.post("/tokenize", json={"model": "tiny", "content": "Once upon"}).json()["count"]
    prompt = http.post("/v1/chat/completions", json=body).json()["usage"]["prompt_tokens"]
    assert prompt == fresh["usage"]["prompt_tokens"] + tokens
    refused = http.post("/v1/chat/completions", json={**body, "add_generation_prompt": True})
    assert refused.status_code == 400 and "exclude" in refused.json()["error"]["message"]
    assert http.post("/v1/chat/completions", json={**body, "messages": HELLO}).status_code == 400


def test_a_prompt_that_is_too_long_tells_its_length(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(
            model="tiny", messages=[{"role": "user", "content": "word " * 3000}], stream=True
        )
    assert refused.value.code == "context_length_exceeded"
    error: Any = refused.value.body
    assert error["n_ctx"] == 1024 < error["n_prompt_tokens"]


def test_errors_name_the_field(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="tiny", messages=HELLO, temperature=-1)
    assert (refused.value.type, refused.value.param) == ("invalid_request_error", "temperature")
    with pytest.raises(openai.BadRequestError, match="'tiny' is a chat model"):
        client.embeddings.create(model="tiny", input="x")
    with pytest.raises(openai.BadRequestError, match="'embedder' is an embedding model; for this request: tiny"):
        client.chat.completions.create(model="embedder", messages=HELLO)
    with pytest.raises(openai.NotFoundError) as unknown:
        client.embeddings.create(model="huge", input="x")
    assert unknown.value.code == "model_not_found"


def test_a_model_is_found_by_its_name_and_its_alias(client: openai.OpenAI) -> None:
    assert client.models.retrieve("tiny").id == "tiny"
    assert client.models.retrieve("gpt-4o-mini").id == "tiny"
    assert client.chat.completions.create(model="gpt-4o-mini", messages=HELLO, max_tokens=1).model == "tiny"
    assert len(client.models.list().data) == 2
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-9")


def test_tokens_come_back_as_text(http: httpx.Client) -> None:
    tokens = http.post("/tokenize", json={"content": "hello thére 🙂"}).json()["tokens"]
    assert http.post("/detokenize", json={"tokens": tokens}).json()["content"].strip() == "hello thére 🙂"
    pieces = http.post("/tokenize", json={"content": "hello", "with_pieces": True}).json()["tokens"]
    assert "".join(piece["piece"] for piece in pieces) == "hello"
    assert http.post("/detokenize", json={"tokens": [10**9]}).status_code == 400
    assert http.post("/tokenize", json={}).status_code == 400


def test_embeddings_take_texts_and_tokens_together(http: httpx.Client) -> None:
    tokens = http.post("/tokenize", json={"model": "embedder", "content": "a cat"}).json()["tokens"]
    answer = http.post("/v1/embeddings", json={"model": "embedder", "input": ["a cat", tokens]}).json()
    assert answer["data"][0]["embedding"] == pytest.approx(answer["data"][1]["embedding"], abs=1e-4)
    assert http.post("/v1/embeddings", json={"input": "a", "dimensions": 7}).status_code == 400


# The Responses API


def test_a_response_counts_and_ends_as_incomplete(client: openai.OpenAI) -> None:
    answer = client.responses.create(model="tiny", input="hello there", instructions="Be brief", max_output_tokens=6)
    assert answer.output_text and answer.output[0].type == "message"
    assert answer.status == "incomplete" and answer.incomplete_details
    assert answer.incomplete_details.reason == "max_output_tokens"
    assert answer.usage and answer.usage.output_tokens == 6
    counted = client.responses.input_tokens.count(model="tiny", input="hello there", instructions="Be brief")
    assert counted.input_tokens == answer.usage.input_tokens


def test_a_response_streams_its_items(client: openai.OpenAI) -> None:
    whole = client.responses.create(model="tiny", input="hello there", max_output_tokens=6, temperature=0)
    with client.responses.stream(model="tiny", input="hello there", max_output_tokens=6, temperature=0) as stream:
        events = list(stream)
    assert [event.type for event in events[:2]] == ["response.created", "response.in_progress"]
    assert events[-1].type == "response.incomplete"
    assert events[-1].response.output_text == whole.output_text
    numbers = [event.sequence_number for event in events]
    assert numbers == list(range(len(numbers)))


def test_a_response_keeps_its_schema(client: openai.OpenAI) -> None:
    form: Any = {"format": {"type": "json_schema", "name": "plan", "schema": SCHEMA, "strict": True}}
    answer = client.responses.create(model="tiny", input="hello", text=form, max_output_tokens=200)
    jsonschema.validate(json.loads(answer.output_text), SCHEMA)


@pytest.mark.parametrize("stream", [False, True])
def test_a_response_calls_and_goes_on(client: openai.OpenAI, stream: bool) -> None:
    options: Any = {"model": "tiny", "tools": [CITY], "max_output_tokens": 200}
    options["tool_choice"] = {"type": "function", "name": "weather"}
    if stream:
        with client.responses.stream(input="the weather?", **options) as streamed:
            answer: Any = streamed.get_final_response()
    else:
        answer = client.responses.create(input="the weather?", **options)
    (call,) = answer.output
    assert call.type == "function_call" and call.name == "weather"
    jsonschema.validate(json.loads(call.arguments), CITY["parameters"])
    history: Any = [
        {"role": "user", "content": [{"type": "input_text", "text": "the weather?"}]},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments},
        {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"},
    ]
    after = client.responses.create(model="tiny", input=history, tools=[CITY], tool_choice="none", max_output_tokens=4)
    assert after.output[0].type == "message"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"previous_response_id": "resp_1"}, "nothing is stored"),
        ({"tools": [{"type": "web_search"}]}, "web_search"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "item_reference"),
        ({"input": []}, "messages"),
    ],
)
def test_what_a_response_cannot_do_is_refused(http: httpx.Client, more: dict[str, Any], words: str) -> None:
    answer = http.post("/v1/responses", json={"input": "hello", **more})
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]
