"""Resident prefixes on disk: a restarted server need not compute long system prompts again."""

import hashlib
import logging
import os
from pathlib import Path

from agentflow.serving.kvcache.kv_cache import CacheSlot, KVCacheManager

log = logging.getLogger("agentflow.serving")
WORTH_SAVING = 128  # tokens: shorter prefixes are computed in no time
MOST = 16  # files kept


class PrefixFiles:
    """One folder for one model file, cache type and llama.cpp version: a state fits nothing else."""

    def __init__(self, folder: Path, kv_cache: KVCacheManager, kv_type: str) -> None:
        weights = kv_cache.context.weights
        import llama_cpp

        known = f"{weights.path.name} {weights.size} {weights.path.stat().st_mtime_ns} {kv_type} {llama_cpp.__version__} {kv_cache.context.adapter}"
        self.folder = folder / hashlib.sha256(known.encode()).hexdigest()[:16]
        self.kv_cache = kv_cache

    def save(self) -> int:
        """Writes the most recently used long prefixes; earlier files are replaced. How many."""
        idle = [r for r in self.kv_cache.all if not r.busy and r.computed >= WORTH_SAVING]
        idle.sort(key=lambda slot: slot.used)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in self.folder.glob("*.state"):
            old.unlink()
        saved = [slot for slot in idle[-MOST:] if self._write(slot)]
        return len(saved)

    def _write(self, slot: CacheSlot) -> bool:
        target = self.folder / f"{slot.id}.state"
        partial = target.with_suffix(f".{os.getpid()}")
        if not self.kv_cache.context.save(slot.id, slot.tokens, partial):
            partial.unlink(missing_ok=True)
            log.warning("a prefix of %d tokens could not be saved to %s", slot.computed, self.folder)
            return False
        partial.replace(target)
        return True

    def load(self) -> int:
        """Reads what fits into the cache beside what is there. How many prefixes."""
        loaded = 0
        for path in sorted(self.folder.glob("*.state")):
            slot = next((r for r in self.kv_cache.all if not r.tokens and not r.busy), None)
            if slot is None:
                break
            tokens = self.kv_cache.context.load(slot.id, path)
            if tokens is None:
                log.warning("the saved prefix %s does not fit this model and is removed", path.name)
                path.unlink()
                continue
            self.kv_cache.restore(slot, tokens)
            loaded += 1
        return loaded
