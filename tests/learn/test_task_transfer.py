"""Gains over a task alone: by hand, by brute force, with the sign that says better, and where nothing was gained."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError
from graphsocial.learn.examples import Examples
from graphsocial.learn.metrics import ACCURACY, MACRO_F1, MRR, MSLE, ROC_AUC
from graphsocial.learn.seed_difference import SeedPrediction, seed_interval
from graphsocial.learn.task_transfer import task_gains, trainings_for_transfer
from graphsocial.report.plots.transfer_matrix import transfer_matrix_plot


def rows(target: np.ndarray, group: np.ndarray | None = None, query: np.ndarray | None = None) -> Examples:
    every = np.arange(len(target))
    return Examples("t", {}, every, target, every if group is None else group, every if query is None else query)


def test_mean_over_seeds_and_paired_interval():
    rng = np.random.default_rng(0)
    target = rng.integers(0, 2, 400)
    test = rows(target, np.arange(400) // 2)
    weak = [SeedPrediction(test, np.where(rng.random(400) < 0.6, target, 1 - target)) for _ in range(3)]
    strong = [SeedPrediction(test, np.where(rng.random(400) < 0.9, target, 1 - target)) for _ in range(3)]
    gap = seed_interval(ACCURACY, strong, weak, rng=1)
    by_hand = np.mean(
        [(s.prediction == target).mean() - (w.prediction == target).mean() for s, w in zip(strong, weak, strict=True)]
    )
    assert gap.value == pytest.approx(by_hand)
    assert gap.interval[0] > 0.15 and gap.interval[0] < gap.value < gap.interval[1]
    same = seed_interval(ACCURACY, weak, weak)
    assert (same.value, same.interval) == (0.0, (0.0, 0.0))


def test_resamples_equal_a_loop_over_groups_and_seeds():
    rng = np.random.default_rng(2)
    target, group = rng.integers(0, 3, 60), rng.integers(0, 7, 60)
    several = [SeedPrediction(rows(target, group), rng.integers(0, 3, 60)) for _ in range(2)]
    found = seed_interval(MACRO_F1, several, rng=5, resamples=40)
    draws = np.random.default_rng(5)
    picks = [draws.integers(0, 7, 7) for _ in range(40)]
    seeds = draws.integers(0, 2, (40, 2))
    slow = []
    for pick, chosen in zip(picks, seeds, strict=True):
        at = np.concatenate([np.flatnonzero(group == g) for g in pick])
        slow.append(np.mean([MACRO_F1(several[s].prediction[at], target[at], np.arange(len(at))) for s in chosen]))
    np.testing.assert_allclose(found.interval, np.quantile(slow, [0.025, 0.975]))


def test_other_seeds_may_move_more_than_other_examples():
    target = np.zeros(1000, dtype=np.int64)
    lucky, unlucky = SeedPrediction(rows(target), target), SeedPrediction(rows(target), target + 1)
    assert seed_interval(ACCURACY, [lucky, unlucky]).interval == (0.0, 1.0)


def test_ranking_questions_stay_whole():
    test = rows(np.array([1, 0, 1, 0]), np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]))
    one = [SeedPrediction(test, np.array([0.9, 0.1, 0.2, 0.8]))]
    assert seed_interval(MRR, one).value == pytest.approx((1 + 0.5) / 2)


def test_better_is_above_zero_also_for_errors():
    counts = np.array([0, 1, 5, 20] * 10)
    exact, off = np.log1p(counts), np.log1p(counts) + 1
    trained = {
        ("size",): {"size": [SeedPrediction(rows(counts), off)]},
        ("label",): {"label": [SeedPrediction(rows(counts % 2), 1 - counts % 2)]},
        ("label", "size"): {
            "size": [SeedPrediction(rows(counts), exact)],
            "label": [SeedPrediction(rows(counts % 2), counts % 2)],
        },
    }
    gains = {gain.task: gain for gain in task_gains({"size": MSLE, "label": ACCURACY}, trained, resamples=50)}
    assert gains["size"].gain == pytest.approx(1.0) and gains["size"].interval == pytest.approx((1.0, 1.0))
    assert gains["label"].gain == pytest.approx(1.0) and gains["label"].beside == ("size",)
    assert gains["size"].alone == pytest.approx(1.0) and gains["size"].value == pytest.approx(0.0)
    text = transfer_matrix_plot(list(gains.values())).axes[0].texts
    assert any("+1.000 ▲" in each.get_text() for each in text)


def test_which_trainings_and_what_is_refused():
    assert trainings_for_transfer(["c", "a", "b"])[-1] == ("a", "b", "c")
    assert len(trainings_for_transfer("abcde")) == 5 + 10 + 1
    assert trainings_for_transfer(["b", "a"]) == (("a",), ("b",), ("a", "b"))
    for names in (["a"], ["a", "a"], []):
        with pytest.raises(SchemaError, match="at least two, all different"):
            trainings_for_transfer(names)
    test = rows(np.array([0, 1]))
    one = [SeedPrediction(test, np.array([0, 1]))]
    with pytest.raises(SchemaError, match="'a' was trained with a, b, but not alone"):
        task_gains({"a": ACCURACY}, {("a", "b"): {"a": one}})
    with pytest.raises(SchemaError, match="other questions"):
        seed_interval(ACCURACY, one, [SeedPrediction(rows(np.array([1, 1])), np.array([0, 1]))])
    with pytest.raises(SchemaError, match="no form by sums"):
        seed_interval(ROC_AUC, one)
    with pytest.raises(SchemaError, match="as many seeds"):
        seed_interval(ACCURACY, one, one * 2)
    with pytest.raises(SchemaError, match="expected those of at least two"):
        transfer_matrix_plot([])
