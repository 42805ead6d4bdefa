"""Inter-event times: how long after the one before it in its cascade each member became active."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.measures.ages import ages
from graphsocial.graph.cascades import CascadeSet


def inter_event_times(cascades: CascadeSet) -> np.ndarray:
    """Time since the member before it in its cascade, in order of time, float64 [member].

    nan for the first of each cascade and next to a member without a time; 0 where several became active at once. The
    wait after the last member of a censored cascade is not among them, so long gaps are missing there.

    >>> inter_event_times(CascadeSet([*"abc"], [-1, 0, 0], [60, 90, 75], [0, 3], ["x"], [False])).tolist()
    [nan, 15.0, 15.0]
    """
    of_cascade = np.repeat(np.arange(len(cascades)), cascades.size)
    age = ages(cascades)
    order = np.lexsort((age, of_cascade))  # nan stands last; equal times in their given order
    gap = np.full(len(order), np.nan)
    gap[order[1:]] = np.where(of_cascade[order[1:]] == of_cascade[order[:-1]], np.diff(age[order]), np.nan)
    return gap
