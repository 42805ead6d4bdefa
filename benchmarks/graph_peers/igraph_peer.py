"""igraph: C core, compact edge lists."""

from __future__ import annotations

import igraph
import numpy as np

from benchmarks.graph_peers.questions import DAMPING, Questions

NAME, PACKAGE = "igraph", "igraph"
ITEMS = {"shortest_paths": 100}


class Peer:
    """Follows with and without directions."""

    def __init__(self, questions: Questions):
        world = questions.world
        self.directed = igraph.Graph(n=world.scale.users, edges=world.follow, directed=True)
        self.graph = self.directed.as_undirected(mode="collapse")

    def ego_2hop(self, questions: Questions) -> np.ndarray:
        """Users, ascending."""
        return np.sort(self.graph.neighborhood(questions.hub, order=2))

    def shortest_paths(self, questions: Questions) -> np.ndarray:
        """Lengths, -1 = no way; from the paths, as its `distances` searches on after it has met the goal."""
        return np.array([len(self.graph.get_shortest_path(a, b)) - 1 for a, b in questions.pairs.tolist()])

    def pagerank(self, questions: Questions) -> np.ndarray:
        """Scores by user, with the solver that it takes by itself (PRPACK)."""
        return np.array(self.directed.pagerank(damping=DAMPING))

    def core_numbers(self, questions: Questions) -> np.ndarray:
        """Core number by user."""
        return np.array(self.graph.coreness())

    def components(self, questions: Questions) -> np.ndarray:
        """Sizes, descending."""
        return np.sort(self.graph.connected_components().sizes())[::-1]

    def triangles(self, questions: Questions) -> np.ndarray:
        """Triangles by user."""
        return np.bincount(np.array(self.graph.list_triangles()).ravel(), minlength=questions.world.scale.users)
