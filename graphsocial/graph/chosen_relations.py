"""The relations that a query was asked to look at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphsocial.errors import SchemaError
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType


def chosen_relations(graph: SocialGraph, edge_types: Iterable[EdgeType] | EdgeType | None) -> tuple[EdgeType, ...]:
    """The edge types, each once and sorted, so that neither their order nor the schema's decides anything.

    Args:
        graph: The view that must have them.
        edge_types: Several, or a single one by itself; None for all.

    Raises:
        SchemaError: Unknown edge types, or nothing that could be any.

    >>> from graphsocial.schema import Schema
    >>> graph = SocialGraph.build(Schema({"user": {}}, {("user", "follow", "user"): {}}), {}, {})
    >>> chosen_relations(graph, ("user", "follow", "user")) == chosen_relations(graph, None)
    True
    >>> chosen_relations(graph, 5)
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: got edge types 5, expected edge types such as [('user', 'follow', 'user')], or None
    """
    if edge_types is None:
        return tuple(sorted(graph.edge_types))
    try:
        given: list[Any] = list(edge_types)
    except TypeError as error:
        known = list(graph.edge_types[:1])
        raise SchemaError(f"got edge types {edge_types!r}, expected edge types such as {known}, or None") from error
    if len(given) == 3 and all(isinstance(part, str) for part in given):
        given = [given]
    return tuple(sorted({graph.schema.check_edge_type(edge_type) for edge_type in given}))
