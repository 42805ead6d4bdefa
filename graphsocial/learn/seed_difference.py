"""How far a metric, or a difference of two trainings, would move with other examples and other seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.bootstrap import LEVEL, BootstrapInterval
from graphsocial.learn.examples import Examples
from graphsocial.learn.metrics import Metric, checked

_DEFINED = 0.95


@dataclass(frozen=True, eq=False)
class SeedPrediction:
    """What a training with one seed says about its test examples.

    Attributes:
        examples: The questions; those of other seeds may have other candidates.
        prediction: In the form that the metric takes.
    """

    examples: Examples
    prediction: np.ndarray


def seed_interval(
    metric: Metric,
    ours: Sequence[SeedPrediction],
    other: Sequence[SeedPrediction] = (),
    *,
    rng: int | np.random.Generator = 0,
    resamples: int = 1000,
) -> BootstrapInterval:
    """Mean of a metric over seeds, minus that of another training if there is one, with its 95 % interval.

    Each resample draws whole groups of examples and, apart from them, seeds, both with replacement; the two trainings
    of a seed are drawn together and see the same groups.

    Args:
        metric: What to measure; it needs a form by sums.
        ours: A prediction for each seed.
        other: What is compared, the same seeds in the same order; none: the metric itself.
        rng: Seed of the draws.
        resamples: Number of draws.

    Raises:
        SchemaError: No seed, another number of seeds, other questions, or a metric that has no form by sums.

    >>> from graphsocial.learn.metrics import ACCURACY
    >>> rows = Examples("a", {}, np.arange(4), np.ones(4), np.array(list("aabb")), np.arange(4))
    >>> right = [SeedPrediction(rows, np.array([1, 1, 1, 0]))]
    >>> seed_interval(ACCURACY, right).value, seed_interval(ACCURACY, right).interval
    (0.75, (0.5, 1.0))
    """
    if metric.sums is None:
        raise SchemaError(f"{metric.name} has no form by sums, so its resamples would take too long")
    if not ours or (other and len(other) != len(ours)) or resamples < 1:
        raise SchemaError(
            f"got {len(ours)} seeds, {len(other)} to compare and {resamples} resamples, expected as many seeds, some"
        )
    for mine, theirs in zip(ours, other, strict=bool(other)):
        if not np.array_equal(mine.examples.target, theirs.examples.target) or not np.array_equal(
            mine.examples.group.astype(str), theirs.examples.group.astype(str)
        ):
            raise SchemaError("two trainings of a seed answered other questions, expected the same ones in one order")
    names = np.unique(np.concatenate([each.examples.group.astype(str) for each in ours]))
    parts = [[_by_group(metric, each, names) for each in several] for several in (ours, other) if several]
    even = np.ones((1, len(names)))
    values = [np.mean([_value(metric, part, even)[0] for part in several]) for several in parts]
    value = float(values[0] - sum(values[1:]))
    if len(names) < 2:
        return BootstrapInterval(value, None, len(names), 0, f"all examples lie in {len(names)} group(s)")
    draws = np.random.default_rng(rng)
    times = np.stack(
        [np.bincount(draws.integers(0, len(names), len(names)), minlength=len(names)) for _ in range(resamples)]
    )
    seeds = draws.integers(0, len(ours), (resamples, len(ours)))
    found = []
    for several in parts:
        each = np.stack([_value(metric, part, times.astype(np.float64)) for part in several], axis=1)
        found.append(np.take_along_axis(each, seeds, axis=1).mean(axis=1))
    drawn = found[0] - sum(found[1:])
    defined = drawn[np.isfinite(drawn)]
    if len(defined) < _DEFINED * resamples:
        return BootstrapInterval(value, None, len(names), len(defined), f"{metric.name} is undefined in many resamples")
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return BootstrapInterval(value, (float(low), float(high)), len(names), len(defined))


def _by_group(metric: Metric, each: SeedPrediction, names: np.ndarray) -> np.ndarray:
    """What every group adds to the metric, float64 [group, statistic]."""
    assert metric.sums is not None
    rows = each.examples
    added = metric.sums.rows(*checked(metric.name, each.prediction, rows.target, rows.query))
    code = np.searchsorted(names, rows.group.astype(str))
    return np.stack([np.bincount(code, column, len(names)) for column in added.T], axis=1)


def _value(metric: Metric, sums: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The metric where each group is there so many times [resample]."""
    assert metric.sums is not None
    found: np.ndarray = np.asarray(metric.sums.value(times @ sums), dtype=np.float64)
    return found
