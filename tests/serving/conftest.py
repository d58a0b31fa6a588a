"""A real llama.cpp model with random weights, an engine on it, and a server process with it."""

import json
import queue
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.llama_model import LlamaModel, open_weights
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.config import DraftingConfig
from agentflow.serving.engine.engine import InferenceEngine
from agentflow.serving.engine.request import Event, Failed, Finished, GenerationRequest, TextChunk
from agentflow.serving.speculative.speculator import Speculator
from benchmarks.random_weights import write_model


@pytest.fixture(scope="session")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("weights") / "tiny.gguf")


@pytest.fixture(scope="session")
def weights(gguf: Path) -> LlamaModel:
    return open_weights(gguf)


@dataclass
class Answer:
    """A sink that waits for the end of its job."""

    job: GenerationRequest = field(init=False)
    events: "queue.Queue[Event]" = field(default_factory=queue.Queue)
    pieces: list[TextChunk] = field(default_factory=list)

    def put_nowait(self, event: Event) -> None:
        self.events.put_nowait(event)

    def wait(self, timeout: float = 60) -> Finished | Failed:
        while isinstance(event := self.events.get(timeout=timeout), TextChunk):
            self.pieces.append(event)
        return event

    def finish(self) -> Finished:
        end = self.wait()
        assert isinstance(end, Finished), end
        return end

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def ask(engine: InferenceEngine, prompt: list[int], max_tokens: int = 16, **options: Any) -> Answer:
    answer = Answer()
    answer.job = GenerationRequest(prompt=prompt, sink=answer, max_tokens=max_tokens, **options)
    engine.submit(answer.job)
    return answer


@pytest.fixture
def make_engine(weights: LlamaModel) -> Iterator[Callable[..., InferenceEngine]]:
    """Engines that end with the test. `start=False` leaves the stepping to the test."""
    made: list[InferenceEngine] = []

    def make(
        *,
        cells: int = 4096,
        sequences: int = 16,
        parallel: int = 8,
        max_draft: int = 0,
        queue: int = 100,
        start: bool = True,
    ) -> InferenceEngine:
        context = LlamaContext(
            weights, cells=cells, sequences=sequences, batch=256, kv_type="f32", flash_attention=False
        )
        cost = StepCost()
        speculator = Speculator(DraftingConfig(max_draft=max_draft), cost)
        engine = InferenceEngine(context, parallel=parallel, window=1024, queue=queue, speculator=speculator, cost=cost)
        if start:
            engine.start()
        made.append(engine)
        return engine

    yield make
    for engine in made:
        if engine._thread.is_alive():
            engine.stop()
        engine.context.close()


def is_clean(engine: InferenceEngine) -> bool:
    """Nothing runs, and dropping what rests frees every cell."""
    kv_cache = engine.kv_cache

    def check() -> bool:
        kept = [engine.context.last_position(r.id) == r.computed - 1 and not r.busy for r in kv_cache.all]
        return all(kept) and kv_cache.drop_idle() and kv_cache.tree.size == 0 and not kv_cache.tree.root.children

    return engine.call(check).result(60) and not engine.running and not engine.waiting.jobs


@dataclass
class Server:
    process: "subprocess.Popen[str]"
    url: str
    key: str
    ready: dict[str, Any]


def start_server(config: dict[str, Any]) -> Server:
    process = subprocess.Popen(
        [sys.executable, "-m", "agentflow.serving", "--config", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin and process.stdout
    process.stdin.write(json.dumps(config))
    process.stdin.close()
    ready = json.loads(process.stdout.readline())
    return Server(process, ready.get("url", ""), config.get("api_key", ""), ready)


@pytest.fixture(scope="session")
def server(gguf: Path) -> Iterator[Server]:
    """One server for all tests of the face: small queue, tiny window."""
    model = {"name": "tiny", "aliases": ["gpt-4o-mini"], "path": str(gguf), "context": 1024, "parallel": 4}
    embedder = {"name": "embedder", "path": str(gguf), "kind": "embedding", "context": 256}
    running = start_server({"api_key": "secret", "queue": 32, "models": [model, embedder]})
    yield running
    running.process.terminate()
    assert running.process.wait(timeout=120) == 0
    running.process.stdout.close()  # type: ignore[union-attr]
