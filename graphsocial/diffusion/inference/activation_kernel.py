"""Compiled loops over activations and those who may have caused them."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def share_credit(event, edge, probability, credit):  # type: ignore[no-untyped-def]
    """Writes the chance that each candidate's attempt succeeded, given that at least one did.

    Args:
        event: First candidate of each activation, [activation + 1].
        edge: The candidate's edge, [candidate].
        probability: Of each edge, [edge].
        credit: Output, [candidate].

    Returns:
        Sum over activations of the logarithm of their probability 1 - prod(1 - p), and how many of them have none.
    """
    total, impossible = 0.0, 0
    for i in range(len(event) - 1):
        none = 0.0
        for k in range(event[i], event[i + 1]):
            none += np.log1p(-probability[edge[k]])
        some = -np.expm1(none)
        if some > 0:
            total += np.log(some)
        else:
            impossible += 1
        for k in range(event[i], event[i + 1]):
            credit[k] = probability[edge[k]] / some if some > 0 else 0.0
    return total, impossible


@jit
def pooled_share(event, still_open, trials):  # type: ignore[no-untyped-def]
    """The one probability of all edges that explains the activations best, by expectation maximisation."""
    p, before = 0.5, -1.0
    for _ in range(10_000):
        if abs(p - before) <= 1e-12 * p:
            break
        before, found = p, 0.0
        for i in range(len(event) - 1):
            closed = 0
            for k in range(event[i], event[i + 1]):
                closed += not still_open[k]
            found += closed * p / -np.expm1((event[i + 1] - event[i]) * np.log1p(-p)) if p < 1 else closed
        p = min(found / trials, 1.0)
    return p
