"""Values of nodes, from a column or as given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from graphsocial.errors import SchemaError
from graphsocial.graph.social_graph import SocialGraph

Values = str | Mapping[str, Sequence[Any] | np.ndarray | pa.Array]
"""A node column's name, or values by node type, each [node] in the view's order."""


def listed_values(graph: SocialGraph, node_type: str, values: Values) -> list[Any]:
    """Values of one node type as Python's own, [node]."""
    if isinstance(values, str):
        return graph.column(node_type, values).to_pylist()
    if not isinstance(values, Mapping) or node_type not in values:
        raise SchemaError(f"no values for {node_type} nodes, expected a column's name or values by node type")
    given: Any = values[node_type]
    if not isinstance(given, Sequence | np.ndarray | pa.Array | pa.ChunkedArray) or isinstance(given, str):
        raise SchemaError(f"values of {node_type} nodes are a {type(given).__name__}, expected one for each node")
    listed = given.to_pylist() if isinstance(given, pa.Array | pa.ChunkedArray) else list(given)
    listed = [value.item() if isinstance(value, np.generic) else value for value in listed]
    if len(listed) != graph.num_nodes(node_type):
        raise SchemaError(f"got {len(listed)} values for {graph.num_nodes(node_type)} {node_type} nodes of the view")
    return listed


def number_values(graph: SocialGraph, node_type: str, values: Values) -> np.ndarray:
    """Values of one node type as float64 [node], nan where not known or not finite."""
    listed = listed_values(graph, node_type, values)
    for value in listed:
        if value is not None and not isinstance(value, int | float | bool):
            raise SchemaError(
                f"{name_of(values)} of {node_type} holds {value!r:.60}, expected numbers; "
                "attribute_assortativity compares labels"
            )
    number = np.array([np.nan if value is None else value for value in listed], dtype=np.float64)
    return np.where(np.isfinite(number), number, np.nan)


def name_of(values: Values) -> str:
    """The column's name, where there is one."""
    return values if isinstance(values, str) else "given values"
