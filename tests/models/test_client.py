"""The client against servers that misbehave: typed failures, retries only before the first token, no silent cuts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from agentflow.errors import ContextOverflow, Overloaded, Unavailable
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.capabilities import Capabilities, Kind
from agentflow.models.client.client import Client
from agentflow.models.client.completion import complete
from agentflow.models.client.errors import ModelError
from agentflow.models.client.openai_request import body
from agentflow.models.client.types import (
    Done,
    Failure,
    Message,
    ModelEvent,
    Reasoning,
    Request,
    Sampling,
    Text,
    Timing,
    ToolCall,
)
from agentflow.models.servers.endpoint import Remote
from agentflow.models.smoke_test import COLOUR, WEATHER
from agentflow.usage import Usage

from .fakes import DONE, Ollama, application, delta, serving, sse, usage

HELLO = Request((Message("user", "hello"),), max_tokens=8)


def stream(*chunks: Any) -> Response:
    return StreamingResponse(sse(*chunks), media_type="text/event-stream")


class Script:
    """Answers with each response in turn, the last one for good; `bodies` are what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, body: dict[str, Any]) -> Response:
        self.bodies.append(body)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        response: Response = answer if isinstance(answer, Response) else answer()
        return response


@asynccontextmanager
async def asking(script: Any, models: list[dict[str, Any]] | None = None, **more: Any) -> AsyncIterator[Client]:
    async with serving(application(script, models=models)) as url:
        config = ModelConfig.model_validate({"name": "m", "backend": "endpoint", "url": url, **more})
        client = Client(config, Remote(config, config.url[0]))
        yield client
        await client.close()


async def events_of(client: Client, request: Request = HELLO) -> list[ModelEvent]:
    return [event async for event in client.generate(request)]


def good() -> Response:
    return stream(delta(content="hi"), delta("stop"), usage(5, 1), DONE)


def busy(code: int = 503) -> Response:
    return JSONResponse({"error": {"message": "queue full", "type": "overloaded"}}, code, {"Retry-After": "0"})


@pytest.mark.parametrize("code", [429, 503])
async def test_a_full_queue_is_tried_again_before_the_first_token(code: int) -> None:
    script = Script(busy(code), busy(code), good)
    async with asking(script) as client:
        events = await events_of(client)
    assert events[0] == Text("hi")
    assert len(script.bodies) == 3


async def test_a_queue_that_stays_full_is_overloaded_after_the_deadline() -> None:
    async with asking(Script(good, busy)) as client:
        await events_of(client)  # loads its library, which takes seconds on a busy machine
        with pytest.raises(Overloaded, match="queue full"):
            await complete(client, Request(HELLO.messages, deadline=5.0))


async def test_a_last_try_that_the_deadline_cuts_off_is_told_as_the_full_queue_before_it() -> None:
    script = Script(good, busy, lambda: stream(5.0, delta(content="late")))
    async with asking(script) as client:
        await events_of(client)
        with pytest.raises(Overloaded, match="queue full"):
            await complete(client, Request(HELLO.messages, deadline=2.0))


async def test_a_server_error_is_a_retryable_failure_and_not_repeated() -> None:
    script = Script(JSONResponse({"error": {"message": "boom"}}, 500))
    async with asking(script) as client:
        events = await events_of(client)
    assert [(event.kind, event.retryable) for event in events if isinstance(event, Failure)] == [("server", True)]
    assert len(script.bodies) == 1


async def test_nothing_is_repeated_after_the_first_token() -> None:
    script = Script(lambda: stream(delta(content="half an ")))
    async with asking(script) as client:
        events = await events_of(client)
    assert events[0] == Text("half an ")
    assert isinstance(events[-1], Failure)
    assert (events[-1].kind, len(script.bodies)) == ("connection", 1)


async def test_a_half_frame_is_a_failure() -> None:
    async with asking(Script(lambda: stream(delta(content="a"), 'data: {"choices": [{"del\n\n'))) as client:
        events = await events_of(client)
    assert isinstance(events[-1], Failure)
    assert events[-1].kind == "connection"


