from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from scipy import stats

from graphsocial.diffusion.goodness_of_fit import TIMINGS, Measure, goodness_of_fit
from graphsocial.diffusion.holm import holm
from graphsocial.diffusion.predictive_fit import PredictiveFit, predictive_fit
from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet
from tests.diffusion.measures.forests import EMPTY, cascades_of

NAMED: Mapping[str, Measure] = {"number": lambda cascades: np.asarray(cascades.names, dtype=np.float64)}


def named(values: object) -> CascadeSet:
    """Cascades whose one measure is what they are called."""
    numbers = np.ravel(np.asarray(values, dtype=np.float64))
    count = len(numbers)
    return CascadeSet(["a"] * count, [-1] * count, [0] * count, range(count + 1), numbers, [False] * count)


def fit(came: object, drawn: object, rng: int | np.random.Generator = 0) -> PredictiveFit:
    return predictive_fit(named(came), named(drawn), rng=rng, measures=NAMED)


class Split:
    """Splits every tie in the middle."""

    def random(self, size: int) -> np.ndarray:
        return np.full(size, 0.5)


def test_ranks_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four places for three runs; 2 ties with one of 1, 2, 3 and so lies in the middle of the 2nd and 3rd of them."""
    monkeypatch.setattr(np.random, "default_rng", lambda _: Split())
    nan = np.nan
    came = [0.5, 2.0, 9.0, 7.0, nan, 1.0, 1.0]
    drawn = [[1, 2, 3], [1, 2, 3], [1, 2, 3], [7, 7, 7], [1, 2, 3], [nan, nan, nan], [nan, 3, nan]]
    found = fit(came, drawn)
    assert found.rank[0].tolist() == pytest.approx([1 / 8, 4 / 8, 7 / 8, 4 / 8, nan, nan, 1 / 4], nan_ok=True)
    known = found.rank[0][~np.isnan(found.rank[0])]
    assert (found.ranked[0], found.runs, len(found)) == (5, 3, 1)
    assert found.mean_rank[0] == pytest.approx(np.mean([1, 4, 7, 4, 2]) / 8)
    assert found.rank_spread[0] == pytest.approx(np.std([1, 4, 7, 4, 2]) / 8 * np.sqrt(12))
    assert found.distance[0] == pytest.approx(0.3), "two of five lie at or below a quarter; four at or below a half"
    assert found.p_value[0] == pytest.approx(stats.ks_1samp(known, stats.uniform.cdf, method="exact").pvalue)


@pytest.mark.parametrize("runs", [1, 9])
@pytest.mark.parametrize("whole", [False, True])
def test_p_values_are_even_for_the_true_law_however_much_cascades_differ(runs: int, whole: bool) -> None:
    rng, repeats, posts = np.random.default_rng([runs, whole]), 200, 40
    p = []
    for _ in range(repeats):
        centre, wide = rng.normal(0, 9, (posts, 1)), rng.exponential(2, (posts, 1))
        values = centre + wide * rng.normal(size=(posts, runs + 1))
        values = np.round(values / 4) if whole else values  # ties galore
        values[rng.random(values.shape) < 0.2] = np.nan
        p.append(fit(values[:, 0], values[:, 1:], rng).p_value[0])
    for level in (0.05, 0.2, 0.5):
        share = np.mean(np.array(p) <= level)
        assert abs(share - level) < 4.5 * np.sqrt(level * (1 - level) / repeats), level


def test_what_each_cascade_gets_wrong_shows_though_all_together_are_right() -> None:
    """Every cascade has a centre of its own; the model draws from the law of all of them, or too near the middle."""
    rng, posts, runs = np.random.default_rng(5), 300, 30
    centre = rng.normal(size=(posts, 1))
    came = centre[:, 0] + rng.normal(0, 0.5, posts)
    same_law = rng.normal(size=(posts, runs)) * np.sqrt(1.25)
    assert fit(came, same_law).p_value[0] > 0.01, "calibrated, if ignorant"
    right, narrow = (centre + rng.normal(0, wide, (posts, runs)) for wide in (0.5, 0.25))
    assert fit(came, right).p_value[0] > 0.01
    found = fit(came, narrow)
    assert found.p_value[0] < 1e-4 and found.rank_spread[0] > 1.15 and abs(found.mean_rank[0] - 0.5) < 0.07
    one = named(narrow[:, 0])
    pooled = goodness_of_fit(named(came), one, rng=0, measures=NAMED, paired=True, permutations=199)
    assert pooled.p_value[0] > 0.01, "one run each, all thrown together: the same failure is not seen"


def test_larger_than_simulated_is_a_rank_above_one_half() -> None:
    found = fit(np.arange(50.0) + 1, np.repeat(np.arange(50.0), 9))
    assert found.mean_rank[0] == pytest.approx(0.95, abs=0.02) and found.rank.min() > 0.9
    assert fit(np.arange(50.0) - 1, np.repeat(np.arange(50.0), 9)).rank.max() < 0.1


def test_several_measures_and_an_age() -> None:
    parents = [[-1, 0, 0, 1]] * 20
    observed = cascades_of(parents, [[0, 1, 2, 30]] * 20)
    simulated = cascades_of(parents * 4, [[0, 1, 2, 3]] * 80)
    found = predictive_fit(observed, simulated, rng=0, measures={"size": lambda c: c.size, **TIMINGS})
    assert found.measure == ("size", "time_to_half", "duration") and found.rank.shape == (3, 20)
    assert found.p_value[2] < 1e-9 and found.p_value[:2].min() > 0.001
    np.testing.assert_allclose(found.p_holm, holm(found.p_value))
    assert "20 observed cascades among 4 simulated ones each: smallest p" in found.title()
    young = predictive_fit(observed, simulated, rng=0, measures=TIMINGS, age=2.5, watched=99.0, horizon=99.0)
    assert young.p_value[1] > 0.001 and "at age 2.5" in young.title()


def test_no_ranks_no_verdict() -> None:
    found = fit([np.nan] * 4, np.ones((4, 2)))
    assert np.isnan([found.p_value[0], found.p_holm[0], found.distance[0], found.mean_rank[0]]).all()
    assert found.ranked[0] == 0


def test_ranks_that_hang_on_what_is_given() -> None:
    """The model knows the law of all, not that the half it comes from depends on a number known beforehand."""
    rng, posts, runs = np.random.default_rng(8), 200, 19
    kind = rng.integers(2, size=posts)
    came, drawn = rng.normal(0.8 * kind, 1), rng.normal(0.8 * rng.integers(2, size=(posts, runs)), 1)
    columns = np.stack([kind, rng.normal(size=posts)], axis=1)
    found = predictive_fit(named(came), named(drawn), rng=0, measures=NAMED, given={"number": columns})
    assert found.measure == ("number", "number given") and found.rank[0].tolist() == found.rank[1].tolist()
    assert found.p_value[0] > 0.05 and found.p_value[1] < 1e-4
    # by hand: least squares of the normal numbers
    z, x = stats.norm.ppf(found.rank[0]), np.column_stack([np.ones(posts), columns])
    fitted = x @ np.linalg.lstsq(x, z, rcond=None)[0]
    assert found.distance[1] == pytest.approx(np.corrcoef(z, fitted)[0, 1])
    assert found.p_value[1] == pytest.approx(stats.chi2.sf(((fitted - z.mean()) ** 2).sum(), 2))
    np.testing.assert_allclose(found.p_holm, holm(found.p_value))
    thrice = np.column_stack([columns, columns @ [1, 2], np.ones(posts)])
    again = predictive_fit(named(came), named(drawn), rng=0, measures=NAMED, given={"number": thrice})
    assert again.p_value[1] == pytest.approx(found.p_value[1]), "columns of one another count once"


def test_given_anything_p_values_are_even_for_the_true_law() -> None:
    rng, repeats, posts = np.random.default_rng(9), 400, 30
    p = []
    for _ in range(repeats):
        x = rng.normal(size=(posts, 3))
        values = np.round(x[:, :1] + rng.normal(size=(posts, 6)))
        given = {"number": x}
        p.append(
            predictive_fit(named(values[:, 0]), named(values[:, 1:]), rng=rng, measures=NAMED, given=given).p_value[1]
        )
    for level in (0.05, 0.2, 0.5):
        assert abs(np.mean(np.array(p) <= level) - level) < 4.5 * np.sqrt(level * (1 - level) / repeats), level


def test_nothing_given_that_differs_is_no_test() -> None:
    found = predictive_fit(named([1, 2]), named([1, 2]), rng=0, measures=NAMED, given={"number": np.ones(2)})
    assert np.isnan([found.p_value[1], found.p_holm[1]]).all() and not np.isnan(found.p_holm[0])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"numbr": np.zeros(2)}, "given names 'numbr', expected one of number. Did you mean 'number'"),
        ({"number": np.zeros(3)}, r"given 'number' got float64 \(3,\), expected numbers, \[2\] or \[2, column\]"),
        ({"number": np.array(["a", "b"])}, "expected numbers"),
        ({"number": np.array([0.0, np.nan])}, "not finite"),
    ],
)
def test_what_cannot_be_given(given: dict, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        predictive_fit(named([1, 2]), named([1, 2]), rng=0, measures=NAMED, given=given)


def test_rng_repeats() -> None:
    one, again, other = (fit(np.zeros(9), np.zeros(18), rng) for rng in (1, 1, 2))
    assert one.rank.tobytes() == again.rank.tobytes() != other.rank.tobytes()


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        (
            np.ones(7),
            "got 7 simulated cascades of 3 observed ones, expected the same number of runs of each, such as 6",
        ),
        (np.ones(2), "such as 3"),
    ],
)
def test_not_as_many_runs_of_each(drawn: np.ndarray, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        fit(np.ones(3), drawn)


def test_what_cannot_be_ranked() -> None:
    whole, censored = cascades_of([[-1]] * 2), cascades_of([[-1]] * 2, censored=[True, False])
    with pytest.raises(SchemaError, match="observed cascades: 1 of 2 are censored, expected none"):
        predictive_fit(censored, whole, rng=0)
    with pytest.raises(SchemaError, match="simulated cascades: 1 of 2 are censored"):
        predictive_fit(whole, censored, rng=0)
    with pytest.raises(SchemaError, match="simulated cascades: there are no cascades"):
        predictive_fit(whole, EMPTY, rng=0)
    with pytest.raises(SchemaError, match="expected a mapping from names to functions"):
        predictive_fit(whole, whole, rng=0, measures={})
    with pytest.raises(SchemaError, match=r"measure 'one' got \(5,\), expected \(2,\)"):
        predictive_fit(whole, whole, rng=0, measures={"one": lambda _: np.zeros(5)})
