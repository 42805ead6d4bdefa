"""Topics of a view's posts: groups of alike contents, with the words that tell them apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graphsocial.embed.shown_contents import shown_contents
from graphsocial.embed.table import EmbeddingTable
from graphsocial.errors import LeakageError, SchemaError
from graphsocial.graph import SocialGraph, format_time
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.learn.temporal_split import time_span
from graphsocial.query.behaviour.k_means import k_means
from graphsocial.query.behaviour.post_vectors import post_vectors, unit_length
from graphsocial.query.topic_words import topic_words

MOST = 20
"""Topics unless a number is asked for: more are not read."""

_FITTED_ON = 20_000  # distinct posts are enough to place centroids
_WORDS_FROM = 50_000  # texts that words are counted in


@dataclass(frozen=True, repr=False, eq=False)
class PostTopics(QueryResult):
    """Topics, the one with the most posts first.

    Attributes:
        words: What tells each topic apart, () where its posts have no text [topic].
        posts: Posts of the view in each, int64 [topic].
        example: Id of the post nearest to each centroid, object [topic].
        centroid: float32 [topic, channel], unit length.
        centre: Mean of the posts' vectors, float32 [channel]; what all posts have in common says nothing of any.
        modality: What was grouped.
        encoder: What made the vectors.
        known_until: Fitted on posts that became known before this time, int64 seconds UTC.
    """

    words: tuple[tuple[str, ...], ...]
    posts: np.ndarray
    example: np.ndarray
    centroid: np.ndarray
    centre: np.ndarray
    modality: str
    encoder: str
    known_until: int

    @property
    def names(self) -> tuple[str, ...]:
        """First words of each topic, its number where it has none."""
        return tuple(", ".join(words[:3]) or f"topic {at}" for at, words in enumerate(self.words))

    def title(self) -> str:
        """How many topics of how many posts, and of what time."""
        return (
            f"{len(self.posts)} topics of {int(self.posts.sum()):,} posts by {self.modality} ({self.encoder}), fitted "
            f"on posts before {format_time(self.known_until)}"
        )

    def columns(self) -> Mapping[str, Column]:
        """`topic`, `words`, `posts`, `example`."""
        said = [", ".join(words) for words in self.words]
        return {"topic": np.arange(len(said)), "words": said, "posts": self.posts, "example": self.example}

    def project(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors without what all posts have in common, unit length, float32 [post, channel]."""
        return unit_length(vectors - self.centre).astype(np.float32)

    def of_posts(self, view: SocialGraph, tokens: EmbeddingTable) -> np.ndarray:
        """Topic of each post of a view, -1 where it shows no such content, int64 [post].

        Raises:
            LeakageError: The topics were fitted on posts that the view does not know yet.
            SchemaError: The table was made by another encoder.
        """
        check_known(self, view)
        made = tokens.tokens.get(self.modality)
        if made is not None and made.encoder.name != self.encoder:
            raise SchemaError(f"topics were fitted on {self.encoder}, the table is by {made.encoder.name}")
        key = ("topics of posts", id(self))
        held = view.cache.get(key)
        if held is None or held[0] is not self or held[1] is not tokens:
            vectors, has = post_vectors(view, tokens, self.modality)
            nearest = (self.project(vectors) @ self.centroid.T).argmax(axis=1)
            held = view.cache[key] = self, tokens, np.where(has, nearest, -1)
        found: np.ndarray = held[2]
        return found


