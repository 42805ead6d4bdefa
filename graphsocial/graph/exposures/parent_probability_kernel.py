"""A compiled loop that shares out adopters among those who may have passed the item on to them."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.kernels import jit


@jit
def share_out(slot, stretched, log_stretch, rate, external, outside, probability, none):  # type: ignore[no-untyped-def]
    """Writes each candidate's and nobody's share of an adopter; logarithms keep long delays from vanishing.

    Args:
        slot: First candidate of each adopter, [adopter + 1].
        stretched: Stretched delay of each candidate, [candidate].
        log_stretch: Logarithm of the stretch there, [candidate].
        rate: Rate of the exponential.
        external: Chance of coming from outside although exposed.
        outside: Density of such adoptions, [adopter].
        probability: Output, [candidate].
        none: Output, [adopter].

    Returns:
        Sum of the candidates' shares, that of shares times stretched delays, that of nobody's shares of the exposed,
        and the log-likelihood of the exposed.
    """
    shares, weighted, nobody, likelihood = 0.0, 0.0, 0.0, 0.0
    for i in range(len(none)):
        begin, end = slot[i], slot[i + 1]
        if begin == end:
            none[i] = 1.0
            continue
        each = np.log((1 - external) / (end - begin)) + np.log(rate)
        highest = np.log(external * outside[i]) if external > 0 else -np.inf
        for k in range(begin, end):
            probability[k] = each - rate * stretched[k] + log_stretch[k]
            highest = max(highest, probability[k])
        none[i] = np.exp(np.log(external * outside[i]) - highest) if external > 0 else 0.0
        total = none[i]
        for k in range(begin, end):
            probability[k] = np.exp(probability[k] - highest)
            total += probability[k]
        none[i] /= total
        nobody += none[i]
        for k in range(begin, end):
            probability[k] /= total
            shares += probability[k]
            weighted += probability[k] * stretched[k]
        likelihood += highest + np.log(total)
    return shares, weighted, nobody, likelihood
