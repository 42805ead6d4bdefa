"""A world where whom to seed hangs on what a post is about: each topic has hubs whom only its own followers hear."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion import Activation, SpreadGraph, simulate
from graphsocial.diffusion.delayed_cascade import DelayedCascade
from graphsocial.graph import CascadeSet
from tests.learn.activation.planted_spread import DAY, DELAYS, GAP, PlantedSpread

OPENERS, HUBS, FOLLOWERS = 8, 2, 20
"""Who begins posts; hubs and followers of each topic."""
TAKEN, LEFT = 0.5, 0.01
"""Chance of an edge from a hub to whoever cares for the topic, and to others."""
HEARD = 0.3
"""Chance of an edge from an opener to any hub: hubs pass on everything, and it shows who cares for it."""
USUAL = 0.75
"""Share of posts about topic 0."""


def hubs(topic: int) -> set[str]:
    """Whom to seed for a post about a topic."""
    return {f"hub{topic}{i}" for i in range(HUBS)}


def two_topics(posts: int, rng: int = 0) -> PlantedSpread:
    """Every opener is heard by all hubs, every hub by the followers of its topic; posts begin with a random opener."""
    draw = np.random.default_rng(rng)
    ids = [f"opener{i}" for i in range(OPENERS)]
    cares = [-1] * OPENERS
    source, target = [], []
    for topic in (0, 1):
        for hub in sorted(hubs(topic)):
            source += [*range(OPENERS)]
            target += [len(ids)] * OPENERS
            ids.append(hub)
            cares.append(topic)
        first = len(ids)
        ids += [f"follower{topic}{i:02d}" for i in range(FOLLOWERS)]
        cares += [topic] * FOLLOWERS
        for hub in range(first - HUBS, first):
            source += [hub] * FOLLOWERS
            target += [*range(first, first + FOLLOWERS)]
    graph = SpreadGraph.from_edges(source, target, ids=ids)
    taste = np.array(cares)[graph.target]
    topic_of = (draw.random(posts) >= USUAL).astype(int)
    chance = [np.where(graph.source < OPENERS, HEARD, np.where(taste == k, TAKEN, LEFT)) for k in (0, 1)]
    models = [DelayedCascade(Activation(graph, chance[k]), DELAYS) for k in (0, 1)]
    node, time, size = [], [], []
    for i in range(posts):
        opener = ids[draw.integers(OPENERS)]
        run = simulate(models[topic_of[i]], [opener], 1, rng=draw, horizon=3 * DAY, threads=1)
        order = np.argsort(run.time, kind="stable")
        node.append(run.node[order])
        time.append(i * GAP + np.ceil(run.time[order]).astype(np.int64))
        size.append(len(order))
    observed = CascadeSet(
        np.concatenate(node),
        np.full(sum(size), -1),
        np.concatenate(time),
        np.concatenate([[0], np.cumsum(size)]),
        [f"p{i}" for i in range(posts)],
        np.zeros(posts, dtype=bool),
    )
    return PlantedSpread(graph, observed, topic_of, np.eye(8)[topic_of])
