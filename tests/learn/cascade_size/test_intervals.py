"""Metrics, calibration by group, and intervals that adapt."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import LeakageError, NotFittedError, SchemaError
from graphsocial.learn.cascade_size.adaptive_conformal import adaptive_intervals
from graphsocial.learn.cascade_size.forest_quantiles import QuantileForest
from graphsocial.learn.cascade_size.group_conformal import GroupConformal
from graphsocial.learn.cascade_size.size_metrics import MAE, MSE, RANK, SIZE_MSLE, clopper_pearson, third_of, thirds


def test_metrics_by_hand() -> None:
    target, query = np.array([1.0, 2.0, 4.0]), np.arange(3)
    one, two = np.array([1.0, 4.0, 5.0]), np.array([1.0, 2.0, 1.0])
    assert MSE(one, target, query) == pytest.approx(5 / 3)
    assert MAE(one, target, query) == pytest.approx(1.0)
    assert SIZE_MSLE(one, target, query) == pytest.approx(5 / 3 * np.log(2) ** 2)
    assert RANK(one, target, query) == pytest.approx(1.0)
    both = np.stack([one, two], axis=1)  # two seeds: the mean of their losses
    assert MSE(both, target, query) == pytest.approx((5 / 3 + 3) / 2)
    assert MSE.sums is not None
    assert MSE.sums.value(MSE.sums.rows(both, target, query).sum(axis=0)) == pytest.approx((5 / 3 + 3) / 2)


def test_binomial_interval_by_hand() -> None:
    assert clopper_pearson(0, 10) == (0.0, pytest.approx(1 - 0.025 ** (1 / 10)))
    assert clopper_pearson(10, 10) == (pytest.approx(0.025 ** (1 / 10)), 1.0)
    with pytest.raises(SchemaError):
        clopper_pearson(3, 2)


def test_offsets_by_hand() -> None:
    # 19 answers 1 … 19 above an interval [0, 0]: the 18th smallest score is the 90 % offset, shrunk by 19 / (19 + 19)
    target, ends = np.arange(1.0, 20.0), np.zeros((19, 2))
    whole = GroupConformal.fit(ends, target, np.zeros(19), known_until=5)
    assert whole.apply(np.full((1, 2), 20.0), np.zeros(1), as_of=5).tolist() == [[2.0, 38.0]]
    half = GroupConformal.fit(ends, target, np.zeros(19), known_until=5, prior=19)
    assert half.apply(np.full((1, 2), 20.0), np.zeros(1), as_of=5).tolist() == [[11.0, 29.0]]


def test_each_third_gets_its_own_offset() -> None:
    rng = np.random.default_rng(0)
    observed = np.repeat([1, 10, 100], 4000)
    spread = np.repeat([1.0, 3.0, 0.3], 4000)
    target = 50 + spread * rng.standard_normal(12000)
    found = GroupConformal.fit(np.full((12000, 2), 50.0), target, observed, 0)
    new = 50 + spread * rng.standard_normal(12000)
    ends = found.apply(np.full((12000, 2), 50.0), observed, as_of=0)
    for size in (1, 10, 100):
        rows = observed == size
        assert ((ends[rows, 0] <= new[rows]) & (new[rows] <= ends[rows, 1])).mean() == pytest.approx(0.9, abs=0.02)


def test_calibration_refuses_what_it_cannot_know() -> None:
    with pytest.raises(NotFittedError, match="at least 9"):
        GroupConformal.fit(np.zeros((8, 2)), np.zeros(8), np.zeros(8), 0)
    found = GroupConformal.fit(np.zeros((30, 2)), np.ones(30), np.zeros(30), known_until=10)
    with pytest.raises(LeakageError):
        found.apply(np.zeros((1, 2)), np.zeros(1), as_of=9)
    assert found.apply(np.zeros((1, 2)), np.zeros(1), as_of=9, allow_future_model=True).tolist() == [[0.0, 1.0]]


def test_adaptive_intervals_recover_from_drift_and_wait_for_answers() -> None:
    rng = np.random.default_rng(0)
    n = 1500
    calibration = GroupConformal.fit(np.full((300, 2), 50.0), 50 + rng.standard_normal(300), np.zeros(300), 0)
    target = 50 + 3 * rng.standard_normal(n)  # three times as spread as what it was calibrated on
    ends, as_of = np.full((n, 2), 50.0), np.arange(n)
    static = calibration.apply(ends, np.zeros(n), 0)
    found = adaptive_intervals(calibration, ends, target, np.zeros(n), as_of, as_of + 5)
    inside = (found.ends[:, 0] <= target) & (target <= found.ends[:, 1])
    assert ((static[:, 0] <= target) & (target <= static[:, 1])).mean() < 0.6
    assert inside[500:].mean() == pytest.approx(0.9, abs=0.03)
    assert found.answers[:8].tolist() == [0, 0, 0, 0, 0, 1, 2, 3]
    never = adaptive_intervals(calibration, ends, target, np.zeros(n), as_of, as_of + 10**9)
    assert never.ends.tolist() == static.tolist()


def test_one_step_of_adaptation_by_hand() -> None:
    calibration = GroupConformal.fit(np.zeros((30, 2)), np.ones(30), np.zeros(30), 0)
    target, as_of, known = np.array([9.0, 0.0]), np.array([0, 10]), np.array([5, 15])
    found = adaptive_intervals(calibration, np.zeros((2, 2)), target, np.zeros(2), as_of, known, step=0.02)
    assert found.miss.tolist() == pytest.approx([0.1, 0.1 + 0.02 * (0.1 - 1)])


def test_thirds_are_of_the_observed_size() -> None:
    assert np.bincount(third_of(np.arange(99), thirds(np.arange(99)))).tolist() == [33, 33, 33]


def test_forest_quantiles_follow_the_spread() -> None:
    rng = np.random.default_rng(0)
    x = np.repeat([[0.0], [1.0]], 500, axis=0)
    y = np.where(x[:, 0] > 0, 10, 1) * rng.random(1000)
    low, high = QuantileForest(x, y, trees=20, leaf=20, seed=0).quantiles(np.array([[0.0], [1.0]]), (0.05, 0.95)).T
    assert high - low == pytest.approx([0.9, 9.0], rel=0.1)
