"""Users alike in what they act on: by the content of posts, and by the very posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_matrix

from graphsocial.embed.nearest import check_k
from graphsocial.embed.table import EmbeddingTable
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph import SocialGraph, format_time
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.query.behaviour.engagements import Engagements, engagements
from graphsocial.query.behaviour.interest_profile import topic_counts
from graphsocial.query.behaviour.post_topics import PostTopics
from graphsocial.query.behaviour.post_vectors import post_vectors
from graphsocial.schema import EdgeType

By = Literal["content", "engagement", "both"]
BY: tuple[By, ...] = ("content", "engagement", "both")

_FUSED = 60  # Cormack, Clarke and Büttcher, SIGIR 2009
_TOGETHER = 50_000  # users whose mean vectors are held at once
_SHOWN = 3


@dataclass(frozen=True, repr=False, eq=False)
class SimilarUsers(QueryResult):
    """Users most like one, the most alike first; of equally alike ones the one known first.

    Attributes:
        user: Id of the user asked about.
        ids: Ids of the others, object [found].
        score: What they are ordered by: a cosine, or the sum of reciprocal ranks of both, float64 [found].
        content: Cosine of the mean vectors of posts; nan where either has no such content, float64 [found].
        engagement: Cosine of the posts acted on, rare ones weighing more, float64 [found].
        shared: Number of posts both acted on, int64 [found].
        shared_posts: The rarest of them, ids [found].
        topic: Topic that takes the largest share of both, by its words, "" where there is none [found].
        by: What they are ordered by.
        searched: Users who were compared.
        as_of: Nothing at or after this time was used; None for a view without an end.
    """

    user: str
    ids: np.ndarray
    score: np.ndarray
    content: np.ndarray
    engagement: np.ndarray
    shared: np.ndarray
    shared_posts: tuple[tuple[str, ...], ...]
    topic: tuple[str, ...]
    by: By
    searched: int
    as_of: int | None

    def title(self) -> str:
        """Of how many users, and by what."""
        when = "" if self.as_of is None else f" as of {format_time(self.as_of)}"
        by = "content and engagement" if self.by == "both" else self.by
        return f"{len(self.ids):,} users most like {self.user!r} of {self.searched:,}{when}, by {by}"

    def columns(self) -> Mapping[str, Column]:
        """`user`, `score`, `content`, `engagement`, `shared`, `topic`, `posts`."""
        return {
            "user": self.ids,
            "score": self.score,
            "content": self.content,
            "engagement": self.engagement,
            "shared": self.shared,
            "topic": self.topic,
            "posts": [", ".join(posts) for posts in self.shared_posts],
        }


def similar_users(
    view: SocialGraph,
    tokens: EmbeddingTable,
    topics: PostTopics,
    user: str,
    k: int = 10,
    *,
    by: By = "both",
    relations: Iterable[EdgeType] | None = None,
    min_posts: int = 1,
) -> SimilarUsers:
    """Users whose posts are most like a user's, and who acted on the same ones; with the topic and posts that say why.

    Content is the mean vector of the posts a user acted on, without what all posts have in common. Engagement is the
    cosine of the sets of posts, each weighted by log(users / users who acted on it). Both together: the sum of
    1 / (60 + rank) over the two orders, a user without either standing last in that one.

    Args:
        view: Its edges count, all those of its window.
        tokens: Contents of posts.
        topics: Fitted on posts before the view's end; they say what is compared and name the reasons.
        user: Id of the user.
        k: Users to return.
        by: What to order by.
        relations: From users to posts; None for all. Only authors: users who write alike.
        min_posts: Users with fewer posts are not compared.

    Raises:
        UnknownNodeError: The view does not know the user.
        SchemaError: Unknown relation, or an argument out of range.
        LeakageError: The topics know posts that the view does not.
    """
    count = check_k(k)
    if by not in BY:
        raise SchemaError(f"got by={by!r}, expected one of {', '.join(BY)}.{did_you_mean(str(by), BY)}")
    if isinstance(min_posts, bool) or not isinstance(min_posts, int | np.integer) or min_posts < 1:
        raise SchemaError(f"got min_posts={min_posts!r}, expected a whole number of at least 1")
    who = view.index_of(("user", user))
    pairs = engagements(view, relations)
    label = topics.of_posts(view, tokens)
    compared = np.flatnonzero(np.diff(pairs.start) >= min_posts)
    compared = compared[compared != who]
    content = _content(view, tokens, topics, pairs, who)[compared]
    engagement, shared = (values[compared] for values in _engagement(view, pairs, who))
    score = {"content": content, "engagement": np.where(shared > 0, engagement, np.nan)}.get(by)
    if score is None:
        score = sum(1 / (_FUSED + _rank(part)) for part in (content, np.where(shared > 0, engagement, np.nan)))
        score = np.where(np.isnan(content) & (shared == 0), np.nan, score)
    found = np.argsort(np.where(np.isnan(score), np.inf, -score), kind="stable")[:count]
    found = found[~np.isnan(score[found])]
    reasons = [_shared_posts(view, pairs, who, other) for other in compared[found].tolist()]
    return SimilarUsers(
        user=str(user),
        ids=view.node_ids("user")[compared[found]],
        score=score[found],
        content=content[found],
        engagement=engagement[found],
        shared=shared[found],
        shared_posts=tuple(reasons),
        topic=tuple(_topic(topics, label, pairs, who, other) for other in compared[found].tolist()),
        by=by,
        searched=len(compared),
        as_of=view.end,
    )


def user_vectors(
    pairs: Engagements, vectors: np.ndarray, has: np.ndarray, first: int, last: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the vectors of the posts of users first to last - 1, and how many posts that were.

    Args:
        pairs: Who acted on what.
        vectors: [post, channel].
        has: Which posts have one, bool [post].
        first: Position of the first user.
        last: Position after the last one.
    """
    part = slice(int(pairs.start[first]), int(pairs.start[last]))
    post = pairs.post[part]
    row, post = pairs.user[part][has[post]] - first, post[has[post]]
    ones = np.ones(len(post), dtype=np.float32)
    count = np.bincount(row, minlength=last - first)
    return csr_matrix((ones, (row, post)), shape=(last - first, len(vectors))) @ vectors, count


