"""LangChain streams cannot take back a word: an answer that begins again elsewhere goes on where it broke off."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from agentflow.models.catalog.catalog import Cluster, ModelCatalog
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.errors import ModelError
from agentflow.models.client.types import Message, ModelEvent, Request, Restart, Text
from agentflow.models.langchain.chat import ChatAgentflow
from agentflow.models.langchain.streamed import Streamed
from agentflow.models.pool import Models

from ..fakes import DONE, application, delta, serving, sse, usage

WHOLE = ("The ", "magic ", "number ", "is ", "6.")


class BreaksOnce:
    """Two servers of one script: whichever is asked first breaks off after two words, the other says `words`."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.asked = 0

    def __call__(self, body: dict[str, Any]) -> Response:
        self.asked += 1
        said: list[Any] = [delta(content=word) for word in (WHOLE[:2] if self.asked == 1 else self.words)]
        end = [] if self.asked == 1 else [delta("stop"), usage(12, 5), DONE]
        return StreamingResponse(sse(*said, *end), media_type="text/event-stream")


@asynccontextmanager
async def chat(script: BreaksOnce, state: Path) -> AsyncIterator[ChatAgentflow]:
    async with AsyncExitStack() as stack:
        urls = tuple([await stack.enter_async_context(serving(application(script))) for _ in range(2)])
        catalog = ModelCatalog(
            {"m": ModelConfig(name="m", backend="endpoint", url=urls, model="m")}, {"default": Cluster(models=("m",))}
        )
        models = await stack.enter_async_context(Models(catalog, state))
        yield ChatAgentflow(model="m", models=models)


async def test_the_stream_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    script = BreaksOnce(*WHOLE)
    async with chat(script, tmp_path) as model:
        said = [str(chunk.content) async for chunk in model.astream("Which number?")]
    assert "".join(said) == "".join(WHOLE)
    assert script.asked == 2


async def test_another_wording_is_an_error_and_never_a_mixture(tmp_path: Path) -> None:
    async with chat(BreaksOnce("It ", "is ", "6."), tmp_path) as model:
        with pytest.raises(ModelError, match="the next one words it otherwise"):
            async for _ in model.astream("Which number?"):
                pass


async def test_without_streaming_the_answer_is_the_second_servers(tmp_path: Path) -> None:
    async with chat(BreaksOnce("It ", "is ", "6."), tmp_path) as model:
        assert (await model.ainvoke("Which number?")).content == "It is 6."


async def test_a_single_address_that_breaks_off_is_asked_again(tmp_path: Path) -> None:
    script = BreaksOnce(*WHOLE)
    async with serving(application(script)) as url:
        config = ModelConfig(name="m", backend="endpoint", url=(url,), model="m")
        async with Models(ModelCatalog({"m": config}), tmp_path) as models:
            assert (await models.ask("m", Request((Message("user", "Which?"),)))).text == "".join(WHOLE)
    assert script.asked == 2


async def test_a_server_without_a_list_of_models_is_used_all_the_same(tmp_path: Path) -> None:
    async def answer(request: HttpRequest) -> Response:
        said = [*(delta(content=word) for word in WHOLE), delta("stop"), DONE]
        return StreamingResponse(sse(*said), media_type="text/event-stream")

    async with serving(Starlette(routes=[Route("/v1/chat/completions", answer, methods=["POST"])])) as url:
        config = ModelConfig(name="m", backend="endpoint", url=(url,), model="m")
        async with Models(ModelCatalog({"m": config}), tmp_path) as models:
            for _ in range(2):
                assert (await models.ask("m", Request((Message("user", "Which?"),)))).text == "".join(WHOLE)


@given(st.text(min_size=1), st.lists(st.integers(0, 30)), st.lists(st.integers(0, 30)), st.integers(0, 30))
def test_however_the_pieces_fall_each_character_is_passed_on_once(
    whole: str, first: list[int], second: list[int], broken: int
) -> None:
    streamed = Streamed()
    events: list[ModelEvent] = [*pieces(whole, first)[:broken], Restart(), *pieces(whole, second)]
    passed = [event.text for event in map(streamed.new, events) if isinstance(event, Text)]
    assert "".join(passed) == whole


def pieces(whole: str, cuts: list[int]) -> list[Text]:
    places = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    return [Text(whole[start:end]) for start, end in pairwise(places)]
