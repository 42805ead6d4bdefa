"""How far the area under a curve would move if other nodes, or other seeds, had been drawn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.bootstrap import LEVEL, BootstrapInterval


def auc_of_weights(positive: np.ndarray, negative: np.ndarray) -> float:
    """Chance that a positive scores above a negative, ties counting half.

    >>> auc_of_weights(np.array([0.0, 1.0, 1.0]), np.array([1.0, 1.0, 0.0]))
    0.875
    """
    below = np.cumsum(negative) - negative
    pairs = positive.sum() * negative.sum()
    return float((positive * (below + negative / 2)).sum() / pairs) if pairs else float("nan")


def average_precision_of_weights(positive: np.ndarray, negative: np.ndarray) -> float:
    """Area under precision over recall as a step function.

    >>> average_precision_of_weights(np.array([0.0, 1.0, 1.0]), np.array([1.0, 1.0, 0.0])).__round__(3)
    0.833
    """
    hits = np.cumsum(positive[::-1])
    named = hits + np.cumsum(negative[::-1])
    if not len(hits) or not hits[-1]:
        return float("nan")
    precision = np.divide(hits, named, out=np.zeros(len(hits)), where=named > 0)
    return float((positive[::-1] * precision).sum() / hits[-1])


RANKED = {"auc": auc_of_weights, "average_precision": average_precision_of_weights}
"""Areas by name."""


def ranked_interval(
    metric: str,
    prediction: np.ndarray,
    target: np.ndarray,
    group: np.ndarray,
    rng: int,
    floor: np.ndarray | None = None,
    resamples: int = 1000,
) -> BootstrapInterval:
    """An area, mean over seeds, with its 95 % interval over whole groups and seeds drawn with replacement.

    Args:
        metric: A name of `RANKED`.
        prediction: Scores [example, seed].
        target: Whether the example is positive [example].
        group: Unit of resampling [example].
        rng: Seed of the draws; the same seed gives the same draws for the same groups and seeds.
        floor: Scores of what is subtracted, on the same draws [example, seed]; None: nothing.
        resamples: Number of draws.

    Raises:
        SchemaError: Arrays do not fit together.
    """
    cases = [prediction] if floor is None else [prediction, floor]
    if any(case.ndim != 2 or len(case) != len(target) for case in cases) or len(group) != len(target):
        shapes = ", ".join(str(case.shape) for case in cases)
        raise SchemaError(
            f"{metric} got scores {shapes}, {len(target)} targets and {len(group)} groups, "
            "expected [example, seed] and [example]"
        )
    area = RANKED[metric]
    code = np.unique(group, return_inverse=True)[1]
    groups = int(code.max(initial=-1)) + 1
    yes = np.asarray(target) > 0
    columns = [[_Ranked(case[:, seed], yes, code, area) for seed in range(case.shape[1])] for case in cases]
    even = np.ones(groups)
    values = [np.mean([column(even) for column in several]) for several in columns]
    value = float(values[0] if floor is None else values[0] - values[1])
    if groups < 2:
        return BootstrapInterval(value, None, groups, 0, f"all {len(target)} examples lie in one group")
    draws, drawn = np.random.default_rng(rng), []
    for _ in range(resamples):
        times = np.bincount(draws.integers(0, groups, groups), minlength=groups).astype(np.float64)
        found = [
            np.mean([several[i](times) for i in draws.integers(0, len(several), len(several))]) for several in columns
        ]
        drawn.append(found[0] if floor is None else found[0] - found[1])
    defined = np.asarray(drawn)[np.isfinite(drawn)]
    if len(defined) < LEVEL * resamples:
        return BootstrapInterval(value, None, groups, len(defined), f"{metric} is undefined in too many resamples")
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return BootstrapInterval(value, (float(low), float(high)), groups, len(defined))


class _Ranked:
    """Scores in order, so that a resample costs sums, not a sort."""

    def __init__(self, scores: np.ndarray, yes: np.ndarray, code: np.ndarray, area: Callable[..., float]):
        order = np.argsort(scores, kind="stable")
        ranked = scores[order]
        first = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(ranked) else np.zeros(0, int)
        self._first, self._group, self._yes, self._area = first, code[order], yes[order], area

    def __call__(self, times: np.ndarray) -> float:
        weight = times[self._group]
        if not len(weight):
            return float("nan")
        positive = np.add.reduceat(np.where(self._yes, weight, 0), self._first)
        negative = np.add.reduceat(np.where(self._yes, 0, weight), self._first)
        return self._area(positive, negative)
