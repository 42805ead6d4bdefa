"""What every library is asked, worked out from the rows alone, so that no library chooses its own questions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.graph_world import BEGIN, SPAN, GraphWorld

CASES = (
    "ego_2hop",
    "shortest_paths",
    "earliest_arrival",
    "cascade_trees",
    "temporal_motif",
    "pagerank",
    "core_numbers",
    "components",
    "triangles",
    "top_per_hour",
)
"""Nodes within two follows of the best-followed user, either way; lengths of shortest ways along follows, either way,
between random pairs; when news that starts at a user on the tenth day reaches others along mentions, each later than
the one before; for the most reposted posts, whom each reposter follows who had it last before them; chains of two
mentions within ten minutes; PageRank along follows; core numbers, connected components and triangles of the follow
graph without directions; the ten most mentioned users of every hour."""

PAIRS, POSTS, MOTIF_SECONDS, DAMPING, TOP = 1_000, 10_000, 600, 0.85, 10
TOLERANCE = 1e-9
"""Sum over nodes of what one more iteration of PageRank may change."""


@dataclass(frozen=True, eq=False)
class Questions:
    """Arguments of the cases.

    Attributes:
        world: The network.
        hub: Best-followed user.
        pairs: Users between whom to find a way, int64 [pair, 2].
        source: User at whom news starts.
        start: When it starts, int64 seconds.
        posts: Most reposted posts, ascending, int64 [post].
    """

    world: GraphWorld
    hub: int
    pairs: np.ndarray
    source: int
    start: int
    posts: np.ndarray

    @classmethod
    def of(cls, world: GraphWorld) -> Questions:
        """The questions about a network; the same for the same network."""
        users = world.scale.users
        reposted = np.bincount(world.repost[:, 1], minlength=world.scale.posts)
        start = BEGIN + SPAN // 9
        late = world.mention[world.mention_time >= start, 0]
        most = np.argsort(-reposted, kind="stable")[: min(POSTS, world.scale.posts // 100)]
        return cls(
            world,
            int(np.bincount(world.follow[:, 1], minlength=users).argmax()),
            np.random.default_rng(7).integers(0, users, (PAIRS, 2)),
            int(np.bincount(late, minlength=users).argmax()),
            start,
            np.sort(most),
        )

    def first(self, case: str, items: int) -> Questions:
        """The same with fewer items of a case, for a library that would take hours for all."""
        if case == "shortest_paths":
            return replace(self, pairs=self.pairs[:items])
        if case == "cascade_trees":
            return replace(self, posts=self.posts[:items])
        return self

    def items(self, case: str) -> int:
        """How many items a case has, 1 where it is a single question."""
        return {"shortest_paths": len(self.pairs), "cascade_trees": len(self.posts)}.get(case, 1)


def reposts_of(world: GraphWorld, posts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First repost of each of some posts by each user but its author: post, user, time [repost], by post and user."""
    chosen = np.zeros(world.scale.posts, dtype=bool)
    chosen[posts] = True
    at = np.flatnonzero(chosen[world.repost[:, 1]])
    user, post, time = world.repost[at, 0], world.repost[at, 1], world.repost_time[at]
    order = np.lexsort((time, user, post))
    user, post, time = user[order], post[order], time[order]
    new = np.ones(len(post), dtype=bool)
    new[1:] = (post[1:] != post[:-1]) | (user[1:] != user[:-1])
    keep = new & (user != world.author[post])
    return post[keep], user[keep], time[keep]
