import numpy as np
import pytest
from scipy.stats import rankdata

from graphsocial.errors import SchemaError
from graphsocial.learn import metrics
from graphsocial.learn.metrics import MACRO_F1, MRR, MSLE, SPEARMAN, candidate_ranks, hits_at_k, ndcg_at_k


def test_realistic_ranks_equal_a_count_by_hand():
    rng = np.random.default_rng(0)
    score, right = rng.integers(0, 4, 300).astype(float), rng.random(300) < 0.2
    query = rng.integers(0, 40, 300)
    rows, rank, code = candidate_ranks(score, right, query)
    assert sorted(rows) == np.flatnonzero(right).tolist()
    for row, r, c in zip(rows, rank, code, strict=True):
        wrong = score[(query == query[row]) & ~right]
        optimistic, pessimistic = 1 + (wrong > score[row]).sum(), 1 + (wrong >= score[row]).sum()
        assert r == (optimistic + pessimistic) / 2
        assert np.unique(query)[c] == query[row]


def test_a_constant_score_earns_the_middle_rank():
    target = np.zeros(21)
    target[5] = 1
    assert MRR(np.zeros(21), target, np.zeros(21)) == pytest.approx(1 / 11)
    assert MRR(np.zeros(21), target, np.zeros(21)) == pytest.approx(1 / rankdata(np.zeros(21))[5])


def test_order_of_rows_does_not_matter():
    rng = np.random.default_rng(1)
    score, right, query = rng.integers(0, 5, 60).astype(float), rng.random(60) < 0.3, rng.integers(0, 9, 60)
    mixed = rng.permutation(60)
    for metric in (MRR, metrics.hits_at(2), metrics.ndcg_at(3)):
        assert metric(score, right, query) == pytest.approx(metric(score[mixed], right[mixed], query[mixed]))


@pytest.mark.parametrize(
    "metric", [v for v in vars(metrics).values() if isinstance(v, metrics.Metric)], ids=lambda m: m.name
)
def test_sums_give_the_same_value(metric):
    if metric.sums is None:
        return
    rng = np.random.default_rng(2)
    target, query = rng.integers(0, 3, 80), rng.integers(0, 20, 80)
    wide = metric.name in ("accuracy", "macro_f1", "pinball") or metric.name.startswith("interval")
    prediction = np.sort(rng.random((80, 3)), axis=1) if wide else rng.random(80).round(1)
    by_sums = metric.sums.value(metric.sums.rows(prediction, target, query).sum(axis=0))
    assert by_sums == pytest.approx(metric(prediction, target, query), abs=1e-12)


def test_nothing_to_score_is_nan_not_an_error():
    none = np.zeros(0)
    assert np.isnan(MSLE(none, none, none)) and np.isnan(MACRO_F1(np.zeros((0, 2)), none, none))
    assert np.isnan(metrics.ROC_AUC(np.array([0.1, 0.2]), np.ones(2), np.arange(2)))
    assert np.isnan(metrics.AVERAGE_PRECISION(np.array([0.1, 0.2]), np.zeros(2), np.arange(2)))
    assert np.isnan(SPEARMAN(np.array([0.1, 0.2]), np.ones(2), np.arange(2)))


def test_functions_of_k_take_the_arrays():
    rows = np.array([3.0, 1.0, 2.0]), np.array([0, 0, 1]), np.zeros(3)
    assert (hits_at_k(*rows, 1), hits_at_k(*rows, 2)) == (0.0, 1.0)
    assert ndcg_at_k(*rows, 2) == pytest.approx(1 / np.log2(3))


@pytest.mark.parametrize(
    ("metric", "prediction", "target", "words"),
    [
        (MSLE, [0.0, np.nan], [1, 2], "msle got 1 of 2 predictions that are not finite"),
        (MSLE, [0.0], [1, 2], r"expected \[example\]"),
        (MSLE, [[0.0], [1.0]], [1, 2], r"got prediction \(2, 1\)"),
        (MSLE, [0.0, 1.0], [1, -2], "raw count >= 0"),
        (MACRO_F1, [0, 1], [0, -1], "class codes such as -1"),
        (metrics.PINBALL, [[0.0, 1.0]], [1], r"shape \(1, 2\), expected \[example, 3\]"),
        (metrics.WIDTH, [0.0, 1.0], [1, 2], "takes its ends"),
        (metrics.ROC_AUC, [[0.1, 0.2, 0.7]], [1], "one or two columns"),
        (MRR, [[0.1, 0.2]], [1], "one score per candidate"),
        (MSLE, ["a"], [1], "expected numbers"),
    ],
)
def test_arrays_that_do_not_fit_are_named(metric, prediction, target, words):
    if metric is metrics.ROC_AUC:
        prediction, target = prediction * 2, [0, 1]
    with pytest.raises(SchemaError, match=words):
        metric(np.array(prediction), np.array(target), np.arange(len(target)))
