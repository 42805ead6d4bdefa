"""The Leiden algorithm on plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphsocial.errors import MissingExtraError, SchemaError

_ROUNDS = 30


def leiden(
    num_nodes: int,
    a: np.ndarray,
    b: np.ndarray,
    weight: np.ndarray,
    resolution: float = 1.0,
    rng: int | np.random.Generator = 0,
) -> np.ndarray:
    """Communities of an undirected graph, int64 [node], the largest first, of equal ones that with the first node.

    Traag, Waltman and van Eck, Scientific Reports 9:5233 (2019): local moves, refinement and merging until modularity
    stops growing; every community is connected. Computed by networkit on one thread, because on more its answer
    depends on how they race. networkit keeps one random state for all; each call seeds it anew from `rng` and puts
    the number of threads back, not the state.

    Args:
        num_nodes: Nodes, numbered from 0.
        a: First node of each pair, int64 [pair].
        b: Second node, another than the first; every pair once, int64 [pair].
        weight: Above 0, float64 [pair].
        resolution: Above 1 favours smaller communities, below 1 larger ones.
        rng: Seed or generator that orders the moves.

    Raises:
        SchemaError: rng is neither a seed nor a generator.
        MissingExtraError: networkit is not installed.

    >>> leiden(5, np.array([0, 0, 1, 3]), np.array([1, 2, 2, 4]), np.ones(4)).tolist()
    [0, 0, 0, 1, 1]
    """
    seed = int(generator(rng).integers(2**31))
    if len(a) == 0:
        return np.arange(num_nodes)
    nk = _networkit()
    threads = nk.getMaxNumberOfThreads()
    nk.setNumberOfThreads(1)
    try:
        nk.setSeed(seed, False)
        network = nk.GraphFromCoo((weight, (a, b)), n=num_nodes, weighted=True)
        search = nk.community.ParallelLeiden(network, iterations=_ROUNDS, randomize=True, gamma=resolution)
        search.run()
        label = np.array(search.getPartition().getVector(), dtype=np.int64)
    finally:
        nk.setNumberOfThreads(threads)
    return by_size(label)


def generator(rng: int | np.random.Generator) -> np.random.Generator:
    """The generator itself, or a new one from a seed; raises SchemaError where it is neither."""
    seed = isinstance(rng, int | np.integer) and not isinstance(rng, bool) and rng >= 0
    if not (seed or isinstance(rng, np.random.Generator)):
        raise SchemaError(f"got rng={rng!r}, expected a seed, a whole number of at least 0, or a numpy Generator")
    return np.random.default_rng(rng)


def by_size(label: np.ndarray) -> np.ndarray:
    """The same partition numbered by size, the largest first, equal ones by their first node, int64 [node]."""
    _, first, dense, size = np.unique(label, return_index=True, return_inverse=True, return_counts=True)
    place = np.empty(len(size), dtype=np.int64)
    place[np.lexsort((first, -size))] = np.arange(len(size))
    return place[dense]


def _networkit() -> Any:
    try:
        import networkit
    except ImportError as error:
        raise MissingExtraError("communities need networkit: pip install 'graphsocial[graph]'") from error
    return networkit
