"""Delay laws: golden tables, both readings of a table, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.errors import SchemaError


def test_a_table_is_read_both_ways_by_hand() -> None:
    """Quantiles 1, 1, 3, 3, 7: a quarter is exactly 1, a quarter exactly 3, the rest lies evenly between."""
    law = DelayLaw([1, 1, 3, 3, 7])
    ages = [0, 0.99, 1, 2, 2.999999, 3, 5, 7, 8, np.inf]
    assert np.allclose(law.share_by(ages), [0, 0, 0.25, 0.375, 0.5, 0.75, 0.875, 1, 1, 1], atol=1e-6)
    assert law.share_by([1, 3, 7]).tolist() == [0.25, 0.75, 1.0], "exact at ties"
    shares = [0, 0.1, 0.25, 0.375, 0.5, 0.6, 0.75, 0.875, 1]
    assert law.delay_at(shares).tolist() == [1, 1, 1, 2, 3, 3, 3, 5, 7]
    assert law.mean == (1 + 2 + 3 + 5) / 4
    assert law.share_by(5.0).shape == () and law.share_by([[1, 2], [3, 4]]).shape == (2, 2)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=9), st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_one_reading_undoes_the_other(knots: list[int], asked: list[float]) -> None:
    law, shares = DelayLaw(np.sort(knots)), np.sort(asked)
    delays = law.delay_at(shares)
    assert (np.diff(delays) >= 0).all()
    assert (law.share_by(delays) >= shares - 1e-12).all(), "of equal delays the whole atom counts"
    ages = np.linspace(-0.5, 7, 31)
    share = law.share_by(ages)
    assert (np.diff(share) >= 0).all() and share[0] == 0 and share[-1] == 1
    there = (ages >= law.quantile[0]) & (ages <= law.quantile[-1])
    assert np.allclose(law.delay_at(share[there]), ages[there], atol=1e-9)
    brute = [np.mean(law.delay_at((np.arange(20_000) + 0.5) / 20_000) <= age) for age in ages]
    assert np.allclose(share, brute, atol=2e-4)


def test_observed_delays_by_hand() -> None:
    seen = [50, 10, 20, 20, 40]
    assert DelayLaw.of_delays(seen, knots=6).quantile.tolist() == [10, 10, 20, 20, 40, 50]
    assert DelayLaw.of_delays(seen, longest=40, knots=5).quantile.tolist() == [10, 10, 20, 20, 40]
    weighted = DelayLaw.of_delays([1, 2, 3, 9], [2, 0, 1, 1], knots=5)
    assert weighted.quantile.tolist() == [1, 1, 1, 3, 9], "what weighs nothing is not there"
    assert weighted.fitted and weighted.known_until is None and DelayLaw.of_delays([3]).quantile.tolist() == [3] * 257


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 4)), min_size=1, max_size=12))
def test_a_weight_of_two_is_two_delays(pairs: list[tuple[int, int]]) -> None:
    delays, weights = zip(*pairs, strict=True)
    one = DelayLaw.of_delays(delays, weights, knots=65).quantile
    assert one.tolist() == DelayLaw.of_delays(np.repeat(delays, weights), knots=65).quantile.tolist()
    assert one[0] == min(delays) and one[-1] == max(delays)


def test_many_observed_delays_give_their_law_back() -> None:
    seen = np.random.default_rng(0).gamma(2.0, 30.0, 50_000)
    law, ages = DelayLaw.of_delays(seen), np.linspace(1, 300, 50)
    ahead = law.share_by(ages) - np.array([(seen <= age).mean() for age in ages])
    assert np.abs(ahead).max() < 1 / 256 and abs(law.mean / seen.mean() - 1) < 0.01


@pytest.mark.parametrize("knots", [2, 3, 65, 257, 4097])
def test_exponential_has_its_mean_and_its_law(knots: int) -> None:
    law = DelayLaw.exponential(40.0, knots)
    assert abs(law.mean - 40) < 1e-9 * 40
    ages = law.quantile[:-1]
    assert np.allclose(law.share_by(ages), -np.expm1(-ages / 40), atol=1e-12)
    assert (np.diff(law.quantile) > 0).all() and len(law.quantile) == knots


def test_constant() -> None:
    law = DelayLaw.constant(2)
    assert law.share_by([0, 1.99, 2, 3]).tolist() == [0, 0, 1, 1] and law.delay_at([0, 0.3, 1]).tolist() == [2, 2, 2]
    assert law.mean == 2 and "always 2" in repr(law) and not law.quantile.flags.writeable


def test_a_law_does_not_change_with_what_it_was_made_of() -> None:
    given_table = np.array([1.0, 2.0])
    law = DelayLaw(given_table)
    given_table[0] = 9
    assert law.quantile.tolist() == [1, 2]
    assert "fitted until 1970-01-01" in repr(DelayLaw.of_delays([1], known_until=5))


def test_wrong_input_says_what_is_wrong() -> None:
    for make, message in (
        (lambda: DelayLaw([1]), "got 1 quantiles, expected at least 2"),
        (lambda: DelayLaw([1, np.nan]), "got quantiles[1] = nan, expected finite numbers, at least 0"),
        (lambda: DelayLaw([-1, 1]), "got quantiles[0] = -1.0"),
        (lambda: DelayLaw([0, np.inf]), "got quantiles[1] = inf"),
        (lambda: DelayLaw([0, 2, 1]), "got quantile 1.0 after 2.0, expected delays that ascend"),
        (lambda: DelayLaw(["a", "b"]), "expected numbers, [knot]"),
        (lambda: DelayLaw([[1, 2]]), "(1, 2), expected numbers, [knot]"),
        (lambda: DelayLaw.of_delays([]), "got 0 delays, none of them has a weight"),
        (lambda: DelayLaw.of_delays([5, 6], longest=4), "got 2 delays, none of them up to 4 has a weight"),
        (lambda: DelayLaw.of_delays([5, 6], [0, 0]), "got 2 delays, none of them has a weight"),
        (lambda: DelayLaw.of_delays([5, 6], [1]), "got 1 weights of 2 delays, expected one each"),
        (lambda: DelayLaw.of_delays([5, 6], [1, -1]), "got weights[1] = -1.0"),
        (lambda: DelayLaw.of_delays([5, -6]), "got delays[1] = -6.0"),
        (lambda: DelayLaw.of_delays([5], knots=1), "got knots=1, expected a whole number, at least 2"),
        (lambda: DelayLaw.of_delays([5], longest=-1), "longest delay got -1, expected a number, at least 0"),
        (lambda: DelayLaw.exponential(0), "mean delay got 0, expected a finite number above 0"),
        (lambda: DelayLaw.exponential(1, 1), "got knots=1"),
        (lambda: DelayLaw.constant(np.inf), "delay got inf, expected a finite number, at least 0"),
        (lambda: DelayLaw.constant("1"), "delay got '1'"),  # type: ignore[arg-type]
        (lambda: DelayLaw.constant(1).delay_at([0.5, 1.2]), "got share [0.5, 1.2], expected numbers of [0, 1]"),
    ):
        with pytest.raises(SchemaError, match=re.escape(message)):
            make()
