"""Nodes drawn to stand for all, where looking from every node would take too long."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError


def draw_pivots(count: int, samples: int | None, rng: int | np.random.Generator | None) -> np.ndarray:
    """Distinct nodes, each set as likely as any other, in the order drawn; all of them, ascending, for None.

    Args:
        count: Number of nodes to draw from.
        samples: How many, at least 2, so that they can disagree; `count` or more means all.
        rng: Seed value or generator of the draw, needed with `samples`.

    Raises:
        SchemaError: samples is no whole number of at least 2, or comes without rng.

    >>> draw_pivots(4, None, None).tolist(), len(set(draw_pivots(100, 10, rng=7).tolist()))
    ([0, 1, 2, 3], 10)
    """
    if samples is None:
        return np.arange(count)
    if isinstance(samples, bool) or not isinstance(samples, int | np.integer) or samples < 2:
        raise SchemaError(
            f"got samples={samples!r}, expected a whole number of at least 2, or None to look from all nodes"
        )
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer | np.random.Generator):
        raise SchemaError(f"got samples={samples} and rng={rng!r}, expected a seed value or generator, such as rng=0")
    if not isinstance(rng, np.random.Generator) and rng < 0:
        raise SchemaError(f"got rng={rng}, expected a seed value of at least 0")
    if samples >= count:
        return np.arange(count)
    return np.random.default_rng(rng).choice(count, int(samples), replace=False)
