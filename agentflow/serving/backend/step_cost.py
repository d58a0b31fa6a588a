"""What a step costs on this machine with this model: measured at start, then followed.

The price of verifying k drafted tokens is cost(rows + k) / cost(rows): 1.4 at 2 in BF16 on a CPU, 2.5 in Q8_0, about
1.0 on a GPU. No table could know it.
"""

import time
from bisect import bisect_left

from agentflow.serving.backend.llama_context import LlamaContext

SIZES = (1, 2, 4, 8, 16, 32, 64)
FOLLOW = 0.05  # weight of a new measurement
MEASURE_SECONDS = 3.0
WORST = 2.6  # twice the tokens never cost more than this; what seems so is another process on the machine


class StepCost:
    """Seconds of a step by its rows of logits (decode), and seconds per token of prompt (prefill)."""

    def __init__(self) -> None:
        self.seconds: dict[int, float] = {}
        self.per_prompt_token = 0.002

    def measure(self, context: LlamaContext) -> None:
        """Decodes batches of 1, 2, 4 ... tokens; about a second for a small model."""
        began = time.perf_counter()
        for size in [s for s in SIZES if s <= min(context.outputs, context.cells // 2)]:
            best = min(self.time(context, size) for _ in range(3))
            if smaller := self.seconds.get(size // 2):
                best = min(max(best, smaller), WORST * smaller)
            self.seconds[size] = best
            if time.perf_counter() - began > MEASURE_SECONDS:
                break
        largest = max(self.seconds)
        self.per_prompt_token = self.seconds[largest] / largest

    @staticmethod
    def time(context: LlamaContext, size: int) -> float:
        began, cpu = time.perf_counter(), time.process_time()
        context.decode([0] * size, list(range(size)), [0] * size, [True] * size)
        seconds, spent = time.perf_counter() - began, time.process_time() - cpu
        if not context.offload:  # on processors, waiting for other programs does not count
            seconds = min(seconds, spent / context.threads)
        context.clear(0)
        return seconds

    def learn(self, rows: int, prefill: int, seconds: float) -> None:
        """A slow step slows all sizes alike (a busy machine, a long context); the shape changes more slowly."""
        if prefill >= SIZES[-1]:
            self.per_prompt_token += FOLLOW * (seconds / prefill - self.per_prompt_token)
        elif not prefill and rows and self.seconds:
            surprise = min(2.0, max(0.5, seconds / self.of(rows))) - 1
            for size in self.seconds:
                self.seconds[size] *= 1 + FOLLOW * surprise * (1.4 if size == rows else 1.0)

    def of(self, rows: int) -> float:
        """Seconds of a step with that many rows, by linear interpolation; beyond the last, in proportion."""
        if not self.seconds:
            return float(rows)
        sizes = list(self.seconds)  # measured in ascending order
        at = bisect_left(sizes, rows)
        if at == len(sizes):
            return self.seconds[sizes[-1]] * rows / sizes[-1]
        high = sizes[at]
        if high == rows or at == 0:
            return self.seconds[high]
        low = sizes[at - 1]
        share = (rows - low) / (high - low)
        return self.seconds[low] + share * (self.seconds[high] - self.seconds[low])

    def prefill_tokens(self, seconds: float) -> int:
        """How many prompt tokens take that long."""
        return int(seconds / self.per_prompt_token)
