"""Sizes of generations: how many members are so many steps from a root."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet

_MOST_CELLS = 2**29


def generation_sizes(cascades: CascadeSet, generations: int | None = None) -> np.ndarray:
    """Members of each generation of each cascade, int64 [cascade, generation]; generation 0 are the roots.

    Args:
        cascades: What to count.
        generations: Only so many generations; None: all up to the deepest cascade's last.

    Raises:
        SchemaError: Not a whole number of at least 1, or a table of more than 4 GiB.

    >>> cascades = CascadeSet([*"abcd", "e"], [-1, 0, 0, 1, -1], [0, 1, 1, 2, 0], [0, 4, 5], [0, 1], [False, False])
    >>> generation_sizes(cascades).tolist()
    [[1, 2, 1], [1, 0, 0]]
    """
    check_generations(generations)
    deepest = int(cascades.generation.max(initial=-1)) + 1
    columns = deepest if generations is None else int(generations)
    if len(cascades) * columns > _MOST_CELLS:
        raise SchemaError(
            f"{len(cascades):,} cascades of {columns:,} generations make a table of {len(cascades) * columns:,} cells; "
            "pass generations= to count only the first"
        )
    of_cascade = np.repeat(np.arange(len(cascades)), cascades.size)
    counted = cascades.generation < columns
    cell = of_cascade[counted] * columns + cascades.generation[counted]
    return np.bincount(cell, minlength=len(cascades) * columns).reshape(len(cascades), columns)


def check_generations(generations: int | None) -> None:
    """Refuses numbers of generations that make no sense."""
    whole = isinstance(generations, int | np.integer) and not isinstance(generations, bool)
    if generations is not None and not (whole and generations >= 1):
        raise SchemaError(f"got generations={generations!r}, expected a whole number, at least 1, or None for all")