async def test_an_error_inside_the_stream_is_a_failure_of_its_kind() -> None:
    error = {"error": {"message": "KV cache is full", "type": "server_error"}}
    async with asking(Script(lambda: stream(delta(content="a"), error))) as client:
        events = await events_of(client)
    assert events[-1] == Failure("server", "KV cache is full", retryable=True)


async def test_an_answer_that_is_no_stream_is_a_failure() -> None:
    async with asking(Script(PlainTextResponse("<html>proxy</html>"))) as client:
        events = await events_of(client)
    assert isinstance(events[-1], Failure)


async def test_silence_before_the_first_token_is_a_timeout() -> None:
    async with asking(Script(lambda: stream(5.0, delta(content="late"))), timeout={"first_token": 0.2}) as client:
        events = await events_of(client)
    assert events == [Failure("timeout", "it fell silent before the first token")]


async def test_comments_do_not_count_as_signs_of_life() -> None:
    pings = [part for _ in range(40) for part in (": ping\n\n", 0.05)]
    silent = Script(lambda: stream(delta(content="a"), *pings, delta("stop"), DONE))
    async with asking(silent, timeout={"inter_token": 0.3}) as client:
        events = await events_of(client)
    assert events[-1] == Failure("timeout", "it fell silent between two tokens")


async def test_the_deadline_is_for_the_whole_call() -> None:
    slow = [part for _ in range(100) for part in (delta(content="a"), 0.05)]
    async with asking(Script(lambda: stream(*slow))) as client:
        events = await events_of(client, Request(HELLO.messages, deadline=0.4))
    assert isinstance(events[-1], Failure)
    assert events[-1].message.startswith("the deadline passed")


async def test_missing_usage_is_estimated() -> None:
    async with asking(Script(lambda: stream(delta(content="a"), delta(content="b"), delta("stop"), DONE))) as client:
        counted = next(event for event in await events_of(client) if isinstance(event, Usage))
    assert (counted.completion, counted.prompt > 0) == (2, True)


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
async def test_reasoning_is_kept_apart_under_both_names(field: str) -> None:
    async with asking(
        Script(lambda: stream(delta(**{field: "hm"}), delta(content="yes"), delta("stop"), DONE))
    ) as client:
        answer = await complete(client, HELLO)
    assert (answer.reasoning, answer.text) == ("hm", "yes")


async def test_reasoning_in_think_tags_is_kept_apart_though_the_tags_are_split() -> None:
    pieces = ["\n<th", "ink>let me", " see</thi", "nk>\n\nfour <b", "> five"]
    async with asking(
        Script(lambda: stream(*(delta(content=piece) for piece in pieces), delta("stop"), DONE))
    ) as client:
        events = await events_of(client)
        text = "".join(event.text for event in events if isinstance(event, Text))
        thought = "".join(event.text for event in events if isinstance(event, Reasoning))
    assert (thought, text) == ("let me see", "four <b> five")


async def test_an_answer_that_stayed_in_the_thinking_is_taken_from_there() -> None:
    free = Script(
        lambda: stream(delta(reasoning="hm</think>\n\nIt is "), delta(reasoning="four."), delta("stop"), DONE)
    )
    async with asking(free) as client:
        answer = await complete(client, HELLO)
    assert (answer.text, answer.reasoning, len(free.bodies)) == ("It is four.", "", 1)
    bound = Script(lambda: stream(delta(reasoning='so: {"colour": "red"}'), delta("length"), DONE))
    async with asking(bound) as client:
        answer = await complete(client, Request(HELLO.messages, schema=COLOUR))
    assert (answer.data, len(bound.bodies)) == ({"colour": "red"}, 1)


THINKER = [{"id": "m", "object": "model", "context_window": 4096, "thinks": True}]


