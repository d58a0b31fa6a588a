"""The servers that are compared, each in its own process with the same weights, threads and environment."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
import psutil

from agentflow.serving.backend import amx

WINDOW = 2048
OPENMP = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "KMP_BLOCKTIME")  # each side has its own defaults


@dataclass(frozen=True, slots=True)
class Call:
    """What one answer took: seconds to the first token and in all; prompt tokens from cache, tokens written."""

    first: float
    seconds: float
    cached: int
    written: int


@dataclass(frozen=True, slots=True)
class Answered(Call):
    """A chat answer: also its text, the prompt's length in tokens, and tokens (drafted, accepted) by source."""

    text: str = ""
    prompt: int = 0
    by_source: dict[str, tuple[int, int]] = field(default_factory=dict)


Name = Literal["agentflow", "llama-server", "llama_cpp.server"]


class Http:
    """A server under test; each takes the request in its own words. `text` turns prompt tokens into text for the one
    that takes no tokens."""

    def __init__(
        self, name: Name, url: str, process: "subprocess.Popen[str]", text: Callable[[list[int]], str] | None = None
    ) -> None:
        self.name = name
        self.process = psutil.Process(process.pid)
        self.text = text
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)  # llama-server closes idle ones
        self.client = httpx.AsyncClient(base_url=url, timeout=600, limits=limits)

    def cpu(self) -> float:
        """CPU seconds of the server so far: what a busy machine does not distort."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    async def call(self, prompt: list[int], tokens: int, **options: Any) -> Call:
        """Streams one greedy answer of exactly `tokens` tokens."""
        body: dict[str, Any] = {"prompt": prompt, "temperature": 0, "stream": True, "ignore_eos": True}
        route = "/v1/completions"
        if self.name == "agentflow":
            body |= {"max_tokens": tokens, "speculation": False, "stream_options": {"include_usage": True}}
        elif self.text:
            body |= {"prompt": self.text(prompt), "max_tokens": tokens}
        else:
            route = "/completion"
            body |= {"n_predict": tokens, "cache_prompt": True, "samplers": ["temperature"]}
        began, first = time.perf_counter(), 0.0
        last: dict[str, Any] = {}
        async with self.client.stream("POST", route, json=body | options) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    first = first or time.perf_counter() - began
                    last = json.loads(line[6:])
        seconds = time.perf_counter() - began
        if self.text:  # it tells neither; random weights do not end an answer early
            return Call(first, seconds, 0, tokens)
        if self.name == "agentflow":
            usage = last["usage"]
            return Call(first, seconds, usage["prompt_tokens_details"]["cached_tokens"], usage["completion_tokens"])
        return Call(first, seconds, last["timings"]["cache_n"], last["timings"]["predicted_n"])

    async def chat(self, asked: dict[str, Any], run: str) -> Answered:
        """One greedy chat answer, by each side's own drafting. Ours is told the run, as in the product."""
        body = {**asked, "stream": True, "stream_options": {"include_usage": True}}
        if self.name == "agentflow":
            body["run"] = run
        if self.name == "llama_cpp.server" and "response_format" in body:
            # it ignores OpenAI's form without a word
            schema = body["response_format"]["json_schema"]["schema"]
            body["response_format"] = {"type": "json_object", "schema": schema}
        began, first = time.perf_counter(), 0.0
        last: dict[str, Any] = {}
        text: list[str] = []
        async with self.client.stream("POST", "/v1/chat/completions", json=body) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                if not line.startswith("data: {"):
                    continue
                chunk = json.loads(line[6:])
                last |= {key: chunk[key] for key in ("usage", "timings", "speculation") if chunk.get(key)}
                for choice in chunk["choices"]:
                    if piece := choice["delta"].get("content"):
                        first = first or time.perf_counter() - began
                        text.append(piece)
        seconds, usage, timings = time.perf_counter() - began, last.get("usage", {}), last.get("timings", {})
        if drafts := last.get("speculation"):
            sources = {name: (one["drafted"], one["accepted"]) for name, one in drafts["by_source"].items()}
        else:
            made = timings.get("draft_n", 0), timings.get("draft_n_accepted", 0)
            sources = {"drafts": made} if made[0] else {}
        details = usage.get("prompt_tokens_details") or {}
        return Answered(
            first or seconds,
            seconds,
            timings.get("cache_n", details.get("cached_tokens", 0)),
            usage.get("completion_tokens", len(text)),
            "".join(text),
            usage.get("prompt_tokens", 0),
            sources,
        )


