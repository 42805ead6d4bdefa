"""Chances against what came about."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError
from graphsocial.learn.reliability import Reliability, reliability


def test_sums_by_hand() -> None:
    chance = np.array([0.0, 0.2, 0.5, 0.5, 1.0])
    came = np.array([False, True, False, True, True])
    post = np.array(["b", "b", "a", "a", "b"])
    found = reliability(chance, came, post, ends=(0.0, 0.2, 0.6, 1.0))
    # the lower end belongs to a bin and 1 to the last; posts in order of their names: a, b
    assert found.count.tolist() == [[0, 2, 0], [1, 1, 1]]
    assert found.expected == pytest.approx(np.array([[0, 1, 0], [0, 0.2, 1]]))
    assert found.observed.tolist() == [[0, 1, 0], [0, 1, 1]]
    # 1.2 expected and 2 came in the middle, 1 and 1 in the last
    assert found.error == pytest.approx(0.8 / 3) and found.ratio == pytest.approx(2.2 / 3)
    assert "[0.2, 0.6) 3 cases, 1.2 expected, 2 came" in repr(found)


def test_true_chances_are_reliable_and_others_are_not() -> None:
    rng = np.random.default_rng(0)
    true = rng.beta(0.3, 6.0, 40_000)
    came, post = rng.random(len(true)) < true, np.arange(len(true)) // 200
    found = reliability(true, came, post)
    assert found.error < 0.06 and found.ratio_interval(1)[0] < 1 < found.ratio_interval(1)[1]
    inside = found.share_interval(1)
    said = found.expected.sum(axis=0) / found.count.sum(axis=0)
    assert ((inside[:, 0] <= said) & (said <= inside[:, 1])).sum() >= 5, "one of six may miss its 95 % interval"
    double = reliability(np.minimum(1, 2 * true), came, post)
    assert double.error > 0.7 and double.ratio_interval(1)[0] > 1.5
    low, high = double.error_interval(1)
    assert low < double.error < high and double.error_interval(1) == (low, high), "the same rng, the same interval"


def test_bins_by_the_same_runs_flatter_the_highest() -> None:
    """True chances of .05 put into bins by simulated shares: by their own, the chances look spread; by others', not."""
    rng = np.random.default_rng(2)
    first, second = rng.binomial(20, 0.05, (2, 20_000)) / 20
    came, post = rng.random(20_000) < 0.05, np.arange(20_000) // 100
    own, others = reliability(first, came, post), reliability(second, came, post, by=first)
    assert own.error > 0.5 and others.error < 0.1


def test_a_bin_without_cases_and_nothing_that_came_about() -> None:
    found = reliability(np.array([0.05, 0.06]), np.zeros(2, bool), np.arange(2), ends=(0, 0.1, 1))
    assert np.isnan(found.error) and np.isnan(found.ratio) and all(np.isnan(found.error_interval(0)))
    assert found.share_interval(0)[0].tolist() == [0, 0] and np.isnan(found.share_interval(0)[1]).all()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"chance": np.array([0.5, 1.2])}, "a chance is 1.2, expected 0 to 1"),
        ({"chance": np.array([0.5, np.nan])}, "a chance is nan"),
        ({"chance": np.zeros(0), "came": np.zeros(0, bool), "group": np.zeros(0)}, "at least one case"),
        ({"group": np.arange(3)}, r"\(3,\) groups"),
        ({"by": np.array([0.1, 7.0])}, "outside the bins, expected numbers of 0 to 1"),
        ({"ends": (0, 1, 0.5)}, "ascending"),
    ],
)
def test_bad_input(more: dict[str, object], said: str) -> None:
    given = {"chance": np.array([0.5, 0.5]), "came": np.array([True, False]), "group": np.arange(2), **more}
    with pytest.raises(SchemaError, match=said):
        reliability(**given)  # type: ignore[arg-type]


def test_groups_are_what_is_resampled() -> None:
    """Ten copies of each case in one group tell no more than the case does."""
    rng = np.random.default_rng(3)
    chance = rng.random(60)
    came = rng.random(60) < chance
    once = reliability(chance, came, np.arange(60))
    copied = reliability(np.repeat(chance, 10), np.repeat(came, 10), np.repeat(np.arange(60), 10))
    assert copied.ratio_interval(4) == pytest.approx(once.ratio_interval(4))
    assert isinstance(copied, Reliability)
