"""Ages: how long after the start of its cascade each member became active."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.cascades import CascadeSet
from graphsocial.schema import UNKNOWN_TIME


def ages(cascades: CascadeSet) -> np.ndarray:
    """Time from the start of its cascade to each member, float64 in the unit of the cascades' times [member].

    A cascade starts with its earliest member whose time is known. A root whose own time nobody recorded, such as the
    author of a post without a time, was there by then and counts as of age 0; any other member without a time is nan.

    >>> ages(CascadeSet([*"abc"], [-1, 0, 0], [60, 90, 75], [0, 3], ["x"], [False])).tolist()
    [0.0, 30.0, 15.0]
    """
    unknown = np.isnan(cascades.time) if cascades.time.dtype.kind == "f" else cascades.time == UNKNOWN_TIME
    start = starts(cascades)
    age = np.where(unknown, np.nan, cascades.time - np.repeat(start, cascades.size))
    age[unknown & (cascades.parent < 0) & np.repeat(start < np.inf, cascades.size)] = 0.0
    return age


def starts(cascades: CascadeSet) -> np.ndarray:
    """Time of each cascade's earliest member, float64 [cascade]; inf where none is known."""
    start = np.full(len(cascades), np.inf)
    filled = cascades.size > 0
    time = cascades.time.astype(np.float64)
    time[np.isnan(time) | (time <= UNKNOWN_TIME)] = np.inf
    if filled.any():
        start[filled] = np.minimum.reduceat(time, cascades.offsets[:-1][filled])
    return start


def durations(cascades: CascadeSet) -> np.ndarray:
    """Time from the start of each cascade to its last member, float64 [cascade].

    0 for a root alone, nan where a member has no time. Of a censored cascade it is what was seen, a lower bound.

    >>> durations(CascadeSet([*"abc"], [-1, 0, 0], [60, 90, 75], [0, 3], ["x"], [False])).tolist()
    [30.0]
    """
    out = np.full(len(cascades), np.nan)
    filled = cascades.size > 0
    if filled.any():
        out[filled] = np.maximum.reduceat(ages(cascades), cascades.offsets[:-1][filled])
    return out
