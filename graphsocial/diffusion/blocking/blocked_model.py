"""A spread model in which some nodes are immune, or some edges cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from graphsocial.diffusion.independent_cascade import IndependentCascade
from graphsocial.diffusion.linear_threshold import LinearThreshold
from graphsocial.diffusion.spread_model import SpreadModel
from graphsocial.errors import SchemaError


def blocked_model(
    model: SpreadModel, nodes: Iterable[Any] = (), edges: np.ndarray | Iterable[int] = ()
) -> IndependentCascade | LinearThreshold:
    """The model with probability, or weight, 0 on all edges into some nodes and on some edges.

    Args:
        model: `IndependentCascade` or `LinearThreshold`.
        nodes: Ids of nodes that nothing reaches any more.
        edges: Positions of edges, as in `spread.target`, that carry nothing any more.

    Raises:
        SchemaError: Another model, or no such edge.
        UnknownNodeError: A node is not in the graph.

    >>> from graphsocial.diffusion import Activation, SpreadGraph, simulate
    >>> chain = SpreadGraph.from_edges([0, 1, 2], [1, 2, 3])
    >>> model = IndependentCascade(Activation.uniform(chain, 1.0))
    >>> simulate(blocked_model(model, nodes=[2]), [0], runs=1, rng=1).node.tolist()
    [0, 1]
    """
    spread = model.spread
    edge = np.asarray(list(edges), dtype=np.int64)
    if len(edge) and not (edge.min() >= 0 and edge.max() < spread.num_edges):
        raise SchemaError(f"blocked edges got {int(edge.max())}, expected 0 to {spread.num_edges - 1}")
    immune = np.zeros(spread.num_nodes, dtype=bool)
    immune[spread.numbers(nodes)] = True
    cut = immune[spread.target]
    cut[edge] = True
    if isinstance(model, IndependentCascade):
        left = np.where(cut, 0.0, model.activation.probability)
        return replace(model, activation=replace(model.activation, probability=left))
    if isinstance(model, LinearThreshold):
        influence = model.influence
        return replace(model, influence=replace(influence, weight=np.where(cut, 0.0, influence.weight)))
    raise SchemaError(f"expected an IndependentCascade or a LinearThreshold, got {type(model).__name__}")
