"""Which clients work with the server as they come: one line a check, as a Markdown table.

Needs nothing of agentflow, so it runs in any environment that has some of the clients:

    agentflow serve starter embedder --port 8080 --key KEY
    pip install openai instructor litellm llm langchain-openai      # in a throw-away environment
    npm install openai                                              # in FOLDER, for --javascript FOLDER
    python benchmarks/clients.py --key KEY --model starter --embedder NAME
"""

import argparse
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

MESSAGES: Any = [{"role": "user", "content": "What is the capital of France?"}]
SCHEMA: Any = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "maxLength": 12},
        "people": {"type": "integer", "minimum": 0, "maximum": 99},
    },
    "required": ["city", "people"],
    "additionalProperties": False,
}
TOOL: Any = {"type": "function", "function": {"name": "look_up", "description": "Looks up", "parameters": SCHEMA}}
JAVASCRIPT = Path(__file__).with_name("clients.mjs")


class Server(NamedTuple):
    url: str
    key: str
    model: str
    embedder: str


class Line(NamedTuple):
    client: str
    check: str
    result: str


Checks = dict[str, Callable[[], object]]


def expect(holds: object, what: str) -> None:
    if not holds:
        raise AssertionError(what)


def openai_checks(server: Server) -> Checks:
    import openai

    client = openai.OpenAI(base_url=server.url, api_key=server.key, max_retries=0)
    ask = client.chat.completions.create

    def chat(**options: Any) -> Any:
        return ask(**{"model": server.model, "messages": MESSAGES, "max_tokens": 12, **options})

    def stream() -> None:
        chunks = list(chat(stream=True, stream_options={"include_usage": True}))
        expect(chunks[0].choices[0].delta.role == "assistant", "the first chunk has no role")
        expect(chunks[-1].usage.completion_tokens <= 12, "the last chunk has no usage")
        expect(all(chunk.usage is None for chunk in chunks[:-1]), "usage before the end")

    def seed() -> None:
        texts = {chat(seed=7, temperature=1).choices[0].message.content for _ in range(3)}
        expect(len(texts) <= 2, "a seed does not repeat")

    def negative_seed() -> None:
        expect(chat(seed=-1).choices, "no answer")
        expect(chat(seed=-(2**40)).choices, "no answer")

    def stop() -> None:
        whole = chat(temperature=0, max_tokens=20).choices[0].message.content
        mark = whole[3:5]
        cut = chat(temperature=0, max_tokens=20, stop=mark).choices[0]
        expect(cut.message.content == whole[: whole.find(mark)] and cut.finish_reason == "stop", "stop is not kept")

    def choices() -> None:
        answer = chat(n=3, temperature=1)
        expect([choice.index for choice in answer.choices] == [0, 1, 2], "not three choices")

    def logprobs() -> None:
        answer = chat(logprobs=True, top_logprobs=4, temperature=0).choices[0]
        expect(all(len(token.top_logprobs) == 4 for token in answer.logprobs.content), "not four alternatives")
        spelt = b"".join(bytes(token.bytes) for token in answer.logprobs.content)
        expect(spelt.decode("utf-8", "replace").strip() == answer.message.content.strip(), "they spell another text")

    def bias() -> None:
        first = chat(logprobs=True, temperature=0, max_tokens=1).choices[0].logprobs.content[0]
        banned = chat(logprobs=True, temperature=0, max_tokens=1, logit_bias={str(first.model_extra["id"]): -100})
        expect(banned.choices[0].logprobs.content[0].token != first.token, "the bias has no effect")

    def schema() -> None:
        form = {"type": "json_schema", "json_schema": {"name": "city", "schema": SCHEMA, "strict": True}}
        answer = chat(response_format=form, max_tokens=100)
        expect(set(json.loads(answer.choices[0].message.content)) == {"city", "people"}, "another object")

    def json_object() -> None:
        form = {"type": "json_object", "schema": SCHEMA}
        json.loads(chat(response_format=form, max_tokens=100).choices[0].message.content)

    def grammar() -> None:
        answer = chat(extra_body={"grammar": 'root ::= "yes" | "no"'})
        expect(answer.choices[0].message.content in ("yes", "no"), "the grammar is not kept")

    def tool() -> None:
        answer = chat(tools=[TOOL], tool_choice="required", max_tokens=100).choices[0]
        expect(answer.finish_reason == "tool_calls", answer.finish_reason)
        (call,) = answer.message.tool_calls
        json.loads(call.function.arguments)
        result = {"role": "tool", "tool_call_id": call.id, "content": "Paris"}
        expect(chat(messages=[*MESSAGES, answer.message, result], tools=[TOOL]).choices, "no answer to the result")

    def tool_stream() -> None:
        options: Any = {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "look_up"}}}
        with client.chat.completions.stream(model=server.model, messages=MESSAGES, max_tokens=100, **options) as stream:
            final = stream.get_final_completion()
        json.loads(final.choices[0].message.tool_calls[0].function.arguments)

    def refused(kind: type[Exception], **options: Any) -> None:
        try:
            chat(**options)
        except kind:
            return
        raise AssertionError("not refused")

    def completions() -> None:
        answer = client.completions.create(model=server.model, prompt=["One", "Two"], max_tokens=3, echo=True, n=2)
        expect([choice.text[:3] for choice in answer.choices] == ["One", "One", "Two", "Two"], "not four texts")

    def completion_stream() -> None:
        chunks = list(client.completions.create(model=server.model, prompt="One", max_tokens=5, stream=True))
        expect(chunks[-1].choices[0].finish_reason, "no end")

    def models() -> None:
        expect(server.model in [model.id for model in client.models.list()], "not listed")
        expect(client.models.retrieve(server.model).id == server.model, "not retrieved")

    def embeddings() -> None:
        one = client.embeddings.create(model=server.embedder, input=["a", "b"])
        other = client.embeddings.create(model=server.embedder, input="a", encoding_format="float")
        near = [abs(x - y) < 1e-3 for x, y in zip(one.data[0].embedding, other.data[0].embedding, strict=True)]
        expect(len(one.data) == 2 and all(near), "base64 and float differ")

    def response() -> None:
        answer = client.responses.create(
            model=server.model, input="Hello", instructions="Be brief", max_output_tokens=9
        )
        expect(answer.output_text and answer.usage.output_tokens <= 9, "no text")

    def response_stream() -> None:
        stream = client.responses.create(model=server.model, input="Hello", max_output_tokens=9, stream=True)
        kinds = [event.type for event in stream]
        expect(
            kinds[0] == "response.created" and kinds[-1] in ("response.completed", "response.incomplete"), str(kinds)
        )

    def response_tool() -> None:
        answer = client.responses.create(
            model=server.model, input="Hello", tools=[{"type": "function", **TOOL["function"]}], tool_choice="required"
        )
        expect(answer.output[0].type == "function_call", answer.output[0].type)

    checks: Checks = {
        "chat": lambda: expect(chat().choices[0].message.role == "assistant", "no answer"),
        "usage": lambda: expect(chat().usage.total_tokens > 12, "no usage"),
        "streaming, usage in its last chunk": stream,
        "seed": seed,
        "negative seeds": negative_seed,
        "stop": stop,
        "n = 3": choices,
        "logprobs": logprobs,
        "logit_bias": bias,
        "response_format json_schema": schema,
        "response_format json_object": json_object,
        "grammar (extra_body)": grammar,
        "tool call and its result": tool,
        "tool call, streamed": tool_stream,
        "wrong value: BadRequestError": lambda: refused(openai.BadRequestError, temperature=-1),
        "unknown model: NotFoundError": lambda: refused(openai.NotFoundError, model="gpt-9"),
        "prompt too long: BadRequestError": lambda: refused(
            openai.BadRequestError, messages=[{"role": "user", "content": "word " * 200_000}]
        ),
        "completions: two prompts, n = 2, echo": completions,
        "completions, streamed": completion_stream,
        "models": models,
        "responses": response,
        "responses, streamed": response_stream,
        "responses: tool call": response_tool,
    }
    return checks | ({"embeddings: base64 as float": embeddings} if server.embedder else {})


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
            command = [
                sys.executable,
                "-m",
                "llm",
                "-m",
                "ours",
                "--key",
                server.key,
                "-o",
                "max_tokens",
                "9",
                *flags,
                "Hello",
            ]
            done = subprocess.run(
                command,
                env=environment,
                check=False,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                timeout=240,
            )
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


