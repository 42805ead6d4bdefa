"""Whether friends of friends are friends and enemies of enemies too: structural balance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from graphsocial.errors import SchemaError
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.structure.shuffled_signs import shuffled_signs
from graphsocial.graph.structure.signed_balance_found import SignedBalance
from graphsocial.schema import EdgeType


def signed_balance(
    graph: SocialGraph, edge_type: EdgeType, sign: str | Sequence[float] | np.ndarray | pa.Array
) -> SignedBalance:
    """Counts triangles by their signs and compares with the same pairs whose signs are shuffled (Harary 1953).

    Edges of a pair count together, whichever way they point: a pair is positive when more of its edges are, whatever
    their size; where they are equally many it is left out, as are self-loops. A triangle is balanced when an even
    number of its pairs is negative. Means and deviations are those over all arrangements of the signs, worked out
    exactly, so no random numbers are needed. Frustration is the fewest pairs that would have to change sign for every
    cycle to be balanced: at least the unbalanced triangles found that share no pair, at most what a split into two
    sides leaves at odds once no single move betters it (to find it exactly is hard).

    Args:
        graph: View whose edges count; a column measured later is not known.
        edge_type: The relation.
        sign: Name of a numeric or truth-valued edge column, or a number per edge of the view, [edge]. Above 0 (or true)
            is positive, below 0 (or false) negative; edges with 0, null or nan are left out and counted.

    Raises:
        SchemaError: Unknown edge type or column, signs that are no numbers, or not one for each edge.

    >>> from graphsocial.schema import Column, Schema
    >>> reply, signs = ("user", "reply", "user"), [1, -2, -1]
    >>> edges = pa.table({"src": ["ann", "bob", "cy"], "dst": ["bob", "cy", "ann"], "time": [1, 2, 3], "sign": signs})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {reply: {"sign": Column("int")}}), {}, {reply: edges})
    >>> signed_balance(graph, reply, "sign").count.tolist()
    [0, 0, 1, 0]
    """
    from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed
    from graphsocial.graph.structure.signed_balance_kernel import signed_triangles, two_sides

    edge_type = graph.schema.check_edge_type(edge_type)
    value = _signs(graph, edge_type, sign)
    low, high, negative, undecided, nodes = _pairs(graph, edge_type, value)

    def rows(row: np.ndarray, other: np.ndarray, pair: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        order = np.empty(len(row), dtype=np.int64)
        indptr = stable_groups(row, nodes, order)
        return indptr, other[order], pair[order]

    pair = np.arange(len(low))
    degree = np.bincount(low, minlength=nodes) + np.bincount(high, minlength=nodes)
    swap = degree[low] > degree[high]  # each pair in the row of its end with fewer pairs keeps rows short
    kinds, per_pair, apart = signed_triangles(
        *rows(np.where(swap, high, low), np.where(swap, low, high), pair), negative
    )
    at_odds = two_sides(
        *rows(np.concatenate([low, high]), np.concatenate([high, low]), np.concatenate([pair, pair])), negative
    )
    minus = int(negative.sum())
    plus = len(pair) - minus
    chance = np.array([shuffled_signs(per_pair, plus, minus, [kind]) for kind in range(4)])
    balanced = shuffled_signs(per_pair, plus, minus, [0, 2])
    unsigned = len(value) - int(np.count_nonzero(value))
    return SignedBalance(
        edge_type, kinds, chance[:, 0], chance[:, 1], *balanced, plus, minus, undecided, unsigned, apart, at_odds
    )  # fmt: skip


def _signs(graph: SocialGraph, edge_type: EdgeType, sign: Any) -> np.ndarray:
    """-1, 0 or 1 for each edge of the view, int64 [edge]."""
    if isinstance(sign, str):
        column = graph.edge_column(edge_type, sign)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            raise SchemaError(f"column {sign!r} of {' '.join(edge_type)} holds text, expected numbers or truth values")
        given = column
    else:
        given = sign
    if isinstance(given, pa.Array | pa.ChunkedArray):
        given = given.to_numpy(zero_copy_only=False) if isinstance(given, pa.Array) else given.to_numpy()
    if not isinstance(given, Sequence | np.ndarray) or isinstance(given, str | bytes):
        raise SchemaError(f"got signs {given!r:.60}, expected the name of an edge column or a number for each edge")
    number = _numbers(edge_type, given)
    if number.shape != (graph.num_edges(edge_type),):
        raise SchemaError(
            f"got {'x'.join(map(str, number.shape))} signs for {graph.num_edges(edge_type)} edges "
            f"{' '.join(edge_type)} of the view"
        )
    return np.sign(np.where(np.isnan(number), 0.0, number)).astype(np.int64)


def _numbers(edge_type: EdgeType, given: Sequence[Any] | np.ndarray) -> np.ndarray:
    """Numbers as they are, True and False as 1 and -1, None as nan, float64 [edge]."""
    if isinstance(given, np.ndarray) and np.issubdtype(given.dtype, np.number):
        return given.astype(np.float64)
    listed = given.tolist() if isinstance(given, np.ndarray) else list(given)
    truth = all(isinstance(value, bool | np.bool_) for value in listed if value is not None)
    try:
        number = np.array([np.nan if value is None else float(value) for value in listed], dtype=np.float64)
    except (TypeError, ValueError) as wrong:
        raise SchemaError(f"signs of {' '.join(edge_type)}, expected numbers or truth values ({wrong})") from wrong
    return 2 * number - 1 if truth else number


def _pairs(
    graph: SocialGraph, edge_type: EdgeType, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, int]:
    """Both ends of each pair and whether it is negative [pair]; pairs that are neither; number of nodes."""
    edges = graph.edges(edge_type)
    nodes = graph.num_nodes(edge_type[0])
    src, dst = edges.src, edges.dst
    if edge_type[0] != edge_type[2]:
        dst, nodes = dst + nodes, nodes + graph.num_nodes(edge_type[2])
    kept = (value != 0) & (src != dst)
    src, dst, value = src[kept], dst[kept], value[kept]
    code, place = np.unique(np.minimum(src, dst) * max(nodes, 1) + np.maximum(src, dst), return_inverse=True)
    total = np.bincount(place.reshape(-1), weights=value, minlength=len(code))
    code, undecided = code[total != 0], int((total == 0).sum())
    return code // max(nodes, 1), code % max(nodes, 1), total[total != 0] < 0, undecided, nodes
