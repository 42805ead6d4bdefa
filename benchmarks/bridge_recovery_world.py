"""Planted worlds: cascades whose chance and delay on every edge are known and depend on what the post says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from graphsocial.diffusion import SpreadGraph
from graphsocial.graph import CascadeSet

HOUR, DAY = 3_600, 86_400
OBSERVE, HORIZON = HOUR, DAY
GAP = 2 * HOUR  # from the start of one cascade to that of the next
LASTING = 3 * DAY  # nothing happens later than this after a cascade's start
USERS, FOLLOWS, TOPICS, CHANNELS = 120, 8, 3, 8
WORLDS = ("well_specified", "wrong_delays", "hidden_edges")
HIDDEN = 0.4
"""Share of the edges that nobody sees in `hidden_edges`."""
_BATCH = 512


@dataclass(frozen=True, eq=False)
class Prefix:
    """Who had acted when a post was asked about.

    Attributes:
        user: Int64 [member].
        age: How long ago, seconds [member].
    """

    user: np.ndarray
    age: np.ndarray


@dataclass(frozen=True, eq=False)
class PlantedWorld:
    """Who follows whom, how likely each passes a post on, and cascades that came of it.

    Edges have log hazards that are sums of the pair's own (closeness), the sender's, the receiver's liking for the
    topic and the topic's; another edge to each user comes from outside. Cascades are drawn by percolation: an edge
    whose exponential number is below its hazard passes the post on, after the delay of that share of its law, and
    shortest paths say who acts when. None of it is code that the model is fitted or simulated with.

    Attributes:
        kind: One of `WORLDS`.
        source: Who passes on, int64 [edge].
        target: To whom [edge].
        seen: Whether the edge is among the links that a model is given, bool [edge].
        hazard: Log hazard of each edge for a post of each topic, then of the edge from outside to each user [topic,
            edge + user].
        topic: Of each post [post].
        content: What each says [post, channel].
        member: Post and user of each activation, int64 [activation, 2], by post and time.
        time: Since the post's start, whole seconds, int64 [activation].
    """

    kind: str
    source: np.ndarray
    target: np.ndarray
    seen: np.ndarray
    hazard: np.ndarray
    topic: np.ndarray
    content: np.ndarray
    member: np.ndarray
    time: np.ndarray

    @classmethod
    def drawn(cls, kind: str, posts: int, rng: int) -> PlantedWorld:
        """A world of that kind and its first posts; the graph and what posts say are the same for all kinds.

        Args:
            kind: One of `WORLDS`.
            posts: How many; the first of them do not depend on it.
            rng: Seed.
        """
        draw, late = (np.random.default_rng([rng, part]) for part in (0, 1))
        interest = draw.integers(TOPICS, size=USERS)
        alike = interest[:, None] == interest
        chance = np.where(alike, 2.0, 0.5) * FOLLOWS / USERS
        source, target = np.nonzero((draw.random((USERS, USERS)) < chance) & ~np.eye(USERS, dtype=bool))
        edges = len(source)
        pair, sender = draw.normal(0, 0.7, edges), draw.normal(0, 0.5, USERS)
        travels = np.linspace(0.4, -0.4, TOPICS)
        likes = np.where(interest == np.arange(TOPICS)[:, None], 2.0, 0.0)
        inner = -4.1 + pair + sender[source] + likes[:, target] + travels[:, None]
        outer = -5.2 + likes + travels[:, None]
        directions = np.linalg.qr(draw.normal(size=(CHANNELS, TOPICS)))[0].T
        seen = np.ones(edges, dtype=bool)
        if kind == "hidden_edges":
            seen[draw.permutation(edges)[: int(HIDDEN * edges)]] = False
        topic = late.integers(TOPICS, size=posts)
        content = directions[topic] + 0.25 * np.random.default_rng([rng, 2]).normal(size=(posts, CHANNELS))
        root = np.random.default_rng([rng, 3]).integers(USERS, size=posts)
        world = cls(
            kind, source, target, seen, np.concatenate([inner, outer], axis=1), topic, content,
            np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64),
        )  # fmt: skip
        begun = [Prefix(np.array([user]), np.zeros(1)) for user in root]
        at = world.arrivals(topic, begun, LASTING, np.random.default_rng([rng, 4]))
        post, user = np.nonzero(np.isfinite(at))
        time = np.ceil(at[post, user]).astype(np.int64)
        order = np.lexsort((time, post))
        return cls(
            kind, source, target, seen, world.hazard, topic, content,
            np.stack([post, user], axis=1)[order], time[order],
        )  # fmt: skip

    def arrivals(
        self,
        topic: np.ndarray,
        begun: list[Prefix],
        horizon: float,
        rng: np.random.Generator,
        outside: bool = True,
    ) -> np.ndarray:
        """When each user acts, seconds from the question on, inf who does not, float64 [run, user].

        Edges from who acted before have not passed the post on by then, which leaves them the rest of their hazard.

        Args:
            topic: Of each run [run].
            begun: Who had acted by then, in each run; they act at minus their age. The outside was there from the
                first of them on.
            horizon: Nobody acts later.
            rng: Generator.
            outside: Whether the outside reaches anybody.
        """
        found = [
            self._arrivals(topic[first : first + _BATCH], begun[first : first + _BATCH], horizon, rng, outside)
            for first in range(0, len(topic), _BATCH)
        ]
        return np.concatenate(found)

    def _arrivals(
        self, topic: np.ndarray, begun: list[Prefix], horizon: float, rng: np.random.Generator, outside: bool
    ) -> np.ndarray:
        runs, edges, nodes = len(topic), len(self.source), USERS + 1
        source = np.append(self.source, np.full(USERS, USERS))
        target = np.append(self.target, np.arange(USERS))
        age = np.full((runs, nodes), -1.0)  # of who acted before, else below 0
        for number, prefix in enumerate(begun):
            age[number, prefix.user] = prefix.age
            age[number, USERS] = prefix.age.max()
        hazard = np.exp(self.hazard[topic])
        if not outside:
            hazard[:, edges:] = 0.0
        since = np.maximum(age[:, source], 0.0)
        slow = self.slow(topic)
        drawn = hazard * share_by(since, slow[:, None]) + rng.exponential(size=hazard.shape)
        run, edge = np.nonzero((drawn < hazard) & (age[:, target] < 0))
        which = (run, edge)
        delay = delay_at(drawn[which] / hazard[which], slow[run]) - since[which]
        # everybody who acted before hangs on one node; of several edges from there to the same user the first counts
        begins = age[run, source[edge]] >= 0
        out = np.where(begins, runs * nodes, run * nodes + source[edge])
        into = run * nodes + target[edge]
        order = np.lexsort((delay, into, out))
        first = order[np.unique(out[order] * (runs * nodes + 1) + into[order], return_index=True)[1]]
        everybody = runs * nodes + 1
        graph = sparse.csr_matrix(
            (np.maximum(delay[first], 1e-6), (out[first], into[first])), shape=(everybody, everybody)
        )
        reached = dijkstra(graph, indices=runs * nodes, limit=horizon)[:-1].reshape(runs, nodes)
        return np.where(age >= 0, -age, reached)[:, :USERS]

    def slow(self, topic: np.ndarray) -> np.ndarray:
        """Which of the two delay laws each post has, float64 [run]: 0 quick, 1 slow, below 0 the usual one."""
        return np.where(topic == 0, 0.0, 1.0) if self.kind == "wrong_delays" else np.full(len(topic), -1.0)

    def chance(self, topic: int) -> np.ndarray:
        """Chance of each edge for a post of a topic, [edge]."""
        return -np.expm1(-np.exp(self.hazard[topic, : len(self.source)]))

    @property
    def ids(self) -> np.ndarray:
        """Names of the users, object [user]."""
        return np.array([f"u{i:03d}" for i in range(USERS)], dtype=object)

    def graph(self) -> SpreadGraph:
        """All edges, also those that nobody sees, in the order of `source`."""
        return SpreadGraph.from_edges(self.source, self.target, ids=self.ids)

    def links(self) -> SpreadGraph:
        """Edges that a model is given."""
        return SpreadGraph.from_edges(self.source[self.seen], self.target[self.seen], ids=self.ids)

    def posts(self, which: np.ndarray) -> CascadeSet:
        """Some posts as they were observed, one starting `GAP` after the other, in the order given."""
        size = np.bincount(self.member[:, 0], minlength=len(self.topic))
        first = np.cumsum(size) - size
        rows = np.concatenate([np.arange(first[post], first[post] + size[post]) for post in which])
        start = np.repeat(np.arange(len(which)) * GAP, size[which])
        return CascadeSet(
            self.ids[self.member[rows, 1]],
            np.full(len(rows), -1),
            start + self.time[rows],
            np.concatenate([[0], np.cumsum(size[which])]),
            np.array([f"p{post}" for post in which], dtype=object),
            np.zeros(len(which), dtype=bool),
        )

    def until(self, post: int, age: int) -> tuple[np.ndarray, np.ndarray]:
        """Who acted before some age of a post, object [member], and at which, whole seconds, int64 [member]."""
        rows = np.flatnonzero((self.member[:, 0] == post) & (self.time < age))
        return self.ids[self.member[rows, 1]], self.time[rows]

    def prefix(self, post: int) -> Prefix:
        """Who had acted when a post is asked about."""
        rows = np.flatnonzero((self.member[:, 0] == post) & (self.time < OBSERVE))
        return Prefix(self.member[rows, 1], (OBSERVE - self.time[rows]).astype(np.float64))


def share_by(age: np.ndarray, slow: np.ndarray) -> np.ndarray:
    """Share of delays no longer than each age, float64 [...].

    Args:
        age: Seconds.
        slow: Below 0: exponential, 3 hours on average. 0: half an hour. 1: one half about an hour, the other about 16
            hours, which is another law than any that posts could share.
    """
    usual, quick = (-np.expm1(-age / (hours * HOUR)) for hours in (3.0, 0.5))
    later = -np.expm1(-((age / (16.0 * HOUR)) ** 6))
    return np.where(slow < 0, usual, np.where(slow == 0, quick, 0.5 * -np.expm1(-age / HOUR) + 0.5 * later))


def delay_at(share: np.ndarray, slow: np.ndarray) -> np.ndarray:
    """Delay that each share of delays does not exceed, seconds; found by bisection, [...]."""
    low, high = np.zeros(share.shape), np.full(share.shape, 100.0 * DAY)
    for _ in range(60):
        middle = (low + high) / 2
        below = share_by(middle, slow) < share
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return high
