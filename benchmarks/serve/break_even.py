"""Point 9: whether a smaller model could draft for a larger one here: how often it would have written the same token, and
what a machine must be like for that to pay.

The larger model's recorded answers are read by the smaller one in a single pass each; that costs little, and says what
drafting would: at which places its first choice is the token that the larger one wrote.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentflow.runs.calls import calls
from agentflow.runs.store import RunStore
from agentflow.serving.backend.llama_context import LlamaContext
from agentflow.serving.backend.llama_model import open_weights
from agentflow.serving.backend.step_cost import SIZES, StepCost
from agentflow.serving.text.chat_template import ChatTemplate

WINDOW, WRITTEN, LONGEST = 4096, 512, 8
EVEN = StepCost()
EVEN.seconds = dict.fromkeys(SIZES, 1.0)  # where weights are what is waited for, more rows cost nothing more


@dataclass(frozen=True, slots=True)
class Answer:
    """`messages` and what the larger model wrote to them, in a role."""

    role: str
    messages: list[dict[str, Any]]
    text: str


def answers(databases: list[Path], runs: list[str]) -> list[Answer]:
    found: list[Answer] = []
    for database in databases:
        store = RunStore(database, create=False)
        for run in filter(lambda one: one.id in runs, store.list(limit=1000)):
            for call in calls(store, run.id, kind="model"):
                pairs = zip(call.request["requests"], (call.result or {}).get("answers", []), strict=False)
                found += [Answer(call.request["role"], asked["messages"], one["text"]) for asked, one in pairs]
        store.close()
    return found


def measure(large: Path, small: Path, threads: int, written: list[Answer]) -> dict[str, dict[str, Any]]:
    """Rows: each role, and all. `speed`: of the best drafting over none, on this machine and where further rows cost nothing."""
    target, draft = costs(large, threads), costs(small, threads)
    right: dict[str, list[bool]] = defaultdict(list)
    weights = open_weights(small)
    context = LlamaContext(weights, cells=WINDOW, sequences=1, batch=WINDOW, outputs=WRITTEN, threads=threads)
    template = ChatTemplate(weights.vocab, weights.metadata("tokenizer.chat_template"))
    for one in written:
        prompt = template.tokens(template.render(one.messages))
        text = [*prompt, *weights.vocab.tokenize(one.text)]
        wanted = [at >= len(prompt) - 1 for at in range(len(text) - 1)]
        logits = context.decode(text[:-1], list(range(len(text) - 1)), [0] * (len(text) - 1), wanted)
        same = (logits.argmax(axis=1) == text[len(prompt) :]).tolist()
        context.clear(0)
        right[one.role] += same
        right["all"] += same
    context.close()
    size = small.stat().st_size / large.stat().st_size
    return {
        role: {
            "tokens": len(same),
            "the same": round(rate := sum(same) / len(same), 3),
            "speed here": best(rate, target, draft.of(1)),
            "speed where rows are free": best(rate, EVEN, size),
        }
        for role, same in right.items()
    }


def costs(path: Path, threads: int) -> StepCost:
    context = LlamaContext(open_weights(path), cells=512, sequences=1, threads=threads, outputs=64)
    cost = StepCost()
    cost.measure(context)
    context.close()
    return cost


def best(rate: float, target: StepCost, draft: float) -> str:
    """Tokens a second over those without drafts, at the best length of a draft (Leviathan et al., arXiv 2211.17192)."""
    speeds = {
        length: sum(rate**power for power in range(length + 1))
        * target.of(1)
        / (target.of(1 + length) + length * draft)
        for length in range(1, LONGEST + 1)
    }
    length = max(speeds, key=lambda one: speeds[one])
    return f"{speeds[length]:.2f} ({length} drafted)"
