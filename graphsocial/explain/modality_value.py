"""What each modality is worth: Shapley values of a metric over all coalitions of modalities, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from math import factorial
from typing import Literal

import numpy as np
import polars as pl

from graphsocial.errors import SchemaError
from graphsocial.learn.bootstrap import BootstrapInterval, bootstrap_interval
from graphsocial.learn.metrics import Metric, Sums

Flavour = Literal["masked", "retrained"]
MOST = 8
"""Modalities beyond which 2^m coalitions are too many to ask."""


@dataclass(frozen=True)
class ModalityValue:
    """Shapley values of a metric (Shapley 1953; of predictors, Covert et al. 2020, SAGE, arXiv 2004.00668).

    They add up to the metric with all modalities minus the metric with none.

    Attributes:
        metric: Name of the metric.
        flavour: "masked": one fitted model, modalities taken from it; says what that model uses. "retrained": a model
            for each coalition; says what the modality is worth.
        value: By modality, with its 95 % interval over groups of examples.
        coalitions: The metric of every coalition.
    """

    metric: str
    flavour: Flavour
    value: Mapping[str, BootstrapInterval]
    coalitions: Mapping[frozenset[str], float]

    def to_polars(self) -> pl.DataFrame:
        """One row per modality."""
        ends = [found.interval or (None, None) for found in self.value.values()]
        columns = {
            "modality": list(self.value),
            "value": [found.value for found in self.value.values()],
            "low": [low for low, _ in ends],
            "high": [high for _, high in ends],
        }
        return pl.DataFrame(columns, schema_overrides={"low": pl.Float64, "high": pl.Float64})

    def __repr__(self) -> str:
        whole, nothing = self.coalitions[frozenset(self.value)], self.coalitions[frozenset()]
        lines = [f"ModalityValue, {self.flavour}: {self.metric} {whole:.3f} with all, {nothing:.3f} with none"]
        for name, found in self.value.items():
            ends = "" if found.interval is None else f" [{found.interval[0]:+.3f}, {found.interval[1]:+.3f}]"
            lines.append(f"  {name} {found.value:+.3f}{ends}")
        return "\n".join(lines)


def coalitions(modalities: Iterable[str]) -> tuple[frozenset[str], ...]:
    """Every set of modalities, the empty one first.

    >>> [sorted(each) for each in coalitions(["text", "image"])]
    [[], ['image'], ['text'], ['image', 'text']]
    """
    names = sorted(set(modalities))
    found = chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))
    return tuple(frozenset(each) for each in found)


def shapley_weights(modality: str, modalities: Sequence[str]) -> dict[frozenset[str], float]:
    """Weight of each coalition's worth in a modality's Shapley value.

    >>> weights = shapley_weights("text", ["image", "text"])
    >>> [(sorted(each), weight) for each, weight in weights.items()]
    [([], -0.5), (['image'], -0.5), (['text'], 0.5), (['image', 'text'], 0.5)]
    """
    count, out = len(modalities), {}
    for each in coalitions(modalities):
        others = len(each - {modality})
        chance = factorial(others) * factorial(count - others - 1) / factorial(count)
        out[each] = chance if modality in each else -chance
    return out


def masked_coalitions(
    modalities: Sequence[str], predict: Callable[[frozenset[str]], np.ndarray]
) -> dict[frozenset[str], np.ndarray]:
    """Predictions of one fitted model for every coalition.

    Args:
        modalities: Their names.
        predict: Predictions [example] or [example, output] of the model when only these modalities are given to it.

    Raises:
        SchemaError: No modality, or more than `MOST`.
    """
    _check(modalities)
    return {each: np.asarray(predict(each)) for each in coalitions(modalities)}


def modality_value(
    predictions: Mapping[frozenset[str], np.ndarray],
    metric: Metric,
    target: np.ndarray,
    *,
    flavour: Flavour,
    query: np.ndarray | None = None,
    group: np.ndarray | None = None,
    rng: int = 0,
    resamples: int = 1000,
) -> ModalityValue:
    """Exact Shapley values of the modalities, with intervals over groups of examples drawn with replacement.

    Args:
        predictions: For every coalition of the modalities, also the empty one, predictions of the same examples,
            [example] or [example, output]. From `masked_coalitions`, or from models retrained for each.
        metric: What a coalition is worth.
        target: [example].
        flavour: Which of the two it is; named in the result.
        query: Number of the question [example]; None: each example is one.
        group: Unit of resampling [example]; None: each example is its own.
        rng: Seed of the bootstrap.
        resamples: Number of resamples.

    Raises:
        SchemaError: A coalition is missing, there is no example, or predictions do not fit the target.

    >>> from graphsocial.learn.metrics import ACCURACY
    >>> good, bad = np.array([0, 1, 0, 1]), np.array([1, 0, 1, 0])
    >>> both, text, image, none = (frozenset(s) for s in (["text", "image"], ["text"], ["image"], []))
    >>> said = {none: bad, image: bad, text: good, both: good}
    >>> modality_value(said, ACCURACY, good, flavour="retrained")
    ModalityValue, retrained: accuracy 1.000 with all, 0.000 with none
      image +0.000 [+0.000, +0.000]
      text +1.000 [+1.000, +1.000]
    """
    names = sorted(set().union(*predictions))
    _check(names)
    wanted = coalitions(names)
    missing = [each for each in wanted if each not in predictions]
    if missing:
        listed = ", ".join("+".join(sorted(each)) or "(none)" for each in missing)
        raise SchemaError(f"predictions of {len(missing)} of {len(wanted)} coalitions are missing: {listed}")
    if not len(target):
        raise SchemaError("got no example to measure the value of modalities on, expected at least one")
    asked = np.arange(len(target)) if query is None else query
    units = np.arange(len(target)) if group is None else group
    worth = {each: metric(predictions[each], target, asked) for each in wanted}
    columns = [np.asarray(predictions[each], dtype=np.float64) for each in wanted]
    width = 1 if columns[0].ndim == 1 else columns[0].shape[1]
    stacked = np.concatenate([column.reshape(len(target), -1) for column in columns], axis=1)
    if stacked.shape[1] != width * len(wanted):
        raise SchemaError("predictions of coalitions have different numbers of outputs")
    value = {}
    for name in names:
        weights = np.array([shapley_weights(name, names)[each] for each in wanted])
        combined = _combined(metric, weights, width, columns[0].ndim == 1)
        value[name] = bootstrap_interval(combined, stacked, target, asked, units, rng, resamples)
    return ModalityValue(metric.name, flavour, value, worth)


def _combined(metric: Metric, weights: np.ndarray, width: int, flat: bool) -> Metric:
    """A weighted sum of one metric over predictions that lie side by side."""

    def parts(stacked: np.ndarray) -> list[np.ndarray]:
        each = np.split(stacked, stacked.shape[1] // width, axis=1)
        return [part[:, 0] for part in each] if flat else each

    def function(stacked: np.ndarray, target: np.ndarray, query: np.ndarray) -> float:
        each = [metric.function(part, target, query) for part in parts(stacked)]
        return float(np.dot(weights, each))

    sums = metric.sums
    if sums is None:
        return Metric(metric.name, metric.higher_is_better, function)

    ends: list[int] = []

    def rows(stacked: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
        each = [sums.rows(part, target, query) for part in parts(stacked)]
        # counts of classes are as wide as the highest class that a coalition names
        ends[:] = np.cumsum([part.shape[1] for part in each]).tolist()
        return np.concatenate(each, axis=1)

    def value(total: np.ndarray) -> np.ndarray:
        each = np.stack([sums.value(part) for part in np.split(total, ends[:-1], axis=-1)])
        found: np.ndarray = np.tensordot(weights, each, axes=1)
        return found

    return Metric(metric.name, metric.higher_is_better, function, Sums(rows, value))


def _check(modalities: Sequence[str]) -> None:
    if not 1 <= len(set(modalities)) <= MOST:
        raise SchemaError(f"got {len(set(modalities))} modalities, expected 1 to {MOST}: every coalition is asked")
