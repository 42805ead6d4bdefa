"""NetworkX: the graph library of most Python notebooks."""

from __future__ import annotations

import networkx as nx
import numpy as np

from benchmarks.graph_peers.questions import DAMPING, TOLERANCE, Questions

NAME, PACKAGE = "networkx", "networkx"
ITEMS = {"shortest_paths": 50}


class Peer:
    """Follows as a `DiGraph`, and without directions as a `Graph`."""

    def __init__(self, questions: Questions):
        world = questions.world
        self.directed = nx.DiGraph()
        self.directed.add_nodes_from(range(world.scale.users))
        self.directed.add_edges_from(world.follow.tolist())
        self.graph = self.directed.to_undirected()

    def ego_2hop(self, questions: Questions) -> np.ndarray:
        """Users, ascending."""
        return np.sort(list(nx.single_source_shortest_path_length(self.graph, questions.hub, cutoff=2)))

    def shortest_paths(self, questions: Questions) -> np.ndarray:
        """Lengths, -1 = no way."""
        found = []
        for a, b in questions.pairs.tolist():
            try:
                found.append(len(nx.bidirectional_shortest_path(self.graph, a, b)) - 1)
            except nx.NetworkXNoPath:
                found.append(-1)
        return np.array(found)

    def pagerank(self, questions: Questions) -> np.ndarray:
        """Scores by user."""
        users = questions.world.scale.users
        score = nx.pagerank(self.directed, alpha=DAMPING, tol=TOLERANCE / users, max_iter=500)
        return np.array([score[user] for user in range(users)])

    def core_numbers(self, questions: Questions) -> np.ndarray:
        """Core number by user."""
        core = nx.core_number(self.graph)
        return np.array([core[user] for user in range(questions.world.scale.users)])

    def components(self, questions: Questions) -> np.ndarray:
        """Sizes, descending."""
        return np.sort([len(c) for c in nx.connected_components(self.graph)])[::-1]

    def triangles(self, questions: Questions) -> np.ndarray:
        """Triangles by user."""
        found = nx.triangles(self.graph)
        return np.array([found[user] for user in range(questions.world.scale.users)])
