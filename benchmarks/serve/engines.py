"""An engine in this process, for what only the inside can show: replays of given text and seconds per step."""

import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.llama_model import open_weights
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.config import DraftingConfig, PrefixStoreConfig
from agentflow.serving.engine.engine import InferenceEngine
from agentflow.serving.engine.request import (
    Event,
    Failed,
    Finished,
    GenerationRequest,
    RequestStats,
    TextChunk,
    TokenLogprob,
)
from agentflow.serving.kvcache.prefix_store import PrefixStore
from agentflow.serving.speculative.draft_model import open_draft
from agentflow.serving.speculative.speculator import Speculator


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds since its making: `seconds` on the wall, `cpu` of this process, which other programs hardly touch."""

    wall: float = field(default_factory=time.perf_counter)
    process: float = field(default_factory=time.process_time)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.wall

    @property
    def cpu(self) -> float:
        return time.process_time() - self.process


@dataclass
class Replay:
    """A sink that keeps the end, and the tokens with their scores where logprobs were asked for."""

    events: "queue.Queue[Event]" = field(default_factory=queue.Queue)
    scores: list[TokenLogprob] = field(default_factory=list)

    @property
    def tokens(self) -> list[int]:
        return [score.token for score in self.scores]

    def put_nowait(self, event: Event) -> None:
        self.events.put_nowait(event)

    def statistics(self) -> RequestStats:
        while not isinstance(event := self.events.get(timeout=600), Finished | Failed):
            if isinstance(event, TextChunk):
                self.scores += event.logprobs
        assert isinstance(event, Finished), event
        return event.statistics


def start(engine: InferenceEngine, prompt: list[int], tokens: int, **options: Any) -> Replay:
    replay = Replay()
    engine.submit(GenerationRequest(prompt=prompt, sink=replay, max_tokens=tokens, **options))
    return replay


@contextmanager
def open_engine(
    path: Path, threads: int, parallel: int = 8, store: PrefixStoreConfig | None = None, draft: Path | None = None
) -> Iterator[InferenceEngine]:
    context = LlamaContext(
        open_weights(path),
        cells=2048 * parallel,
        sequences=parallel + 32,
        threads=threads,
        outputs=max(64, 4 * parallel),
    )
    cost = StepCost()
    cost.measure(context)
    drafter = open_draft(draft, context, threads=threads, gpu_layers=0) if draft else None
    speculator = Speculator(DraftingConfig(), cost, model=drafter)
    engine = InferenceEngine(
        context,
        parallel=parallel,
        window=2048,
        queue=1000,
        speculator=speculator,
        cost=cost,
        prefixes=PrefixStore(context, cost, store, kv_type="f16") if store else None,
    )
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()
        context.close()
