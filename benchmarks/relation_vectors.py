"""What users say and show: means over their posts, for relations that have no times."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.post_graph import post_graph
from benchmarks.post_label_data import CACHE, text_encoder
from graphsocial.embed import embed_posts
from graphsocial.ingest import PostFolder


def user_vectors(folder: PostFolder, ids: np.ndarray) -> tuple[Mapping[str, np.ndarray], tuple[str, ...]]:
    """By modality the mean vector of each user's posts, zero where there is none, and what that takes for granted.

    Args:
        folder: Posts, with vectors of their own or with texts and pictures.
        ids: Users, or posts, who stand for themselves [node].

    Returns:
        float64 [node, channel] by modality, and assumptions.
    """
    posts, assumptions = dict(folder.vectors), ("vectors came with the data",) if folder.vectors else ()
    if not posts and len(folder):
        table = embed_posts(post_graph(folder), text=text_encoder(folder), text_tokens=1, image_grid=1, cache=CACHE)
        for modality in sorted(set(table.tokens) & {"text", "image"}):
            row = table.rows("post", modality, folder.post.tolist())[:, 0]
            whole = table.tokens[modality].tokens[np.maximum(row, 0), 0]
            posts[modality] = np.where((row >= 0)[:, None], whole, np.float16(0))
        assumptions = table.assumptions(int(folder.time.min()))
    place = {str(name): at for at, name in enumerate(ids)}
    ends = [
        np.array([place.get(str(name), -1) for name in names], dtype=np.int64) for names in (folder.user, folder.post)
    ]
    node = np.where(ends[0] >= 0, ends[0], ends[1]) if len(folder) else np.zeros(0, dtype=np.int64)
    out = {}
    for modality, vectors in posts.items():
        some = (node >= 0) & np.asarray(vectors).any(axis=1)
        total, count = np.zeros((len(ids), vectors.shape[1])), np.bincount(node[some], minlength=len(ids))
        np.add.at(total, node[some], np.asarray(vectors[some], dtype=np.float64))
        if some.any():
            out[modality] = total / np.maximum(count, 1)[:, None]
    return out, tuple(assumptions)
