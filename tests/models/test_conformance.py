"""Every server behind the one client: the same promises, kept by each.

Runs against the embedded server and a fake Ollama by default; against llama-server ($AGENTFLOW_LLAMA_SERVER, the
program) with `-m slow`; against vLLM ($AGENTFLOW_VLLM, the program, and $AGENTFLOW_VLLM_MODEL, a Hugging Face folder)
with `-m vllm`. With $AGENTFLOW_RECORD the table of capabilities in docs/models.md is written again.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

import pytest

from agentflow import bundled
from agentflow.errors import AgentflowError, ContextOverflow
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.client import Client
from agentflow.models.client.completion import complete
from agentflow.models.client.errors import ModelError
from agentflow.models.client.types import (
    Done,
    Failure,
    Message,
    ModelEvent,
    Reasoning,
    Request,
    Sampling,
    Text,
)
from agentflow.models.servers.factory import open_server
from agentflow.models.smoke_test import COLOUR, WEATHER
from agentflow.usage import Usage

from .capabilities import record, table
from .fakes import Ollama, serving

STARTER = bundled.ROOT / "starter" / "weights" / "starter.gguf"
QUOTE = "The embedded server batches every conversation. It verifies each drafted token, so nothing is lost."
Ready = Callable[[], Awaitable[Client]]

pytestmark = pytest.mark.skipif(not STARTER.exists(), reason="the starter's weights are not built")


def config_of(server: str) -> ModelConfig:
    if server == "embedded":
        return ModelConfig(name="starter", backend="llama", weights=str(STARTER), context=2048, keep_alive=60.0)
    if server == "llama-server":
        if not (program := os.environ.get("AGENTFLOW_LLAMA_SERVER")):
            pytest.skip("$AGENTFLOW_LLAMA_SERVER names no program")
        return ModelConfig.model_validate(
            {"name": "starter", "backend": "llama-server", "weights": str(STARTER), "context": 2048, "command": program,
             "keep_alive": 60.0, "speculation": {"method": "ngram-simple", "lookup_max": 3}}
        )  # fmt: skip
    if not (program := os.environ.get("AGENTFLOW_VLLM")):
        pytest.skip("$AGENTFLOW_VLLM names no program")
    return ModelConfig.model_validate(
        {"name": "starter", "backend": "vllm", "weights": os.environ["AGENTFLOW_VLLM_MODEL"], "context": 2048,
         "command": program, "keep_alive": 600.0, "args": ("--dtype", "bfloat16", "--enforce-eager"), "tool_parser": "hermes",
         "env": {"VLLM_TARGET_DEVICE": "cpu", "VLLM_CPU_KVCACHE_SPACE": "1"}, "timeout": {"start": 1800.0},
         "speculation": {"method": "ngram", "max_draft": 5}},
        strict=False,
    )  # fmt: skip


SERVERS = [
    "embedded",
    pytest.param("llama-server", marks=pytest.mark.slow),
    pytest.param("vllm", marks=[pytest.mark.vllm, pytest.mark.timeout(2400)]),
    "ollama (fake)",
]


@pytest.fixture(params=SERVERS)
async def client(request: pytest.FixtureRequest) -> AsyncIterator[Client]:
    async with AsyncExitStack() as stack:
        if request.param.startswith("ollama"):
            url = await stack.enter_async_context(serving(Ollama(2048).app()))
            config = ModelConfig(name="starter", backend="endpoint", url=(url,))
        else:
            config = config_of(request.param)
        client = Client(config, open_server(config))
        await client.connected()
        yield client
        await client.close()
        await client.server.stop()


@pytest.fixture
def server(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["client"])


def asked(text: str = "Say hello.", **more: object) -> Request:
    fields = {"sampling": Sampling(temperature=0.0, seed=7), "max_tokens": 24, **more}
    return Request((Message("user", text),), **fields)  # type: ignore[arg-type]


async def events_of(client: Client, request: Request) -> list[ModelEvent]:
    return [event async for event in client.generate(request)]


async def test_text_streams_and_ends_with_done(client: Client, server: str) -> None:
    events = await events_of(client, asked())
    pieces = [event for event in events if isinstance(event, Text)]
    assert len(pieces) > 1
    assert isinstance(events[-1], Done)
    assert events[-1].reason in ("stop", "length")
    record(server, "streaming", "yes")
    thoughts = any(isinstance(event, Reasoning) for event in events)
    record(server, "thinking kept apart", "yes" if thoughts else "yes, if the model thinks")


async def test_an_answer_under_a_schema_is_valid_json_of_it(client: Client, server: str) -> None:
    for text in ("Name a colour.", "Blue, please. Reply in JSON.", "?"):
        answer = await complete(client, asked(text, schema=COLOUR, max_tokens=64))
        assert answer.data["colour"] in ("red", "green", "blue")
    record(server, "json_schema", "yes")


async def test_a_schema_that_is_none_is_refused_and_the_server_lives_on(client: Client, server: str) -> None:
    events = await events_of(client, asked(schema={"type": "nonsense"}))
    assert isinstance(events[-1], Failure)
    assert events[-1].kind in ("invalid_request", "schema")
    assert isinstance((await events_of(client, asked()))[-1], Done)
    record(server, "bad schema", f"refused ({events[-1].kind})")


async def test_a_required_tool_is_called_with_valid_arguments(client: Client, server: str) -> None:
    request = asked("Weather in Oslo?", tools=(WEATHER,), tool_choice="required", max_tokens=200)
    answer = await complete(client, request)
    assert [call.name for call in answer.tool_calls] == ["weather"]
    assert isinstance(answer.tool_calls[0].arguments["city"], str)
    record(server, "tools", "yes")


async def test_tokens_are_counted_as_the_server_counts_them(client: Client, server: str) -> None:
    request = asked("How many tokens are these?")
    counted = await client.count_tokens(request.messages)
    usage = next(event for event in await events_of(client, request) if isinstance(event, Usage))
    assert usage.prompt > 0
    if (await client.connected()).can.counts:
        assert counted == usage.prompt
        record(server, "token counts", "exact")
    else:
        assert counted >= usage.prompt
        record(server, "token counts", "estimated, on the long side")


async def test_probabilities_of_the_first_token(client: Client, server: str) -> None:
    answer = await complete(client, asked("yes or no?", max_tokens=1, logprobs=5))
    if not answer.logprobs:
        assert server.startswith("ollama")
        record(server, "token probabilities", "no")
        return
    assert len(answer.logprobs) == 1
    assert 4 <= len(answer.logprobs[0]) <= 6
    assert all(value <= 1e-3 for value in answer.logprobs[0].values())
    record(server, "token probabilities", "yes")


async def test_an_overlong_prompt_is_refused_with_numbers_before_it_is_sent(client: Client, server: str) -> None:
    assert client.window == 2048
    before = (await client.stats())["requests"]
    with pytest.raises(ContextOverflow, match=r"more than the window of 2048"):
        await complete(client, asked("cat dog bird " * 6000))
    assert (await client.stats())["requests"] == before
    record(server, "window asked and enforced", "yes")


async def test_leaving_early_frees_the_server(client: Client, server: str) -> None:
    started = time.monotonic()
    async with aclosing(client.generate(asked("Count without end.", max_tokens=1500))) as events:  # type: ignore[type-var]
        async for event in events:
            if isinstance(event, Text | Reasoning):
                break
    assert isinstance((await events_of(client, asked()))[-1], Done)
    assert time.monotonic() - started < 120
    record(server, "cancellation", "yes")


async def test_a_deadline_ends_the_call_as_a_timeout(client: Client, server: str) -> None:
    request = asked("Tell a long story.", max_tokens=1500, deadline=0.15)
    started = time.monotonic()
    events = await events_of(client, request)
    assert time.monotonic() - started < 60
    assert isinstance(events[-1], Failure | Done)
    if isinstance(events[-1], Failure):
        assert events[-1].kind == "timeout"
    record(server, "deadlines", "yes")


async def test_eight_at_once_are_all_answered(client: Client, server: str) -> None:
    requests = [asked(f"Number {i}.", schema=COLOUR, max_tokens=64) for i in range(8)]
    answers = await asyncio.gather(*(complete(client, request) for request in requests))
    assert all(answer.data["colour"] in ("red", "green", "blue") for answer in answers)


async def test_usage_and_speculation_are_counted(client: Client, server: str) -> None:
    before = await client.stats()
    text = f"{QUOTE} {QUOTE} {QUOTE} {QUOTE}\nRepeat it."
    events = await events_of(client, asked(text, max_tokens=64))
    usage = next(event for event in events if isinstance(event, Usage))
    assert usage.completion > 0
    assert 0 <= usage.accepted <= usage.drafted
    again = next(event for event in await events_of(client, asked(text, max_tokens=8)) if isinstance(event, Usage))
    after = await client.stats()
    assert after["completion"] > before["completion"]
    record(server, "usage", "the server's own")
    record(server, "cached prompt tokens", "yes" if again.cached else "not told")
    counted = usage.drafted or after.get("drafted", 0) > before.get("drafted", 0)
    record(server, "speculation counted", "per answer" if usage.drafted else "in total" if counted else "no")


async def test_embeddings_have_length_one_or_are_refused(client: Client, server: str) -> None:
    try:
        vectors = await client.embed(["a cat", "a longer text about cats"])
    except AgentflowError as error:
        assert isinstance(error, ModelError)
        record(server, "embeddings", "with an embedding model")
        return
    assert vectors.shape[0] == 2
    assert abs(float((vectors[0] ** 2).sum()) - 1) < 1e-3
    record(server, "embeddings", "yes")


async def test_health_is_told(client: Client) -> None:
    assert await client.health()
    gone = Client(replace_url(client), open_server(replace_url(client)))
    assert not await gone.health()


def replace_url(client: Client) -> ModelConfig:
    return ModelConfig(name="gone", backend="endpoint", url=("http://127.0.0.1:9/v1",))


def test_the_table_in_the_docs_is_the_recorded_one() -> None:
    page = Path(__file__).parents[2] / "docs" / "models.md"
    head, _, rest = page.read_text("utf-8").partition("<!-- capabilities -->")
    shown, _, tail = rest.partition("<!-- end -->")
    if os.environ.get("AGENTFLOW_RECORD"):
        page.write_text(f"{head}<!-- capabilities -->\n{table()}\n<!-- end -->{tail}", "utf-8")
    else:
        assert shown.strip() == table()
