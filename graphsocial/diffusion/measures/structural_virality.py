"""Structural virality: mean distance between the members of a cascade, along its tree."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.cascades import CascadeSet


def structural_virality(cascades: CascadeSet) -> np.ndarray:
    """Mean shortest-path distance over all pairs of members of each cascade's tree, float64 [cascade].

    Goel, Anderson, Hofman and Watts, "The structural virality of online diffusion", Management Science 62(1), 2016. A
    broadcast comes close to 2, a chain of n has (n + 1) / 3. nan where there is no pair, as in a root alone. Linear in
    the number of members.

    A forest, such as a run from several seeds, has no path between its trees. Goel et al. take every tree for a cascade
    of its own, so the mean is over the pairs of members with a root in common, and no distance between trees is made
    up; `split_trees` gives the trees one by one.

    Of a censored cascade it is that of the tree seen so far, which later members may raise or lower.

    >>> star = CascadeSet([*"abcd"], [-1, 0, 0, 0], [0, 1, 1, 1], [0, 4], ["star"], [False])
    >>> chain = CascadeSet([*"abcd"], [-1, 0, 1, 2], [0, 1, 2, 3], [0, 4], ["chain"], [False])
    >>> structural_virality(star).item(), round(structural_virality(chain).item(), 4)
    (1.5, 1.6667)
    """
    from graphsocial.diffusion.measures.tree_kernel import pair_distances  # numba: imported when first needed

    distance, pairs = np.empty(len(cascades)), np.empty(len(cascades))
    pair_distances(cascades.offsets, cascades.parent, distance, pairs)
    return np.divide(distance, pairs, out=np.full(len(cascades), np.nan), where=pairs > 0)
