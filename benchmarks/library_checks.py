"""The checks of `clients.py` with libraries that build on OpenAI's interface."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from client_check import MESSAGES, SCHEMA, TOOL, Checks, Server, expect


def instructor_checks(server: Server) -> Checks:
    import instructor
    import openai
    from pydantic import BaseModel, Field

    class City(BaseModel):
        city: str = Field(max_length=12)
        people: int = Field(ge=0, le=99)

    def check(mode: Any) -> None:
        client = instructor.from_openai(openai.OpenAI(base_url=server.url, api_key=server.key), mode=mode)
        made = client.chat.completions.create(
            model=server.model, messages=MESSAGES, response_model=City, max_tokens=100, max_retries=1
        )
        expect(isinstance(made, City), "no City")

    return {
        "response_model by a tool": lambda: check(instructor.Mode.TOOLS),
        "response_model by a JSON schema": lambda: check(instructor.Mode.JSON_SCHEMA),
    }


def litellm_checks(server: Server) -> Checks:
    import litellm

    options: Any = {"model": f"openai/{server.model}", "api_base": server.url, "api_key": server.key, "max_tokens": 12}

    def stream() -> None:
        pieces = list(litellm.completion(messages=MESSAGES, stream=True, **options))
        expect(pieces[-1].choices[0].finish_reason, "no end")

    def overflow() -> None:
        try:
            litellm.completion(messages=[{"role": "user", "content": "word " * 200_000}], **options)
        except litellm.ContextWindowExceededError:
            return
        raise AssertionError("not refused")

    return {
        "completion": lambda: expect(litellm.completion(messages=MESSAGES, **options).choices, "no answer"),
        "completion, streamed": stream,
        "prompt too long: ContextWindowExceededError": overflow,
    }


def llm_checks(server: Server) -> Checks:
    def prompt(*flags: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            entry = f"- model_id: ours\n  model_name: {server.model}\n  api_base: {server.url}\n  api_key_name: ours\n"
            Path(folder, "extra-openai-models.yaml").write_text(entry, "utf-8")
            environment = {**os.environ, "LLM_USER_PATH": folder}
            options = ["-m", "ours", "--key", server.key, "-o", "max_tokens", "9", *flags]
            done = subprocess.run(
                [sys.executable, "-m", "llm", *options, "Hello"], env=environment, check=False, capture_output=True,
                text=True, stdin=subprocess.DEVNULL, timeout=240,
            )  # fmt: skip
            expect(done.returncode == 0 and done.stdout, done.stderr[-200:])

    return {"prompt, streamed": prompt, "prompt, whole": lambda: prompt("--no-stream")}


def langchain_checks(server: Server) -> Checks:
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    model: Any = ChatOpenAI(base_url=server.url, api_key=server.key, model=server.model, max_tokens=100)  # type: ignore

    def structured(method: str) -> None:
        made = model.with_structured_output({"title": "city", "description": "A city", **SCHEMA}, method=method)
        expect(set(made.invoke("Paris")) == {"city", "people"}, "another object")

    def embed() -> None:
        vectors = OpenAIEmbeddings(base_url=server.url, api_key=server.key, model=server.embedder)  # type: ignore
        expect(len(vectors.embed_documents(["a", "b"])) == 2, "not two vectors")

    checks: Checks = {
        "invoke": lambda: expect(model.invoke("Hello").usage_metadata, "no usage"),
        "stream": lambda: expect(list(model.stream("Hello")), "no chunks"),
        "bind_tools": lambda: expect(
            model.bind_tools([TOOL], tool_choice="look_up").invoke("Hello").tool_calls, "no call"
        ),
        "with_structured_output, json_schema": lambda: structured("json_schema"),
        "with_structured_output, function_calling": lambda: structured("function_calling"),
    }
    return checks | ({"OpenAIEmbeddings": embed} if server.embedder else {})
