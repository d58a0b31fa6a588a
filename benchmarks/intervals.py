"""How often the intervals of an evaluation cover the truth, and how often a pair without a difference is called different.

    python -m benchmarks.intervals --trials 2000 --out benchmarks/results/intervals.md

On made data with known truths, with the settings an evaluation uses.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.stats import binomtest, norm

from agentflow.evaluation.statistics import difference, estimate, holm
from benchmarks.machine import MACHINE

Trial = Callable[[np.random.Generator], bool]


def share(truth: float, cases: int) -> Trial:
    """A yes/no metric: Wilson."""

    def covered(rng: np.random.Generator) -> bool:
        found = estimate((rng.random(cases) < truth).astype(float))
        return found.low <= truth <= found.high

    return covered


def skewed(cases: int) -> Trial:
    """Scores like F1, most near 0 or 1: BCa bootstrap."""

    def covered(rng: np.random.Generator) -> bool:
        found = estimate(rng.beta(0.5, 1.0, cases))
        return found.low <= 1 / 3 <= found.high

    return covered


def yes_no_pair(effect: float, cases: int) -> Trial:
    """What is hard for one is hard for the other: pairs are correlated. Agresti and Min."""
    truth = float(np.mean(norm.cdf((0.5 + effect - np.linspace(0, 1, 100_001)) / 0.1))) - 0.5

    def covered(rng: np.random.Generator) -> bool:
        hardness = rng.random(cases)
        found = difference(
            (hardness < 0.5).astype(float), (hardness + rng.normal(0, 0.1, cases) < 0.5 + effect).astype(float)
        )
        return found.low <= truth <= found.high

    return covered


def graded_pair(cases: int) -> Trial:
    """Skewed differences with a mean of 0.1: BCa bootstrap."""

    def covered(rng: np.random.Generator) -> bool:
        base = rng.random(cases)
        found = difference(base, base + rng.exponential(0.2, cases) - 0.1)
        return found.low <= 0.1 <= found.high

    return covered


def false_yes_no(cases: int) -> Trial:
    """McNemar's exact test."""
    return lambda rng: difference(*(rng.random((2, cases)) < 0.5).astype(float)).p < 0.05


def false_graded(cases: int) -> Trial:
    """The sign-flip permutation test."""
    return lambda rng: difference(*rng.beta(0.5, 1.0, (2, cases))).p < 0.05


def false_family(pairs: int, cases: int) -> Trial:
    """Any of several comparisons, after Holm's correction."""
    return lambda rng: (
        min(holm([difference(*(rng.random((2, cases)) < 0.5).astype(float)).p for _ in range(pairs)])) < 0.05
    )


COVERS = {
    "yes/no metric, truth 0.1, 50 cases": share(0.1, 50),
    "yes/no metric, truth 0.5, 50 cases": share(0.5, 50),
    "graded metric, skewed, 60 cases": skewed(60),
    "yes/no pair, no difference, 60 cases": yes_no_pair(0.0, 60),
    "yes/no pair, difference about 0.15, 60 cases": yes_no_pair(0.15, 60),
    "graded pair, difference 0.1, 60 cases": graded_pair(60),
    "graded pair, difference 0.1, 20 cases": graded_pair(20),
}
FALSE = {
    "yes/no pair, 50 cases": false_yes_no(50),
    "graded pair, 9 cases": false_graded(9),
    "graded pair, 60 cases": false_graded(60),
    "six yes/no pairs, corrected, 50 cases": false_family(6, 50),
}


def rows(trials: int, kinds: dict[str, Trial]) -> str:
    lines = []
    for seed, (name, trial) in enumerate(kinds.items()):
        rng = np.random.default_rng(seed)
        hits = sum(trial(rng) for _ in range(trials))
        interval = binomtest(hits, trials).proportion_ci(method="wilson")
        lines.append(f"| {name} | {hits / trials:.3f} | {interval.low:.3f} to {interval.high:.3f} |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    given.out.write_text(
        f"""# Intervals and tests of an evaluation, on made data with known truths

Made by `python -m benchmarks.intervals --trials {given.trials}`, {time.strftime("%Y-%m-%d")}, {MACHINE}.

| the 95 % interval of a | covers the truth | 95 % interval of that |
|---|---:|---:|
{rows(given.trials, COVERS)}

| without a difference, p < 0.05 in a | of the trials | 95 % interval of that |
|---|---:|---:|
{rows(given.trials, FALSE)}
""",
        "utf-8",
    )


if __name__ == "__main__":
    main()
