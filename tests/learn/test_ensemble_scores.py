"""Scores of forecasts that consist of draws."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError
from graphsocial.learn.ensemble_scores import crps, integral_transform


def test_crps_by_hand_and_by_its_definition() -> None:
    # draws 1, 2, 6 and outcome 3: mean distance (2 + 1 + 3) / 3 = 2; pairs 2 (1 + 5 + 4) / 9 = 20/9, half of it 10/9
    assert crps(np.array([[6.0, 1.0, 2.0]]), np.array([3.0])).tolist() == pytest.approx([2 - 10 / 9])
    rng = np.random.default_rng(0)
    draws, outcome = rng.normal(size=(7, 31)), rng.normal(size=7)
    pairs = np.abs(draws[:, :, None] - draws[:, None, :]).mean(axis=(1, 2))
    expected = np.abs(draws - outcome[:, None]).mean(axis=1) - pairs / 2
    assert crps(draws, outcome) == pytest.approx(expected)


def test_crps_of_a_uniform_forecast_is_what_theory_says() -> None:
    draws = np.tile((np.arange(2_000) + 0.5) / 2_000, (3, 1))
    outcome = np.array([0.0, 0.5, 1.0])  # integral of (F - 1{y <= x})^2: 1/3, 1/12, 1/3
    assert crps(draws, outcome) == pytest.approx([1 / 3, 1 / 12, 1 / 3], abs=1e-6)


def test_a_calibrated_forecast_has_an_even_transform_and_others_do_not() -> None:
    rng = np.random.default_rng(1)
    mean = rng.uniform(1, 6, 4_000)
    outcome = rng.poisson(mean)
    right = integral_transform(rng.poisson(mean[:, None], (4_000, 300)), outcome, rng=2)
    narrow = integral_transform(np.repeat(np.rint(mean)[:, None], 300, axis=1), outcome, rng=2)
    counts = np.histogram(right, bins=10, range=(0, 1))[0]
    assert ((counts - 400) ** 2 / 400).sum() < 40  # chi squared with 9 degrees of freedom: p < 1e-5 beyond
    counts = np.histogram(narrow, bins=10, range=(0, 1))[0]
    assert ((counts - 400) ** 2 / 400).sum() > 400


@pytest.mark.parametrize(
    ("draws", "outcome"),
    [([[1.0]], [1.0, 2.0]), ([[]], [1.0]), ([1.0], [1.0]), ([[np.nan]], [1.0]), ([[1.0]], [np.inf])],
)
def test_what_is_no_forecast_is_refused(draws: list[object], outcome: list[float]) -> None:
    with pytest.raises(SchemaError):
        crps(np.array(draws), np.array(outcome))
    with pytest.raises(SchemaError):
        integral_transform(np.array(draws), np.array(outcome), rng=0)
