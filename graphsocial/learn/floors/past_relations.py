"""Which relations the target received before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors.candidate_popularity import received_before
from graphsocial.learn.floors.floor import check_trained, check_within, nodes_of
from graphsocial.learn.floors.majority_class import class_frequencies
from graphsocial.schema import EdgeType


@dataclass(frozen=True)
class PastRelations:
    """Relations as the target received them before the example's time, smoothed as Laplace did.

    As many edges as there are relations are added, shared out by the training frequencies of the classes, so that a
    target without a past gets the training frequencies.

    Attributes:
        edge_types: Relations in the order of the class codes.
        target: Role of the node that receives.
        name: As it stands in reports.
    """

    edge_types: tuple[EdgeType, ...]
    target: str = "dst"
    name: str = "past_relations"

    def predict(self, graph: SocialGraph, train: Examples, test: Examples) -> np.ndarray:
        """Class probabilities, float64 [example, class]."""
        check_trained(self.name, train)
        check_within(graph, test)
        node = nodes_of(test, self.target)[1]
        classes = len(self.edge_types)
        prior = np.zeros(classes)
        seen = class_frequencies(train)
        prior[: len(seen)] = seen
        received = received_before(graph, self.edge_types, node, test.time)
        return (received + classes * prior) / (received.sum(axis=1, keepdims=True) + classes)
