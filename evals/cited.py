"""Scorer: citations. `verbatim`: quotes found character for character in their document. `citation_recall`: claims
that their quotes cover. `citation_precision`: citations without which their claim would be less covered, or that cover
it alone (Gao et al., ALCE, 2023, with word coverage in place of an entailment model). `gold_recall` and
`gold_precision`: the documents cited against `support`; `gold_line`: a quote that meets `gold_lines`.

Graphs without evidence (the baselines) get None: they cite nothing.
"""

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from agentflow.evaluation.dataset import Case
from agentflow.evaluation.record import Record
from agentflow.text.numbers import foreign_numbers
from agentflow.text.words import coverage


def score(case: Case, record: Record, documents: Callable[[str], str], covered: float = 0.6) -> dict[str, float | None]:
    claims, quotes = record.output.get("claims"), record.output.get("evidence")
    names = ("verbatim", "citation_recall", "citation_precision", "gold_recall", "gold_precision", "gold_line")
    if claims is None or quotes is None:
        return dict.fromkeys(names)
    by_id = {quote["id"]: quote for quote in quotes}
    cited = [by_id[id] for claim in claims for id in claim["evidence"] if id in by_id]
    found = {quote["id"]: quote["quote"] in documents(quote["path"]) for quote in quotes}
    return {
        "verbatim": _mean([float(found[quote["id"]]) for quote in quotes]),
        "citation_recall": _mean([float(_holds(claim, by_id, covered)) for claim in claims]),
        "citation_precision": _mean(
            [float(_needed(claim, id, by_id, covered)) for claim in claims for id in claim["evidence"]]
        ),
        **_gold(case, cited),
    }


def _holds(
    claim: dict[str, Any], quotes: dict[int, dict[str, Any]], covered: float, without: int | None = None
) -> bool:
    """Whether the claim's words are covered by its quotes (less one), and all its numbers occur in them."""
    text = " ".join(quotes[id]["quote"] for id in claim["evidence"] if id in quotes and id != without)
    return bool(text) and coverage(claim["text"], text) >= covered and not foreign_numbers(claim["text"], text)


def _needed(claim: dict[str, Any], id: int, quotes: dict[int, dict[str, Any]], covered: float) -> bool:
    alone = {**claim, "evidence": [id]}
    return _holds(claim, quotes, covered) and (
        _holds(alone, quotes, covered) or not _holds(claim, quotes, covered, without=id)
    )


def _gold(case: Case, cited: list[dict[str, Any]]) -> dict[str, float | None]:
    support = set(case.get("support") or ())
    if not support:
        return dict.fromkeys(("gold_recall", "gold_precision", "gold_line"))
    documents = {PurePath(quote["path"]).stem for quote in cited}
    first, last = case.get("gold_lines") or (None, 0)
    line = None if first is None else float(any(_meets(quote, support, first, last) for quote in cited))
    return {
        "gold_recall": len(support & documents) / len(support),
        "gold_precision": len(support & documents) / len(documents) if documents else None,
        "gold_line": line,
    }


def _meets(quote: dict[str, Any], support: set[str], first: int, last: int) -> bool:
    end = quote["line"] + quote["quote"].rstrip("\n").count("\n")
    return PurePath(quote["path"]).stem in support and quote["line"] <= last and end >= first


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
