"""What a user is interested in: shares of topics and of modalities among the posts the user acted on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from graphsocial.embed.shown_contents import shown_contents
from graphsocial.embed.table import EmbeddingTable
from graphsocial.graph import SocialGraph, format_time
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.query.behaviour.engagements import engagements
from graphsocial.query.behaviour.post_topics import PostTopics
from graphsocial.query.behaviour.share_interval import share_interval
from graphsocial.schema import EdgeType


@dataclass(frozen=True, repr=False, eq=False)
class InterestProfile(QueryResult):
    """Shares of topics, which sum to 1, the largest first; then of modalities, as one post may show several.

    Attributes:
        user: Id of the user.
        posts: Posts the user acted on.
        topical: Those of them that have a topic.
        kind: "topic" or "modality" [row].
        name: Words of the topic, or the modality [row].
        number: Number of the topic among `topics`, -1 for a modality, int64 [row].
        count: The user's posts of it, int64 [row].
        share: Of the posts with a topic, or of all, float64 [row].
        low: Lower end of the share's 95 % interval, float64 [row].
        high: Upper end, float64 [row].
        everyone: Share among the acts of all users, float64 [row].
        topics: The topics.
        as_of: Nothing at or after this time was used; None for a view without an end.
    """

    user: str
    posts: int
    topical: int
    kind: tuple[str, ...]
    name: tuple[str, ...]
    number: np.ndarray
    count: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    everyone: np.ndarray
    topics: PostTopics
    as_of: int | None

    def title(self) -> str:
        """Of how many posts, and as of when."""
        when = "" if self.as_of is None else f" as of {format_time(self.as_of)}"
        return (
            f"interests of user {self.user!r}{when}: {self.posts:,} posts, {self.topical:,} with a topic, with 95 % "
            "intervals"
        )

    def columns(self) -> Mapping[str, Column]:
        """`kind`, `name`, `posts`, `share`, `low`, `high`, `everyone`."""
        return {
            "kind": self.kind,
            "name": self.name,
            "posts": self.count,
            "share": self.share,
            "low": self.low,
            "high": self.high,
            "everyone": self.everyone,
        }


def interest_profile(
    view: SocialGraph,
    tokens: EmbeddingTable,
    topics: PostTopics,
    user: str,
    relations: Iterable[EdgeType] | None = None,
) -> InterestProfile:
    """Shares of topics and modalities among the posts that a user wrote, passed on, answered or liked in a view.

    A post counts once however often the user acted on it. Intervals take posts as independent.

    Args:
        view: Its edges count, all those of its window.
        tokens: Contents of posts.
        topics: Fitted on posts before the view's end.
        user: Id of the user.
        relations: From users to posts; None for all.

    Raises:
        UnknownNodeError: The view does not know the user.
        SchemaError: Unknown relation.
        LeakageError: The topics know posts that the view does not.
    """
    who = view.index_of(("user", user))
    pairs = engagements(view, relations)
    label = topics.of_posts(view, tokens)
    mine = pairs.post[pairs.of(who)]
    by_topic = topic_counts(label[mine], len(topics.posts))
    all_topics = topic_counts(label[pairs.post], len(topics.posts))
    order = np.argsort(-by_topic, kind="stable")
    shows = {modality: _shows(view, tokens, modality) for modality in tokens.modalities}
    of_modality = np.array([int(has[mine].sum()) for has in shows.values()], dtype=np.int64)
    count = np.concatenate([by_topic[order], of_modality])
    total = np.concatenate([np.full(len(order), by_topic.sum()), np.full(len(shows), len(mine))])
    low, high = share_interval(count, total)
    everyone = [all_topics[order] / max(all_topics.sum(), 1)]
    everyone.append(np.array([has[pairs.post].mean() if len(pairs.post) else 0.0 for has in shows.values()]))
    return InterestProfile(
        user=str(user),
        posts=len(mine),
        topical=int(by_topic.sum()),
        kind=("topic",) * len(order) + ("modality",) * len(shows),
        name=tuple(topics.names[at] for at in order) + tuple(shows),
        number=np.concatenate([order, np.full(len(shows), -1)]),
        count=count,
        share=count / np.maximum(total, 1),
        low=low,
        high=high,
        everyone=np.concatenate(everyone),
        topics=topics,
        as_of=view.end,
    )


def topic_counts(label: np.ndarray, topics: int) -> np.ndarray:
    """Posts of each topic, int64 [topic]; those without a topic count nowhere.

    >>> topic_counts(np.array([1, 1, -1]), 3).tolist()
    [0, 2, 0]
    """
    return np.bincount(label[label >= 0], minlength=topics)


def _shows(view: SocialGraph, tokens: EmbeddingTable, modality: str) -> np.ndarray:
    """Which posts show a modality, bool [post]; a clip is no picture."""
    rows = shown_contents(view, tokens, modality).get(modality)
    if rows is None:
        return np.zeros(view.num_nodes("post"), dtype=bool)
    return np.asarray((rows >= 0).any(axis=1))
