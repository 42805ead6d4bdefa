"""Where the right content stands when one modality is searched by the other."""

from __future__ import annotations

import numpy as np

_TOGETHER = 1_000


def retrieval_ranks(
    query: np.ndarray, gallery: np.ndarray, query_group: np.ndarray, gallery_group: np.ndarray
) -> np.ndarray:
    """Rank of the best right item for each query, 1 for the first, equal scores at the middle; float64 [query].

    Args:
        query: In the common space, unit length [query, channel].
        gallery: What is searched, unit length [item, channel].
        query_group: Group of each query [query].
        gallery_group: Group of each item [item]; an item is right when its group is the query's.

    Returns:
        inf for a query that no item is right for.

    >>> queries, items = np.eye(2), np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    >>> retrieval_ranks(queries, items, np.array([0, 1]), np.array([0, 1, 2])).tolist()
    [1.0, 1.5]
    """
    out = np.empty(len(query))
    for first in range(0, len(query), _TOGETHER):
        part = slice(first, first + _TOGETHER)
        score = query[part].astype(np.float64) @ gallery.T.astype(np.float64)
        score = np.round(score, 9)  # equal items give equal scores, whatever the order of additions
        right = query_group[part, None] == gallery_group[None]
        best = np.where(right, score, -np.inf).max(axis=1, initial=-np.inf)
        above = (~right & (score > best[:, None])).sum(axis=1)
        level = (~right & (score == best[:, None])).sum(axis=1)
        out[part] = np.where(right.any(axis=1), 1 + above + level / 2, np.inf)
    return out
