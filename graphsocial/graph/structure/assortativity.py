"""Whether edges join nodes that are alike."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.adjacency import Adjacency, Walk, adjacency
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.structure.assortativity_coefficients import correlation, label_coefficient
from graphsocial.graph.structure.assortativity_found import Assortativity
from graphsocial.graph.structure.node_values import Values, listed_values, name_of, number_values
from graphsocial.schema import EdgeType


def degree_assortativity(
    graph: SocialGraph, edge_types: Iterable[EdgeType] | None = None, walk: Walk = "both", distinct: bool = False
) -> Assortativity:
    """Whether nodes of high degree join nodes of high degree (Newman 2002).

    The correlation of the degrees at both ends of edges. Without directions it is that of all degrees; along a walk,
    that of the tail's edges ahead with the head's edges behind. Self-loops do not count.

    Args:
        graph: View whose edges count.
        edge_types: Relations, None for all.
        walk: `both` without directions; `out`, `in` or `flow` tell tails and heads apart.
        distinct: Count neighbours instead of edges: parallel edges once.

    Raises:
        SchemaError: Unknown edge type or walk.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> reply = ("user", "reply", "user")
    >>> edges = pa.table({"src": ["ann", "bob", "cy"], "dst": ["bob", "cy", "dee"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {reply: {}}), {}, {reply: edges})
    >>> degree_assortativity(graph).coefficient  # ann - bob - cy - dee
    -0.5
    """
    rows, tail, head = _ends(graph, edge_types, walk, distinct)
    ahead, behind = np.bincount(tail, minlength=len(rows)), np.bincount(head, minlength=len(rows))
    if walk == "both":
        ahead = behind = ahead + behind
    return _numeric("degree", ahead[tail].astype(np.float64), behind[head].astype(np.float64), 0, walk != "both")


def numeric_assortativity(
    graph: SocialGraph,
    values: Values,
    edge_types: Iterable[EdgeType] | None = None,
    walk: Walk = "both",
    distinct: bool = False,
) -> Assortativity:
    """Whether edges join nodes with similar numbers: their correlation over edges (Newman 2003, equation 21).

    Self-loops do not count; edges with an end whose value is not known are left out and counted.

    Args:
        graph: View whose edges count; columns measured later are not known.
        values: Name of a numeric column that all node types of the relations have, or numbers by node type.
        edge_types: Relations, None for all.
        walk: `both` without directions; `out`, `in` or `flow` tell tails and heads apart.
        distinct: Parallel edges count once.

    Raises:
        SchemaError: Unknown edge type, walk or column, values that are no numbers, or not one for each node.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> reply = ("user", "reply", "user")
    >>> edges = pa.table({"src": ["ann", "bob", "cy"], "dst": ["bob", "cy", "dee"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {reply: {}}), {}, {reply: edges})
    >>> round(numeric_assortativity(graph, {"user": [1.0, 2.0, 3.0, 4.0]}, walk="out").coefficient, 6)
    1.0
    """
    rows, tail, head = _ends(graph, edge_types, walk, distinct)
    number = np.concatenate([np.empty(0), *(number_values(graph, t, values) for t in rows.node_types)])
    x, y = number[tail], number[head]
    known = ~(np.isnan(x) | np.isnan(y))
    return _numeric(name_of(values), x[known], y[known], int((~known).sum()), walk != "both")


def attribute_assortativity(
    graph: SocialGraph,
    values: Values,
    edge_types: Iterable[EdgeType] | None = None,
    walk: Walk = "both",
    distinct: bool = False,
) -> Assortativity:
    """Whether edges join nodes with the same label (Newman 2003, equation 2).

    The share of edges between equal labels, against what the labels of tails and heads would give by chance. Self-loops
    do not count; edges with an end whose label is not known (null, None or nan) are left out and counted.

    Args:
        graph: View whose edges count; columns measured later are not known.
        values: Name of a column that all node types of the relations have, or labels by node type.
        edge_types: Relations, None for all.
        walk: `both` without directions; `out`, `in` or `flow` tell tails and heads apart.
        distinct: Parallel edges count once.

    Raises:
        SchemaError: Unknown edge type, walk or column, or not one label for each node.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> reply = ("user", "reply", "user")
    >>> edges = pa.table({"src": ["ann", "bob", "cy"], "dst": ["bob", "cy", "dee"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {reply: {}}), {}, {reply: edges})
    >>> found = attribute_assortativity(graph, {"user": ["red", "red", "blue", "blue"]})
    >>> round(found.coefficient, 3), found.labels, found.mixing.tolist()
    (0.333, ('blue', 'red'), [[2, 1], [1, 2]])
    """
    rows, tail, head = _ends(graph, edge_types, walk, distinct)
    given = [value for t in rows.node_types for value in listed_values(graph, t, values)]
    given = [None if value is None or value != value else value for value in given]  # nan is no label
    try:
        labels = tuple(sorted({value for value in given if value is not None}, key=lambda v: (type(v).__name__, v)))
    except TypeError as wrong:
        raise SchemaError(f"labels of {name_of(values)}, expected text, numbers or truth values ({wrong})") from wrong
    place = {label: code for code, label in enumerate(labels)}
    code = np.fromiter((-1 if v is None else place[v] for v in given), dtype=np.int64, count=len(given))
    known = (code[tail] >= 0) & (code[head] >= 0)
    x, y = code[tail][known], code[head][known]
    coefficient, error = label_coefficient(x, y, len(labels), walk != "both")
    return Assortativity(name_of(values), coefficient, error, int((~known).sum()), walk != "both", labels, x, y)


def _ends(
    graph: SocialGraph, edge_types: Iterable[EdgeType] | None, walk: Walk, distinct: bool
) -> tuple[Adjacency, np.ndarray, np.ndarray]:
    """The rows, and numbers of the tail and head of each edge that is no loop, int64 [edge]."""
    if not isinstance(distinct, bool | np.bool_):
        raise SchemaError(f"got distinct={distinct!r}, expected True or False")
    rows = adjacency(graph, edge_types, "out" if walk == "both" and not distinct else walk, simple=bool(distinct))
    tail = np.repeat(np.arange(len(rows)), rows.degree)
    if rows.num_entries == len(rows.neighbour):
        head = rows.neighbour.astype(np.int64)
    else:  # rows of the store that the view cuts
        skipped = np.repeat(rows.first - np.concatenate([[0], np.cumsum(rows.degree)[:-1]]), rows.degree)
        head = rows.neighbour[np.arange(len(tail)) + skipped].astype(np.int64)
    kept = tail < head if walk == "both" and distinct else tail != head  # distinct rows hold an edge at both ends
    return rows, tail[kept], head[kept]


def _numeric(of: str, x: np.ndarray, y: np.ndarray, left_out: int, directed: bool) -> Assortativity:
    coefficient, error = correlation(x, y, directed)
    return Assortativity(of, coefficient, error, left_out, directed, None, x, y)
