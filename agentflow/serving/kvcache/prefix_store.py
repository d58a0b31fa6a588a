"""Prefixes outside the attention window, in two storeys: main memory and disk.

A prompt's state is saved when its answer is complete. It may then leave the window, where idle cells slow every pass, and
comes back for a fraction of its computation: in this process, in a later one, or beside other prompts that begin alike.
"""

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any

import llama_cpp

from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.config import PrefixStoreConfig
from agentflow.serving.kvcache.block_index import BlockIndex
from agentflow.serving.kvcache.radix_tree import common
from agentflow.serving.kvcache.state_block import BLOCK_TOKENS, StateBlock, block_key
from agentflow.serving.kvcache.state_files import StateFiles
from agentflow.serving.kvcache.state_memory import StateMemory

WORTH_SAVING = 128  # tokens of a prompt: shorter ones are computed in no time
WORTH_LOADING = 32  # tokens beyond what the window holds
SHORTEST_TAIL = 8
FOLLOW = 0.3  # weight of a new measurement
MEMORY_RATE, DISK_RATE = 2e9, 3e8  # bytes/s until measured


@dataclass(frozen=True, slots=True)
class Restoration:
    """Blocks whose states lead a prompt from `start` to `end`, and their bytes in memory and on disk."""

    blocks: list[StateBlock]
    start: int
    end: int
    in_memory: int
    on_disk: int


@dataclass(slots=True)
class StoreStats:
    saved_tokens: int = 0
    loaded_tokens: int = 0
    saved_bytes: int = 0
    loaded_bytes: int = 0
    rates: dict[str, float] = field(default_factory=lambda: {"memory": MEMORY_RATE, "disk": DISK_RATE})
    """Bytes a second into the window."""


class PrefixStore:
    """Belongs to the engine's thread."""

    def __init__(
        self, context: LlamaContext, cost: StepCost, config: PrefixStoreConfig, *, kv_type: str, name: str = ""
    ) -> None:
        """`name` is told to people who look at the folder."""
        self.context = context
        self.cost = cost
        self.memory = StateMemory(config.memory)
        self.statistics = StoreStats()
        known: list[Any] = [config.identity, kv_type, llama_cpp.__version__, context.flash_attention, BLOCK_TOKENS]
        root = hashlib.sha256(repr(known).encode()).digest()
        self.index = BlockIndex(root)
        self.files: StateFiles | None = None
        if config.folder is not None and config.identity and config.disk:
            self.files = StateFiles(config.folder, root.hex()[:16], name, config.disk)
            for block in self.files.open():
                self.index.add(block)

    def find(self, prompt: list[int], start: int) -> Restoration | None:
        """What leads beyond `start`, if loading it costs less than computing it. The last token is always computed."""
        blocks = self.index.match(prompt[:-1])
        if not blocks:
            return None
        last = blocks[-1]
        end = last.start + common(last.tokens, prompt[last.start : -1])
        wanted = [block for block in blocks if block.end > start]
        if end - start < WORTH_LOADING:
            return None
        sizes = [(block.size, block.key in self.memory.states) for block in wanted]
        found = Restoration(
            wanted, start, end, sum(size for size, here in sizes if here), sum(size for size, here in sizes if not here)
        )
        return found if self.seconds(found) < (end - start) * self.cost.per_prompt_token else None

    def seconds(self, found: Restoration) -> float:
        """What loading is expected to take, by the rates measured so far."""
        rates = self.statistics.rates
        return found.in_memory / rates["memory"] + found.on_disk / rates["disk"]

    def load(self, found: Restoration, sequence: int) -> int:
        """Loads into a sequence that holds [0, found.start); returns how far it is computed then. What is gone or
        damaged ends it there."""
        at = found.start
        for block in found.blocks:
            since = time.perf_counter()
            storey = "memory"
            state = self.memory.get(block.key)
            if state is None and self.files is not None:
                storey, state = "disk", self.files.read(block)
            end = min(block.end, found.end)
            if state is None:
                self._forget(block)
                break
            if not self.context.load_range(state, sequence, at, end):
                break  # no room just now
            self._measure(storey, block.size, time.perf_counter() - since)
            if storey == "disk":
                self._remember(block, state)
            self.statistics.loaded_tokens += end - at
            self.statistics.loaded_bytes += block.size
            at = end
        self._touch(found.blocks)
        return at

    def keep(self, sequence: int, tokens: list[int]) -> int:
        """Saves what is new of a sequence's first tokens, which are computed; returns how many are in the store now."""
        if len(tokens) < WORTH_SAVING or not self._pays():
            return 0
        chain: list[StateBlock] = []
        parent = self.index.root
        for start in range(0, len(tokens), BLOCK_TOKENS):
            piece = tokens[start : start + BLOCK_TOKENS]
            if len(piece) < SHORTEST_TAIL:
                break
            block = self.index.find(parent, piece) or self._save(sequence, parent, start, piece)
            if block is None:
                break
            chain.append(block)
            parent = block.key
        self._touch(chain)
        return min(chain[-1].end, len(tokens)) if chain else 0

    def price(self, saved: int) -> float:
        """The share of its computation that a prefix costs when it comes back, `saved` of its tokens being in the store."""
        if not saved or not self.statistics.saved_tokens:
            return 1.0
        return min(1.0, self._seconds_per_token("memory") / self.cost.per_prompt_token)

    def clear(self) -> None:
        self.index.clear()
        self.memory.clear()
        if self.files is not None:
            self.files.clear()

    def close(self) -> None:
        if self.files is not None:
            self.files.close()

    def _pays(self) -> bool:
        """Whether what is saved now would be worth loading later."""
        if not self.statistics.saved_tokens:
            return True
        storey = "memory" if self.memory.limit else "disk"
        return self._seconds_per_token(storey) < self.cost.per_prompt_token

    def _seconds_per_token(self, storey: str) -> float:
        size = self.statistics.saved_bytes / self.statistics.saved_tokens
        return size / self.statistics.rates[storey]

    def _save(self, sequence: int, parent: bytes, start: int, tokens: list[int]) -> StateBlock | None:
        state = self.context.save_range(sequence, start, start + len(tokens))
        if not state:
            return None
        block = StateBlock(block_key(parent, tokens), parent, start, tokens, len(state))
        for shorter in self.index.add(block):
            self.memory.drop(shorter.key)
            if self.files is not None:
                self.files.drop(shorter)
        if self.files is not None:
            self.files.write(block, state)
        self._remember(block, state)
        self.statistics.saved_tokens += len(tokens)
        self.statistics.saved_bytes += block.size
        return block

    def _remember(self, block: StateBlock, state: bytes | memoryview) -> None:
        gone = self.memory.put(block.key, state)
        if self.files is None or self.files.failed:
            for key in gone:
                self.index.remove(key)

    def _touch(self, chain: list[StateBlock]) -> None:
        for block in reversed(chain):
            self.memory.touch(block.key)
        if self.files is not None and chain:
            self.files.touch(chain)

    def _forget(self, block: StateBlock) -> None:
        self.index.remove(block.key)
        self.memory.drop(block.key)

    def _measure(self, storey: str, size: int, seconds: float) -> None:
        rates = self.statistics.rates
        rates[storey] += FOLLOW * (size / max(seconds, 1e-9) - rates[storey])
