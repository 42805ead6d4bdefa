"""Every metric against a value worked out by hand; the working stands beside it."""

import numpy as np
import pytest

from graphsocial.learn import metrics
from graphsocial.learn.metrics import Metric

LOG2, LOG4 = np.log(2), np.log(4)
PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])  # classes 0, 1, 0

# three questions of three candidates, the right one first: its rank is 2, then tied with both others, then 1
SCORES = np.array([0.5, 0.9, 0.1, 0.3, 0.3, 0.3, 0.9, 0.5, 0.1])
RIGHT = np.array([1, 0, 0, 1, 0, 0, 1, 0, 0])
QUESTION = np.array([7, 7, 7, 8, 8, 8, 9, 9, 9])

# one question, right candidates at places 1 and 3
TWO_RIGHT = (np.array([0.9, 0.8, 0.7, 0.6]), np.array([1, 0, 1, 0]), np.zeros(4))

GOLDEN: list[tuple[Metric, tuple, float]] = [
    (metrics.ACCURACY, (PROBABILITIES, [0, 0, 1], None), 1 / 3),
    # class 0: 1 hit of 2 predicted and 2 true, F1 = 2 / 4; class 1: no hit
    (metrics.MACRO_F1, (PROBABILITIES, [0, 0, 1], None), 0.25),
    # codes; class 2 is in neither and does not count; class 0: 2*1/(1+2), class 1: 2*1/(2+1)
    (metrics.MACRO_F1, ([0, 1, 1], [0, 1, 0], None), 2 / 3),
    # class 3 predicted but never true: F1 = 0 and it counts
    (metrics.MACRO_F1, ([0, 3], [0, 0], None), (2 / 3 + 0) / 2),
    # (0 - ln 2)^2 and (ln 4 - ln 4)^2
    (metrics.MSLE, ([0.0, LOG4], [1, 3], None), LOG2**2 / 2),
    # rank differences 0, 0, 1, 1: 1 - 6 * 2 / (4 * 15)
    (metrics.SPEARMAN, ([1, 2, 3, 4], [10, 20, 40, 30], None), 0.8),
    # ranks 1.5, 1.5, 3 against 1, 2, 3: 1.5 / (sqrt 1.5 * sqrt 2)
    (metrics.SPEARMAN, ([1, 1, 2], [1, 2, 3], None), 1.5 / np.sqrt(3)),
    (metrics.SPEARMAN, ([5, 5, 5], [1, 2, 3], None), 0.0),
    # .1 * 2, .5 * 1 and .1 * 1 (the target lies below the upper quantile)
    (metrics.mean_pinball((0.1, 0.5, 0.9)), ([[1.0, 2.0, 4.0]], [3], None), 0.8 / 3),
    # .05 * 1, 0, .05 * 1
    (metrics.PINBALL, ([[1.0, 2.0, 3.0]], [2], None), 0.1 / 3),
    (metrics.COVERAGE, ([[0, 1, 2], [1, 2, 3]], [2, 4], None), 0.5),
    (metrics.WIDTH, ([[0, 1, 2], [1, 2, 5]], [2, 4], None), 3.0),
    # 2, and 2 + 2 / .1 * 1
    (metrics.INTERVAL_SCORE, ([[0, 1, 2], [1, 2, 3]], [2, 4], None), 12.0),
    (metrics.interval_score(0.5), ([[0, 2], [1, 3]], [2, 0], None), (2 + 2 + 4 * 1) / 2),
    # 1/2, rank (1 + 3) / 2 = 2, 1
    (metrics.MRR, (SCORES, RIGHT, QUESTION), (1 / 2 + 1 / 2 + 1) / 3),
    (metrics.reciprocal_rank_at(1), (SCORES, RIGHT, QUESTION), 1 / 3),
    (metrics.hits_at(1), (SCORES, RIGHT, QUESTION), 1 / 3),
    (metrics.hits_at(2), (SCORES, RIGHT, QUESTION), 1.0),
    # tied with one other: rank 1.5
    (metrics.MRR, ([1.0, 1.0], [0, 1], [0, 0]), 1 / 1.5),
    (metrics.hits_at(1), ([1.0, 1.0], [0, 1], [0, 0]), 0.0),
    (metrics.ndcg_at(2), ([1.0, 1.0], [0, 1], [0, 0]), 1 / np.log2(2.5)),
    # among the wrong ones the right candidates rank 1 and 2
    (metrics.MRR, TWO_RIGHT, (1 + 1 / 2) / 2),
    (metrics.hits_at(1), TWO_RIGHT, 0.5),
    # places 1 and 3: (1 + 1 / log2 4) over the ideal (1 + 1 / log2 3)
    (metrics.ndcg_at(3), TWO_RIGHT, 1.5 / (1 + 1 / np.log2(3))),
    # only the first is inside the cut
    (metrics.ndcg_at(2), TWO_RIGHT, 1 / (1 + 1 / np.log2(3))),
    # two right ones tied at the top cannot be ranked better
    (metrics.ndcg_at(2), ([2.0, 2.0, 1.0], [1, 1, 0], [0, 0, 0]), 1.0),
    # a question without a right answer is a miss
    (metrics.MRR, ([1.0, 2.0], [1, 0], [0, 1]), 0.5),
    # precision 1 at the first hit, 2/3 at the second
    (metrics.AVERAGE_PRECISION, ([0.9, 0.8, 0.7], [1, 0, 1], None), (1 + 2 / 3) / 2),
    # .9 beats both negatives; .7 loses to .8 and ties with .7
    (metrics.ROC_AUC, ([0.9, 0.8, 0.7, 0.7], [1, 0, 1, 0], None), 2.5 / 4),
]


@pytest.mark.parametrize(
    ("metric", "arrays", "expected"), GOLDEN, ids=lambda v: v.name if isinstance(v, Metric) else ""
)
def test_golden_value(metric, arrays, expected):
    prediction, target, query = arrays
    query = np.arange(len(target)) if query is None else np.asarray(query)
    assert metric(np.asarray(prediction), np.asarray(target), query) == pytest.approx(expected, abs=1e-12)


def test_every_metric_of_the_module_has_a_golden_value():
    named = {metric.name.split("@")[0] for metric, _, _ in GOLDEN}
    defined = {value.name.split("@")[0] for value in vars(metrics).values() if isinstance(value, Metric)}
    assert defined | {"hits", "ndcg"} == named
