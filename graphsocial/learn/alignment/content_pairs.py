"""Texts and pictures that were posted together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from graphsocial.embed.shown_contents import shown_contents
from graphsocial.embed.table import EmbeddingTable
from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph

PAIRED = ("text", "image")


@dataclass(frozen=True, eq=False)
class ContentPairs:
    """Pairs of a text and a picture, each once, in order of time.

    Attributes:
        text: Vector of the text, float32 [pair, channel].
        image: Vector of the picture, float32 [pair, channel].
        group: Pairs that share a text or a picture, directly or through others, have the same number, int64 [pair].
        time: When the first post with the pair became known, int64 seconds UTC [pair].
        encoders: Name of the encoder of each modality.
    """

    text: np.ndarray
    image: np.ndarray
    group: np.ndarray
    time: np.ndarray
    encoders: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        return len(self.group)

    def take(self, rows: np.ndarray) -> ContentPairs:
        """Some of the pairs, given as a mask or as positions."""
        return ContentPairs(self.text[rows], self.image[rows], self.group[rows], self.time[rows], self.encoders)


def content_pairs(view: SocialGraph, tokens: EmbeddingTable) -> ContentPairs:
    """Pairs of what posts of a view say and show.

    Args:
        view: Posts it knows count, once for each picture; a pair that several posts show counts once.
        tokens: Their contents.

    Raises:
        SchemaError: No text or no picture was embedded, or no post of the view has both.

    >>> import pyarrow as pa
    >>> from graphsocial.embed import hashing_embeddings
    >>> from graphsocial.schema import Column, Schema
    >>> show = ("post", "show", "media")
    >>> posts = pa.table({"id": ["p", "q", "r"], "known_at": [1, 2, 3], "text": ["so wet", "dry", "so wet"]})
    >>> media = pa.table({"id": ["m", "n"], "path": ["m.jpg", "n.jpg"]})
    >>> edges = {show: pa.table({"src": ["p", "q", "r"], "dst": ["m", "n", "m"], "time": [1, 2, 3]})}
    >>> schema = Schema({"post": {"text": Column("string")}, "media": {"path": Column("string")}}, {show: {}})
    >>> graph = SocialGraph.build(schema, {"post": posts, "media": media}, edges)
    >>> pairs = content_pairs(graph, hashing_embeddings(graph))
    >>> len(pairs), pairs.group.tolist(), pairs.time.tolist()
    (2, [0, 1], [1, 2])
    """
    rows = {}
    for modality in PAIRED:
        shown = shown_contents(view, tokens, modality)
        if modality not in shown:
            raise SchemaError(f"no {modality} was embedded, an alignment needs texts and pictures")
        rows[modality] = shown[modality]
    text, image = rows["text"][:, 0], rows["image"]
    post, item = np.nonzero((image >= 0) & (text >= 0)[:, None])
    if not len(post):
        raise SchemaError("no post of the view has a text and a picture, there is nothing to align")
    pair = np.stack([text[post], image[post, item]], axis=1)
    first = np.sort(np.unique(pair, axis=0, return_index=True)[1])  # posts stand in order of time
    pair, post = pair[first], post[first]
    return ContentPairs(
        text=tokens.tokens["text"].tokens[pair[:, 0], 0].astype(np.float32),
        image=tokens.tokens["image"].tokens[pair[:, 1], 0].astype(np.float32),
        group=_groups(pair),
        time=view.known_at("post")[post],
        encoders=tuple((modality, tokens.tokens[modality].encoder.name) for modality in PAIRED),
    )


def _groups(pair: np.ndarray) -> np.ndarray:
    """Component of each pair in the graph of texts and pictures, numbered as they appear."""
    texts, images = (int(column.max()) + 1 for column in pair.T)
    links = coo_matrix((np.ones(len(pair)), (pair[:, 0], texts + pair[:, 1])), shape=(texts + images,) * 2)
    component = connected_components(links, directed=False)[1][pair[:, 0]]
    _, first, number = np.unique(component, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[number]
