"""Mixed requests, many of them broken, cancelled or late."""

import asyncio
import json
import random
from typing import Any

import httpx
import jsonschema

from agentflow.models.client.prompted_tools import closed

WORDS = ["river", "stone", "the", "of", "blue", "<|im_end|>", "évidence", "🙂", "{", '"']


def random_schema(draw: random.Random, depth: int = 0) -> Any:
    kinds = ["string", "integer", "boolean", "enum", "number", *(["object", "array"] * (depth < 2)), "broken"]
    match draw.choices(kinds, [6] * (len(kinds) - 1) + [1])[0]:
        case "object":
            properties = {draw.choice("abcdé"): random_schema(draw, depth + 1) for _ in range(draw.randint(1, 3))}
            return closed(properties)
        case "array":
            items, least = random_schema(draw, depth + 1), draw.randint(0, 1)
            return {"type": "array", "items": items, "minItems": least, "maxItems": 2}
        case "string":
            return {"type": "string", "maxLength": draw.randint(1, 8)}
        case "integer":
            return {"type": "integer", "minimum": -5, "maximum": 500}
        case "enum":
            return {"enum": ["red", 1, None]}
        case "broken":
            return draw.choice([{"type": "strin"}, {"$ref": "#/x"}, {"not": {}}, {"pattern": "("}, 7])
        case kind:
            return {"type": kind}


class MixedRequests:
    """A client of `model` at `url` that asks for anything, and asserts that each answer is a proper one."""

    def __init__(self, url: str, key: str, model: str, seed: int, timeout: float = 60) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.client = httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout)
        self.model = model
        self.draw = random.Random(seed)
        self.outcomes: dict[str, int] = {}

    def body(self) -> dict[str, Any]:
        shared = " ".join(random.Random(self.draw.randint(0, 5)).choices(WORDS, k=60))
        own = " ".join(self.draw.choices(WORDS, k=self.draw.randint(1, 20)))
        return {
            "model": self.model,
            "messages": [{"role": "system", "content": shared}, {"role": "user", "content": own}],
            "max_tokens": self.draw.choice([1, 5, 30, 120]),
            "temperature": self.draw.choice([0, 0.7, 1.5]),
            "top_p": self.draw.choice([1, 0.8]),
            "seed": self.draw.randint(0, 9),
            "priority": self.draw.choice(["interactive", "graph", "batch"]),
            "run": self.draw.choice(["", "r1", "r2"]),
        }

    async def one(self) -> str:
        """What became of it."""
        kinds = [*[self.plain] * 2, *[self.constrained] * 2, self.left, self.late, self.malformed, self.scored]
        kind = self.draw.choice(kinds)
        outcome = await kind(self.body())
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        return outcome

    async def post(self, body: Any, **options: Any) -> httpx.Response:
        return await self.client.post("/v1/chat/completions", json=body, **options)

    async def plain(self, body: dict[str, Any]) -> str:
        answer = await self.post(body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["usage"]["completion_tokens"] <= body["max_tokens"]
        return "answered"

    async def constrained(self, body: dict[str, Any]) -> str:
        schema = random_schema(self.draw)
        body |= {
            "max_tokens": 400,
            "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}},
        }
        answer = await self.post(body)
        if answer.status_code == 400:
            assert answer.json()["error"]["type"] == "invalid_request_error"
            return "schema refused"
        assert answer.status_code == 200, answer.text
        choice = answer.json()["choices"][0]
        if choice["finish_reason"] == "stop":
            jsonschema.validate(json.loads(choice["message"]["content"]), schema)
        return f"constrained {choice['finish_reason']}"

    async def left(self, body: dict[str, Any]) -> str:
        body |= {"stream": True, "max_tokens": 300, "ignore_eos": True}
        async with self.client.stream("POST", "/v1/chat/completions", json=body) as stream:
            lines = self.draw.randint(0, 6)
            async for _ in stream.aiter_lines():
                lines -= 1
                if lines <= 0:
                    break
        return "left"

    async def late(self, body: dict[str, Any]) -> str:
        answer = await self.post(
            body | {"deadline_s": self.draw.choice([0.001, 0.02]), "max_tokens": 500, "ignore_eos": True}
        )
        assert answer.status_code in (200, 504), answer.text
        return "late"

    async def malformed(self, body: dict[str, Any]) -> str:
        broken = self.draw.choice(
            [
                {"messages": "no"},
                body | {"max_tokens": 0},
                body | {"messages": [{"role": "user", "content": "x " * 5000}]},
                body | {"tools": [{"type": "function"}]},
                body | {"grammar": "root ::= missing"},
                [],
            ]
        )
        answer = await self.post(broken)
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["message"]
        return "malformed"

    async def scored(self, body: dict[str, Any]) -> str:
        answer = await self.post(body | {"max_tokens": 1, "logprobs": True, "top_logprobs": 3})
        (token,) = answer.json()["choices"][0]["logprobs"]["content"]
        assert len(token["top_logprobs"]) == 3
        return "scored"

    async def run(self, count: int, width: int) -> None:
        numbers = iter(range(count))

        async def worker() -> None:
            for _ in numbers:
                await self.one()

        await asyncio.gather(*(worker() for _ in range(width)))

    async def assert_clean(self) -> None:
        """Waits until the server is idle; nothing may be left in its cache then but what can be dropped."""
        await until_idle(self.client, self.model)
        cleared = (await self.client.post("/cache/clear")).json()
        assert cleared[self.model] == {"clean": True, "cells_used": 0}


async def until_idle(client: httpx.AsyncClient, model: str) -> None:
    """Until no request runs or waits, which those that were given up must not keep it from."""
    async with asyncio.timeout(60):
        while True:
            metrics = (await client.get("/metrics")).text
            if all(f'agentflow_{state}{{model="{model}"}} 0' in metrics for state in ("running", "waiting")):
                return
            await asyncio.sleep(0.02)
