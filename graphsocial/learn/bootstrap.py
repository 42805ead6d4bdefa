"""Cluster bootstrap: how far a metric would move if other groups (events, images, users) had been drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.metrics import Metric, checked

LEVEL = 0.95
_CELLS = 2**22  # resample x group counts held at once
_DEFINED = 0.95  # share of resamples in which the metric must exist for the interval to mean anything


@dataclass(frozen=True)
class BootstrapInterval:
    """A value and the percentile interval of its resamples (Efron and Tibshirani 1993, ch. 13).

    Attributes:
        value: The metric (or the difference of two) on the data as it is.
        interval: 2.5 % and 97.5 % quantiles over resamples, None where there is no honest one.
        groups: Units resampled.
        resamples: Resamples in which the value was defined.
        reason: Why there is no interval, empty where there is one.
    """

    value: float
    interval: tuple[float, float] | None
    groups: int
    resamples: int
    reason: str = ""


def bootstrap_interval(
    metric: Metric,
    prediction: np.ndarray,
    target: np.ndarray,
    query: np.ndarray,
    group: np.ndarray,
    rng: int | np.random.Generator,
    resamples: int = 1000,
) -> BootstrapInterval:
    """Value of a metric with its 95 % interval over whole groups drawn with replacement.

    Args:
        metric: What to measure.
        prediction: [example] or [example, output].
        target: [example].
        query: Number of the question [example]; all rows of a question must lie in one group.
        group: Unit of resampling [example]; its values are compared as strings.
        rng: Seed or generator; the same seed gives the same resamples for the same groups.
        resamples: Number of resamples.

    Raises:
        SchemaError: Arrays do not fit together, or a question lies in two groups.

    >>> from graphsocial.learn.metrics import ACCURACY
    >>> right = np.array([1, 1, 1, 0])
    >>> bootstrap_interval(ACCURACY, right, np.ones(4), np.arange(4), np.array(list("aabb")), rng=0).interval
    (0.5, 1.0)
    >>> bootstrap_interval(ACCURACY, right, np.ones(4), np.arange(4), np.array(list("aaaa")), rng=0).reason
    'all 4 examples lie in one group'
    """
    return _interval(metric, (prediction,), target, query, group, rng, resamples)


def paired_difference(
    metric: Metric,
    ours: np.ndarray,
    floor: np.ndarray,
    target: np.ndarray,
    query: np.ndarray,
    group: np.ndarray,
    rng: int | np.random.Generator,
    resamples: int = 1000,
) -> BootstrapInterval:
    """Metric of `ours` minus that of `floor`, both on the same resamples; `bootstrap_interval` says the rest."""
    return _interval(metric, (ours, floor), target, query, group, rng, resamples)


def _interval(
    metric: Metric,
    predictions: Sequence[np.ndarray],
    target: np.ndarray,
    query: np.ndarray,
    group: np.ndarray,
    rng: int | np.random.Generator,
    resamples: int,
) -> BootstrapInterval:
    checks = [checked(metric.name, prediction, target, query) for prediction in predictions]
    if np.shape(group) != np.shape(target) or resamples < 1:
        raise SchemaError(
            f"bootstrap got group {np.shape(group)} and {resamples} resamples, "
            f"expected {np.shape(target)} and at least 1"
        )
    names, code = np.unique(np.asarray(group).astype(str), return_inverse=True)
    value = _first_minus_rest([np.array(metric(*arrays)) for arrays in checks])
    if len(names) < 2:
        why = f"all {len(code)} examples lie in one group" if len(names) else "there are no examples"
        return BootstrapInterval(float(value), None, len(names), 0, why)
    _check_questions(np.asarray(query), code, names)
    drawn = np.concatenate(
        [
            _first_minus_rest([_values(metric, arrays, code, len(names), times) for arrays in checks])
            for times in _draws(len(names), np.random.default_rng(rng), resamples)
        ]
    )
    defined = drawn[np.isfinite(drawn)]
    if len(defined) < _DEFINED * resamples:
        why = (
            f"{metric.name} is undefined in {resamples - len(defined)} of {resamples} resamples of {len(names)} groups"
        )
        return BootstrapInterval(float(value), None, len(names), len(defined), why)
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return BootstrapInterval(float(value), (float(low), float(high)), len(names), len(defined))


def _first_minus_rest(values: list[np.ndarray]) -> np.ndarray:
    return values[0] if len(values) == 1 else values[0] - values[1]


def _check_questions(query: np.ndarray, code: np.ndarray, names: np.ndarray) -> None:
    order = np.argsort(query, kind="stable")
    split = (query[order][1:] == query[order][:-1]) & (code[order][1:] != code[order][:-1])
    if split.any():
        at = int(np.flatnonzero(split)[0])
        first, second = sorted(str(names[code[order][place]]) for place in (at, at + 1))
        raise SchemaError(
            f"question {query[order][at]} has rows in groups {first!r} and {second!r}, expected one: "
            "its candidates would be drawn apart"
        )


def _draws(groups: int, rng: np.random.Generator, resamples: int) -> Iterator[np.ndarray]:
    """How often each group is drawn, float64 [resample, group], in blocks that fit in memory."""
    block = max(1, _CELLS // groups)
    for first in range(0, resamples, block):
        count = min(block, resamples - first)
        picks = rng.integers(0, groups, size=(count, groups)) + groups * np.arange(count)[:, None]
        yield np.bincount(picks.ravel(), minlength=count * groups).reshape(count, groups).astype(np.float64)


def _values(
    metric: Metric, arrays: tuple[np.ndarray, np.ndarray, np.ndarray], code: np.ndarray, groups: int, times: np.ndarray
) -> np.ndarray:
    """The metric on every resample [resample]."""
    if metric.sums is not None:
        rows = metric.sums.rows(*arrays)
        per_group = np.stack([np.bincount(code, column, groups) for column in rows.T], axis=1)
        return metric.sums.value(times @ per_group)
    prediction, target, query = arrays
    order = np.argsort(code, kind="stable")
    size = np.bincount(code, minlength=groups)
    start = np.cumsum(size) - size
    question = np.unique(query, return_inverse=True)[1]
    values = np.empty(len(times))
    for i, row in enumerate(times.astype(np.int64)):
        drawn = np.repeat(np.arange(groups), row)
        copy = np.repeat(np.arange(len(drawn)), size[drawn])
        place = np.arange(len(copy)) - np.repeat(np.cumsum(size[drawn]) - size[drawn], size[drawn])
        rows = order[start[drawn][copy] + place]
        # a group drawn twice asks its questions twice
        values[i] = metric.function(prediction[rows], target[rows], question[rows] + copy * (question.max() + 1))
    return values
