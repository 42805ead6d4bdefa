"""Numbers from 0 in place of ids, for formats without names."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np


def number_by_appearance(node: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct nodes in order of appearance, and for each entry which of them it is.

    >>> distinct, number = number_by_appearance(np.array([7, 2, 7]))
    >>> distinct.tolist(), number.tolist()
    ([7, 2], [0, 1, 0])
    """
    distinct, first, which = np.unique(node, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return distinct[order], rank[which.reshape(-1)]


def write_numbers(path: Path, name: str, ids: np.ndarray) -> None:
    """Writes which id each number is, as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        out.writerow([name, "id"])
        out.writerows(enumerate(ids))
