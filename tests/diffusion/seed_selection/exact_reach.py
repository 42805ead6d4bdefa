"""Exact expected spread on graphs of a few nodes: every set of edges that may carry, with its chance."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, product

import numpy as np

from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
from graphsocial.diffusion.influence import Influence
from graphsocial.diffusion.linear_threshold import LinearThreshold

Model = IndependentCascade | LinearThreshold


def small_model(kind: str, seed: int, nodes: int = 6, edges: int = 9) -> Model:
    """A model over a random graph: `even` rows, `uneven` rows with sure and impossible edges, or linear threshold."""
    rng = np.random.default_rng(seed)
    pairs = [(u, v) for u in range(nodes) for v in range(nodes) if u != v]
    source, target = np.array(pairs)[rng.choice(len(pairs), edges, replace=False)].T
    spread = SpreadGraph.from_edges(source, target, nodes)
    if kind == "even":
        return IndependentCascade(Activation(spread, rng.choice([0.2, 0.5, 0.9], nodes)[spread.target]))
    if kind == "uneven":
        return IndependentCascade(Activation(spread, rng.choice([0.0, 0.02, 0.3, 0.6, 1.0], edges)))
    weight = rng.random(edges)
    total = np.bincount(spread.target, weight, nodes)[spread.target] * rng.choice([1.0, 1.3], nodes)[spread.target]
    return LinearThreshold(Influence(spread, weight / total))


class ExactReach:
    """Steps from each node to each other in every graph of edges that carry, and the chance of each graph."""

    def __init__(self, model: Model):
        spread = model.spread
        self.nodes = spread.num_nodes
        graphs = [(chance, live) for chance, live in _graphs(model) if chance > 0]
        self.chance = np.array([chance for chance, _ in graphs])
        live = np.array([live for _, live in graphs]).reshape(len(graphs), spread.num_edges)
        self.steps = np.full((len(graphs), self.nodes, self.nodes), 10**6)
        self.steps[:, range(self.nodes), range(self.nodes)] = 0
        for _ in range(self.nodes):
            for edge in range(spread.num_edges):
                u, v = spread.source[edge], spread.target[edge]
                over = np.where(live[:, edge, None], self.steps[:, :, u] + 1, 10**6)
                self.steps[:, :, v] = np.minimum(self.steps[:, :, v], over)

    def spread(self, seeds: Iterable[int], deadline: float | None = None) -> float:
        """Expected number of nodes within the deadline."""
        near = self.steps[:, list(seeds)].min(axis=1)
        return float(self.chance @ (near <= (self.nodes if deadline is None else deadline)).sum(axis=1))

    def best(self, k: int, allowed: Iterable[int] | None = None, deadline: float | None = None) -> float:
        """The largest expected spread of k nodes."""
        which = range(self.nodes) if allowed is None else allowed
        return max(self.spread(seeds, deadline) for seeds in combinations(which, k))


def _graphs(model: Model) -> Iterable[tuple[float, np.ndarray]]:
    spread = model.spread
    if isinstance(model, IndependentCascade):
        p = model.activation.probability.astype(np.float64)
        for live in product((False, True), repeat=len(p)):
            yield float(np.where(live, p, 1 - p).prod()), np.array(live)
        return
    weight = model.influence.weight.astype(np.float64)
    into = [np.flatnonzero(spread.target == v) for v in range(spread.num_nodes)]
    for picked in product(*([*edges, -1] for edges in into)):
        chance = 1.0
        for edge, edges in zip(picked, into, strict=True):
            chance *= weight[edge] if edge >= 0 else max(0.0, 1 - weight[edges].sum())
        yield chance, np.isin(np.arange(len(weight)), picked)
