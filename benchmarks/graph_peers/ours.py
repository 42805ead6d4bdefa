"""graphsocial itself, asked through what everybody may call, on a view as of the hour after the last event."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

import graphsocial as gs
from benchmarks.graph_peers.questions import DAMPING, MOTIF_SECONDS, TOLERANCE, TOP, Questions, reposts_of
from benchmarks.graph_world import BEGIN, FOLLOW, MENTION, REPOST, SPAN

NAME, PACKAGE = "graphsocial", "graphsocial"
ITEMS: dict[str, int] = {}


class Peer:
    """The network as a `SocialGraph` with the rows that the questions walk."""

    def __init__(self, questions: Questions):
        graph = questions.world.graph()
        span = graph.span
        assert span is not None
        self.view = graph.as_of((span[1] // 3600 + 1) * 3600)
        for edge_type in (FOLLOW, REPOST, MENTION):
            for direction in ("out", "in"):
                graph.csr(edge_type, direction)
        self.number = graph.node_ids("user").astype(np.int64)
        self.position = np.argsort(self.number)

    @property
    def facts(self) -> dict[str, dict[str, tuple[float, str]]]:
        """Seconds of taking a view, and bytes that the rows of both directions take per edge."""
        graph, seconds = self.view, []
        for moment in range(BEGIN + SPAN // 2, BEGIN + SPAN // 2 + 200):
            began = time.perf_counter()
            graph.as_of(moment)
            seconds.append(time.perf_counter() - began)
        measured = {"as_of": (statistics.median(seconds), "seconds")}
        for name, edge_type in (("untimed", FOLLOW), ("timed", MENTION), ("timed_reposts", REPOST)):
            held = graph.csr(edge_type, "out").nbytes + graph.csr(edge_type, "in").nbytes
            measured[f"index_bytes_{name}"] = (held / graph.num_edges(edge_type), "bytes_per_edge")
        return {"measured": measured}

    def _user(self, number: int) -> tuple[str, str]:
        return "user", str(number)

    def _by_number(self, values: np.ndarray) -> np.ndarray:
        """Values of users in canonical order, put in order of their numbers."""
        return values[self.position]

    def ego_2hop(self, questions: Questions) -> Callable[[], np.ndarray]:
        """Users, ascending."""
        found = gs.neighbourhood(self.view, self._user(questions.hub), 2, [FOLLOW])
        return lambda: np.sort(self.number[found["user"]])

    def shortest_paths(self, questions: Questions) -> np.ndarray:
        """Lengths, -1 = no way."""
        sources, targets = ([self._user(number) for number in side] for side in questions.pairs.T.tolist())
        return gs.shortest_path_lengths(self.view, sources, targets, [FOLLOW])

    def earliest_arrival(self, questions: Questions) -> Callable[[], np.ndarray]:
        """Arrival by user, -1 = never."""
        found = gs.earliest_arrival(self.view, self._user(questions.source), questions.start, [MENTION], walk="out")

        def by_user() -> np.ndarray:
            arrival = np.full(questions.world.scale.users, -1)
            arrival[found.ids.astype(np.int64)] = found.arrival
            return arrival

        return by_user

    def cascade_trees(self, questions: Questions) -> Callable[[], np.ndarray]:
        """When the parent had each repost, -1 = nobody followed had it: in order of post, user."""
        keys = [("post", str(number)) for number in questions.posts.tolist()]
        trees = gs.cascade_trees(self.view, REPOST, FOLLOW, keys, unexposed="root")

        def in_order() -> np.ndarray:
            post = np.repeat(trees.names.astype(np.int64), trees.size)
            user = trees.node.astype(np.int64)
            since = np.where(trees.parent >= 0, trees.time[trees.parent], -1)
            adopter = user != questions.world.author[post]
            order = np.lexsort((user[adopter], post[adopter]))
            asked, _, _ = reposts_of(questions.world, questions.posts)
            assert len(order) == len(asked)
            return since[adopter][order]

        return in_order

    def temporal_motif(self, questions: Questions) -> np.ndarray:
        """Number of chains."""
        return gs.temporal_motifs(self.view, MENTION, MOTIF_SECONDS, "A->B, B->C").count

    def pagerank(self, questions: Questions) -> Callable[[], np.ndarray]:
        """Scores by user."""
        found = gs.pagerank(self.view, [FOLLOW], damping=DAMPING, tolerance=TOLERANCE)
        return lambda: self._by_number(found.of_type("user"))

    def core_numbers(self, questions: Questions) -> Callable[[], np.ndarray]:
        """Core number by user."""
        found = gs.core_numbers(self.view, [FOLLOW])
        return lambda: self._by_number(found.of_type("user"))

    def components(self, questions: Questions) -> np.ndarray:
        """Sizes, descending."""
        return gs.components(self.view, [FOLLOW]).size

    def triangles(self, questions: Questions) -> Callable[[], np.ndarray]:
        """Triangles by user; a view keeps them, so they are forgotten first."""
        for key in [key for key in self.view.cache if isinstance(key, tuple) and key[0] == "triangles"]:
            del self.view.cache[key]
        found = gs.triangles(self.view, [FOLLOW])
        return lambda: self._by_number(found.of_type("user"))

    def top_per_hour(self, questions: Questions) -> np.ndarray:
        """Counts of the most mentioned of every hour, hour by hour, descending."""
        return gs.top_per_window(self.view, MENTION, 3600, TOP).count
