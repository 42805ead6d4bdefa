"""Batches of whole cascades, so that a prefix is read once for all its places."""

from __future__ import annotations

import numpy as np


def cascade_groups(cascade: np.ndarray, neighbourhood: np.ndarray) -> list[tuple[np.ndarray, int]]:
    """Rows of each cascade, and the neighbourhood they use."""
    order = np.argsort(cascade, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(cascade[order])) + 1)
    return [(rows, int(neighbourhood[rows[0]])) for rows in parts]


def cascade_batches(
    groups: list[tuple[np.ndarray, int]], most: int, rng: np.random.Generator | None
) -> list[tuple[np.ndarray, int]]:
    """Cascades with one neighbourhood put together up to about `most` rows; shuffled when there is an rng."""
    by_neighbourhood: dict[int, list[np.ndarray]] = {}
    for i in range(len(groups)) if rng is None else rng.permutation(len(groups)):
        rows, which = groups[i]
        by_neighbourhood.setdefault(which, []).append(rows)
    batches = []
    for which in sorted(by_neighbourhood):
        waiting: list[np.ndarray] = []
        size = 0
        for rows in by_neighbourhood[which]:
            if waiting and size + len(rows) > most:
                batches.append((np.concatenate(waiting), which))
                waiting, size = [], 0
            waiting.append(rows)
            size += len(rows)
        batches.append((np.concatenate(waiting), which))
    return batches if rng is None else [batches[i] for i in rng.permutation(len(batches))]
