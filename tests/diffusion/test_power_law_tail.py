from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, special, stats

from graphsocial.diffusion.lognormal_tail import lognormal_tail
from graphsocial.diffusion.power_law_kernel import best_alpha, draw, scaled_zeta
from graphsocial.diffusion.power_law_tail import power_law_tail, vuong
from graphsocial.errors import SchemaError
from graphsocial.graph import CascadeSet
from tests.diffusion.measures.forests import EMPTY, cascades_of


def stars(size: np.ndarray, censored: np.ndarray | None = None) -> CascadeSet:
    """One star per size."""
    offsets = np.concatenate([[0], np.cumsum(size)])
    parent = np.repeat(offsets[:-1], size)
    parent[offsets[:-1]] = -1
    zeros = np.zeros(len(parent), dtype=np.int64)
    open_ones = np.zeros(len(size), dtype=bool) if censored is None else censored
    return CascadeSet(zeros, parent, zeros, offsets, np.arange(len(size)), open_ones)


def zipf(rng: np.random.Generator, alpha: float, lowest: int, count: int) -> np.ndarray:
    out = np.empty(count)
    draw(alpha, float(lowest), rng.random(count), out)
    return out.astype(np.int64)


@pytest.mark.parametrize("alpha", [1.05, 1.5, 2.0, 3.5, 12.0, 60.0])
@pytest.mark.parametrize("x", [1, 2, 7, 40, 1_000])
def test_zeta(alpha: float, x: int) -> None:
    assert scaled_zeta(alpha, float(x)) == pytest.approx(special.zeta(alpha, x) * float(x) ** alpha, rel=1e-12)


def test_zeta_where_scipy_s_underflows() -> None:
    assert special.zeta(200.0, 900) == 0
    assert scaled_zeta(200.0, 900.0) == pytest.approx(sum((1 + k / 900) ** -200.0 for k in range(2_000)), rel=1e-12)


def test_draws_follow_the_law() -> None:
    size = zipf(np.random.default_rng(0), 2.3, 4, 100_000)
    value = np.arange(4, 30)
    expected = np.append(value**-2.3, special.zeta(2.3, 30)) / special.zeta(2.3, 4) * len(size)
    seen = np.append([np.count_nonzero(size == v) for v in value], np.count_nonzero(size >= 30))
    assert size.min() == 4
    assert stats.chisquare(seen, expected).pvalue > 1e-5


