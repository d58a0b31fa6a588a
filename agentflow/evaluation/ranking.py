"""nDCG, recall and reciprocal rank of one ranked list, by ir-measures (which runs trec_eval)."""

from collections.abc import Mapping, Sequence


def ranking_scores(
    ranked: Sequence[str], relevance: Mapping[str, int], cutoffs: Sequence[int] = (10,)
) -> dict[str, float]:
    """`ranked`: document ids, best first; a document counts at the rank of its first passage. `relevance`: grades of the
    judged ones. Names: `ndcg@10`, `recall@10`, `mrr@10`."""
    import ir_measures
    from ir_measures import RR, R, nDCG

    measures = {
        name.format(k): kind @ k
        for k in cutoffs
        for name, kind in (("ndcg@{}", nDCG), ("recall@{}", R), ("mrr@{}", RR))
    }
    names = {str(measure): name for name, measure in measures.items()}
    qrels = [ir_measures.Qrel("q", document, grade) for document, grade in relevance.items()]
    run = [ir_measures.ScoredDoc("q", document, -float(place)) for place, document in enumerate(dict.fromkeys(ranked))]
    if not run:
        return dict.fromkeys(measures, 0.0)
    found = ir_measures.iter_calc(list(measures.values()), qrels, run)
    return {names[str(metric.measure)]: float(metric.value) for metric in found}
