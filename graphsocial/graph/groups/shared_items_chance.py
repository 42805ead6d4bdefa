"""The chance that two actors share so many items."""

from __future__ import annotations

from typing import Literal

import numpy as np

from graphsocial.graph.groups.bipartite_null import bipartite_null
from graphsocial.graph.groups.shared_items import Acts
from graphsocial.graph.threads import over_items

Null = Literal["bicm", "poisson", "hypergeometric"]
"""What chance would do, see `co_engagement`."""

NULLS: tuple[Null, ...] = ("bicm", "poisson", "hypergeometric")


def chance_of_sharing(
    acts: Acts, a: np.ndarray, b: np.ndarray, shared: np.ndarray, near: np.ndarray, null: Null
) -> tuple[np.ndarray, np.ndarray]:
    """Chance of at least as many shared items, and their expectation, float64 [pair].

    Actors with as many items are alike, so only one case for each two numbers of items is computed.

    Args:
        acts: Distinct acts, for their totals.
        a: First actors, int32 [pair].
        b: Second actors, int32 [pair].
        shared: Items they share, int32 [pair].
        near: Share of an item's meetings that count, float64 [item].
        null: What chance would do.
    """
    from graphsocial.graph.groups.co_engagement_kernels import draw_tails, look_up, most_shared, sum_tails

    degrees, kind = np.unique(acts.items_of_actor, return_inverse=True)
    top = np.zeros((len(degrees), len(degrees)), dtype=np.int32)
    most_shared(a, b, shared, kind, top)
    first, second = np.nonzero(top)
    place = np.zeros(top.shape, dtype=np.int32)
    place[first, second] = np.arange(len(first))
    offset = np.concatenate([[0], np.cumsum(top[first, second].astype(np.int64) + 1)])
    tails, mean = np.zeros(int(offset[-1])), np.zeros(len(first))
    if len(first) == 0:
        return np.empty(0), np.empty(0)
    size = acts.actors_of_item
    if null == "hypergeometric":
        draw_tails(degrees[first], degrees[second], int((size > 0).sum()), offset, tails, mean)
    else:
        model = bipartite_null(acts.items_of_actor[acts.items_of_actor > 0], size[size > 0])
        zero = int(degrees[0] == 0)  # who did nothing has no class in the model
        class_near = near[np.unique(size, return_index=True)[1]][int(size.min() == 0) :]
        if null == "bicm":
            classes = (first - zero, second - zero, model.probability, model.other_count, class_near)
            over_items(sum_tails, len(first), None, *classes, offset, tails, mean)
        else:
            weighted = model.probability * (model.other_count * class_near)
            mean = (weighted @ model.probability.T)[first - zero, second - zero]
            tails = _poisson_tails(offset, mean)
    p, expected = np.empty(len(a)), np.empty(len(a))
    look_up(a, b, shared, kind, place, offset, tails, mean, p, expected)
    return p, expected


def _poisson_tails(offset: np.ndarray, mean: np.ndarray) -> np.ndarray:
    from scipy.special import gammainc

    many = np.diff(offset)
    at_least = np.arange(offset[-1]) - np.repeat(offset[:-1], many)
    return np.where(at_least == 0, 1.0, gammainc(np.maximum(at_least, 1), np.repeat(mean, many)))
