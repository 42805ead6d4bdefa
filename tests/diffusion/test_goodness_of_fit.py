from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from graphsocial.diffusion.goodness_of_fit import MEASURES, TIMINGS, goodness_of_fit
from graphsocial.diffusion.holm import holm
from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet
from tests.diffusion.measures.forests import EMPTY, branching, cascades_of, reordered


def pool(count: int = 4_000) -> CascadeSet:
    return branching(np.random.default_rng(0), 0.85, count)


POOL = pool()


def drawn(rng: np.random.Generator, count: int) -> CascadeSet:
    return reordered(POOL, rng.choice(len(POOL), count, replace=False).tolist())


@pytest.mark.parametrize("statistic", ["ks", "energy"])
def test_distances_are_scipy_s(statistic: str) -> None:
    rng = np.random.default_rng(1)
    ours, theirs = drawn(rng, 150), branching(rng, 0.6, 90)
    found = goodness_of_fit(ours, theirs, rng=0, statistic=statistic, permutations=1)  # type: ignore[arg-type]
    for i, measure in enumerate(MEASURES.values()):
        a, b = (values[~np.isnan(values)] for values in (measure(ours) * 1.0, measure(theirs) * 1.0))
        expected = stats.ks_2samp(a, b).statistic if statistic == "ks" else stats.energy_distance(a, b)
        assert found.distance[i] == pytest.approx(expected, rel=1e-9)
        assert found.observed_mean[i] == pytest.approx(a.mean())
        assert (found.observed[i], found.simulated[i]) == (len(a), len(b))


@pytest.mark.parametrize("statistic", ["ks", "energy"])
def test_p_values_are_even_for_one_model(statistic: str) -> None:
    rng, repeats, permutations = np.random.default_rng(2), 200, 39
    p = np.array(
        [
            goodness_of_fit(
                drawn(rng, 60), drawn(rng, 40), rng=rng, statistic=statistic, permutations=permutations
            ).p_value
            for _ in range(repeats)
        ]
    )
    for column, name in zip(p.T, MEASURES, strict=True):
        for level in (0.1, 0.3, 0.5):
            # ties make discrete measures cautious: never more often than the level, within 4.5 sigma
            share = (column <= level + 1e-9).mean()
            assert share < level + 4.5 * np.sqrt(level * (1 - level) / repeats), (name, level)
            if name in ("size", "virality"):
                assert share > level - 4.5 * np.sqrt(level * (1 - level) / repeats) - 0.08, (name, level)


def test_p_values_are_tiny_for_two_models() -> None:
    rng = np.random.default_rng(3)
    found = goodness_of_fit(branching(rng, 0.9, 400), branching(rng, 0.5, 400), rng=0)
    assert (found.p_value <= 1 / 1000).all() and (found.p_holm <= 4 / 1000).all()


def test_shape_alone_tells_two_models_of_one_size_apart() -> None:
    stars, chains = cascades_of([[-1, 0, 0, 0]] * 30), cascades_of([[-1, 0, 1, 2]] * 30)
    found = goodness_of_fit(stars, chains, rng=0)
    assert found.distance.tolist() == [0, 1, 1, 1]
    assert found.p_value.tolist() == pytest.approx([1, 0.001, 0.001, 0.001])
    np.testing.assert_allclose(found.p_holm, holm(found.p_value))
    assert "smallest p 0.004 after Holm" in found.title()


def test_censored_cascades_are_left_out_and_counted() -> None:
    whole = [[-1, 0], [-1, 0, 0], [-1]] * 5
    observed = cascades_of([*whole, *[[-1, 0]] * 40], censored=[False] * 15 + [True] * 40)
    found = goodness_of_fit(observed, cascades_of(whole), rng=0)
    assert found.distance.tolist() == [0, 0, 0, 0]
    assert found.left_out == (40, 0)
    assert "left out 40 observed and 0 simulated" in found.title()


def test_at_one_age_those_still_going_count_too() -> None:
    parents, clock = [-1, 0, 0, 0], [0, 1, 2, 9]
    observed = cascades_of([parents] * 20, [clock] * 20, [True] * 20, known_until=10)
    simulated = cascades_of([parents] * 20, [[0, 1, 2, 3]] * 20)
    found = goodness_of_fit(observed, simulated, rng=0, age=2)
    assert found.distance.tolist() == [0, 0, 0, 0] and found.left_out == (0, 0)
    assert goodness_of_fit(observed, simulated, rng=0, age=3).distance[0] == 1
    cut = cascades_of([[-1, 0]] * 20, [[0, 1]] * 20, [True] * 20)
    assert goodness_of_fit(observed, cut, rng=0, age=2, horizon=2).distance[0] == 1
    with pytest.raises(SchemaError, match="simulated cascades: 20 of 20 cascades are censored"):
        goodness_of_fit(observed, cut, rng=0, age=2)


