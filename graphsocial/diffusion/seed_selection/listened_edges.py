"""Linear threshold by live edges: the stretch of a node's line on which it listens to each edge."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.influence import TOLERANCE, Influence


def listened_edges(influence: Influence) -> tuple[np.ndarray, np.ndarray]:
    """Where the stretch of each edge begins and ends, float64 [entry of the reverse rows].

    A node that draws a number of [0, 1) listens to the edge whose stretch it falls on, or to none (Kempe, Kleinberg and
    Tardos, KDD 2003, Theorem 2.5). Ends ascend within a row.
    """
    reverse = influence.spread.reverse
    weight = influence.weight[reverse.edge].astype(np.float64)
    past = np.concatenate([[0.0], np.cumsum(weight)])
    row = np.repeat(np.arange(influence.spread.num_nodes), np.diff(reverse.indptr))
    before, total = past[reverse.indptr[:-1]], past[reverse.indptr[1:]] - past[reverse.indptr[:-1]]
    whole = np.where(np.abs(total - 1) <= TOLERANCE, total, 1.0)
    begin, end = (past[:-1] - before[row]) / whole[row], (past[1:] - before[row]) / whole[row]
    last = reverse.indptr[1:][(whole != 1.0) & (total > 0)] - 1
    end[last] = 1.0  # past rounding: weights that add up to 1 leave no gap
    return begin, end
