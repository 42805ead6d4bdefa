"""Groups of points around centroids, the same for the same points and seed."""

from __future__ import annotations

import numpy as np

_ROUNDS = 100


def k_means(
    points: np.ndarray, count: int, rng: int | np.random.Generator, *, spherical: bool = False, starts: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """Centroids and labels by Lloyd's iteration from k-means++ starts (Arthur and Vassilvitskii, SODA 2007).

    Args:
        points: [point, channel]; of unit length where spherical.
        count: Centroids, at most as many as points.
        rng: Seed or generator.
        spherical: Centroids are brought to unit length (Dhillon and Modha, Machine Learning 42, 2001).
        starts: The best of so many is kept.

    Returns:
        Centroids [centroid, channel], the largest group first, and the label of each point, int64 [point].

    >>> centroid, label = k_means(np.array([[0.0], [0.1], [5.0], [5.2], [0.2]]), 2, rng=0)
    >>> label.tolist(), centroid.round(2).ravel().tolist()
    ([0, 0, 1, 1, 0], [0.1, 5.1])
    """
    points = np.asarray(points, dtype=np.float64)
    generator = np.random.default_rng(rng)
    found = [_descend(points, _start(points, count, generator), spherical) for _ in range(starts)]
    centroid, label, _ = min(found, key=lambda run: run[2])
    size = np.bincount(label, minlength=len(centroid))
    order = np.argsort(-size, kind="stable")
    order = order[size[order] > 0]  # equal points may leave a centroid without any
    place = np.empty(len(centroid), dtype=np.int64)
    place[order] = np.arange(len(order))
    return centroid[order], place[label]


def _start(points: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    chosen = [int(generator.integers(len(points)))]
    gap = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count:
        total = gap.sum()
        drawn = generator.random()
        at = (
            int(np.searchsorted(np.cumsum(gap), drawn * total, side="right")) if total > 0 else int(drawn * len(points))
        )
        chosen.append(min(at, len(points) - 1))
        gap = np.minimum(gap, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return points[chosen]


def _descend(points: np.ndarray, centroid: np.ndarray, spherical: bool) -> tuple[np.ndarray, np.ndarray, float]:
    label = np.full(len(points), -1)
    for _ in range(_ROUNDS):
        gap = (centroid**2).sum(axis=1) - 2 * points @ centroid.T
        nearest = gap.argmin(axis=1)
        if np.array_equal(nearest, label):
            break
        label = nearest
        size = np.bincount(label, minlength=len(centroid))
        order = np.argsort(label, kind="stable")
        used = np.flatnonzero(size)
        total = np.add.reduceat(points[order], (np.cumsum(size) - size)[used], axis=0)
        centroid = centroid.copy()
        centroid[used] = total / size[used][:, None]
        if spherical:
            centroid /= np.maximum(np.linalg.norm(centroid, axis=1, keepdims=True), 1e-12)
    return centroid, label.astype(np.int64), float(((points - centroid[label]) ** 2).sum())
