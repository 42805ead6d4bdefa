"""Spread graphs of a view: one or several relations, turned the way influence travels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError
from graphsocial.graph.chosen_relations import chosen_relations
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType


def spread_graph(
    graph: SocialGraph,
    relations: EdgeType | Iterable[EdgeType],
    edge_values: Sequence[str] = (),
    node_values: Sequence[str] = (),
    assume_always: bool = False,
) -> SpreadGraph:
    """What a view's relations carry influence over, each pair of nodes once.

    Parallel edges become one; the edge value `count` says how many, and other values are added up. Self-loops carry
    nothing. Nodes are the view's, in canonical order, whether or not an edge touches them.

    Args:
        graph: The view; only edges known before its end count.
        relations: One edge type or several, all between nodes of one type; each is walked the way its flow says.
        edge_values: Numeric columns of the relations to take along.
        node_values: Numeric columns of the nodes to take along; nan where the view knows none.
        assume_always: Treat edges whose own time nobody recorded as older than everything, instead of as known from
            the crawl on. An assumption, which the result lists.

    Raises:
        SchemaError: Unknown relation or column, nodes of different types, a column that is no number.

    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> edges = pa.table({"src": ["bob", "cy", "cy"], "dst": ["ann", "ann", "ann"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges})
    >>> spread = spread_graph(graph, follow)
    >>> spread.keys(spread.source), spread.keys(spread.target), spread.edge_value("count").tolist()
    ([('user', 'ann'), ('user', 'ann')], [('user', 'bob'), ('user', 'cy')], [1, 2])
    >>> spread_graph(graph.as_of(2), follow)
    SpreadGraph of 2 user nodes and 1 edges as of 1970-01-01 00:00:02Z
    """
    chosen = chosen_relations(graph, relations)
    kinds = {end for e in chosen for end in (e[0], e[2])}
    if len(kinds) != 1:
        raise SchemaError(
            f"{', '.join(' '.join(e) for e in chosen)} join nodes of types {', '.join(sorted(kinds)) or 'none'}, "
            "expected relations between nodes of one type, such as user follow user"
        )
    node_type = kinds.pop()
    nodes = graph.num_nodes(node_type)
    parts = [_flowing(graph, e, nodes, edge_values, assume_always) for e in chosen]
    source = np.concatenate([p[0] for p in parts])
    target = np.concatenate([p[1] for p in parts])
    values = {name: np.concatenate([p[2][name] for p in parts]) for name in edge_values}
    indptr, target, values = _merged(source, target, values, nodes)
    columns = {name: _numbers(graph.column(node_type, name), f"column {node_type}.{name}") for name in node_values}
    assumptions = tuple(sentence for p in parts for sentence in p[3])
    return SpreadGraph(
        indptr, target, node_type, values, columns, graph.end, assumptions, _ids=graph.node_ids(node_type)
    )


def _flowing(
    graph: SocialGraph, edge_type: EdgeType, nodes: int, names: Sequence[str], assume_always: bool
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray], tuple[str, ...]]:
    """Sources, targets and values of one relation's edges, and what has to be believed of them."""
    edges, assumptions = graph.edges(edge_type), []
    values = {n: _numbers(graph.edge_column(edge_type, n), f"column {n!r} of {' '.join(edge_type)}") for n in names}
    src, dst = edges.src, edges.dst
    untimed = int((~edges.recorded).sum())
    if assume_always and graph.end is not None:
        table = graph.tables.edges[edge_type]
        later = np.flatnonzero(~table.recorded & (table.time >= graph.end) & (table.src < nodes) & (table.dst < nodes))
        if len(later) and names:
            raise SchemaError("assume_always brings edges from after the view's end, whose values it does not know")
        src, dst = np.concatenate([src, table.src[later]]), np.concatenate([dst, table.dst[later]])
        untimed += len(later)
    if untimed:
        when = "taken to be older than everything" if assume_always else "known from the crawl on"
        assumptions.append(f"{untimed} edges ({', '.join(edge_type)}) of unknown time are {when}")
    forward = graph.schema.flow_of(edge_type) == "forward"
    return (src if forward else dst), (dst if forward else src), values, tuple(assumptions)


def _merged(
    source: np.ndarray, target: np.ndarray, values: dict[str, np.ndarray], nodes: int
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Rows without self-loops, parallel edges as one, with `count` and the sums of values."""
    loop = source == target
    if loop.any():
        source, target = source[~loop], target[~loop]
        values = {name: v[~loop] for name, v in values.items()}
    whole = SpreadGraph.from_edges(source, target, nodes, edge_values=values)
    source = whole.source.astype(np.int64)
    fresh = np.ones(len(source), dtype=bool)
    fresh[1:] = (source[1:] != source[:-1]) | (whole.target[1:] != whole.target[:-1])
    first = np.flatnonzero(fresh)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(source[first], minlength=nodes))])
    sums = {name: np.add.reduceat(v, first) if len(first) else v[:0] for name, v in whole.edge_values.items()}
    count = np.diff(np.append(first, len(source)))
    return indptr, whole.target[first], {"count": count, **sums}


def _numbers(values: pa.Array, what: str) -> np.ndarray:
    if not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type) or pa.types.is_boolean(values.type)):
        raise SchemaError(f"{what} holds {values.type}, expected numbers")
    return values.cast(pa.float64()).to_numpy(zero_copy_only=False)
