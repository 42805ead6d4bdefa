"""Random folds of edges that have no times, never to be called temporal."""

from __future__ import annotations

import hashlib
from typing import Literal

import numpy as np

from graphsocial.learn.relations.relation_edges import RelationEdges

FOLDS = 10
"""Fold 0 is for the test, fold 1 for validation, the others for training."""

HeldOut = Literal["edges", "pairs"]
"""Whether an edge is held out alone, or with all that joins its two ends, in either direction."""


def edge_folds(edges: RelationEdges, held_out: HeldOut, seed: int) -> np.ndarray:
    """Fold of each edge, int64 [edge].

    Edges alone: each relation's are dealt out evenly. Pairs: `pair_folds` of its ends.
    """
    if held_out == "pairs":
        return pair_folds(edges.src, edges.dst, seed)
    fold = np.empty(len(edges), dtype=np.int64)
    rng = np.random.default_rng(seed)
    for relation in range(len(edges.names)):
        rows = np.flatnonzero(edges.relation == relation)
        fold[rng.permutation(rows)] = np.arange(len(rows)) * FOLDS // max(len(rows), 1)
    return fold


def pair_folds(src: np.ndarray, dst: np.ndarray, seed: int) -> np.ndarray:
    """Fold of each pair, joined or not, the same in either direction, int64 [pair].

    The negatives of a fold have to come from the fold's own pairs: any other pair would show its edges of other
    relations where a positive hides them, and be told apart by that alone.

    >>> pair_folds(np.array([3, 7]), np.array([7, 3]), 0).tolist()
    [7, 7]
    """
    salt = np.uint64(int.from_bytes(hashlib.blake2b(str(seed).encode(), digest_size=8).digest(), "little"))
    low, high = (f(src, dst).astype(np.uint64) for f in (np.minimum, np.maximum))
    with np.errstate(over="ignore"):
        return (_mixed(_mixed(low ^ salt) + high) % np.uint64(FOLDS)).astype(np.int64)


def _mixed(x: np.ndarray) -> np.ndarray:
    """Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators": the finaliser of SplitMix64."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))
