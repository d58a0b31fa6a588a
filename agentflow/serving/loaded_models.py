"""Every model of one server, opened within one plan: what cannot work is refused before the server says it is ready."""

import logging
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from agentflow.errors import Unavailable
from agentflow.serving.backend.llama_context import KV_TYPES, LlamaContext
from agentflow.serving.backend.llama_model import LlamaModel, open_weights
from agentflow.serving.backend.lora import Adapter, open_adapter
from agentflow.serving.backend.prefill_search import PrefillSearch, PrefillSettings, settings_for
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.chat_model import ChatModel
from agentflow.serving.config import ServedModel, ServerConfig
from agentflow.serving.embedding import EmbeddingModel
from agentflow.serving.engine.batch_runner import Deliver
from agentflow.serving.engine.engine import InferenceEngine
from agentflow.serving.kvcache.prefix_store import PrefixStore
from agentflow.serving.kvcache.state_block import BLOCK_TOKENS
from agentflow.serving.speculative.draft_model import DraftModel, open_draft
from agentflow.serving.speculative.speculator import Speculator
from agentflow.serving.text.chat_template import ChatTemplate
from agentflow.serving.text.grammar import GrammarCompiler

log = logging.getLogger("agentflow.serving")
SPARE_SEQUENCES = 32  # resident prefixes beyond the answers being written
MOST_SEQUENCES = 255  # llama.cpp's 256 but for the context's own
MEMORY_SHARE = 8  # the store's memory is at most this part of the machine's
BYTES = {"f32": 4.0, "f16": 2.0, "q8_0": 1.0625, "q5_1": 0.75, "q5_0": 0.6875, "q4_1": 0.625, "q4_0": 0.5625}
assert BYTES.keys() == KV_TYPES.keys()


@dataclass(slots=True)
class LoadedModels:
    chats: dict[str, ChatModel] = field(default_factory=dict)
    embedders: dict[str, EmbeddingModel] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    @property
    def engines(self) -> dict[str, InferenceEngine]:
        """Those at work: a lazy model that nobody asked has none."""
        return {name: chat.opened for name, chat in self.chats.items() if chat.opened is not None}

    def troubles(self) -> dict[str, str]:
        """Models whose worker does not get on, and why."""
        told = {name: engine.trouble() for name, engine in self.engines.items()}
        told |= {name: embedder.trouble() for name, embedder in self.embedders.items()}
        return {name: words for name, words in told.items() if words}

    def close(self) -> None:
        for engine in self.engines.values():
            engine.stop()
            engine.context.close()
        for embedder in self.embedders.values():
            embedder.close()


def open_models(config: ServerConfig, deliver: Deliver) -> LoadedModels:
    """Models with the same file share its weights. Raises Unavailable with the model's name when one cannot be served."""
    loaded = LoadedModels()
    compute_lock = threading.Lock()
    threads = config.threads or available_cores()
    need = 0.0
    files: dict[tuple[str, int], LlamaModel] = {}
    adapters: dict[str, Adapter] = {}
    for model in config.models:
        loaded.aliases |= dict.fromkeys(model.aliases, model.name)
        file = (str(model.path), model.gpu_layers)
        held = file in files
        weights = files[file] if held else open_weights(model.path, model.gpu_layers)
        files[file] = weights
        if not (held and model.lazy):  # a cache that may never be made
            need += bytes_needed(model, weights) - (weights.size if held and not model.gpu_layers else 0)
            check_memory(model.name, need)
        if model.adapter:  # before any context: llama.cpp lays a context out for the adapters that are there
            adapters[model.name] = open_adapter(weights, model.adapter, model.adapter_scale)
    for model in config.models:
        weights = files[str(model.path), model.gpu_layers]
        if model.kind == "embedding":
            loaded.embedders[model.name] = EmbeddingModel(
                weights, window=model.context, threads=threads, offload=model.gpu_layers != 0, compute_lock=compute_lock
            )
        else:
            open_one = partial(
                open_engine,
                model,
                weights,
                adapters.get(model.name),
                threads=threads,
                most_threads=config.threads or allowed_cores(),
                queue=config.queue,
                compute_lock=compute_lock,
                deliver=deliver,
            )
            loaded.chats[model.name] = open_chat(model, weights, open_one)
    return loaded


def open_chat(model: ServedModel, weights: LlamaModel, open_one: Callable[[], InferenceEngine]) -> ChatModel:
    """With its engine at work, unless the model is lazy."""
    compiler = GrammarCompiler(weights.vocab, model.json_spacing)
    compiler.tokenizer  # noqa: B018  built now, not in the first request
    template = ChatTemplate(weights.vocab, model.chat_template or weights.metadata("tokenizer.chat_template"))
    window = min(model.context, model.cells or model.context)
    chat = ChatModel(model.name, template, compiler, window, model.parallel, open_one)
    if not model.lazy:
        chat.engine  # noqa: B018  opens it
    return chat


