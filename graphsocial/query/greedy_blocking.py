"""The greedy choice of whom, or which edges, to block so that a post under way reaches least."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.blocking.saved_reach import saved_reach
from graphsocial.learn.activation.learned_activation import LearnedActivation
from graphsocial.query.horizon_edges import horizon_edges


def greedy_blocking(
    activation: LearnedActivation, allowed: np.ndarray, k: int, samples: int, key: int, edges: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The users or edges that, blocked one after the other, each save most; fewer where no further one saves anybody.

    As `block_nodes` and `block_edges` (Xie et al., ICDE 2023), on sampled graphs of the post; nothing is guaranteed.

    Args:
        activation: What was learned for the post; it spreads from who has acted and from the outside.
        allowed: What may be blocked, bool [node], or [edge].
        k: How many.
        samples: Number of sampled graphs.
        key: What the samples derive from.
        edges: Whether edges are blocked.

    Returns:
        Positions in the order chosen, int64 [blocked], and what each saves by the samples, float64 [blocked].
    """
    spread = activation.spread
    start = spread.numbers(list(activation.seeds))
    keys = np.random.default_rng(key).integers(2**64, size=samples, dtype=np.uint64)
    parts = horizon_edges(activation, samples)
    blocked, cut = np.zeros(spread.num_nodes, dtype=np.int8), np.zeros(spread.num_edges, dtype=np.int8)
    chosen: list[int] = []
    saves: list[float] = []
    while len(chosen) < k:
        saved = sum(
            saved_reach(live, start, int(keys[i]), count, blocked, cut, edges)[0]
            for i, (live, count) in enumerate(parts)
        )
        saved = np.where(allowed, saved, 0)
        best = int(np.argmax(saved))
        if saved[best] == 0:
            break
        chosen.append(best)
        saves.append(float(saved[best]) / samples)
        (cut if edges else blocked)[best] = 1
    return np.array(chosen, dtype=np.int64), np.array(saves)
