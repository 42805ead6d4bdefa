from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from graphsocial.diffusion.measures.ratio_bootstrap import ratio_bootstrap


def test_agrees_with_scipy_s_bca_of_a_mean() -> None:
    sizes = np.random.default_rng(0).lognormal(1, 1, 80)
    found = ratio_bootstrap(sizes[:, None], np.ones((80, 1)), rng=1, resamples=20_000)
    theirs = stats.bootstrap((sizes,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(2))
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert found.low.item() == pytest.approx(theirs.confidence_interval.low, abs=0.03 * width)
    assert found.high.item() == pytest.approx(theirs.confidence_interval.high, abs=0.03 * width)
    plain = stats.bootstrap((sizes,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(2))
    assert found.high.item() > plain.confidence_interval.high + 0.05 * width, "skewness is corrected for"


def test_agrees_with_scipy_s_bca_of_a_ratio() -> None:
    rng = np.random.default_rng(0)
    below = rng.integers(1, 9, 60).astype(float)
    above = rng.poisson(0.7 * below).astype(float)
    found = ratio_bootstrap(above[:, None], below[:, None], rng=1, resamples=20_000)

    def ratio(top, bottom, axis=-1):
        return top.sum(axis=axis) / bottom.sum(axis=axis)

    theirs = stats.bootstrap(
        (above, below), ratio, paired=True, n_resamples=20_000, method="BCa", rng=np.random.default_rng(2)
    ).confidence_interval
    assert found.value.item() == pytest.approx(above.sum() / below.sum())
    width = theirs.high - theirs.low
    assert [found.low.item(), found.high.item()] == pytest.approx([theirs.low, theirs.high], abs=0.04 * width)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng, held, repeats = np.random.default_rng(5), 0, 400
    for seed in range(repeats):
        sizes = rng.exponential(1, (40, 1))
        found = ratio_bootstrap(sizes, np.ones_like(sizes), rng=seed, resamples=400)
        held += found.low.item() <= 1 <= found.high.item()
    # exact coverage of BCa at n = 40 is about .935; .95 +- 4.5 sigma of 400 repeats is .90 to 1
    assert 0.89 < held / repeats < 0.985


def test_cumulative_adds_ratios_up() -> None:
    step = np.array([[1.0, 2.0], [1.0, 4.0], [1.0, 0.0]])
    watched = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    assert ratio_bootstrap(step, watched, rng=0, cumulative=True).value.tolist() == [1.0, 4.0]


def test_what_never_varies_has_no_width_and_what_is_alone_no_interval() -> None:
    found = ratio_bootstrap(np.ones((5, 1)), np.ones((5, 1)), rng=0)
    assert (found.low.item(), found.high.item()) == (1.0, 1.0)
    alone = ratio_bootstrap(np.array([[3.0], [0.0]]), np.array([[1.0], [0.0]]), rng=0)
    assert alone.value.item() == 3.0 and np.isnan(alone.low.item())
    nothing = ratio_bootstrap(np.zeros((2, 1)), np.zeros((2, 1)), rng=0)
    assert np.isnan([nothing.value.item(), nothing.low.item()]).all()


def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphsocial.diffusion.measures import ratio_bootstrap as module

    sizes = np.random.default_rng(0).exponential(1, (30, 2))
    whole = ratio_bootstrap(sizes, np.ones_like(sizes), rng=3)
    monkeypatch.setattr(module, "_CELLS", 100)
    np.testing.assert_array_equal(ratio_bootstrap(sizes, np.ones_like(sizes), rng=3).low, whole.low)