def fit_topics(
    view: SocialGraph,
    tokens: EmbeddingTable,
    count: int | None = None,
    *,
    modality: str = "text",
    rng: int | np.random.Generator = 0,
) -> PostTopics:
    """Topics of the posts that a view knows, by spherical k-means over their vectors.

    Equal contents count once where topics are placed, so that one text posted a thousand times is no topic of its own.

    Args:
        view: Posts known before its end are grouped.
        tokens: Their contents.
        count: Topics; None: the root of half the distinct contents, at most twenty.
        modality: What is grouped.
        rng: Seed or generator.

    Raises:
        SchemaError: No post shows such content, or a number out of range.

    >>> import pyarrow as pa
    >>> from graphsocial.embed import hashing_embeddings
    >>> from graphsocial.schema import Column, Schema
    >>> said = ["so wet", "wet so", "new song", "song new"]
    >>> posts = pa.table({"id": [f"p{i}" for i in range(4)], "known_at": range(4), "text": said})
    >>> graph = SocialGraph.build(Schema({"post": {"text": Column("string")}}, {}), {"post": posts}, {})
    >>> fit_topics(graph, hashing_embeddings(graph), count=2)
    2 topics of 4 posts by text (hashing (test double)), fitted on posts before 1970-01-01 00:00:04Z
      topic  words      posts  example
      0      new, song  2      p2
      1      so, wet    2      p0
    """
    if count is not None and (isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1):
        raise SchemaError(f"got count={count!r}, expected a whole number of topics, at least 1, or None")
    vectors, has = post_vectors(view, tokens, modality)
    there = np.flatnonzero(has)
    if not len(there):
        raise SchemaError(f"no post of the view shows {modality}, there is nothing to find topics in")
    contents = np.concatenate([rows[there] for rows in shown_contents(view, tokens, modality).values()], axis=1)
    distinct = there[np.sort(np.unique(contents, axis=0, return_index=True)[1])]
    generator = np.random.default_rng(rng)
    chosen = distinct
    if len(distinct) > _FITTED_ON:
        chosen = np.sort(generator.choice(distinct, _FITTED_ON, replace=False))
    centre = vectors[chosen].mean(axis=0) if len(chosen) > 1 else np.zeros(vectors.shape[1], dtype=np.float32)
    points = unit_length(vectors - centre).astype(np.float32)
    wanted = min(MOST, round(np.sqrt(len(distinct) / 2))) if count is None else int(count)
    wanted = int(np.clip(wanted, 1, len(chosen)))
    centroid = k_means(points[chosen], wanted, generator, spherical=True)[0].astype(np.float32)
    near = points[there] @ centroid.T
    posts = np.bincount(near.argmax(axis=1), minlength=len(centroid))
    order = np.flatnonzero(posts)[np.argsort(-posts[posts > 0], kind="stable")]
    near, topic = near[:, order], near[:, order].argmax(axis=1)
    return PostTopics(
        words=_words(view, there, topic, len(order)),
        posts=posts[order],
        example=view.node_ids("post")[there[near.argmax(axis=0)]],
        centroid=centroid[order],
        centre=centre,
        modality=modality,
        encoder=next(
            made.encoder.name for kind, made in tokens.tokens.items() if (kind == "text") == (modality == "text")
        ),
        known_until=time_span(view)[1] if view.end is None else view.end,
    )


def check_known(topics: PostTopics, view: SocialGraph) -> None:
    """Refuses topics that were fitted on posts which the view does not know yet.

    Raises:
        LeakageError: They were.
    """
    if view.end is not None and topics.known_until > view.end:
        raise LeakageError(
            f"topics know posts up to {format_time(topics.known_until)}, the view ends at {format_time(view.end)}; "
            "fit them on the view, or take a later view"
        )


def _words(view: SocialGraph, there: np.ndarray, topic: np.ndarray, count: int) -> tuple[tuple[str, ...], ...]:
    """Words of each topic from the distinct texts of its posts."""
    if "text" not in view.schema.nodes["post"]:
        return ((),) * count
    texts = view.column("post", "text").take(there).to_pylist()
    first: dict[tuple[int, str], None] = {}
    for text, at in zip(texts, topic.tolist(), strict=True):
        if text:
            first.setdefault((at, text))
    told = list(first)
    told = told[:: -(-len(told) // _WORDS_FROM) or 1]
    return topic_words([text for _, text in told], np.array([at for at, _ in told], dtype=np.int64), count)
