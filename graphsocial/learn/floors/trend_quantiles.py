"""From a rule on past counts to quantiles of a coming count."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors.floor import check_trained, nodes_of
from graphsocial.schema import EdgeType
from graphsocial.trends import ResidualQuantiles, recent_counts

Rule = Callable[[np.ndarray], np.ndarray]
"""Counts [series, window], oldest first, to the expected count of the next window [series]."""


def quantile_forecast(
    name: str,
    rule: Rule,
    graph: SocialGraph,
    edge_type: EdgeType,
    width: int,
    windows: int,
    levels: tuple[float, ...],
    role: str,
    train: Examples,
    test: Examples,
) -> np.ndarray:
    """log1p of the rule's count plus quantiles of its errors in training, float64 [example, quantile], at least 0.

    Args:
        name: Name of the floor, for messages.
        rule: What to expect of the next window.
        graph: View that holds everything before each example's time.
        edge_type: Relation whose edges are counted at their target.
        width: Window and horizon in seconds.
        windows: How many past windows the rule sees.
        levels: Levels of the quantiles.
        role: Role of the counted node.
        train: Examples with targets on the log1p scale.
        test: Examples to forecast.
    """
    check_trained(name, train)

    def point(examples: Examples) -> np.ndarray:
        node_type, node = nodes_of(examples, role)
        if node_type != edge_type[2]:
            raise SchemaError(f"floor {name!r} counts {edge_type[2]!r} nodes, task {examples.name!r} has {node_type!r}")
        return np.log1p(rule(recent_counts(graph, edge_type, node, examples.time, width, windows)))

    errors = ResidualQuantiles.fit(point(train), train.target, levels, known_until=int(train.time.max()) + width)
    if not len(test):
        return np.zeros((0, len(levels)))
    return np.maximum(errors.around(point(test), as_of=int(test.time.min())), 0.0)
