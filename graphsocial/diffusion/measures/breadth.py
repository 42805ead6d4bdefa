"""Breadth: members of the largest generation."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.cascades import CascadeSet


def breadth(cascades: CascadeSet) -> np.ndarray:
    """Members of each cascade's largest generation, int64 [cascade]; the trees of a forest are counted together.

    Of a censored cascade it is what was seen, a lower bound.

    >>> breadth(CascadeSet([*"abcd"], [-1, 0, 0, 1], [0, 1, 1, 2], [0, 4], ["x"], [False])).tolist()
    [2]
    """
    from graphsocial.diffusion.measures.tree_kernel import largest_generations  # numba: imported when first needed

    out = np.zeros(len(cascades), dtype=np.int64)
    largest_generations(cascades.offsets, cascades.generation, out)
    return out
