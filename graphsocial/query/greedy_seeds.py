"""The greedy choice of whom to seed for a post that is under way."""

from __future__ import annotations

import heapq

import numpy as np

from graphsocial.diffusion.seed_selection.celf import MOST_CELLS, SampledReach
from graphsocial.errors import SchemaError
from graphsocial.learn.activation.learned_activation import LearnedActivation
from graphsocial.query.horizon_edges import horizon_edges


def greedy_seeds(
    activation: LearnedActivation, allowed: np.ndarray, k: int, samples: int, key: int
) -> tuple[np.ndarray, np.ndarray]:
    """The users who, seeded one after the other, each add most to who acts anyway.

    As `celf` (Leskovec et al., KDD 2007), on sampled graphs in which whoever has acted, and the outside, have reached
    whom they reach: seeding somebody who would act anyway adds nothing.

    Args:
        activation: What was learned for the post.
        allowed: Who may be chosen, bool [node].
        k: How many.
        samples: Number of sampled graphs.
        key: What the samples derive from.

    Returns:
        Positions in the order chosen, int64 [seed], and what each adds by the samples, float64 [seed].

    Raises:
        SchemaError: Samples times users beyond what fits.
    """
    if samples * activation.spread.num_nodes > MOST_CELLS:
        raise SchemaError(
            f"{samples:,} samples of {activation.spread.num_nodes:,} users, expected at most {MOST_CELLS:,} cells; "
            "take fewer samples"
        )
    keys = np.random.default_rng(key).integers(2**64, size=samples, dtype=np.uint64)
    parts = [
        SampledReach(edges, int(keys[i]), count) for i, (edges, count) in enumerate(horizon_edges(activation, samples))
    ]
    for part in parts:
        for node in activation.spread.numbers(list(activation.seeds)).tolist():
            part.add(node)

    def gains(nodes: np.ndarray, threads: int | None) -> np.ndarray:
        total: np.ndarray = np.sum([part.gains(nodes, threads) for part in parts], axis=0)
        return total

    nodes = np.flatnonzero(allowed)
    heap = [(-int(gain), int(node), 0) for gain, node in zip(gains(nodes, None), nodes, strict=True)]
    heapq.heapify(heap)
    chosen: list[int] = []
    added: list[float] = []
    while len(chosen) < k:
        gain, node, asked = heapq.heappop(heap)
        if asked < len(chosen):  # gains only fall: whoever stays in front is the best
            heapq.heappush(heap, (-int(gains(np.array([node]), 1)[0]), node, len(chosen)))
            continue
        chosen.append(node)
        added.append(-gain / samples)
        for part in parts:
            part.add(node)
    return np.array(chosen, dtype=np.int64), np.array(added)
