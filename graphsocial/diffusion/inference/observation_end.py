"""Until when each cascade was watched."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet

Until = float | np.ndarray | None


def observation_end(cascades: CascadeSet, observed_until: Until = None) -> tuple[np.ndarray, tuple[str, ...]]:
    """The time that each cascade was watched until, float64 [cascade], inf where it is finished; and what was assumed.

    Args:
        cascades: The cascades.
        observed_until: What came before this time is known, one number or one per cascade, in the unit of the members'
            times. None: finished cascades end never; censored ones when the set says, or else, as nobody said, right
            after their last member.

    Raises:
        SchemaError: Not such numbers, or a member is active when nobody watches any more.

    >>> cascades = CascadeSet(["ann", "bob"], [-1, -1], [0, 5], [0, 1, 2], ["p", "q"], [False, True], known_until=9)
    >>> observation_end(cascades)[0], observation_end(cascades, 7)[0]
    (array([inf,  9.]), array([7., 7.]))
    """
    count = len(cascades)
    last = np.full(count, -np.inf)
    np.maximum.at(last, np.repeat(np.arange(count), cascades.size), cascades.time)
    if observed_until is not None:
        end = np.asarray(observed_until, dtype=np.float64) if _numeric(observed_until) else np.full((0, 0), np.nan)
        if end.shape not in ((), (count,)) or np.isnan(end).any():
            raise SchemaError(
                f"got observed_until={observed_until!r}, expected a time, or one for each of {count} cascades"
            )
        end = np.broadcast_to(end, count).copy()
        late = np.flatnonzero(last >= end)
        if len(late):
            i = late[0]
            raise SchemaError(
                f"{len(late)} cascades have members at or after observed_until, such as {cascades.names[i]!r} at "
                f"{last[i]:g}, observed until {end[i]:g}; expected none: cut the cascades, or pass the real end"
            )
        return end, ()
    if cascades.known_until is not None:
        return np.where(cascades.censored, cascades.known_until, np.inf), ()
    guessed = int(cascades.censored.sum())
    told = (f"{guessed:,} censored cascades of unknown end are taken to be watched up to their last member",)
    return np.where(cascades.censored, np.nextafter(last, np.inf), np.inf), told if guessed else ()


def _numeric(value: object) -> bool:
    return not isinstance(value, bool | str) and np.asarray(value).dtype.kind in "iuf"
