"""How much denser communities are inside than chance would have it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.adjacency import Adjacency, adjacency
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType


def modularity(
    graph: SocialGraph,
    label: np.ndarray,
    edge_types: Iterable[EdgeType] | None = None,
    resolution: float = 1.0,
    weighted: bool = True,
) -> float:
    """Modularity of a partition; nan without edges.

    The sum over communities of `m_c / m - resolution * (d_c / 2 m) ** 2`, with m edges, m_c of them inside and d_c ends
    of edges in the community (Newman and Girvan 2004; the resolution: Reichardt and Bornholdt 2006). Directions are
    ignored, self-loops left out.

    Args:
        graph: View whose edges count.
        label: Community of each node, numbered as `adjacency(graph, edge_types)` numbers them, whole numbers [node].
        edge_types: Relations, None for all.
        resolution: Above 1 favours smaller communities, below 1 larger ones.
        weighted: Parallel edges count each; otherwise a pair counts once.

    Raises:
        SchemaError: Unknown edge type, labels of another length, or a negative resolution.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> edges = pa.table({"src": ["a", "b", "c", "d"], "dst": ["b", "c", "a", "e"], "time": [1, 2, 3, 4]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges})
    >>> modularity(graph, np.array([0, 0, 0, 1, 1]))
    0.375
    """
    near = adjacency(graph, edge_types, simple=True)
    label = np.asarray(label)
    if label.shape != (len(near),) or (len(label) and not np.issubdtype(label.dtype, np.integer)):
        raise SchemaError(f"got labels {label.dtype} {label.shape}, expected whole numbers ({len(near)},)")
    a, b, weight = edge_list(near, weighted)
    return modularity_of(label, a, b, weight, check_resolution(resolution))


def check_resolution(resolution: float) -> float:
    """Returns the resolution, or raises SchemaError when it is no number of at least 0."""
    if isinstance(resolution, bool) or not isinstance(resolution, int | float | np.number) or not 0 <= resolution < 1e9:
        raise SchemaError(f"got resolution={resolution!r}, expected a number of at least 0; 1 is the usual one")
    return float(resolution)


def edge_list(near: Adjacency, weighted: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of neighbours, the first with the smaller number, int64 [pair], and their weights, float64 [pair]."""
    row = np.repeat(np.arange(len(near)), near.degree)
    once = row < near.neighbour
    weight = near.count[once].astype(np.float64) if weighted and near.count is not None else np.ones(int(once.sum()))
    return row[once], near.neighbour[once].astype(np.int64), weight


def modularity_of(
    label: np.ndarray, a: np.ndarray, b: np.ndarray, weight: np.ndarray, resolution: float = 1.0
) -> float:
    """Modularity of a partition, [node], of a graph given as pairs without self-loops, [pair]."""
    total = float(weight.sum())
    if total == 0:
        return float("nan")
    label = np.unique(label, return_inverse=True)[1]
    inside = float(weight[label[a] == label[b]].sum())
    ends = np.bincount(label[a], weight, label.max() + 1) + np.bincount(label[b], weight, label.max() + 1)
    return inside / total - resolution * float(((ends / (2 * total)) ** 2).sum())