def test_a_side_without_pairs_has_no_virality() -> None:
    found = goodness_of_fit(cascades_of([[-1]] * 9), cascades_of([[-1, 0]] * 9), rng=0)
    assert np.isnan([found.distance[3], found.p_value[3], found.p_holm[3]]).all()
    assert found.p_holm[0] == pytest.approx(3 * found.p_value[0]), "three were looked at"


def test_a_side_with_hardly_a_pair_does_not_look_different_for_that() -> None:
    few = cascades_of([[-1]] * 40 + [[-1, 0]])
    found = goodness_of_fit(few, cascades_of([[-1]] * 40 + [[-1, 0, 1]]), rng=0)
    assert found.p_value[3] > 0.5


def test_growth_tells_two_models_of_one_shape_apart() -> None:
    parents = [[-1, 0, 0, 1]] * 30
    quick, slow = cascades_of(parents, [[0, 1, 2, 3]] * 30), cascades_of(parents, [[0, 5, 9, 20]] * 30)
    found = goodness_of_fit(quick, slow, rng=0, measures={**MEASURES, **TIMINGS})
    assert found.measure == ("size", "depth", "breadth", "virality", "time_to_half", "duration")
    assert found.distance.tolist() == [0, 0, 0, 0, 1, 1]
    assert found.observed_mean[4:].tolist() == [1, 3] and found.simulated_mean[4:].tolist() == [5, 20]
    assert found.columns()["measure"] == list(found.measure)
    at_age = goodness_of_fit(quick, slow, rng=0, measures=TIMINGS, age=4, horizon=30, watched=30)
    assert at_age.simulated_mean.tolist() == [0, 0], "as they were then: the root alone"


def test_pairs_change_sides_with_each_other() -> None:
    """Pairs differ by more than the two sides do; p values are even where both sides are alike, and small where not."""
    rng, repeats = np.random.default_rng(6), 150
    length = {"length": lambda cascades: np.asarray(cascades.names, dtype=np.float64)}

    def named(values: np.ndarray) -> CascadeSet:
        count = len(values)
        return CascadeSet(["a"] * count, [-1] * count, [0] * count, range(count + 1), values, [False] * count)

    def test(one: np.ndarray, other: np.ndarray, paired: bool = True) -> float:
        sides = (named(one), named(other))
        return goodness_of_fit(
            *sides, rng=rng, statistic="energy", measures=length, paired=paired, permutations=39
        ).p_value[0]

    p, shifted, unpaired = [], [], []
    for _ in range(repeats):
        common = rng.normal(0, 5, 40)
        one, other = (common + rng.normal(size=40) for _ in range(2))
        p.append(test(one, other))
        shifted.append(test(one, other + 1))
        unpaired.append(test(one, other + 1, paired=False))
    for level in (0.1, 0.5):
        share = np.mean(np.array(p) <= level + 1e-9)
        assert abs(share - level) < 4.5 * np.sqrt(level * (1 - level) / repeats)
    assert np.mean(np.array(shifted) <= 0.05) > np.mean(np.array(unpaired) <= 0.05) + 0.3


def test_order_does_not_matter_and_rng_repeats() -> None:
    rng = np.random.default_rng(4)
    ours, theirs = drawn(rng, 80), branching(rng, 0.7, 60)
    one = goodness_of_fit(ours, theirs, rng=0)
    np.testing.assert_array_equal(one.p_value, goodness_of_fit(ours, theirs, rng=0).p_value)
    again = goodness_of_fit(reordered(ours, range(79, -1, -1)), theirs, rng=0)
    np.testing.assert_allclose(one.distance, again.distance)
    np.testing.assert_allclose(one.p_value, again.p_value, atol=0.1)  # 4.5 sigma of 999 permutations each


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"statistic": "kss"}, "Did you mean 'ks'"),
        ({"permutations": 0}, "got permutations=0"),
        ({"age": -1.0}, "got times"),
        ({"measures": {}}, "expected a mapping from names to functions"),
        ({"measures": ["size"]}, "expected a mapping from names to functions"),
        ({"measures": {"one": lambda cascades: np.zeros(3)}}, r"measure 'one' got \(3,\), expected \(1,\)"),
    ],
)
def test_arguments_that_make_no_sense(arguments: dict, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        goodness_of_fit(cascades_of([[-1]]), cascades_of([[-1]]), rng=0, **arguments)


def test_what_is_no_pair() -> None:
    one_censored = cascades_of([[-1]] * 2, censored=[True, False])
    for theirs in (cascades_of([[-1]] * 3), one_censored):
        with pytest.raises(SchemaError, match="expected pairs of whole ones"):
            goodness_of_fit(cascades_of([[-1]] * 2), theirs, rng=0, paired=True)


def test_nothing_to_compare() -> None:
    with pytest.raises(SchemaError, match="simulated cascades: there are no cascades"):
        goodness_of_fit(cascades_of([[-1]]), EMPTY, rng=0)
    with pytest.raises(SchemaError, match="observed cascades: all 1 cascades are censored"):
        goodness_of_fit(cascades_of([[-1]], censored=[True]), cascades_of([[-1]]), rng=0)
