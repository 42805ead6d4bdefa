"""What cascades had come to before a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.graph import CascadeSet, format_time


def earlier_cascades(cascades: CascadeSet, time: int, without: Any = None) -> CascadeSet:
    """The events before a time; every cascade keeps its place, even an empty one.

    Args:
        cascades: Observed cascades.
        time: Only events before are kept.
        without: Name of a cascade that is left out; None: none is.

    Raises:
        SchemaError: Not a `CascadeSet`.
        TimeWindowError: The cascades were read as of an earlier time.

    >>> read = CascadeSet(["a", "b", "a"], [-1, 0, -1], [1, 5, 6], [0, 2, 3], ["p", "q"], [False] * 2)
    >>> earlier_cascades(read, 6).size.tolist(), earlier_cascades(read, 9, without="p").size.tolist()
    ([2, 0], [0, 1])
    """
    if not isinstance(cascades, CascadeSet):
        raise SchemaError(f"got {type(cascades).__name__}, expected a CascadeSet, such as read_cascades() returns")
    if cascades.known_until is not None and time > cascades.known_until:
        raise TimeWindowError(
            f"the cascades were read as of {format_time(cascades.known_until)}, asked as of {format_time(time)}; what "
            "came in between is not in them"
        )
    cascade = np.repeat(np.arange(len(cascades)), cascades.size)
    kept = cascades.time < time
    if without is not None:
        kept &= (cascades.names != without)[cascade]
    size = np.bincount(cascade[kept], minlength=len(cascades))
    return CascadeSet(
        cascades.node[kept],
        np.full(int(kept.sum()), -1),
        cascades.time[kept],
        np.concatenate([[0], np.cumsum(size)]),
        cascades.names,
        cascades.censored,
    )
