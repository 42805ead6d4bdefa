"""Watched lengths: how long after its start each cascade was watched."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.measures.ages import durations, starts
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet


def watched_lengths(
    cascades: CascadeSet, watched: float | np.ndarray | None = None, needed: float = np.inf
) -> np.ndarray:
    """Time from each cascade's start to the end of its being watched, float64 [cascade]; inf for what ended by itself.

    A finished cascade, too, was watched only so long: without it, those still going at the end of the watch would
    drop out, and what is left would be the small ones.

    Args:
        cascades: Observed or simulated.
        watched: What the caller knows: the horizon of the simulation, or one length per cascade [cascade]. None: from
            `known_until` where the set has one, for ever where no cascade is censored.
        needed: Longest time that matters.

    Raises:
        SchemaError: Cascades are censored, nothing says how long they were watched, and it matters; or a member is
            later than `watched` says that anybody looked.

    >>> seen = CascadeSet([*"ab"], [-1, -1], [10, 40], [0, 1, 2], ["x", "y"], [True, True], known_until=51)
    >>> watched_lengths(seen).tolist()
    [40.0, 10.0]
    """
    if watched is not None:
        return _stated(cascades, watched)
    if cascades.known_until is not None:
        return np.maximum(cascades.known_until - 1 - starts(cascades), 0)  # what came at known_until is not known
    length = np.full(len(cascades), np.inf)
    if cascades.censored.any():
        last = durations(cascades)[cascades.censored]
        if not (last >= needed).all():
            raise SchemaError(
                f"{cascades.censored.sum():,} of {len(cascades):,} cascades are censored, and nothing says how long "
                "they were observed; pass watched=, such as the horizon of the simulation, or one length per cascade"
            )
        length[:] = last.min()
    return length


def _stated(cascades: CascadeSet, watched: float | np.ndarray) -> np.ndarray:
    try:
        length = np.asarray(watched, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SchemaError(f"got watched={watched!r}, expected a number or one per cascade") from error
    if length.shape not in ((), (len(cascades),)) or not (length >= 0).all():
        raise SchemaError(
            f"watched got {length.dtype} {length.shape}, expected one number, or {len(cascades)}, one per cascade, at "
            "least 0"
        )
    length = np.broadcast_to(length, len(cascades)).copy()
    last = durations(cascades)
    late = np.flatnonzero(last > length)
    if len(late):
        raise SchemaError(
            f"cascade {cascades.names[late[0]]!r} has a member {last[late[0]]:g} after its start, but watched says "
            f"{length[late[0]]:g}; expected both in one unit of time"
        )
    return length
