"""rustworkx: Rust core, the interface of NetworkX in spirit."""

from __future__ import annotations

import numpy as np
import rustworkx as rx

from benchmarks.graph_peers.questions import DAMPING, TOLERANCE, Questions

NAME, PACKAGE = "rustworkx", "rustworkx"
ITEMS = {"shortest_paths": 10}


class Peer:
    """Follows with and without directions."""

    def __init__(self, questions: Questions):
        world = questions.world
        self.directed = rx.PyDiGraph(multigraph=False)
        self.directed.add_nodes_from(range(world.scale.users))
        pairs = [(int(a), int(b)) for a, b in world.follow]
        self.directed.extend_from_edge_list(pairs)
        self.graph = rx.PyGraph(multigraph=False)
        self.graph.add_nodes_from(range(world.scale.users))
        self.graph.extend_from_edge_list(pairs)

    def ego_2hop(self, questions: Questions) -> np.ndarray:
        """Users, ascending."""
        near = set(self.graph.neighbors(questions.hub)) | {questions.hub}
        found = set(near)
        for user in near:
            found.update(self.graph.neighbors(user))
        return np.sort(list(found))

    def shortest_paths(self, questions: Questions) -> np.ndarray:
        """Lengths, -1 = no way; it offers Dijkstra's search with a goal, and no search for unit lengths."""
        found = []
        for a, b in questions.pairs.tolist():
            lengths = rx.dijkstra_shortest_path_lengths(self.graph, a, lambda _: 1.0, goal=b)
            found.append(0 if a == b else int(lengths[b]) if b in lengths else -1)
        return np.array(found)

    def pagerank(self, questions: Questions) -> np.ndarray:
        """Scores by user."""
        tolerance = TOLERANCE / questions.world.scale.users  # it stops at the tolerance times the nodes
        score = rx.pagerank(self.directed, alpha=DAMPING, tol=tolerance, max_iter=500)
        return np.array([score[user] for user in range(questions.world.scale.users)])

    def core_numbers(self, questions: Questions) -> np.ndarray:
        """Core number by user."""
        core = rx.core_number(self.graph)
        return np.array([core[user] for user in range(questions.world.scale.users)])

    def components(self, questions: Questions) -> np.ndarray:
        """Sizes, descending."""
        return np.sort([len(c) for c in rx.connected_components(self.graph)])[::-1]
