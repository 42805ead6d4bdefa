"""How lately the candidate was a target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors.floor import check_within, nodes_of
from graphsocial.learn.pair_history import seconds_since_target
from graphsocial.schema import EdgeType


@dataclass(frozen=True)
class Recency:
    """Candidates in the order in which they were last a target of the task's relations, latest first.

    Attributes:
        edge_types: Relations whose edges count.
        target: Role of the candidate.
        name: As it stands in reports.
    """

    edge_types: tuple[EdgeType, ...]
    target: str = "dst"
    name: str = "recency"

    def predict(self, graph: SocialGraph, train: Examples, test: Examples) -> np.ndarray:
        """1 / (1 + seconds since the candidate was last a target), 0 for never, float64 [example]."""
        check_within(graph, test)
        age = seconds_since_target(graph, self.edge_types, nodes_of(test, self.target)[1], test.time)
        return np.where(age >= 0, 1 / (1.0 + np.maximum(age, 0)), 0.0)
