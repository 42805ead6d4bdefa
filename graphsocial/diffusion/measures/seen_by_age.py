"""Cascades as they were at one age, so that old and young ones can be compared."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.measures.ages import ages
from graphsocial.diffusion.measures.growth import check_times
from graphsocial.diffusion.measures.watched_lengths import watched_lengths
from graphsocial.graph.cascades import CascadeSet


def seen_by_age(cascades: CascadeSet, age: float, *, watched: float | np.ndarray | None = None) -> CascadeSet:
    """The cascades that were watched to some age, with the members they had by then.

    Those watched for less are left out, as are those with a member without a time. A member later than the age is cut
    off with all who descend from it; whoever lost members is marked as censored.

    Args:
        cascades: Observed or simulated.
        age: Since the start, in the unit of the cascades' times.
        watched: How long cascades were watched; `watched_lengths` says what holds without it.

    Raises:
        SchemaError: An age that makes no sense, or nothing says how long censored cascades were watched.

    >>> cascades = CascadeSet([*"abcd"], [-1, 0, 0, -1], [10, 12, 15, 30], [0, 3, 4], ["x", "y"], [False, False])
    >>> early = seen_by_age(cascades, 2)
    >>> early.size.tolist(), early.censored.tolist()
    ([2, 1], [True, False])
    """
    from graphsocial.diffusion.measures.tree_kernel import keep_descent  # numba: imported when first needed

    moment = float(check_times([age])[0])
    since = ages(cascades)
    of_cascade = np.repeat(np.arange(len(cascades)), cascades.size)
    whole = watched_lengths(cascades, watched, moment) >= moment
    whole[of_cascade[np.isnan(since)]] = False
    keep = whole[of_cascade] & (since <= moment)
    keep_descent(cascades.parent, keep)
    place = np.cumsum(keep) - 1
    parent = cascades.parent[keep]
    size = np.bincount(of_cascade[keep], minlength=len(cascades))
    return CascadeSet(
        cascades.node[keep],
        np.where(parent >= 0, place[parent], -1),
        cascades.time[keep],
        np.concatenate([[0], np.cumsum(size[whole])]),
        cascades.names[whole],
        (cascades.censored | (size < cascades.size))[whole],
        {name: values[keep] for name, values in cascades.marks.items()},
        cascades.known_until,
    )
