"""Which edges carry within the horizon of a learned activation, as sampled graphs are drawn from."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.seed_selection.live_edges import LiveEdges
from graphsocial.learn.activation.learned_activation import LearnedActivation

STRATA = 10
"""Factors that the virality law is cut into, each as likely as the others."""


def horizon_edges(activation: LearnedActivation, samples: int) -> list[tuple[LiveEdges, int]]:
    """Sampled graphs of a post for each of a few factors of its virality law, and how many of each to draw.

    An edge from who has acted has what is left of its delay law, any other edge the whole horizon: on longer ways the
    delays would have to add up to it, so a little too much carries. Simulations know that; choices are made on these.

    Args:
        activation: What was learned for the post.
        samples: How many graphs are drawn altogether.
    """
    spread, law = activation.spread, activation.virality
    age = np.zeros(spread.num_nodes)
    acted = spread.numbers(list(activation.seeds))
    age[acted] = [activation.ages[name] for name in activation.seeds]
    share = activation.delays.share_by(age + activation.horizon) - activation.delays.share_by(age)
    share[age == 0] = activation.delays.share_by(activation.horizon)
    hazard = -np.log1p(-np.minimum(activation.probability.astype(np.float64), 1 - 1e-15)) * share[spread.source]
    level = (np.arange(min(STRATA, samples)) + 0.5) / min(STRATA, samples)
    factor = law.factor[np.searchsorted(law.cumulative, level)]
    drawn = np.diff(np.linspace(0, samples, len(level) + 1).astype(np.int64))
    found = []
    for value in np.unique(factor):
        chance = -np.expm1(-value * hazard)
        edges = LiveEdges(spread, np.arange(spread.num_edges), np.zeros(spread.num_edges), chance)
        found.append((edges, int(drawn[factor == value].sum())))
    return found
