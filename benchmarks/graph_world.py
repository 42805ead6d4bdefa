"""A generated social network: follows, posts, reposts and mentions; the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphsocial import SocialGraph
from graphsocial.schema import Schema

FOLLOW, AUTHOR, REPOST, MENTION = (
    ("user", "follow", "user"),
    ("user", "author", "post"),
    ("user", "repost", "post"),
    ("user", "mention", "user"),
)
BEGIN, SPAN = 1_700_000_000, 90 * 86_400
"""First second of the network and how long it lasts."""


@dataclass(frozen=True)
class Scale:
    """How large a generated network is.

    Attributes:
        users: Number of users.
        posts: Number of posts, each with an author.
        follows: Follow edges, without times of their own.
        reposts: Timed reposts of posts.
        mentions: Timed mentions of users.
    """

    users: int
    posts: int
    follows: int
    reposts: int
    mentions: int


SCALES = {
    "quick": Scale(5_000, 20_000, 100_000, 60_000, 40_000),
    "small": Scale(20_000, 100_000, 500_000, 250_000, 250_000),
    "medium": Scale(200_000, 1_000_000, 5_000_000, 2_500_000, 2_500_000),
    "large": Scale(2_000_000, 5_000_000, 25_000_000, 12_500_000, 12_500_000),
}
"""Follows and timed interactions come to 1, 10 and 50 million edges from small to large; authorship is extra."""


@dataclass(frozen=True, eq=False)
class GraphWorld:
    """The rows of a network, which every library is given.

    Attributes:
        scale: How large it is.
        follow: Who follows, and whom, int64 [edge, 2].
        author: Author of each post, int64 [post].
        published: When each post appeared, int64 seconds [post].
        repost: User and post, int64 [edge, 2].
        repost_time: int64 seconds [edge].
        mention: Who mentions, and whom, int64 [edge, 2].
        mention_time: int64 seconds [edge].
    """

    scale: Scale
    follow: np.ndarray
    author: np.ndarray
    published: np.ndarray
    repost: np.ndarray
    repost_time: np.ndarray
    mention: np.ndarray
    mention_time: np.ndarray

    @classmethod
    def generate(cls, scale: Scale, seed: int = 0) -> GraphWorld:
        """Draws a network.

        Activity and fame follow power laws. Two of three follows stay in the follower's circle of 200 users. Reposts
        travel along follow edges, generation by generation, after delays that are log-normal with a median of half an
        hour; one in five comes from anywhere. Mentions answer each other: half go back to a recent mentioner.
        """
        rng = np.random.default_rng(seed)
        follow = _follows(rng, scale)
        author = _famous(rng, scale.users, scale.posts, 1.1)
        published = BEGIN + np.sort(rng.integers(0, SPAN, scale.posts))
        repost, repost_time = _reposts(rng, scale, follow, author, published)
        mention, mention_time = _mentions(rng, scale, follow)
        return cls(scale, follow, author, published, repost, repost_time, mention, mention_time)

    def graph(self) -> SocialGraph:
        """The network as a graph; the follows were crawled when everything else had happened."""
        schema = Schema(
            {"user": {}, "post": {}},
            {FOLLOW: {}, AUTHOR: {}, REPOST: {}, MENTION: {}},
            crawled_at={FOLLOW: BEGIN},
        )
        posts = np.arange(self.scale.posts)
        tables = {
            FOLLOW: _table(self.follow, None),
            AUTHOR: pa.table({"src": self.author, "dst": posts, "time": self.published}),
            REPOST: _table(self.repost, self.repost_time),
            MENTION: _table(self.mention, self.mention_time),
        }
        users = pa.table({"id": np.arange(self.scale.users), "known_at": np.full(self.scale.users, BEGIN)})
        return SocialGraph.build(schema, {"user": users}, tables, name="generated")


def _table(ends: np.ndarray, time: np.ndarray | None) -> pa.Table:
    columns = {"src": np.ascontiguousarray(ends[:, 0]), "dst": np.ascontiguousarray(ends[:, 1])}
    return pa.table(columns if time is None else {**columns, "time": time})


def _famous(rng: np.random.Generator, users: int, count: int, exponent: float) -> np.ndarray:
    """Users drawn with chances that fall as a power of their rank, ranks being shuffled over the users [count]."""
    weight = np.cumsum((np.arange(users) + 10.0) ** -exponent)
    rank = np.searchsorted(weight, rng.random(count) * weight[-1])
    return np.random.default_rng(users).permutation(users)[np.minimum(rank, users - 1)]


def _follows(rng: np.random.Generator, scale: Scale) -> np.ndarray:
    drawn = scale.follows + scale.follows // 6 + 100  # some are drawn twice
    src = _famous(rng, scale.users, drawn, 0.6)
    near = np.minimum(src // 200 * 200 + rng.integers(0, 200, drawn), scale.users - 1)
    dst = np.where(rng.random(drawn) < 2 / 3, near, _famous(rng, scale.users, drawn, 0.9))
    distinct = np.unique(src * scale.users + np.where(dst == src, (dst + 1) % scale.users, dst))
    kept = np.sort(rng.permutation(len(distinct))[: scale.follows])
    return np.stack([distinct[kept] // scale.users, distinct[kept] % scale.users], axis=1)


def _reposts(
    rng: np.random.Generator, scale: Scale, follow: np.ndarray, author: np.ndarray, published: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    by_followee = follow[np.argsort(follow[:, 1], kind="stable")]
    indptr = np.searchsorted(by_followee[:, 1], np.arange(scale.users + 1))
    post = _famous(rng, scale.posts, scale.reposts // 5 + 1, 0.8)
    via, time = author[post], published[post]
    posts, users, times, made = [], [], [], 0
    while made < scale.reposts:
        # every member of a generation shows the post to followers; the next generation is drawn among them
        degree = indptr[via + 1] - indptr[via]
        drawn = indptr[via] + (rng.random(len(via)) * degree).astype(np.int64)
        anywhere = (degree == 0) | (rng.random(len(via)) < 0.2)
        user = np.where(
            anywhere, rng.integers(0, scale.users, len(via)), by_followee[np.minimum(drawn, len(follow) - 1), 0]
        )
        when = time + 1 + rng.lognormal(np.log(1800), 1.5, len(via)).astype(np.int64)
        posts.append(post), users.append(user), times.append(when)
        made += len(user)
        again = rng.integers(0, len(post), min(len(post), scale.reposts // 5 + 1))
        post, via, time = post[again], user[again], when[again]
    ends = np.stack([np.concatenate(users), np.concatenate(posts)], axis=1)[: scale.reposts]
    return ends, np.concatenate(times)[: scale.reposts]


def _mentions(rng: np.random.Generator, scale: Scale, follow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    count = scale.mentions
    chosen = follow[rng.integers(0, len(follow), count)]
    time = BEGIN + np.sort(rng.integers(0, SPAN, count))
    # half of the mentions answer one of the 200 before them
    answers = np.flatnonzero(rng.random(count) < 0.5)
    answers = answers[answers >= 200]
    asked = answers - rng.integers(1, 200, len(answers))
    ends = chosen.copy()
    ends[answers, 0], ends[answers, 1] = chosen[asked, 1], chosen[asked, 0]
    return ends, time
