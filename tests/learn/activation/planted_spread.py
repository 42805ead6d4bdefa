"""Cascades from a spread that is known: who takes to a topic decides whom a post reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion import Activation, SpreadGraph, simulate
from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.diffusion.delayed_cascade import DelayedCascade
from graphsocial.graph import CascadeSet

HOUR, DAY = 3_600, 86_400
OBSERVE, HORIZON, GAP = HOUR, DAY, 6 * HOUR
LIKED, UNLIKED = 0.16, 0.015
DELAYS = DelayLaw.exponential(3 * HOUR)


@dataclass(frozen=True, eq=False)
class PlantedSpread:
    """Observed cascades, one every `GAP` seconds, and the law they came from.

    Attributes:
        graph: Who follows whom, in the direction of flow.
        cascades: What was observed.
        topic: Topic of each cascade, 0 or 1 [cascade].
        content: Noisy vector of each cascade's topic [cascade, channel].
    """

    graph: SpreadGraph
    cascades: CascadeSet
    topic: np.ndarray
    content: np.ndarray

    def chance(self, topic: int) -> np.ndarray:
        """Chance of each edge for a post of a topic: even users take to topic 0, odd ones to topic 1 [edge]."""
        return np.where(self.graph.target % 2 == topic, LIKED, UNLIKED)

    def start(self, cascade: int) -> int:
        """When a cascade began."""
        return cascade * GAP


def planted_spread(cascades: int, users: int = 60, rng: int = 0) -> PlantedSpread:
    """Each user follows about eight others; every cascade starts at a random one."""
    draw = np.random.default_rng(rng)
    source, target = np.nonzero((draw.random((users, users)) < 8 / users) & ~np.eye(users, dtype=bool))
    ids = [f"u{i:02d}" for i in range(users)]
    graph = SpreadGraph.from_edges(source, target, ids=ids)
    topic = draw.integers(2, size=cascades)
    content = np.eye(8)[topic] * 1.5 + draw.normal(size=(cascades, 8)) * 0.4
    world = PlantedSpread(graph, None, topic, content)  # type: ignore[arg-type]
    models = [DelayedCascade(Activation(graph, world.chance(k)), DELAYS) for k in (0, 1)]
    node, time, size = [], [], []
    for i in range(cascades):
        run = simulate(models[topic[i]], [ids[draw.integers(users)]], 1, rng=draw, horizon=3 * DAY, threads=1)
        order = np.argsort(run.time, kind="stable")
        node.append(run.node[order])
        time.append(world.start(i) + np.ceil(run.time[order]).astype(np.int64))
        size.append(len(order))
    observed = CascadeSet(
        np.concatenate(node),
        np.full(sum(size), -1),
        np.concatenate(time),
        np.concatenate([[0], np.cumsum(size)]),
        [f"p{i}" for i in range(cascades)],
        np.zeros(cascades, dtype=bool),
    )
    return PlantedSpread(graph, observed, topic, content)
