"""How long it takes from becoming active to activating a neighbour, where that happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.time import format_time

KNOTS = 257
"""A power of two and one: shares at the knots are exact."""


@dataclass(frozen=True, eq=False)
class DelayLaw:
    """A distribution of delays as a table of its quantiles, linear between them: what `DelayedCascade` takes.

    Knots that are equal are an atom: that many delays are exactly so long.

    Attributes:
        quantile: Delay at probability k / (knots - 1), ascending, in the unit of the cascades' times, float64 [knot].
        origin: Where the numbers come from, a few words.
        known_until: What they were fitted on came before this second; None for numbers that saw no data, or all.
        fitted: Whether they were fitted on data.

    Raises:
        SchemaError: Fewer than two knots, or a delay that is negative, infinite or less than the one before.

    >>> law = DelayLaw([0, 1, 4])
    >>> law.share_by([0.5, 1, 2.5, 9]).tolist(), float(law.delay_at(0.75)), law.mean
    ([0.25, 0.5, 0.75, 1.0], 2.5, 1.5)
    >>> DelayLaw([3, 1])
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: delay law got quantile 1.0 after 3.0, expected delays that ascend
    """

    quantile: np.ndarray
    origin: str = "given"
    known_until: int | None = None
    fitted: bool = False

    def __post_init__(self) -> None:
        quantile = _numbers("quantiles", self.quantile, "knot")
        if len(quantile) < 2:
            raise SchemaError(
                f"delay law got {len(quantile)} quantiles, expected at least 2; DelayLaw.constant takes one"
            )
        falls = np.flatnonzero(np.diff(quantile) < 0)
        if len(falls):
            before, after = quantile[falls[0]], quantile[falls[0] + 1]
            raise SchemaError(f"delay law got quantile {after} after {before}, expected delays that ascend")
        quantile.setflags(write=False)
        object.__setattr__(self, "quantile", quantile)

    @classmethod
    def of_delays(
        cls,
        delays: np.ndarray | Sequence[float],
        weights: np.ndarray | Sequence[float] | None = None,
        longest: float | None = None,
        knots: int = KNOTS,
        *,
        known_until: int | None = None,
    ) -> DelayLaw:
        """The law of observed delays: at each knot the shortest delay that the knot's share does not exceed.

        Delays seen only where the wait was shorter than what was watched are too short; say up to which `longest` they
        are all seen, and the law is the one of those.

        Args:
            delays: From a node's activation to its neighbour's, [delay].
            weights: What each counts, such as the chance that the neighbour had it from there; None: all the same.
            longest: Longer ones are left out.
            knots: Size of the table.
            known_until: The delays come from before this second; None for all there is.

        Raises:
            SchemaError: No delays, or numbers that are none.

        >>> DelayLaw.of_delays([5, 1, 2, 2, 90], longest=60, knots=5).quantile.tolist()
        [1.0, 1.0, 2.0, 2.0, 5.0]
        """
        seen = _numbers("delays", delays, "delay")
        weight = np.ones(len(seen)) if weights is None else _numbers("weights", weights, "delay")
        if weight.shape != seen.shape:
            raise SchemaError(f"delay law got {len(weight)} weights of {len(seen)} delays, expected one each")
        _check_knots(knots)
        if longest is not None:
            _check("longest delay", longest, "a number, at least 0", lambda x: x >= 0)
        counts = (weight > 0) & (seen <= (np.inf if longest is None else longest))
        if not counts.any():
            up_to = "" if longest is None else f" up to {longest:g}"
            raise SchemaError(f"delay law got {len(seen)} delays, none of them{up_to} has a weight, expected some")
        order = np.argsort(seen[counts], kind="stable")
        ascending, total = seen[counts][order], np.cumsum(weight[counts][order])
        place = np.searchsorted(total, np.arange(knots) * total[-1] / (knots - 1))
        origin = f"{len(ascending):,} delays"
        return cls(ascending[np.minimum(place, len(ascending) - 1)], origin, known_until, fitted=True)

    @classmethod
    def exponential(cls, mean: float, knots: int = KNOTS) -> DelayLaw:
        """Delays that forget how long they have taken; the longest knot is finite, and such that the mean is right."""
        _check("mean delay", mean, "a finite number above 0", lambda x: 0 < x < np.inf)
        _check_knots(knots)
        inner = -np.log1p(-np.arange(knots - 1) / (knots - 1))
        longest = 2 * (knots - 1) - 2 * inner.sum()  # the area under the table is 1 then; near log(2 pi (knots - 1))
        return cls(mean * np.append(inner, longest), f"exponential, mean {mean:g}")

    @classmethod
    def constant(cls, delay: float) -> DelayLaw:
        """Always the same: cascades go in steps of that length."""
        _check("delay", delay, "a finite number, at least 0", lambda x: 0 <= x < np.inf)
        return cls(np.array([delay, delay]), f"always {delay:g}")

    @property
    def mean(self) -> float:
        """Mean delay."""
        return float((self.quantile[1:] + self.quantile[:-1]).mean() / 2)

    def share_by(self, age: float | np.ndarray | Sequence[float]) -> np.ndarray:
        """Share of delays no longer than each age, float64 [...]."""
        from graphsocial.diffusion.delay_law_kernel import shares_of  # numba: imported when first needed

        return self._read(shares_of, np.asarray(age, dtype=np.float64))

    def delay_at(self, share: float | np.ndarray | Sequence[float]) -> np.ndarray:
        """Delay that each share of delays does not exceed, float64 [...].

        Raises:
            SchemaError: A share outside of [0, 1].
        """
        from graphsocial.diffusion.delay_law_kernel import delays_of  # numba: imported when first needed

        asked = np.asarray(share, dtype=np.float64)
        if not ((asked >= 0) & (asked <= 1)).all():
            raise SchemaError(f"got share {share!r}, expected numbers of [0, 1]")
        return self._read(delays_of, asked)

    def _read(self, loop: Callable[[np.ndarray, np.ndarray, np.ndarray], None], asked: np.ndarray) -> np.ndarray:
        out = np.empty(asked.size)
        loop(self.quantile, asked.ravel(), out)
        return out.reshape(asked.shape)

    def __repr__(self) -> str:
        until = f", fitted until {format_time(self.known_until)}" if self.known_until is not None else ""
        half, mean = float(np.median(self.quantile)), self.mean
        return f"DelayLaw of {len(self.quantile):,} knots, median {half:.4g}, mean {mean:.4g} ({self.origin}{until})"


def _numbers(what: str, values: Any, axis: str) -> np.ndarray:
    """The values as a new float64 array, all of them finite and at least 0."""
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iuf"):
        raise SchemaError(f"delay law got {what} {array.dtype} {array.shape}, expected numbers, [{axis}]")
    array = array.astype(np.float64)
    wrong = np.flatnonzero(~((array >= 0) & (array < np.inf)))  # nan, too
    if len(wrong):
        raise SchemaError(f"delay law got {what}[{wrong[0]}] = {array[wrong[0]]}, expected finite numbers, at least 0")
    return array


def _check(what: str, value: Any, expected: str, fits: Callable[[float], bool]) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not fits(float(value)):
        raise SchemaError(f"{what} got {value!r}, expected {expected}")


def _check_knots(knots: Any) -> None:
    if isinstance(knots, bool) or not isinstance(knots, int | np.integer) or knots < 2:
        raise SchemaError(f"delay law got knots={knots!r}, expected a whole number, at least 2")
