"""Contacts of a view: the timed edges of one or several relations, turned the way influence travels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
from graphsocial.errors import SchemaError
from graphsocial.graph.chosen_relations import chosen_relations
from graphsocial.graph.paths.timed_steps import TimedSteps, timed_steps
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType


def temporal_spread(
    graph: SocialGraph, relations: EdgeType | Iterable[EdgeType], edge_values: Sequence[str] = ()
) -> TemporalSpread:
    """What a view's relations carry influence along, one contact for each edge, at the time of the edge.

    Edges whose own time nobody recorded are left out and counted. Self-loops carry nothing. Nodes are the view's, in
    canonical order, whether or not a contact touches them.

    Args:
        graph: The view; only edges known before its end count.
        relations: One edge type or several, all between nodes of one type, each walked the way its flow says.
        edge_values: Numeric columns of the relations to take along.

    Raises:
        SchemaError: Unknown relation or column, nodes of different types, a column that is no number.

    >>> from graphsocial.schema import Schema
    >>> repost = ("user", "repost", "user")
    >>> edges = pa.table({"src": ["bob", "cy", "cy"], "dst": ["ann", "bob", "bob"], "time": [10, 20, 30]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {repost: {}}), {}, {repost: edges})
    >>> contacts = temporal_spread(graph.as_of(30), repost)
    >>> contacts.keys(contacts.source), contacts.keys(contacts.target), contacts.time.tolist()
    ([('user', 'ann'), ('user', 'bob')], [('user', 'bob'), ('user', 'cy')], [10, 20])
    """
    chosen = chosen_relations(graph, relations)
    kinds = {end for e in chosen for end in (e[0], e[2])}
    if len(kinds) != 1:
        raise SchemaError(
            f"{', '.join(' '.join(e) for e in chosen)} join nodes of types {', '.join(sorted(kinds)) or 'none'}, "
            "expected relations between nodes of one type, such as user repost user"
        )
    node_type = kinds.pop()
    steps = timed_steps(graph, chosen)
    here = slice(steps.begin, steps.end)
    apart = np.flatnonzero(steps.tail[here] != steps.head[here])
    values = {name: _column(graph, chosen, steps, name)[apart] for name in edge_values}
    names = ", ".join(" ".join(e) for e in chosen)
    assumptions = (f"{steps.unrecorded} edges ({names}) of unknown time are left out",) if steps.unrecorded else ()
    return TemporalSpread(
        steps.tail[here][apart],
        steps.head[here][apart],
        steps.time[here][apart],
        graph.num_nodes(node_type),
        node_type,
        values,
        graph.end,
        steps.unrecorded,
        assumptions,
        _ids=graph.node_ids(node_type),
    )


def _column(graph: SocialGraph, chosen: Sequence[EdgeType], steps: TimedSteps, name: str) -> np.ndarray:
    """A numeric column of every step's edge, float64 [step]."""
    place = np.arange(steps.begin, steps.end)
    edge = steps.edge_of(place)
    relation = np.zeros(len(place), dtype=np.int8) if steps.relation is None else steps.relation[place]
    out = np.empty(len(place))
    for i, edge_type in enumerate(chosen):
        column = graph.edge_column(edge_type, name)
        kind = column.type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
            raise SchemaError(f"column {name!r} of {' '.join(edge_type)} holds {kind}, expected numbers")
        mine = relation == i
        out[mine] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)[edge[mine]]
    return out
