"""How prompts are computed fastest here: tokens a batch and threads, found once per machine and model by a short search."""

import logging
import platform
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import llama_cpp

from agentflow.errors import AgentflowError
from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.llama_model import LlamaModel
from agentflow.storage.facts import keep, recall

log = logging.getLogger("agentflow.serving")
BATCHES = (512, 256, 128)
TOKENS = 512  # of prompt in one trial
TRIALS = 3
SHORT_SECONDS = 2.0  # a model that needs longer for a trial is not searched: it would hold up the start
CLEARLY = 0.93  # of the default's time: less of a difference may be another program's doing


@dataclass(frozen=True, slots=True)
class PrefillSettings:
    """`threads` compute prompts; decoding keeps its own."""

    batch: int
    threads: int


@dataclass(frozen=True, slots=True)
class PrefillSearch:
    """`default` is what is taken unless something is clearly faster; `least` tokens a batch must hold."""

    weights: LlamaModel
    default: PrefillSettings
    least: int
    most_threads: int
    kv_type: str
    flash_attention: bool

    def run(self) -> PrefillSettings:
        """Batches first, then threads with the best of them. Seconds for a small model."""
        began = time.perf_counter()
        best, fastest = self.default, self.measure(self.default)
        if fastest > SHORT_SECONDS:
            return self.default
        for size in (size for size in BATCHES if self.least <= size != self.default.batch):
            wanted = PrefillSettings(size, self.default.threads)
            taken = self.measure(wanted)
            if taken < CLEARLY * fastest:
                best, fastest = wanted, taken
        more = PrefillSettings(best.batch, self.most_threads)
        if more != best and self.measure(more) < CLEARLY * fastest:
            best = more
        log.info("prefill: %s, searched in %.1f s", best, time.perf_counter() - began)
        return best

    def measure(self, settings: PrefillSettings) -> float:
        """Seconds for a prompt of TOKENS, the best of TRIALS."""
        context = LlamaContext(
            self.weights,
            cells=2 * TOKENS,
            sequences=1,
            batch=settings.batch,
            threads=settings.threads,
            kv_type=self.kv_type,
            flash_attention=self.flash_attention,
        )
        try:
            return min(prefill_seconds(context) for _ in range(TRIALS))
        finally:
            context.close()


def prefill_seconds(context: LlamaContext) -> float:
    tokens = [(7 * place + 3) % context.vocabulary for place in range(TOKENS)]
    began = time.perf_counter()
    for start in range(0, TOKENS, context.batch_size):
        piece = tokens[start : start + context.batch_size]
        count = len(piece)
        context.decode(piece, list(range(start, start + count)), [0] * count, [False] * count)
    seconds = time.perf_counter() - began
    context.clear(0)
    return seconds


def settings_for(search: PrefillSearch, folder: Path | None, identity: str) -> PrefillSettings:
    """Those kept for this machine and model, else searched now and kept. Without a folder, the default."""
    if folder is None or not identity:
        return search.default
    known = [platform.node(), cpu_name(), identity, llama_cpp.__version__, repr(search.default), search.least]
    known += [search.kv_type, str(search.flash_attention), str(search.most_threads)]
    with suppress(TypeError):
        return PrefillSettings(**recall(folder, *known))
    try:
        found = search.run()
    except (AgentflowError, RuntimeError) as error:
        log.warning("no settings for prefill were measured: %s", error)
        return search.default
    keep(folder, asdict(found), *known)
    return found


def cpu_name() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
