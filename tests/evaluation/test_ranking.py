"""Ranking metrics agree with ir-measures over whole runs and with hand-made values."""

import math

import ir_measures
import pytest
from ir_measures import RR, R, nDCG

from agentflow.evaluation.ranking import ranking_scores

RUN = {"q1": ["d3", "d1", "d9", "d2"], "q2": ["d7", "d8"], "q3": ["d1", "d2", "d3"]}
JUDGED = {"q1": {"d1": 3, "d2": 1}, "q2": {"d5": 2}, "q3": {"d3": 1, "d4": 2}}


def test_means_over_queries_equal_the_librarys_aggregate() -> None:
    qrels = [ir_measures.Qrel(q, d, grade) for q, judged in JUDGED.items() for d, grade in judged.items()]
    run = [ir_measures.ScoredDoc(q, d, -place) for q, ranked in RUN.items() for place, d in enumerate(ranked)]
    whole = ir_measures.calc_aggregate([nDCG @ 3, R @ 3, RR @ 3], qrels, run)
    ours = [ranking_scores(RUN[q], JUDGED[q], (3,)) for q in RUN]
    for measure, name in ((nDCG @ 3, "ndcg@3"), (R @ 3, "recall@3"), (RR @ 3, "mrr@3")):
        assert sum(scores[name] for scores in ours) / 3 == pytest.approx(whole[measure])


def test_values_by_hand() -> None:
    scores = ranking_scores(["x", "a", "b"], {"a": 1, "b": 1, "c": 1})
    assert scores["mrr@10"] == pytest.approx(1 / 2) and scores["recall@10"] == pytest.approx(2 / 3)
    gain = 1 / math.log2(3) + 1 / math.log2(4)
    assert scores["ndcg@10"] == pytest.approx(gain / (1 + 1 / math.log2(3) + 1 / math.log2(4)))


def test_a_document_counts_once_at_its_first_passage() -> None:
    assert ranking_scores(["a", "a", "b"], {"b": 1})["mrr@10"] == pytest.approx(1 / 2)


def test_an_empty_ranking_scores_zero() -> None:
    assert set(ranking_scores([], {"a": 1}).values()) == {0.0}
