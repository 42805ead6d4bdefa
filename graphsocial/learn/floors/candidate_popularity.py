"""How often the candidate was a target before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.graph import SocialGraph, count_before
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors.floor import check_within, nodes_of
from graphsocial.schema import UNKNOWN_TIME, EdgeType


@dataclass(frozen=True)
class CandidatePopularity:
    """In-degree of the candidate over the task's relations, as of the example's time.

    Attributes:
        edge_types: Relations whose edges count.
        target: Role of the candidate.
        name: As it stands in reports.
    """

    edge_types: tuple[EdgeType, ...]
    target: str = "dst"
    name: str = "candidate_popularity"

    def predict(self, graph: SocialGraph, train: Examples, test: Examples) -> np.ndarray:
        """Edges received before the example's time, float64 [example]."""
        check_within(graph, test)
        node = nodes_of(test, self.target)[1]
        return received_before(graph, self.edge_types, node, test.time).sum(axis=1).astype(np.float64)


def received_before(
    graph: SocialGraph, edge_types: tuple[EdgeType, ...], node: np.ndarray, time: np.ndarray
) -> np.ndarray:
    """Edges of each relation that a node received strictly before a time, int64 [example, relation]."""
    counts = [count_before(graph, edge_type, "in", node, UNKNOWN_TIME, time) for edge_type in edge_types]
    return np.stack(counts, axis=1)
