"""Which community of one partition goes on as which of the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.graph.groups.partition_agreement import overlaps


@dataclass(frozen=True, eq=False)
class Links:
    """How the communities of two partitions of different nodes hang together; -1 stands for none.

    Attributes:
        continues: Earlier community that each later one is matched with, int64 [later].
        overlap: Jaccard with it, nan for none, float64 [later].
        split_from: Earlier community that enough of the nodes of each later one were in, int64 [later].
        continued_by: Later community that each earlier one is matched with, int64 [earlier].
        merged_into: Later community that enough of the nodes of each earlier one are in, int64 [earlier].
    """

    continues: np.ndarray
    overlap: np.ndarray
    split_from: np.ndarray
    continued_by: np.ndarray
    merged_into: np.ndarray


def link_communities(
    node: np.ndarray,
    label: np.ndarray,
    later_node: np.ndarray,
    later_label: np.ndarray,
    min_overlap: float,
    min_share: float,
) -> Links:
    """Matches communities one to one for the largest sum of Jaccards, and finds where the others came from or went.

    Args:
        node: Nodes of the earlier partition, each once, int64 [node].
        label: Their communities, 0 to n - 1, int64 [node].
        later_node: Nodes of the later partition, each once, int64 [later node].
        later_label: Their communities, 0 to n - 1, int64 [later node].
        min_overlap: Least Jaccard of a match.
        min_share: Least share of the nodes of a community that came from, or went to, one place.

    >>> early, late = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 0, 0])
    >>> links = link_communities(np.arange(6), early, np.arange(6), late, 0.3, 0.5)
    >>> links.continues.tolist(), links.overlap.tolist(), links.split_from.tolist(), links.merged_into.tolist()
    ([0, -1], [0.5, nan], [0, 0], [0, 0])
    """
    size, later_size = np.bincount(label), np.bincount(later_label)
    _, here, there = np.intersect1d(node, later_node, assume_unique=True, return_indices=True)
    names, low = np.unique(label[here], return_inverse=True)
    later_names, high = np.unique(later_label[there], return_inverse=True)
    i, j, both, _, _ = overlaps(low, high)
    i, j = names[i], later_names[j]
    jaccard = both / (size[i] + later_size[j] - both)
    continues, overlap = np.full(len(later_size), -1), np.full(len(later_size), np.nan)
    continued_by = np.full(len(size), -1)
    enough = jaccard >= min_overlap
    for a, b, similar in _matched(i[enough], j[enough], jaccard[enough]):
        continues[b], continued_by[a], overlap[b] = a, b, similar
    return Links(
        continues,
        overlap,
        _largest(j, i, both, later_size, min_share),
        continued_by,
        _largest(i, j, both, size, min_share),
    )


def _largest(of: np.ndarray, partner: np.ndarray, both: np.ndarray, size: np.ndarray, min_share: float) -> np.ndarray:
    """Partner with most nodes of each, the largest community of equal ones, -1 where the share is too small."""
    found = np.full(len(size), -1)
    enough = both >= min_share * size[of]
    of, partner, both = of[enough], partner[enough], both[enough]
    order = np.lexsort((-partner, both))  # the last write wins
    found[of[order]] = partner[order]
    return found


def _matched(i: np.ndarray, j: np.ndarray, similar: np.ndarray) -> list[tuple[int, int, float]]:
    """One-to-one matches of the largest total, solved for each group of communities that hang together."""
    from scipy.optimize import linear_sum_assignment
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if len(i) == 0:
        return []
    rows, columns = int(i.max()) + 1, int(j.max()) + 1
    shape = (rows + columns, rows + columns)
    part = connected_components(coo_array((np.ones(len(i)), (i, rows + j)), shape=shape), directed=False)[1][i]
    order = np.argsort(part, kind="stable")
    matches = []
    for entries in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        left, low = np.unique(i[entries], return_inverse=True)
        right, high = np.unique(j[entries], return_inverse=True)
        gain = np.zeros((len(left), len(right)))
        gain[low, high] = similar[entries]
        for a, b in zip(*linear_sum_assignment(gain, maximize=True), strict=True):
            if gain[a, b] > 0:
                matches.append((int(left[a]), int(right[b]), float(gain[a, b])))
    return matches
