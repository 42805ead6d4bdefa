"""Posts gathered into topics window by window: a topic never changes for what came later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError

_TOGETHER = 512
"""Posts that are clustered at once: the cost grows with the square."""


@dataclass(frozen=True, eq=False)
class TopicStream:
    """Which topic each post joined, when it came.

    Attributes:
        topic: Number of the topic in order of its first post, -1 for a post without content, int64 [post].
        window: Window of each post, counted from the first, int64 [post].
        centroid: Unit vectors as of the last window, float32 [topic, channel].
    """

    topic: np.ndarray
    window: np.ndarray
    centroid: np.ndarray


def topic_stream(
    vectors: np.ndarray, time: np.ndarray, width_seconds: int, likeness: float = 0.6, memory: int = 7
) -> TopicStream:
    """Joins every post to the nearest topic of late, or groups it with others that came with it.

    A window's posts are taken in blocks by time. Those within `likeness` of a topic that had a post in the last
    `memory` windows join the nearest one; the others are clustered by average linkage of cosines (a single-pass
    clustering, Allan, Papka and Lavrenko 1998, with blocks in place of single posts), and every cluster begins a topic.
    A centroid is a decayed mean, so it follows a story that moves on. Nothing at or after a post's block decides where
    it goes.

    Args:
        vectors: Contents of each post, zero where there is none, [post, channel].
        time: int64 seconds, ascending [post].
        width_seconds: Length of a window.
        likeness: Least cosine between a post and its topic, in (0, 1].
        memory: Windows without a post after which a topic is over; also the half-life of its centroid.

    Raises:
        SchemaError: Arrays do not fit, times descend, or a setting is out of range.

    >>> vectors = np.array([[1, 0], [0, 1], [1, 0.1], [0, 0]], dtype=np.float32)
    >>> topic_stream(vectors, np.array([0, 1, 10, 11]), width_seconds=10).topic.tolist()
    [0, 1, 0, -1]
    """
    vectors, time = np.asarray(vectors, dtype=np.float32), np.asarray(time, dtype=np.int64)
    if vectors.ndim != 2 or time.shape != (len(vectors),) or (np.diff(time) < 0).any():
        raise SchemaError(f"got vectors {vectors.shape} and times {time.shape}, expected [post, channel] and ascending")
    if not 0 < likeness <= 1 or width_seconds < 1 or memory < 1:
        raise SchemaError(
            f"got likeness={likeness}, windows of {width_seconds} s, memory={memory}; expected a likeness in (0, 1] "
            "and at least 1 of the others"
        )
    length = np.linalg.norm(vectors, axis=1)
    unit = vectors / np.maximum(length, 1e-12)[:, None]
    window = time // int(width_seconds)
    window = window - (window[0] if len(window) else 0)
    topic = np.full(len(unit), -1, dtype=np.int64)
    total = np.zeros((0, vectors.shape[1]), dtype=np.float32)
    seen = np.zeros(0, dtype=np.int64)
    for now in np.unique(window):
        total *= np.where(len(seen), 0.5 ** ((now - (seen.max() if len(seen) else now)) / memory), 1.0)
        rows = np.flatnonzero((window == now) & (length > 0))
        for start in range(0, len(rows), _TOGETHER):
            block = rows[start : start + _TOGETHER]
            active = np.flatnonzero(now - seen <= memory)
            joined = np.full(len(block), -1, dtype=np.int64)
            if len(active):
                centre = _unit(total[active])
                near = unit[block] @ centre.T
                joined = np.where(near.max(axis=1) >= likeness, active[near.argmax(axis=1)], -1)
            fresh = np.flatnonzero(joined < 0)
            joined[fresh] = len(total) + _clusters(unit[block[fresh]], likeness)
            count = int(joined.max(initial=len(total) - 1)) + 1
            total = np.concatenate([total, np.zeros((count - len(total), total.shape[1]), dtype=np.float32)])
            seen = np.concatenate([seen, np.full(count - len(seen), now)])
            np.add.at(total, joined, unit[block])
            seen[joined] = now
            topic[block] = joined
    return TopicStream(topic, window, _unit(total))


def _clusters(unit: np.ndarray, likeness: float) -> np.ndarray:
    """Clusters by average linkage, numbered in order of their first member, int64 [post]."""
    if len(unit) < 2:
        return np.zeros(len(unit), dtype=np.int64)
    from sklearn.cluster import AgglomerativeClustering  # slow to import, needed only here

    model = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=1 - likeness
    )
    labels = model.fit_predict(unit)
    _, first, code = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[code]


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1), 1e-12)[:, None]
