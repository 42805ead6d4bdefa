"""Growth: how many members a cascade had by a time after its start."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphsocial.diffusion.measures.ages import ages
from graphsocial.diffusion.measures.watched_lengths import watched_lengths
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet


def growth(
    cascades: CascadeSet, times: Sequence[float] | np.ndarray, *, watched: float | np.ndarray | None = None
) -> np.ndarray:
    """Members of each cascade by each time since its start, float64 [cascade, time]; whoever came at that time counts.

    nan where nobody was watching any more, and for cascades with a member without a time.

    Args:
        cascades: Observed or simulated.
        times: Since the start, in the unit of the cascades' times, ascending from 0 or later [time].
        watched: How long cascades were watched; `watched_lengths` says what holds without it.

    Raises:
        SchemaError: Times that make no sense, or nothing says how long censored cascades were watched.

    >>> cascades = CascadeSet([*"abcd"], [-1, 0, 0, 0], [10, 11, 15, 30], [0, 4], ["x"], [False])
    >>> growth(cascades, [0, 1, 10, 20, 99]).tolist()
    [[1.0, 2.0, 3.0, 4.0, 4.0]]
    """
    moment = check_times(times)
    length = watched_lengths(cascades, watched, float(moment[-1]))
    of_cascade = np.repeat(np.arange(len(cascades)), cascades.size)
    age = ages(cascades)
    column = np.searchsorted(moment, age)  # first time that is not before it; nan comes after all
    cell = of_cascade * (len(moment) + 1) + column
    count = np.bincount(cell, minlength=len(cascades) * (len(moment) + 1)).reshape(len(cascades), len(moment) + 1)
    size = np.cumsum(count[:, :-1], axis=1).astype(np.float64)
    size[moment[None, :] > length[:, None]] = np.nan
    size[np.unique(of_cascade[np.isnan(age)])] = np.nan
    return size


def check_times(times: Sequence[float] | np.ndarray) -> np.ndarray:
    """The times as float64 [time]; refuses what does not ascend from 0 or later."""
    try:
        moment = np.asarray(times, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SchemaError(f"got times {times!r}, expected numbers [time]") from error
    if moment.ndim != 1 or not len(moment) or not (np.isfinite(moment) & (moment >= 0)).all():
        raise SchemaError(f"got times {times!r}, expected at least one number, each 0 or later [time]")
    if (np.diff(moment) <= 0).any():
        raise SchemaError(f"got times {times!r}, expected them to ascend")
    return moment
