"""A table of factors: what it says of itself and what it refuses; how runs draw from it is in test_delayed_cascade."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.diffusion.virality_law import ViralityLaw
from graphsocial.errors import SchemaError


def test_what_it_says() -> None:
    law = ViralityLaw([0.5, 2], [0.25, 0.75], "two posts", known_until=86_400, fitted=True)
    assert law.mean == 1.625 and law.cumulative.tolist() == [0.25, 1.0]
    assert repr(law) == "ViralityLaw of 2 points, mean 1.625 (two posts, fitted until 1970-01-02 00:00:00Z)"
    assert repr(ViralityLaw([1], [1])) == "ViralityLaw of 1 point, mean 1 (given)"
    assert law.factor.dtype == law.weight.dtype == np.float64


def test_nobody_writes_to_it_and_it_keeps_nothing_of_what_it_was_given() -> None:
    given_factors = np.array([1.0, 2.0])
    law = ViralityLaw(given_factors, np.array([0.5, 0.5]))
    given_factors[0] = 9
    assert law.factor.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        law.weight[0] = 1


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=40).filter(any))
def test_chances_add_up_to_exactly_1(counts: list[int]) -> None:
    weight = np.array(counts, dtype=float) / sum(counts)
    law = ViralityLaw(np.arange(len(counts)), weight)
    assert law.cumulative[-1] == 1 and (np.diff(law.cumulative) >= 0).all()
    last = np.flatnonzero(weight)[-1]
    assert (law.cumulative[last:] == 1).all(), "no number of [0, 1) leads to a point without weight"
    assert law.mean == pytest.approx(np.average(np.arange(len(counts)), weights=counts))


@pytest.mark.parametrize(
    ("factor", "weight", "message"),
    [
        ([], [], "got 0 factors and 0 weights, expected at least one"),
        ([1, 2], [1], "got 2 factors and 1 weights"),
        ([1, 1], [0.5, 0.5], "got factor 1.0 after 1.0, expected factors that ascend"),
        ([2, 1], [0.5, 0.5], "got factor 1.0 after 2.0"),
        ([-1, 1], [0.5, 0.5], "got factors[0] = -1.0, expected finite, at least 0"),
        ([1, np.inf], [0.5, 0.5], "got factors[1] = inf"),
        ([1, 2], [np.nan, 1], "got weights[0] = nan"),
        ([1, 2], [1.5, -0.5], "got weights[1] = -0.5"),
        ([1, 2], [0.5, 0.4], "weights that sum to 0.9, expected 1"),
        (["a"], [1], "got factors <U1 (1,), expected numbers, [point]"),
        ([[1.0]], [1], "got factors float64 (1, 1)"),
        ([1], [True], "got weights bool"),
    ],
)
def test_what_is_refused(factor: Any, weight: Any, message: str) -> None:
    with pytest.raises(SchemaError, match=re.escape(message)):
        ViralityLaw(factor, weight)
