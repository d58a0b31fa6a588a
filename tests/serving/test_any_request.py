"""Whatever JSON a client sends to whatever route: it is answered or refused, never with a 5xx, never with silence, and
the answers beside it come out as ever. `AGENTFLOW_EXAMPLES=5000` tries more of it."""

import json
import os
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.serving.conftest import Server

EXAMPLES = int(os.environ.get("AGENTFLOW_EXAMPLES", "80"))
ROUTES = [
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/tokenize",
    "/cache/clear",
    "/v1/models",
    "/v1/responses",
    "/v1/responses/input_tokens",
    "/detokenize",
    "/health",
    "/metrics",
    "/v1/nothing",
]
ENDS = ("[DONE]", '"type":"invalid_request_error"', '"type":"response.completed"', '"type":"response.incomplete"')
HELLO = [{"role": "user", "content": "hello there"}]

numbers = st.one_of(
    st.integers(-3, 40),
    st.sampled_from([-1, 0, 2**31, 2**32 - 1, 2**64, -(2**63), 10**30, 10**400]),
    st.floats(width=64),
    st.sampled_from([1e-320, 1e308, -0.0]),
)
texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["tiny", "embedder", "auto", "required", "none", "system", "user", "tool", "text", "json_object"]),
    st.sampled_from(["<|im_end|>", "\x00", "\ud800", "root ::= root", 'root ::= "a"*', "(", "[[[", "x" * 5000]),
)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
schemas = st.recursive(
    st.sampled_from(
        [{"type": "integer"}, {"type": "string", "maxLength": 3}, {"enum": [1, "a"]}, {"type": "x"}, {}, True]
    )
    | st.sampled_from([{"$ref": "#"}, {"pattern": "(a+)+$"}, {"not": {}}, {"type": "string", "minLength": 10**9}])
    | values,
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from(["object", "array", 5])},
        optional={"properties": st.dictionaries(texts, inner, max_size=3), "items": inner, "required": st.just(["a"])},
    ),
    max_leaves=6,
)
tools = st.fixed_dictionaries(
    {"type": st.just("function") | values},
    optional={
        "function": values
        | st.fixed_dictionaries({"name": texts}, optional={"parameters": schemas, "description": texts})
    },
)
messages = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool", "developer"]) | values},
    optional={
        "content": texts | values | st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": texts | values})),
        "tool_calls": st.lists(values | tools, max_size=2) | values,
        "reasoning_content": texts | values,
        "name": values,
    },
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "messages": st.lists(messages, max_size=3) | values,
    "prompt": texts | values | st.lists(st.integers(-2, 2100), max_size=6) | st.lists(texts, max_size=3),
    "input": texts | values | st.lists(st.lists(st.integers(-2, 2100), max_size=3), max_size=3),
    "content": texts | values,
    "model": texts | values,
    "tools": st.lists(tools, max_size=3) | values,
    "tool_choice": texts | values | tools,
    "response_format": values
    | st.fixed_dictionaries({"type": texts}, optional={"schema": schemas})
    | st.builds(lambda s: {"type": "json_schema", "json_schema": {"schema": s}}, schemas),
    "logit_bias": values | st.dictionaries(st.integers(-2, 2100).map(str), numbers, max_size=3),
    "stop": texts | st.lists(texts, max_size=4) | values,
    "grammar": st.sampled_from(['root ::= "a"', "root ::= root", 'root ::= ""', "root ::= [^]", "root ::= (((("])
    | values,
    "chat_template_kwargs": values | st.just({"messages": []}),
    "stream_options": values | st.just({"include_usage": True}),
    "lookup": values | st.lists(texts, max_size=3),
    "logprobs": values | st.booleans(),
    "priority": values | st.sampled_from(["interactive", "batch"]),
    **dict.fromkeys(
        [
            "seed",
            "temperature",
            "top_p",
            "top_k",
            "min_p",
            "n",
            "top_logprobs",
            "presence_penalty",
            "frequency_penalty",
        ],
        numbers | values,
    ),
    **dict.fromkeys(
        ["run", "next_use_steps", "speculation", "ignore_eos", "echo", "encoding_format", "stream"], values
    ),
}


def bodies() -> st.SearchStrategy[Any]:
    """Mostly a request that would work, with a few fields replaced."""
    whole = st.sampled_from([{"messages": HELLO}, {"prompt": "once upon"}, {"input": "a cat"}, {"content": "x"}, {}])
    spoilt = st.lists(st.sampled_from(sorted(FIELDS)), max_size=4, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: FIELDS[name] for name in names})
    )
    size = st.integers(1, 8) | st.just(None)
    return (
        st.builds(
            lambda known, wrong, tokens, stream: {
                "max_tokens": tokens or 8,
                "max_output_tokens": 8,
                "stream": stream,
                **known,
                **wrong,
            },
            whole,
            spoilt,
            size,
            st.booleans(),
        )
        | values
    )


class Witness:
    """Asks the same thing over and over; the answer must stay the same."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.over = threading.Event()
        self.answers: list[str] = []
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        body = {"model": "tiny", "messages": HELLO, "max_tokens": 24, "temperature": 0, "ignore_eos": True}
        with client_of(self.server) as client:
            while not self.over.is_set():
                answer = client.post("/v1/chat/completions", json=body)
                self.answers.append(
                    answer.json()["choices"][0]["message"]["content"] if answer.is_success else answer.text
                )


def client_of(server: Server) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {server.key}"}, timeout=60)


@pytest.fixture
def witness(server: Server) -> Iterator[Witness]:
    watching = Witness(server)
    watching.thread.start()
    yield watching
    watching.over.set()
    watching.thread.join(60)
    assert len(watching.answers) > 1
    assert len(set(watching.answers)) == 1, set(watching.answers)


@pytest.mark.timeout(3600)
def test_any_json_on_any_route_is_answered_or_refused(server: Server, witness: Witness) -> None:
    client = client_of(server)

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES < 1000, suppress_health_check=list(HealthCheck)
    )
    @given(st.sampled_from(ROUTES), bodies())
    def holds(route: str, body: Any) -> None:
        answer = client.post(route, content=json.dumps(body), headers={"Content-Type": "application/json"})
        assert 200 <= answer.status_code < 300 or 400 <= answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert answer.json()["error"]["message"]
        elif answer.headers["content-type"].startswith("text/event-stream"):
            events = [line for line in answer.text.splitlines() if line.startswith("data: ")]
            assert events and any(end in events[-1] for end in ENDS), events[-1]
        assert client.get("/health").status_code == 200

    with client:
        holds()


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"messages": [{"role": "\\ud800"}]}', b"NaN"]
)
@pytest.mark.parametrize("route", ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/tokenize"])
def test_bytes_that_are_no_request_are_refused(server: Server, route: str, data: bytes) -> None:
    with client_of(server) as client:
        answer = client.post(route, content=data)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_an_unknown_route_and_a_wrong_method_have_error_bodies(server: Server) -> None:
    with client_of(server) as client:
        unknown, wrong = client.get("/v2/chat"), client.get("/v1/chat/completions")
    assert (unknown.status_code, unknown.json()["error"]["type"]) == (404, "not_found_error")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")