async def test_thinking_that_used_up_all_tokens_is_asked_again_without_it() -> None:
    script = Script(
        stream(delta(reasoning="let me see, "), delta("length"), usage(5, 40), DONE),
        stream(delta(content='{"colour": "red"}'), delta("stop"), usage(5, 7), DONE),
    )
    async with asking(script, THINKER) as client:
        answer = await complete(client, Request(HELLO.messages, schema=COLOUR, max_tokens=30, max_thinking=10))
    assert answer.data == {"colour": "red"}
    assert (answer.usage.prompt, answer.usage.completion) == (10, 47)
    assert [(body["max_tokens"], body["max_thinking"]) for body in script.bodies] == [(40, 10), (30, 0)]
    switches = [body["chat_template_kwargs"]["enable_thinking"] for body in script.bodies]
    assert switches == [True, False]


async def test_an_answer_that_is_nothing_but_thinking_even_then_is_not_lost() -> None:
    script = Script(lambda: stream(delta(reasoning="it may be four"), delta("length"), DONE))
    async with asking(script) as client:
        answer = await complete(client, HELLO)
    assert (answer.text, len(script.bodies)) == ("it may be four", 2)


@pytest.mark.parametrize(
    ("entry", "role", "expected"),
    [
        ({}, "planner", 512),
        ({}, "reader", 0),
        ({"max_thinking": 64}, "reader", 64),
        ({"max_thinking": 0}, "planner", 0),
        ({"template": {"options": {"enable_thinking": True}}}, "reader", 512),
        ({"template": {"options": {"enable_thinking": False}}}, "planner", 0),
    ],
)
def test_only_the_planner_thinks_unless_models_yaml_says_otherwise(
    entry: dict[str, Any], role: str, expected: int
) -> None:
    config = ModelConfig.model_validate({"name": "m", "backend": "endpoint", "url": "http://h/v1", **entry})
    assert config.thinking_of(role) == expected


@pytest.mark.parametrize(
    ("kind", "field"),
    [("agentflow", "max_thinking"), ("vllm", "thinking_token_budget"), ("llama.cpp", "reasoning_budget_tokens")],
)
def test_the_limit_of_thinking_is_told_in_each_servers_own_field(kind: Kind, field: str) -> None:
    config = ModelConfig.model_validate({"name": "m", "backend": "endpoint", "url": "http://h/v1"})
    can = Capabilities(kind, template_options=True, thinks=True)
    sent = body(replace(HELLO, max_thinking=20), "m", config, can, 9.0)
    assert (sent["max_tokens"], sent["extra_body"][field]) == (28, 20)
    assert sent["extra_body"]["chat_template_kwargs"] == {"enable_thinking": True, "thinking": True}
    unable = body(replace(HELLO, max_thinking=20), "m", config, replace(can, thinks=False), 9.0)
    assert unable["max_tokens"] == 8
    assert field not in unable.get("extra_body", {})


async def test_an_answer_that_breaks_its_schema_is_a_schema_failure() -> None:
    async with asking(Script(lambda: stream(delta(content='{"colour": "mauve"}'), delta("stop"), DONE))) as client:
        with pytest.raises(ModelError, match="colour breaks the schema: 'mauve' is not one of") as caught:
            await complete(client, Request(HELLO.messages, schema=COLOUR))
    assert caught.value.kind == "schema"


async def test_json_that_was_cut_off_is_asked_for_once_more_with_a_larger_limit() -> None:
    script = Script(
        lambda: stream(delta(content='{"colour": "r'), delta("length"), DONE),
        lambda: stream(delta(content='{"colour": "red"}'), delta("stop"), DONE),
    )
    async with asking(script) as client:
        answer = await complete(client, Request(HELLO.messages, schema=COLOUR, max_tokens=8))
    assert answer.data == {"colour": "red"}
    assert [body["max_tokens"] for body in script.bodies] == [8, 16]


async def test_endless_blanks_under_a_schema_are_stopped() -> None:
    blanks = [delta(content="\n" * 40) for _ in range(50)]
    async with asking(Script(lambda: stream(*blanks))) as client:
        events = await events_of(client, Request(HELLO.messages, schema=COLOUR))
    assert isinstance(events[-1], Failure)
    assert (events[-1].kind, "blanks in a row" in events[-1].message) == ("schema", True)


