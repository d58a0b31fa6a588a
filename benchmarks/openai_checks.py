"""The checks of `clients.py` with the `openai` package: everything of the server that OpenAI's interface names."""

import json
from typing import Any

from client_check import MESSAGES, SCHEMA, TOOL, Checks, Server, expect


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
