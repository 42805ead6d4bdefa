"""Intervals that cover at their nominal rate within each third of the observed size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import LeakageError, NotFittedError, SchemaError
from graphsocial.graph import format_time
from graphsocial.learn.cascade_size.size_metrics import third_of, thirds

SMALLEST_GROUP = 40
"""Groups with fewer calibration examples are calibrated together."""


@dataclass(frozen=True, eq=False)
class GroupConformal:
    """Offsets that widen (or narrow) an interval on both sides, one per third of the observed size.

    Conformalised quantile regression (Romano, Patterson and Candès, NeurIPS 2019, algorithm 1) within groups known
    before the answer (Mondrian conformal prediction: Vovk, Gammerman and Shafer 2005, section 4.5). The guarantee needs
    exchangeable examples; over time it is as good as the calibration block is like what follows. With a `prior` an
    offset is shrunk by n / (n + prior): a group's small block moves good quantiles at random, a large one is believed.

    Attributes:
        bounds: Bounds of the thirds of the observed size on the calibration examples.
        level: Nominal coverage.
        scores: How far answers lie outside (below 0: inside), ascending, one array per group.
        prior: Examples that the uncalibrated interval is worth.
        known_until: When the calibration answers were complete, int64 seconds.
    """

    bounds: tuple[float, float]
    level: float
    scores: tuple[np.ndarray, ...]
    prior: int
    known_until: int

    @classmethod
    def fit(
        cls,
        ends: np.ndarray,
        target: np.ndarray,
        observed: np.ndarray,
        known_until: int,
        level: float = 0.9,
        prior: int = 0,
    ) -> GroupConformal:
        """Scores of calibration examples that the quantiles were not fitted on.

        Args:
            ends: Lower and upper end [example, 2].
            target: Answers [example].
            observed: Observed sizes [example].
            known_until: When the answers were complete, int64 seconds.
            level: Nominal coverage.
            prior: Examples that the uncalibrated interval is worth; 0 = plain conformal offsets.

        Raises:
            SchemaError: Shapes do not fit.
            NotFittedError: Fewer examples than the level needs: the offset would be infinite.
        """
        ends, target = np.asarray(ends, dtype=np.float64), np.asarray(target, dtype=np.float64)
        if ends.shape != (len(target), 2) or len(observed) != len(target):
            raise SchemaError(
                f"got ends {ends.shape}, targets {target.shape} and {len(observed)} observed sizes, "
                "expected [example, 2] and two times [example]"
            )
        needed = int(np.ceil(round(level / (1 - level), 9)))
        if len(target) < needed:
            raise NotFittedError(
                f"intervals of {level:.0%} need at least {needed} calibration examples, got {len(target)}"
            )
        bounds = thirds(observed)
        group = third_of(observed, bounds)
        if min(np.bincount(group, minlength=3)) < SMALLEST_GROUP:
            bounds, group = (np.inf, np.inf), np.zeros(len(target), dtype=np.int64)
        outside = np.maximum(ends[:, 0] - target, target - ends[:, 1])
        scores = tuple(np.sort(outside[group == g]) for g in range(int(group.max()) + 1))
        return cls(bounds, level, scores, prior, int(known_until))

    def apply(self, ends: np.ndarray, observed: np.ndarray, as_of: int, allow_future_model: bool = False) -> np.ndarray:
        """Calibrated ends [example, 2]; where they would cross, both are their mean.

        Args:
            ends: Lower and upper end [example, 2].
            observed: Observed sizes [example].
            as_of: Earliest time a prediction is made at, int64 seconds.
            allow_future_model: Use it although it was not known yet at `as_of`.

        Raises:
            LeakageError: The calibration was not known at `as_of`.
        """
        if as_of < self.known_until and not allow_future_model:
            raise LeakageError(
                f"an interval calibration known until {format_time(self.known_until)} would be used as of "
                f"{format_time(as_of)}; pass allow_future_model=True to do so all the same"
            )
        offset = np.array([self.offset(scores, 1 - self.level) for scores in self.scores])
        offset = offset[third_of(observed, self.bounds)]
        return ordered(np.column_stack([ends[:, 0] - offset, ends[:, 1] + offset]))

    def offset(self, scores: np.ndarray, miss: float) -> float:
        """Widening on both sides for a group's ascending scores and a miss rate, shrunk by the prior."""
        return upper_quantile(scores, miss) * len(scores) / (len(scores) + self.prior)


def upper_quantile(scores: np.ndarray, miss: float) -> float:
    """The ceil((n + 1)(1 - miss))-th smallest of ascending scores: a new one exceeds it with chance `miss` at most.

    >>> upper_quantile(np.arange(1.0, 20.0), 0.05), upper_quantile(np.arange(1.0, 20.0), 0.1)
    (19.0, 18.0)
    """
    rank = int(np.ceil(round((len(scores) + 1) * (1 - miss), 9)))
    return float(scores[min(max(rank, 1), len(scores)) - 1])


def ordered(ends: np.ndarray) -> np.ndarray:
    """Ends [example, 2] with crossed pairs replaced by their mean, and no answer below 0 expected."""
    middle = ends.mean(axis=1)
    crossed = ends[:, 0] > ends[:, 1]
    out = np.where(crossed[:, None], middle[:, None], ends)
    return np.maximum(out, 0.0)
