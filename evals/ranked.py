"""Scorer: the ranked documents: `ndcg@k`, `recall@k`, `mrr@k` by ir-measures.

Reads `relevance` (document to grade) or `support` (documents of grade 1); `removed` are taken out of the ranking. The
ranking is that of `passages` in the output: those of a search, or those that plain RAG read.
"""

from collections.abc import Sequence
from pathlib import PurePath

from agentflow.evaluation.dataset import Case
from agentflow.evaluation.ranking import ranking_scores
from agentflow.evaluation.record import Record


def score(case: Case, record: Record, cutoffs: Sequence[int] = (10,)) -> dict[str, float | None]:
    relevance = case.get("relevance") or dict.fromkeys(case.get("support") or (), 1)
    passages = record.output.get("passages")
    if not relevance or passages is None:
        return {}
    removed = set(case.get("removed") or ())
    ranked = [stem for stem in (PurePath(passage["path"]).stem for passage in passages) if stem not in removed]
    return dict(ranking_scores(ranked, relevance, cutoffs))