CLIENTS: dict[str, Callable[[Server], Checks]] = {
    "openai": openai_checks,
    "instructor": instructor_checks,
    "litellm": litellm_checks,
    "llm": llm_checks,
    "langchain-openai": langchain_checks,
}


def run(server: Server) -> Iterator[Line]:
    for package, checks_of in CLIENTS.items():
        try:
            name = f"{package} {importlib.metadata.version(package)}"
        except importlib.metadata.PackageNotFoundError:
            yield Line(package, "", "not installed")
            continue
        for check, holds in checks_of(server).items():
            yield Line(name, check, outcome(holds))


def outcome(holds: Callable[[], object]) -> str:
    try:
        holds()
    except Exception as error:  # noqa: BLE001  a client's own errors are the result
        return f"failed: {type(error).__name__}: {' '.join(str(error).split())[:120]}"
    return "passed"


def run_javascript(server: Server, folder: Path) -> Iterator[Line]:
    """`clients.mjs` prints a JSON line a check."""
    script = folder / JAVASCRIPT.name
    script.write_text(JAVASCRIPT.read_text("utf-8"), "utf-8")
    done = subprocess.run(["node", str(script), *server], capture_output=True, text=True, check=False, timeout=300)
    for line in done.stdout.splitlines():
        yield Line(*json.loads(line))
    if done.returncode:
        yield Line("openai (JavaScript)", "", f"failed: {done.stderr.strip()[-200:]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8080/v1")
    parser.add_argument("--key", default=os.environ.get("OPENAI_API_KEY", ""))
    parser.add_argument("--model", required=True)
    parser.add_argument("--embedder", default="", help="without it, embeddings are left out")
    parser.add_argument("--javascript", type=Path, help="a folder with the npm package openai")
    options = parser.parse_args()
    server = Server(options.url, options.key, options.model, options.embedder)
    lines = [*run(server), *(run_javascript(server, options.javascript) if options.javascript else ())]
    print("| client | check | result |\n|---|---|---|")
    for line in lines:
        print("| " + " | ".join(line) + " |")
    failed = sum(line.result.startswith("failed") for line in lines)
    print(f"\n{sum(line.result == 'passed' for line in lines)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
