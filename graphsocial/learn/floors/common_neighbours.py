"""How many acquaintances source and candidate share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.graph import SocialGraph, common_neighbours
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors.floor import check_within, nodes_of
from graphsocial.schema import EdgeType


@dataclass(frozen=True)
class CommonNeighbours:
    """Common neighbours over the task's relations, either direction, as of the example's time.

    Between nodes of different types there can be none, and every candidate scores 0.

    Attributes:
        edge_types: Relations whose edges make neighbours.
        source: Role of the node that asks.
        target: Role of the candidate.
        name: As it stands in reports.
    """

    edge_types: tuple[EdgeType, ...]
    source: str = "src"
    target: str = "dst"
    name: str = "common_neighbours"

    def predict(self, graph: SocialGraph, train: Examples, test: Examples) -> np.ndarray:
        """Number of common neighbours before the example's time, float64 [example]."""
        check_within(graph, test)
        if any(source != target for source, _, target in self.edge_types):
            return np.zeros(len(test))
        a, b = nodes_of(test, self.source)[1], nodes_of(test, self.target)[1]
        return common_neighbours(graph, self.edge_types, a, b, test.time).astype(np.float64)
