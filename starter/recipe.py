"""The mixture: which makers, and what share of the training tokens each gets, from which shard on.

Copying comes first, because judging is built on it; then most tokens go to the judge.
"""

import random
from collections.abc import Callable

from starter.example import Family
from starter.tasks import acting, check, claims, judge, planning

PHASES = (0, 2, 6)  # the first shards of the three columns
MAKERS: dict[str, tuple[Callable[[random.Random], Family], tuple[float, float, float]]] = {
    "judge/natural": (judge.natural, (0.33, 0.46, 0.52)),
    "judge/prose": (judge.prose, (0.12, 0.09, 0.06)),
    "judge/fields": (judge.fields, (0.10, 0.12, 0.12)),
    "judge/told": (judge.told, (0.05, 0.04, 0.03)),
    "write": (claims.write, (0.10, 0.07, 0.07)),
    "answer": (claims.answer, (0.07, 0.05, 0.07)),
    "check": (check.check, (0.12, 0.09, 0.07)),
    "plan": (planning.plan, (0.05, 0.03, 0.02)),
    "reflect": (planning.reflect, (0.02, 0.02, 0.02)),
    "act": (acting.act, (0.04, 0.03, 0.02)),
}


def shares(shard: int) -> dict[str, float]:
    column = sum(shard >= first for first in PHASES) - 1
    return {name: of[column] for name, (_, of) in MAKERS.items()}
