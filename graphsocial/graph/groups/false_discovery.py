"""Which of many tests to believe."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError


def false_discovery(p: np.ndarray, tests: int | None = None) -> np.ndarray:
    """Share of false finds to expect when a test and all with a smaller p count as finds, float64 [test].

    Benjamini and Hochberg, J. R. Stat. Soc. B 57 (1995): keeping `q <= x` keeps the expected share of false finds at
    or below x, for tests that are independent or positively dependent.

    Args:
        p: Chance of a result at least this strong where there is nothing, float64 [test].
        tests: How many tests were made; those not in `p` count as failed with p = 1. None: those in `p`.

    Raises:
        SchemaError: A p outside of [0, 1], or fewer tests than values.

    >>> false_discovery(np.array([0.01, 0.04, 0.03]), tests=4).round(4).tolist()
    [0.04, 0.0533, 0.0533]
    """
    p = np.asarray(p, dtype=np.float64)
    tests = len(p) if tests is None else tests
    if not ((p >= 0) & (p <= 1)).all():
        raise SchemaError(f"got p = {p[~((p >= 0) & (p <= 1))][0]}, expected 0 to 1")
    if tests < len(p):
        raise SchemaError(f"got {tests} tests and {len(p)} values of p, expected at least as many tests")
    order = np.argsort(p, kind="stable")
    ratio = p[order] * (tests / np.arange(1, len(p) + 1))
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(ratio[::-1])[::-1], 1.0)
    return q
