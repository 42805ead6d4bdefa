"""The cascades of a set whose measures can stand beside those of another set."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.measures.seen_by_age import seen_by_age
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet


def comparable_cascades(
    cascades: CascadeSet, age: float | None = None, watched: float | np.ndarray | None = None
) -> tuple[CascadeSet, int]:
    """Cascades that are whole, and how many were left out because they are not.

    Without an age, those that are not censored. With an age, all that were watched so long, as they were then.

    Args:
        cascades: Observed or simulated.
        age: Since the start, in the unit of the times; None for final cascades.
        watched: How long cascades were watched; `watched_lengths` says what holds without it.

    Raises:
        SchemaError: None is left.
    """
    if age is not None:
        found = seen_by_age(cascades, age, watched=watched)
        why = f"none of {len(cascades):,} cascades was watched for {age:g} after its start"
    else:
        found = _finished(cascades) if cascades.censored.any() else cascades
        why = (
            f"all {len(cascades):,} cascades are censored: nobody knows how large they get; pass age= to compare what "
            "they were at one age"
        )
    if not len(found):
        raise SchemaError(why if len(cascades) else "there are no cascades, expected at least one")
    return found, len(cascades) - len(found)


def _finished(cascades: CascadeSet) -> CascadeSet:
    keep = np.repeat(~cascades.censored, cascades.size)
    place = np.cumsum(keep) - 1
    parent = cascades.parent[keep]
    return CascadeSet(
        cascades.node[keep],
        np.where(parent >= 0, place[parent], -1),
        cascades.time[keep],
        np.concatenate([[0], np.cumsum(cascades.size[~cascades.censored])]),
        cascades.names[~cascades.censored],
        np.zeros(int((~cascades.censored).sum()), dtype=bool),
        {name: values[keep] for name, values in cascades.marks.items()},
        cascades.known_until,
    )
