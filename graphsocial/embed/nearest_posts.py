"""Posts whose words or pictures are nearest to a query, exactly, among those that pass a filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from graphsocial.embed.nearest import best_places, check_k, checked_query, similarities
from graphsocial.embed.posts_within import Within, posts_within
from graphsocial.embed.shown_contents import shown_contents
from graphsocial.embed.table import EmbeddingTable, ModalityTokens
from graphsocial.errors import SchemaError, TimeWindowError, did_you_mean
from graphsocial.graph import QueryResult, SocialGraph, format_time
from graphsocial.graph.query_result import Column
from graphsocial.graph.social_graph import Time
from graphsocial.schema import NodeKey

Tokens = Literal["whole", "best"]
"""Compare the token that stands for a whole content, or the nearest of all its tokens."""

TOKENS: tuple[Tokens, ...] = ("whole", "best")


@dataclass(frozen=True, repr=False, eq=False)
class NearestPosts(QueryResult):
    """Posts nearest to a query, nearest first; of equally near ones the one known first, then by id.

    Attributes:
        ids: Post ids, object [found].
        position: Positions among the posts of the view, int64 [found].
        similarity: Cosine in [-1, 1], of the nearest content a post shows, float32 [found].
        time: When each became known, int64 seconds UTC [found].
        modality: What was compared.
        encoder: Encoder that was compared in.
        searched: Posts that passed the filter and show such content.
        as_of: Posts at or after this time were not searched; None for a view without an end.
    """

    ids: np.ndarray
    position: np.ndarray
    similarity: np.ndarray
    time: np.ndarray
    modality: str
    encoder: str
    searched: int
    as_of: int | None

    def title(self) -> str:
        """How many of how many, by what, and as of when."""
        when = "" if self.as_of is None else f" as of {format_time(self.as_of)}"
        return f"{len(self):,} nearest of {self.searched:,} posts{when}, by {self.modality} ({self.encoder})"

    def columns(self) -> Mapping[str, Column]:
        """`post`, `similarity` and `time`."""
        return {"post": self.ids, "similarity": self.similarity, "time": self.time}


def nearest_posts(
    view: SocialGraph,
    table: EmbeddingTable,
    query: np.ndarray | Sequence[float] | NodeKey,
    k: int = 10,
    *,
    modality: str = "text",
    within: Within | None = None,
    window: tuple[Time, Time] | None = None,
    tokens: Tokens = "whole",
    threads: int | None = None,
) -> NearestPosts:
    """The k posts nearest to a query among those that a view knows, that became known in its window, and within a set.

    First the filter, then every content that is left is compared, once however many posts show it, so recall is 1
    whatever the filter keeps. A post that shows several contents counts with its nearest; one that shows none, or whose
    content the view does not know yet, is not searched.

    Args:
        view: Its end bounds what is known, its start when posts became known; nodes without any time have no start.
        table: Contents and their tokens.
        query: A vector [channel], or a post `("post", id)`, whose first content is looked for and which is left out.
        k: Posts to return; all that were searched when there are fewer.
        modality: "text", "image" (frames of clips too) or "video".
        within: Posts or users to stay within; see `posts_within`.
        window: Only posts that became known in [start, end), inside the view.
        tokens: "whole" compares the token that stands for a whole text or picture, "best" the nearest of its tokens.
        threads: At most this many, None for one per core; the answer does not depend on it.

    Raises:
        SchemaError: Nothing was embedded in that modality, the query does not fit, or an argument is out of range.
        UnknownNodeError: The view does not know a node.
        TimeWindowError: The window reaches out of the view, or its start lies after its end.

    >>> import pyarrow as pa
    >>> from graphsocial.embed import hashing_embeddings
    >>> from graphsocial.schema import Column, Schema
    >>> posts = pa.table({"id": ["p1", "p2", "p3"], "known_at": [1, 2, 3], "text": ["so wet", "so dry", "so wet"]})
    >>> graph = SocialGraph.build(Schema({"post": {"text": Column("string")}}, {}), {"post": posts}, {})
    >>> nearest_posts(graph, hashing_embeddings(graph), ("post", "p1"), k=1)
    1 nearest of 2 posts, by text (hashing (test double))
      post  similarity  time
      p3    1           3
    """
    count = check_k(k)
    if tokens not in TOKENS:
        raise SchemaError(f"unknown tokens {tokens!r}, expected whole or best.{did_you_mean(str(tokens), TOKENS)}")
    shown = shown_contents(view, table, modality)
    known = view.known_at("post")
    searched = posts_within(view, within)
    bounds = view if window is None else _window(view, window)
    first = 0 if bounds.start is None else np.searchsorted(known, bounds.start)
    last = bounds.num_nodes("post")
    searched = searched[(searched >= first) & (searched < last)]
    vector: np.ndarray | Sequence[float]
    if isinstance(query, tuple) and len(query) == 2 and isinstance(query[0], str):
        own, vector = _own(view, table, shown, (query[0], query[1]))
        searched = searched[searched != own]
    else:
        vector = query  # type: ignore[assignment]
    searched = searched[np.any([(rows[searched] >= 0).any(axis=1) for rows in shown.values()], axis=0)]

    similarity = np.full(len(searched), -np.inf, dtype=np.float32)
    for kind, rows in shown.items():
        chosen = rows[searched]
        scores = _content_scores(table.tokens[kind], vector, chosen, tokens, threads)
        np.maximum(similarity, scores[chosen].max(axis=1, initial=-np.inf), out=similarity)
    place = best_places(similarity, count)
    found = searched[place]
    return NearestPosts(
        ids=view.node_ids("post")[found],
        position=found,
        similarity=similarity[place],
        time=known[found],
        modality=modality,
        encoder=table.tokens[next(iter(shown))].encoder.name,
        searched=len(searched),
        as_of=view.end,
    )


def _window(view: SocialGraph, window: tuple[Time, Time]) -> SocialGraph:
    if not isinstance(window, tuple | list) or len(window) != 2:
        raise TimeWindowError(f"got window {window!r}, expected (start, end)")
    return view.window(*window)


def _own(
    view: SocialGraph, table: EmbeddingTable, shown: Mapping[str, np.ndarray], key: NodeKey
) -> tuple[int, np.ndarray]:
    """Position of a post, and the whole of its first content."""
    if key[0] != "post":
        raise SchemaError(f"posts are compared with posts, got {key}")
    own = view.index_of(key)
    for kind, rows in shown.items():
        content = rows[own][rows[own] >= 0]
        if len(content):
            return own, table.tokens[kind].tokens[content[0], 0].astype(np.float32)
    raise SchemaError(f"{key} has no {' or '.join(shown)} to compare")


def _content_scores(
    made: ModalityTokens, vector: np.ndarray | Sequence[float], rows: np.ndarray, tokens: Tokens, threads: int | None
) -> np.ndarray:
    """Similarity of the contents that rows name, float32 [content + 1]; -inf for others, and last for none."""
    contents, width, channels = made.tokens.shape
    query = checked_query(vector, channels)
    named = np.zeros(contents + 1, dtype=bool)
    named[rows] = True
    owner = np.flatnonzero(named[:-1])
    row = owner * width
    if tokens == "best":
        place, token = np.nonzero(made.mask[owner])
        owner, row = owner[place], row[place] + token
    flat = made.tokens.reshape(contents * width, channels)
    scores = np.full(contents + 1, -np.inf, dtype=np.float32)
    np.maximum.at(scores, owner, similarities(flat, query, row, threads=threads).astype(np.float32))
    return scores