async def test_tool_arguments_are_read_as_text_or_object_and_pieces_are_joined() -> None:
    def call(**fields: Any) -> dict[str, Any]:
        return delta(tool_calls=[{"index": 0, **fields}])

    pieces = [
        call(id="c1", function={"name": "weather", "arguments": '{"ci'}),
        call(function={"arguments": 'ty": "Oslo"}'}),
    ]
    whole = [call(id="c1", function={"name": "weather", "arguments": {"city": "Oslo"}})]
    for chunks in (pieces, whole):
        async with asking(Script(lambda chunks=chunks: stream(*chunks, delta("tool_calls"), DONE))) as client:
            events = await events_of(client, Request(HELLO.messages, tools=(WEATHER,)))
        assert ToolCall("c1", "weather", {"city": "Oslo"}) in events


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({"timings": {"prompt_ms": 20, "predicted_ms": 30, "cache_n": 3, "draft_n": 8, "draft_n_accepted": 5}}, (8, 5)),
        ({"metrics": {"speculative_decoding": {"num_spec_steps": 2, "num_draft_tokens": 6,
                                               "num_accepted_draft_tokens": 4}}}, (6, 4)),
        ({"speculation": {"steps": 3, "drafted": 9, "accepted": 7,
                          "by_source": {"lookup": {"drafted": 9, "accepted": 7}}}}, (9, 7)),
        ({"stats": {"total_draft_tokens_count": 4, "accepted_draft_tokens_count": 2}}, (4, 2)),
    ],
)  # fmt: skip
async def test_each_servers_own_statistics_are_read(extra: dict[str, Any], expected: tuple[int, int]) -> None:
    async with asking(
        Script(lambda: stream(delta(content="a"), delta("stop"), {**usage(5, 1), **extra}, DONE))
    ) as client:
        events = await events_of(client)
        found = next(event for event in events if isinstance(event, Usage))
        timing = next(event for event in events if isinstance(event, Timing))
    assert (found.drafted, found.accepted) == expected
    if "timings" in extra:
        assert (timing.prefill, timing.decode) == (0.02, 0.03)


async def test_min_p_is_never_sent_to_vllm() -> None:
    script = Script(good)
    models = [{"id": "m", "owned_by": "vllm", "max_model_len": 512}]
    sampling = Sampling(min_p=0.1, top_k=5, temperature=0.3)
    request = Request(HELLO.messages, sampling=sampling, max_tokens=8)
    async with asking(script, models) as client:
        assert isinstance((await events_of(client, request))[-1], Done)
        assert client.window == 512
    assert "min_p" not in script.bodies[0]
    assert (script.bodies[0]["top_k"], script.bodies[0]["temperature"]) == (5, 0.3)


async def test_ollamas_silent_cut_is_named() -> None:
    ollama = Ollama(window=200)
    async with serving(ollama.app()) as url:
        config = ModelConfig(name="m", backend="endpoint", url=(url,))
        client = Client(config, Remote(config, config.url[0]))
        prompt = Request((Message("user", "cat " * 280),), max_tokens=8)
        with pytest.raises(ContextOverflow, match="more than the window"):
            await complete(client, Request((Message("user", "cats and dogs " * 300),), max_tokens=8))
        ollama.window = 60
        with pytest.raises(ContextOverflow, match="the server cut the prompt"):
            await complete(client, prompt)
        await client.close()


async def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "https://cloud.example")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with asking(Script(good)) as client:
        assert isinstance((await events_of(client))[-1], Done)
        connection = await client.connected()
    assert "cloud.example" not in str(connection.openai.default_headers)


async def test_no_server_is_one_clear_error() -> None:
    config = ModelConfig(name="m", backend="endpoint", url=("http://127.0.0.1:9/v1",))
    with pytest.raises(Unavailable, match=r"no server answers at http://127\.0\.0\.1:9/v1 for 'm'"):
        await complete(Client(config, Remote(config, config.url[0])), HELLO)


async def test_a_model_that_the_endpoint_lacks_is_named_with_those_it_has() -> None:
    async with serving(application(Script(good))) as url:
        config = ModelConfig(name="x", backend="endpoint", url=(url,), model="absent")
        with pytest.raises(Unavailable, match="has no model 'absent'; it has m"):
            await Remote(config, config.url[0]).start()
