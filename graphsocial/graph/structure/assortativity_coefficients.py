"""Coefficients of assortative mixing with their jackknife errors (Newman 2003, "Mixing patterns in networks")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def correlation(x: np.ndarray, y: np.ndarray, directed: bool) -> tuple[float, float]:
    """Pearson's correlation of the numbers at the ends of edges, and its error from leaving out each edge in turn."""
    count = len(x)
    largest = max(np.abs(x).max(initial=1e-300), np.abs(y).max(initial=1e-300))
    x, y = x / largest, y / largest
    ends = [x, y] if directed else [np.concatenate([x, y])] * 2
    if count == 0 or any(end.min() == end.max() for end in ends):
        return np.nan, np.nan
    # centred and at most one, so that squares neither cancel nor overflow
    scale = [np.abs(end - end.mean()).max() for end in ends]
    x, y = (x - ends[0].mean()) / scale[0], (y - ends[1].mean()) / scale[1]
    # each edge's part of the five sums; without directions it is there both ways
    parts = [x * y, x, y, x * x, y * y] if directed else [x * y, *[(x + y) / 2] * 2, *[(x * x + y * y) / 2] * 2]
    sums = [part.sum() for part in parts]
    coefficient = _pearson(count, sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        without = _pearson(count - 1, [total - part for total, part in zip(sums, parts, strict=True)])
    return float(coefficient), float(np.sqrt(((without - coefficient) ** 2).sum()))


def _pearson(count: int, sums: Sequence[Any]) -> Any:
    product, mean_x, mean_y, square_x, square_y = (total / max(count, 1) for total in sums)
    spread_x, spread_y = square_x - mean_x**2, square_y - mean_y**2
    flat = (spread_x < 1e-12 * square_x) | (spread_y < 1e-12 * square_y)  # rounding is all that is left
    spread = spread_x * spread_y
    return np.where(flat, np.nan, (product - mean_x * mean_y) / np.sqrt(np.where(flat, 1.0, spread)))


def label_coefficient(x: np.ndarray, y: np.ndarray, labels: int, directed: bool) -> tuple[float, float]:
    """Newman's coefficient from codes at the ends of edges, and its error from leaving out each edge in turn."""
    count = len(x)
    if count == 0:
        return np.nan, np.nan
    alike = (x == y).astype(np.int64)
    a, b = np.bincount(x, minlength=labels), np.bincount(y, minlength=labels)
    if not directed:
        a = b = a + b  # in halves: four times the product of the shares
    chance, scale = int(a @ b), 1 if directed else 4
    leaves = b[x] + a[y] - alike if directed else 2 * (a[x] + a[y]) - 2 - 2 * alike
    coefficient = _ratio(int(alike.sum()), count, chance, scale)
    without = _ratio(alike.sum() - alike, count - 1, chance - leaves, scale)
    return float(coefficient), float(np.sqrt(((without - coefficient) ** 2).sum()))


def _ratio(alike: Any, count: int, chance: Any, scale: int) -> np.ndarray:
    room = np.asarray(scale * count * count - chance, dtype=np.float64)
    return np.where(room == 0, np.nan, (scale * count * alike - chance) / np.where(room == 0, 1.0, room))
