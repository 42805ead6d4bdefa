"""networkit: C++ for large networks."""

from __future__ import annotations

from collections.abc import Callable

import networkit as nk
import numpy as np

from benchmarks.graph_peers.questions import DAMPING, TOLERANCE, Questions

NAME, PACKAGE = "networkit", "networkit"
ITEMS: dict[str, int] = {}


class Peer:
    """Follows with and without directions."""

    def __init__(self, questions: Questions):
        world = questions.world
        pairs = np.unique(np.sort(world.follow, axis=1), axis=0)  # `toUndirected` loses some where both follow
        self.directed = self._graph(world.follow, world.scale.users, directed=True)
        self.graph = self._graph(pairs, world.scale.users, directed=False)
        self.graph.indexEdges()

    @staticmethod
    def _graph(ends: np.ndarray, users: int, directed: bool) -> nk.Graph:
        columns = ends[:, 0].astype(np.uint64), ends[:, 1].astype(np.uint64)
        return nk.GraphFromCoo(columns, n=users, directed=directed)

    def ego_2hop(self, questions: Questions) -> np.ndarray:
        """Users, ascending; there is no search that stops after two steps, so its neighbours are gathered."""
        near = {questions.hub, *self.graph.iterNeighbors(questions.hub)}
        found = set(near)
        for user in near:
            found.update(self.graph.iterNeighbors(user))
        return np.sort(list(found))

    def shortest_paths(self, questions: Questions) -> np.ndarray:
        """Lengths, -1 = no way."""
        found = []
        for a, b in questions.pairs.tolist():
            if a == b:
                found.append(0)
                continue
            search = nk.distance.BidirectionalBFS(self.graph, a, b, storePred=False)
            search.run()
            length = search.getDistance()
            found.append(int(length) if length < self.graph.numberOfNodes() else -1)
        return np.array(found)

    def pagerank(self, questions: Questions) -> np.ndarray:
        """Scores by user; users who follow nobody share their score among all, as elsewhere."""
        ranking = nk.centrality.PageRank(
            self.directed, DAMPING, TOLERANCE, distributeSinks=nk.centrality.SinkHandling.DistributeSinks
        )
        ranking.norm = nk.centrality.Norm.L1_NORM
        ranking.maxIterations = 500
        ranking.run()
        return np.array(ranking.scores())

    def core_numbers(self, questions: Questions) -> np.ndarray:
        """Core number by user."""
        cores = nk.centrality.CoreDecomposition(self.graph)
        cores.run()
        return np.array(cores.scores()).astype(np.int64)

    def components(self, questions: Questions) -> np.ndarray:
        """Sizes, descending."""
        found = nk.components.ConnectedComponents(self.graph)
        found.run()
        return np.sort(list(found.getComponentSizes().values()))[::-1]

    def triangles(self, questions: Questions) -> Callable[[], np.ndarray]:
        """Triangles by user, from those of each edge."""
        counter = nk.sparsification.TriangleEdgeScore(self.graph)
        counter.run()
        return lambda: self._by_user(np.array(counter.scores()), questions.world.scale.users)

    def _by_user(self, score: np.ndarray, users: int) -> np.ndarray:
        ends = np.array(list(self.graph.iterEdges()))
        edge = np.array([self.graph.edgeId(a, b) for a, b in ends.tolist()])
        total = sum(np.bincount(ends[:, side], weights=score[edge], minlength=users) for side in (0, 1))
        return (total / 2).astype(np.int64)