def test_exponent_is_the_maximum_of_the_likelihood() -> None:
    size = zipf(np.random.default_rng(1), 2.4, 3, 2_000)
    found = power_law_tail(stars(np.minimum(size, 900)), lowest=3)
    logs = np.log(np.minimum(size, 900)).sum()
    best = optimize.minimize_scalar(
        lambda a: a * logs + 2_000 * np.log(special.zeta(a, 3)),
        bounds=(1.1, 6),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert found.alpha == pytest.approx(best.x, abs=1e-6)
    step = 1e-4
    bend = np.diff([np.log(special.zeta(found.alpha + d, 3)) for d in (-step, 0, step)], 2).item() / step**2
    assert found.alpha_error == pytest.approx((2_000 * bend) ** -0.5, rel=1e-3)


@pytest.mark.parametrize("sizes", [[2, 2, 2, 2, 3, 3, 5, 9, 9, 30, 31, 60], [2] * 18 + [50, 60], [4] * 3 + [9] * 9])
def test_distance_is_the_largest_over_all_whole_numbers(sizes: list[int]) -> None:
    size = np.array(sizes)
    found = power_law_tail(stars(size), lowest=2)
    whole = np.arange(2, 200)
    seen = (size[None, :] <= whole[:, None]).mean(axis=1)
    fitted = 1 - special.zeta(found.alpha, whole + 1) / special.zeta(found.alpha, 2)
    assert found.distance == pytest.approx(np.abs(seen - fitted).max(), rel=1e-9)
    np.testing.assert_allclose(found.exceedance(whole + 1), 1 - fitted, rtol=1e-9)
    assert np.isnan(found.exceedance(np.array([1])))


def test_tail_begins_where_the_distance_is_smallest() -> None:
    rng = np.random.default_rng(2)
    size = np.concatenate([rng.integers(1, 12, 500), np.minimum(zipf(rng, 2.5, 12, 500), 2_000)])
    found = power_law_tail(stars(size))
    candidates = [v for v in np.unique(size)[:-1] if (size >= v).sum() >= 50]
    fits = {v: power_law_tail(stars(size), lowest=int(v)) for v in candidates}
    best = min(fits, key=lambda v: fits[v].distance)
    assert found.lowest == best and found.distance == pytest.approx(fits[best].distance, rel=1e-6)
    assert found.tail == (size >= best).sum() and found.searched
    assert 8 <= found.lowest <= 20
    np.testing.assert_allclose(
        found.exceedance(np.array([best])), (size >= best).mean(), err_msg="the line starts on the curve"
    )


@pytest.mark.parametrize("alpha", [1.8, 2.5, 3.5])
def test_recovers_a_planted_exponent(alpha: float) -> None:
    errors = []
    for count in (300, 30_000):
        size = np.minimum(zipf(np.random.default_rng(3), alpha, 1, count), 30_000)
        counts = np.unique(size, return_counts=True)
        mean_log = float(np.average(np.log(counts[0]), weights=counts[1]))
        errors.append(abs(best_alpha(1.0, mean_log) - alpha))
    assert errors[1] < 4.5 * (alpha - 1) / np.sqrt(30_000) + 0.004  # the rest is for sizes cut at 30,000
    assert errors[1] < errors[0]


def test_lognormal_sizes_are_told_from_a_power_law() -> None:
    size = np.maximum(1, np.rint(np.random.default_rng(4).lognormal(2, 1, 2_000))).astype(np.int64)
    found = power_law_tail(stars(size), lowest=1)
    assert found.log_ratio < 0 and found.p_value < 1e-6
    assert "the lognormal is better" in found.title()
    assert [found.log_mean, found.log_deviation] == pytest.approx([2, 1], abs=0.12)
    assert found.plausibility(rng=0, resamples=30) == 0


def test_power_law_sizes_are_plausible_and_no_lognormal_is_better() -> None:
    size = np.minimum(zipf(np.random.default_rng(5), 2.5, 1, 1_000), 5_000)
    found = power_law_tail(stars(size))
    assert found.p_value > 0.1 and "neither" in found.title()
    assert found.plausibility(rng=0, resamples=40) > 0.1
    assert found.plausibility(rng=0, resamples=40) == found.plausibility(rng=0, resamples=40)


def test_a_beginning_that_was_searched_for_is_searched_for_in_each_sample() -> None:
    rng = np.random.default_rng(3)
    size = np.concatenate([rng.integers(1, 12, 150), np.minimum(zipf(rng, 2.5, 12, 150), 2_000)])
    given = power_law_tail(stars(size), lowest=12)
    assert not given.searched
    # the same samples, but a free beginning brings each of them closer to its fit
    assert (
        given.plausibility(rng=0, resamples=40) > replace(given, searched=True).plausibility(rng=0, resamples=40) + 0.1
    )


def test_plausibility_is_about_even_when_the_law_holds() -> None:
    p = []
    for seed in range(30):
        size = np.minimum(zipf(np.random.default_rng(seed), 2.5, 1, 200), 3_000)
        p.append(power_law_tail(stars(size), lowest=1).plausibility(rng=seed, resamples=20))
    assert abs(np.mean(p) - 0.5) < 4.5 * np.sqrt(1 / 12 / 30)


def test_lognormal_likelihood_is_that_of_rounded_values_above_the_start() -> None:
    value, times = np.arange(3.0, 40.0), np.arange(37, 0, -1)
    log_mean, log_deviation, likelihood = lognormal_tail(value, times, 3)
    law = stats.norm(log_mean, log_deviation)
    mass = law.cdf(np.log(value + 0.5)) - law.cdf(np.log(value - 0.5))
    np.testing.assert_allclose(likelihood, np.log(mass / law.sf(np.log(2.5))), rtol=1e-6)

    def cost(shape: np.ndarray) -> float:
        other = stats.norm(shape[0], np.exp(shape[1]))
        mass = other.cdf(np.log(value + 0.5)) - other.cdf(np.log(value - 0.5))
        return -float(times @ np.log(mass / other.sf(np.log(2.5))))

    theirs = optimize.minimize(cost, [2.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10})
    assert -float(times @ likelihood) == pytest.approx(theirs.fun, rel=1e-7)


def test_vuong_golden() -> None:
    # gains 1, 1, -1: sum 1, variance 8/9, z = 1 / sqrt(3 * 8 / 9)
    ratio, p_value = vuong(np.array([1.0, -1.0]), np.array([2, 1]))
    assert (ratio, p_value) == (1.0, pytest.approx(2 * stats.norm.sf(1 / np.sqrt(8 / 3))))
    assert vuong(np.zeros(2), np.array([3, 4])) == (0.0, 1.0)


def test_censored_sizes_are_left_out_and_counted() -> None:
    size = np.minimum(zipf(np.random.default_rng(6), 2.5, 1, 400), 500)
    both = stars(np.concatenate([size, np.full(90, 7)]), np.arange(490) >= 400)
    found, alone = power_law_tail(both), power_law_tail(stars(size))
    assert (found.alpha, found.lowest, found.left_out) == (alone.alpha, alone.lowest, 90)
    assert "90 left out" in found.title()


def test_at_one_age_those_still_going_count() -> None:
    clock = [0, 1, 2, 9]
    going = cascades_of([[-1, 0, 0, 0], [-1, 0]] * 40, [clock, [0, 1]] * 40, [True] * 80, known_until=20)
    assert power_law_tail(going, age=5, lowest=2).size.tolist() == [2] * 40 + [3] * 40


@pytest.mark.parametrize(
    ("cascades", "arguments", "said"),
    [
        (EMPTY, {}, "there are no cascades"),
        (cascades_of([[-1, 0], [-1]] * 20), {}, "40 cascades of 2 different sizes, expected 50 cascades"),
        (cascades_of([[-1, 0]] * 60), {}, "60 cascades of 1 different sizes"),
        (cascades_of([[-1, 0], [-1]] * 30), {"lowest": 2}, "expected those of 2 members or more to have at least 2"),
        (cascades_of([[-1]]), {"lowest": 0}, "got lowest=0"),
        (cascades_of([[-1]]), {"lowest": 1.5}, "got lowest=1.5"),
        (cascades_of([[-1]], censored=[True]), {}, "all 1 cascades are censored"),
    ],
)
def test_nothing_to_fit(cascades: CascadeSet, arguments: dict, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        power_law_tail(cascades, **arguments)


def test_resamples_that_make_no_sense() -> None:
    with pytest.raises(SchemaError, match="got resamples=0"):
        power_law_tail(cascades_of([[-1, 0], [-1]] * 30), lowest=1).plausibility(rng=0, resamples=0)
