"""Records to numbers: one estimate for each variant and metric, overall and by slice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agentflow.errors import AgentflowError
from agentflow.evaluation.evaluation import Evaluation
from agentflow.evaluation.record import COSTS, FAILED, Record
from agentflow.evaluation.statistics import Difference, Estimate, difference, estimate, holm


def per_case(records: Iterable[Record], metric: str) -> dict[str, float]:
    """The mean over a case's repeats; cases that the metric does not apply to are left out."""
    values: dict[str, list[float]] = defaultdict(list)
    for record in records:
        if (value := record.metrics().get(metric)) is not None:
            values[record.case].append(value)
    return {case: sum(found) / len(found) for case, found in values.items()}


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One variant: how many runs, how many failed, and its estimates by metric."""

    variant: str
    runs: int
    failed: int
    problems: int
    estimates: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`second` against `first` over the cases that both have a value for."""

    first: str
    second: str
    metric: str
    difference: Difference

    @property
    def verdict(self) -> str:
        """Whether it is noise, at 5 % after the correction."""
        if not self.difference.corrected < 0.05:
            return "no difference shown"
        return "better" if self.difference.mean > 0 else "worse"


@dataclass(frozen=True, slots=True)
class Summary:
    """`slices` maps `field: value` to rows of the primary metric's estimates by variant. `notes`: what a person should
    know before they trust the numbers."""

    rows: list[SummaryRow]
    metrics: list[str]
    comparisons: list[Comparison]
    slices: dict[str, dict[str, Estimate]]
    notes: list[str]


def summarise(evaluation: Evaluation, records: Sequence[Record] | None = None) -> Summary:
    records = evaluation.results() if records is None else records
    by_variant = {name: [r for r in records if r.variant == name] for name in evaluation.variants}
    metrics = shown_metrics(evaluation, records)
    rows = [_row(name, found, metrics) for name, found in by_variant.items()]
    others = [name for name in by_variant if name != evaluation.baseline]
    pairs = [(evaluation.baseline, other) for other in others]
    comparisons = compare(by_variant, pairs, evaluation.primary)
    notes = [note for name, found in by_variant.items() for note in _notes(name, found)]
    scored = sorted({name for record in records for name in record.scores})
    if scored and evaluation.primary not in scored:
        notes.insert(0, f"no scorer gives the primary metric '{evaluation.primary}'; there are {', '.join(scored)}")
    return Summary(rows, metrics, comparisons, _slices(by_variant, evaluation), notes)


def _notes(variant: str, records: Sequence[Record]) -> Iterator[str]:
    if failed := sum(record.status in FAILED for record in records):
        yield f"{variant}: {failed} of {len(records)} runs failed and count as wrong"
    raised: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        for scorer in record.problems:
            raised[scorer].append(record)
    for scorer, found in raised.items():
        cases, first = len({record.case for record in found}), found[0]
        yield f"{variant}: the scorer '{scorer}' raised on {cases} cases; on {first.case}: {first.problems[scorer]}"


def shown_metrics(evaluation: Evaluation, records: Sequence[Record]) -> list[str]:
    """The suite's choice or all scores found, the primary one first, then what they cost."""
    found = list(dict.fromkeys(name for record in records for name in record.scores))
    chosen = [name for name in evaluation.metrics if name in found] or found
    return list(dict.fromkeys([evaluation.primary, *(name for name in chosen if name not in COSTS), *COSTS]))


def compare(by_variant: dict[str, list[Record]], pairs: Sequence[tuple[str, str]], metric: str) -> list[Comparison]:
    """Paired by case; Holm's correction over all the pairs."""
    values = {name: per_case(records, metric) for name, records in by_variant.items()}
    found = [_paired(values[first], values[second]) for first, second in pairs]
    corrected = holm([item.p for item in found])
    return [
        Comparison(first, second, metric, Difference(d.mean, d.low, d.high, d.n, d.p, p))
        for (first, second), d, p in zip(pairs, found, corrected, strict=True)
    ]


def compare_evaluations(first: Evaluation, second: Evaluation, metric: str = "") -> list[Comparison]:
    """Variants of the same name, or the only one of each. Raises AgentflowError when they share none."""
    groups: dict[str, list[Record]] = {}
    for evaluation in (first, second):
        for record in evaluation.results():
            groups.setdefault(f"{evaluation.id} {record.variant}", []).append(record)
    shared = [name for name in first.variants if name in second.variants]
    pairs = [(f"{first.id} {name}", f"{second.id} {name}") for name in shared]
    if not pairs and len(first.variants) == len(second.variants) == 1:
        pairs = [(f"{first.id} {next(iter(first.variants))}", f"{second.id} {next(iter(second.variants))}")]
    if not pairs:
        known = f"{', '.join(first.variants)} against {', '.join(second.variants)}"
        raise AgentflowError(
            f"{first.id} and {second.id} share no variant: {known}", "compare evaluations of one suite"
        )
    return compare({**{name: [] for pair in pairs for name in pair}, **groups}, pairs, metric or first.primary)


def _paired(first: dict[str, float], second: dict[str, float]) -> Difference:
    shared = sorted(first.keys() & second.keys())
    return difference([first[case] for case in shared], [second[case] for case in shared])


def _row(name: str, records: list[Record], metrics: Sequence[str]) -> SummaryRow:
    failed = sum(record.status in FAILED for record in records)
    estimates = {metric: estimate(list(per_case(records, metric).values())) for metric in metrics}
    return SummaryRow(name, len(records), failed, sum(bool(record.problems) for record in records), estimates)


def _slices(by_variant: dict[str, list[Record]], evaluation: Evaluation) -> dict[str, dict[str, Estimate]]:
    found: dict[str, dict[str, Estimate]] = {}
    for field in evaluation.slices:
        values = sorted({record.slices.get(field, "") for records in by_variant.values() for record in records})
        for value in values:
            found[f"{field}: {value}"] = {
                name: estimate(
                    list(
                        per_case((r for r in records if r.slices.get(field, "") == value), evaluation.primary).values()
                    )
                )
                for name, records in by_variant.items()
            }
    return found