@contextmanager
def agentflow(path: Path, parallel: int, threads: int, log: Path, **model: Any) -> Iterator[Http]:
    config = {
        "threads": threads,
        "models": [{"name": "bench", "path": str(path), "parallel": parallel, "context": WINDOW, **model}],
    }
    argv = [sys.executable, "-m", "agentflow.serving", "--config", "-"]
    with log.open("w") as errors, running(argv, errors, talks=True) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(config))
        process.stdin.close()
        ready = json.loads(process.stdout.readline())
        assert ready["ready"], ready
        yield Http("agentflow", ready["url"], process)


@contextmanager
def llama_server(
    binary: Path, path: Path, parallel: int, threads: int, log: Path, *options: str, window: int = WINDOW
) -> Iterator[Http]:
    port = free_port()
    argv = [str(binary), "-m", str(path), "--port", str(port), "-np", str(parallel), "-c", str(window * parallel)]
    argv += options
    argv += ["-t", str(threads), "-tb", str(threads), "-b", "512", "-ub", "512", "-fa", "on", "--no-webui"]
    if amx.is_broken():
        argv.append("--no-repack")  # what agentflow does on such a machine
    with log.open("w") as errors, running(argv, errors) as process:
        wait_for(f"http://127.0.0.1:{port}/health")
        yield Http("llama-server", f"http://127.0.0.1:{port}", process)


@contextmanager
def python_server(
    path: Path, threads: int, log: Path, text: Callable[[list[int]], str], window: int = WINDOW
) -> Iterator[Http]:
    """`python -m llama_cpp.server`, told not to cancel a running answer for a new one."""
    port = free_port()
    argv = [sys.executable, "-m", "llama_cpp.server", "--model", str(path), "--port", str(port), "--n_ctx", str(window)]
    argv += ["--n_threads", str(threads), "--n_threads_batch", str(threads), "--n_batch", "512", "--flash_attn", "True"]
    argv += ["--interrupt_requests", "False", "--verbose", "False"]
    with log.open("w") as errors, running(argv, errors) as process:
        wait_for(f"http://127.0.0.1:{port}/v1/models")
        yield Http("llama_cpp.server", f"http://127.0.0.1:{port}", process, text)


@contextmanager
def running(argv: list[str], errors: Any, *, talks: bool = False) -> "Iterator[subprocess.Popen[str]]":
    """`talks`: it is told something, and what it prints is read."""
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
        stdout=subprocess.PIPE if talks else errors,
        stderr=errors,
        text=True,
        env={name: value for name, value in os.environ.items() if name not in OPENMP},
        start_new_session=True,  # as agentflow starts its servers: Linux shares a busy machine out by sessions
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


class Serial:
    """`llama_cpp.Llama`, one call after the other, in its own process: a line of JSON in, a line out."""

    name = "Llama"

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def cpu(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def call(self, prompt: list[int], tokens: int) -> Call:
        return Call(**self._told({"prompt": prompt, "tokens": tokens}))

    def chat(self, asked: dict[str, Any]) -> Answered:
        return Answered(**self._told({"chat": asked}))

    def _told(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told


@contextmanager
def serial(path: Path, threads: int, log: Path, window: int = WINDOW) -> Iterator[Serial]:
    argv = [sys.executable, "-m", "benchmarks.serve.serial", str(path), str(threads), str(window)]
    with log.open("w") as errors, running(argv, errors, talks=True) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == "ready"
        yield Serial(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass  # not listening yet
        time.sleep(0.2)
    raise TimeoutError(f"{url} did not answer within {seconds:g} s")
