from __future__ import annotations

import numpy as np
import pytest

from graphsocial.diffusion.measures.age_moments import age_deviation, mean_age
from graphsocial.schema import UNKNOWN_TIME
from tests.diffusion.measures.forests import EMPTY, cascades_of


def test_by_hand() -> None:
    cascades = cascades_of([[-1, 0, 0], [-1], [-1, 0]], [[5.0, 7.0, 11.0], [2.0], [0.0, 1.0]])
    assert mean_age(cascades).tolist() == pytest.approx([8 / 3, 0, 0.5])
    assert age_deviation(cascades).tolist() == pytest.approx([np.std([0, 2, 6]), 0, 0.5])
    assert mean_age(cascades, since=2).tolist() == pytest.approx([4, np.nan, np.nan], nan_ok=True)
    assert age_deviation(cascades, since=2).tolist() == pytest.approx([2, np.nan, np.nan], nan_ok=True)
    assert age_deviation(cascades, since=6.0).tolist() == pytest.approx([0, np.nan, np.nan], nan_ok=True)


def test_a_large_clock_costs_no_digits() -> None:
    day, clock = 86_400.0, 1.7e9
    cascades = cascades_of([[-1, 0, 0]], [[clock, clock + day, clock + day + 1]])
    assert age_deviation(cascades, since=1.0).tolist() == pytest.approx([0.5], rel=1e-9)


def test_a_member_without_a_time_makes_nan() -> None:
    cascades = cascades_of([[-1, 0], [-1, 0]], [[0, UNKNOWN_TIME], [0, 4]])
    assert mean_age(cascades, since=1).tolist() == pytest.approx([np.nan, 4], nan_ok=True)
    assert np.isnan(age_deviation(cascades, since=1)[0])


def test_none() -> None:
    assert mean_age(EMPTY).shape == age_deviation(EMPTY).shape == (0,)