def open_engine(
    model: ServedModel,
    weights: LlamaModel,
    adapter: Adapter | None,
    *,
    threads: int,
    most_threads: int,
    queue: int,
    compute_lock: AbstractContextManager[Any],
    deliver: Deliver,
) -> InferenceEngine:
    """A context of its own also where the weights are shared: what one adapter has computed is of no use to another."""
    sequences = min(model.parallel + (4 if weights.recurrent else SPARE_SEQUENCES), MOST_SEQUENCES)
    # llama.cpp reserves an output for each sequence.
    prefill = prefill_of(model, weights, threads, most_threads, least=sequences + 1)
    context = LlamaContext(
        weights,
        adapter=adapter,
        cells=model.cells or model.context * model.parallel,
        sequences=sequences,
        batch=prefill.batch,
        prefill_threads=prefill.threads,
        outputs=max(64, 4 * model.parallel),
        threads=threads,
        kv_type=model.kv_type,
        flash_attention=model.flash_attention,
        offload=model.gpu_layers != 0,
    )
    if weights.recurrent:
        log.warning(
            "%s keeps a recurrent state: no drafting, and prefixes are reused only when appended to", model.name
        )
    cost = StepCost()
    drafting = model.speculation.max_draft > 0 and not weights.recurrent
    if drafting:
        cost.measure(context)
    draft: DraftModel | None = None
    if model.draft is not None and drafting:
        draft = open_draft(model.draft, context, threads=threads, gpu_layers=model.gpu_layers)
    speculator = Speculator(model.speculation, cost, rollback=not weights.recurrent, model=draft)
    engine = InferenceEngine(
        context,
        parallel=model.parallel,
        window=model.context,
        queue=queue,
        speculator=speculator,
        cost=cost,
        compute_lock=compute_lock,
        deliver=deliver,
        prefixes=open_store(model, context, cost),
    )
    engine.start()
    return engine


def prefill_of(model: ServedModel, weights: LlamaModel, threads: int, most_threads: int, least: int) -> PrefillSettings:
    """What was measured on this machine, or is now; on a GPU and for recurrent models, what the configuration says."""
    default = PrefillSettings(max(model.batch, least), threads)
    if model.gpu_layers or weights.recurrent:
        return default
    search = PrefillSearch(weights, default, least, most_threads, model.kv_type, model.flash_attention)
    return settings_for(search, model.searches, model.prefix_store.identity)


def open_store(model: ServedModel, context: LlamaContext, cost: StepCost) -> PrefixStore | None:
    """None for states that cannot be cut into blocks: recurrent ones, and windows narrower than a block."""
    import psutil

    weights, asked = context.weights, model.prefix_store
    if not asked.on or weights.recurrent or 0 < weights.sliding_window < BLOCK_TOKENS:
        return None
    memory = min(asked.memory, psutil.virtual_memory().total // MEMORY_SHARE)
    config = asked.model_copy(update={"memory": memory})
    return PrefixStore(context, cost, config, kv_type=model.kv_type, name=model.name)


def allowed_cores() -> int:
    """Cores this process may use, hyper-threads counted."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def available_cores() -> int:
    """Physical cores this process may use: hyper-threads slow decoding down."""
    import psutil

    allowed = allowed_cores()
    return max(1, min(allowed, psutil.cpu_count(logical=False) or allowed))


def bytes_needed(model: ServedModel, weights: LlamaModel) -> float:
    """Main memory for weights and cache; what lies on a GPU is checked by llama.cpp itself."""
    if model.gpu_layers != 0:
        return 0.0
    if model.kind == "embedding":
        return float(weights.size)
    adapter = model.adapter.stat().st_size if model.adapter and model.adapter.is_file() else 0
    cells = model.cells or model.context * model.parallel
    return weights.size + adapter + cells * kv_bytes_per_token(weights, model.kv_type)


def check_memory(name: str, need: float) -> None:
    """Raises Unavailable when the models up to `name` need more memory than this machine has."""
    import psutil

    total = psutil.virtual_memory().total
    if need > total:
        raise Unavailable(
            f"with {name} the models need {need / 1e9:.1f} GB of weights and cache; this machine has {total / 1e9:.1f} GB",
            "lower `context` or `parallel`, or take a smaller file; `agentflow models fit` computes what fits",
        )


def kv_bytes_per_token(weights: LlamaModel, kv_type: str) -> float:
    """Keys and values of all layers."""
    architecture = weights.metadata("general.architecture")
    heads = int(weights.metadata(f"{architecture}.attention.head_count") or 1)
    kv_heads = int(weights.metadata(f"{architecture}.attention.head_count_kv") or heads)
    width = int(weights.metadata(f"{architecture}.attention.key_length") or weights.width // heads)
    return 2 * weights.layers * kv_heads * width * BYTES[kv_type]
