"""One vector for what each post shows."""

from __future__ import annotations

import numpy as np

from graphsocial.embed.shown_contents import shown_contents
from graphsocial.embed.table import EmbeddingTable
from graphsocial.graph import SocialGraph


def post_vectors(view: SocialGraph, tokens: EmbeddingTable, modality: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the whole-content tokens of each post at unit length, and which posts show such content.

    Args:
        view: What it does not know is not shown.
        tokens: Contents.
        modality: "text", "image" (clips too) or "video".

    Returns:
        float32 [post, channel], zero where nothing is shown, and bool [post].

    Raises:
        SchemaError: Unknown modality, or nothing was embedded in it.
    """
    shown = shown_contents(view, tokens, modality)
    channels = tokens.tokens[next(iter(shown))].tokens.shape[2]
    total = np.zeros((view.num_nodes("post"), channels), dtype=np.float32)
    has = np.zeros(len(total), dtype=bool)
    for kind, rows in shown.items():
        whole = tokens.tokens[kind].tokens[:, 0]
        for column in rows.T:
            there = np.flatnonzero(column >= 0)
            total[there] += unit_length(whole[column[there]].astype(np.float32))
            has[there] = True
    return unit_length(total), has


def unit_length(vectors: np.ndarray) -> np.ndarray:
    """Rows brought to unit length; zero rows stay.

    >>> unit_length(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)
