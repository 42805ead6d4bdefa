from dataclasses import replace

import numpy as np
import pytest

from graphsocial.errors import SchemaError
from graphsocial.learn import bootstrap
from graphsocial.learn.bootstrap import bootstrap_interval, paired_difference
from graphsocial.learn.metrics import ACCURACY, MACRO_F1, MRR, MSLE, PINBALL, ROC_AUC, SPEARMAN, hits_at, ndcg_at


def world(seed=0, questions=60, groups=12):
    """Candidates in questions, questions in groups, with target 0 to 2 and predictions for every kind of metric."""
    rng = np.random.default_rng(seed)
    query = np.repeat(np.arange(questions), 3)
    group = np.array([f"event {g}" for g in rng.integers(0, groups, questions)], dtype=object)[query]
    target = rng.integers(0, 3, len(query))
    return rng, target, query, group


@pytest.mark.parametrize(
    "metric", [ACCURACY, MACRO_F1, MSLE, PINBALL, MRR, hits_at(1), ndcg_at(2)], ids=lambda m: m.name
)
def test_sums_and_recomputation_agree(metric):
    rng, target, query, group = world()
    wide = metric in (ACCURACY, MACRO_F1, PINBALL)
    ours, floor = (np.sort(rng.random((len(query), 3))) if wide else rng.random(len(query)).round(1) for _ in range(2))
    slow = replace(metric, sums=None)
    fast_interval = bootstrap_interval(metric, ours, target, query, group, rng=3, resamples=50).interval
    assert fast_interval == pytest.approx(
        bootstrap_interval(slow, ours, target, query, group, rng=3, resamples=50).interval, abs=1e-12
    )
    assert paired_difference(metric, ours, floor, target, query, group, rng=3, resamples=50).interval == pytest.approx(
        paired_difference(slow, ours, floor, target, query, group, rng=3, resamples=50).interval, abs=1e-12
    )


def test_two_groups_by_hand():
    # aa, ab or ba, bb with chances 1/4, 1/2, 1/4 and accuracies 1, 3/4, 1/2
    right, group = np.array([1, 1, 1, 0]), np.array(["a", "a", "b", "b"])
    found = bootstrap_interval(ACCURACY, right, np.ones(4), np.arange(4), group, rng=0)
    assert (found.value, found.interval, found.groups, found.resamples, found.reason) == (0.75, (0.5, 1.0), 2, 1000, "")


def test_width_is_that_of_the_normal_approximation():
    rng = np.random.default_rng(0)
    target = np.expm1(rng.random(500) ** 0.5)  # (0 - log1p)^2 is uniform: deviation sqrt(1/12)
    found = bootstrap_interval(MSLE, np.zeros(500), target, np.arange(500), np.arange(500), rng=1, resamples=4000)
    low, high = found.interval
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(1 / 12 / 500), rel=0.08)


def test_groups_are_drawn_whole():
    # copies of an example carry no news: the interval is that of 30 independent units, not of 300
    rng = np.random.default_rng(2)
    target = rng.random(30)
    copies = np.repeat(target, 10)
    once = bootstrap_interval(MSLE, np.zeros(30), target, np.arange(30), np.arange(30).astype(str), rng=5).interval
    group = np.repeat(np.arange(30), 10).astype(str)
    assert bootstrap_interval(MSLE, np.zeros(300), copies, np.arange(300), group, rng=5).interval == pytest.approx(once)


def test_same_seed_same_interval_and_generators_are_accepted(monkeypatch):
    rng, target, query, group = world()
    rows = (rng.random(len(query)), target, query, group)
    first = bootstrap_interval(MRR, *rows, rng=7)
    assert first == bootstrap_interval(MRR, *rows, rng=np.random.default_rng(7))
    assert first != bootstrap_interval(MRR, *rows, rng=8)
    monkeypatch.setattr(bootstrap, "_CELLS", 100)  # small blocks draw the same groups
    assert first.interval == pytest.approx(bootstrap_interval(MRR, *rows, rng=7).interval)


def test_order_of_rows_changes_nothing():
    rng, target, query, group = world()
    rows = (rng.random(len(query)), target, query, group)
    mixed = rng.permutation(len(query))
    assert bootstrap_interval(MRR, *rows, rng=7).interval == pytest.approx(
        bootstrap_interval(MRR, *(r[mixed] for r in rows), rng=7).interval
    )


def test_paired_difference_uses_the_same_resamples():
    rng = np.random.default_rng(4)
    noise, target = rng.normal(size=300), np.zeros(300)
    rows = (target, np.arange(300), np.arange(300))
    same = paired_difference(MSLE, noise, noise, *rows, rng=0)
    assert (same.value, same.interval) == (0.0, (0.0, 0.0))
    near = paired_difference(MSLE, noise, noise + 0.05, *rows, rng=0)
    assert near.value == pytest.approx(MSLE(noise, *rows[:2]) - MSLE(noise + 0.05, *rows[:2]))
    alone = bootstrap_interval(MSLE, noise, *rows, rng=0)
    assert near.interval[1] - near.interval[0] < 0.2 * (alone.interval[1] - alone.interval[0])


def test_degenerate_cases_have_a_reason():
    one = bootstrap_interval(MSLE, np.zeros(3), np.ones(3), np.arange(3), np.array(["a"] * 3), rng=0)
    assert one.interval is None and one.reason == "all 3 examples lie in one group" and one.value > 0
    none = bootstrap_interval(MSLE, np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0), rng=0)
    assert none.interval is None and none.reason == "there are no examples"
    target = np.array([1, 0, 0, 0])
    rare = bootstrap_interval(ROC_AUC, np.arange(4.0), target, np.arange(4), np.arange(4), rng=0, resamples=200)
    assert rare.interval is None and "roc_auc is undefined in" in rare.reason
    fixed = bootstrap_interval(SPEARMAN, np.zeros(9), np.arange(9), np.arange(9), np.arange(9), rng=0, resamples=50)
    assert fixed.interval == (0.0, 0.0)


def test_a_question_in_two_groups_is_refused():
    with pytest.raises(SchemaError, match="question 5 has rows in groups 'a' and 'b'"):
        bootstrap_interval(MRR, np.zeros(2), np.ones(2), np.array([5, 5]), np.array(["b", "a"]), rng=0)
    with pytest.raises(SchemaError, match="got group"):
        bootstrap_interval(MRR, np.zeros(2), np.ones(2), np.arange(2), np.array(["b"]), rng=0)