def _content(view: SocialGraph, tokens: EmbeddingTable, topics: PostTopics, pairs: Engagements, who: int) -> np.ndarray:
    """Cosine of each user's mean vector with that of one, nan where either has none, float64 [user]."""
    vectors, has = post_vectors(view, tokens, topics.modality)
    vectors = topics.project(vectors)
    mine = user_vectors(pairs, vectors, has, who, who + 1)[0][0].astype(np.float64)
    length = np.linalg.norm(mine)
    users = len(pairs.start) - 1
    out = np.full(users, np.nan)
    for first in range(0, users if length > 0 else 0, _TOGETHER):
        total, _ = user_vectors(pairs, vectors, has, first, min(first + _TOGETHER, users))
        norms = np.linalg.norm(total.astype(np.float64), axis=1)
        there = np.flatnonzero(norms > 0)
        out[first + there] = total[there] @ mine / (norms[there] * length)
    return out


def _engagement(view: SocialGraph, pairs: Engagements, who: int) -> tuple[np.ndarray, np.ndarray]:
    """Weighted cosine of each user's posts with those of one, and how many they share, [user]."""
    users = len(pairs.start) - 1
    weight = _rarity(view, pairs) ** 2
    mine = np.zeros(len(weight), dtype=bool)
    mine[pairs.post[pairs.of(who)]] = True
    squared = np.bincount(pairs.user, weight[pairs.post], users)
    both = mine[pairs.post]
    overlap = np.bincount(pairs.user[both], weight[pairs.post[both]], users)
    scale = np.sqrt(squared * squared[who])
    shared = np.bincount(pairs.user[both], minlength=users)
    return np.divide(overlap, scale, out=np.zeros(users), where=scale > 0), shared


def _rarity(view: SocialGraph, pairs: Engagements) -> np.ndarray:
    """log(users / users who acted on it) of each post, 0 for one that all acted on, float64 [post]."""
    acted = np.bincount(pairs.post, minlength=view.num_nodes("post"))
    active = max(int((np.diff(pairs.start) > 0).sum()), 1)
    return np.log(active / np.maximum(acted, 1))


def _rank(values: np.ndarray) -> np.ndarray:
    """1 for the largest, equal ones in the middle of their places, those without a value behind all others."""
    from scipy.stats import rankdata

    return rankdata(np.where(np.isnan(values), np.inf, -values))


def _shared_posts(view: SocialGraph, pairs: Engagements, who: int, other: int) -> tuple[str, ...]:
    both = np.intersect1d(pairs.post[pairs.of(who)], pairs.post[pairs.of(other)])
    rare = both[np.argsort(-_rarity(view, pairs)[both], kind="stable")][:_SHOWN]
    return tuple(str(name) for name in view.node_ids("post")[rare])


def _topic(topics: PostTopics, label: np.ndarray, pairs: Engagements, who: int, other: int) -> str:
    counts = [topic_counts(label[pairs.post[pairs.of(user)]], len(topics.posts)) for user in (who, other)]
    if not all(count.sum() for count in counts):
        return ""
    common = np.minimum(*(count / count.sum() for count in counts))
    return topics.names[int(common.argmax())] if common.max() > 0 else ""
