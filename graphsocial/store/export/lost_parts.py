"""Sentences on what of a graph a file does not hold, for formats that share them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphsocial.graph import SocialGraph, format_time
from graphsocial.schema import EdgeType
from graphsocial.store.export.export_report import Written


def lost_bounds(graph: SocialGraph) -> list[str]:
    """That a view ends or starts: whoever reads the file takes it for everything there is."""
    lost = []
    if graph.end is not None:
        lost.append(f"that the view ends at {format_time(graph.end)}: the file looks like a graph without an end")
    if graph.start is not None:
        lost.append(f"that the view starts at {format_time(graph.start)}: the file looks like a graph without a start")
    return lost


def lost_settings(graph: SocialGraph) -> list[str]:
    """Where media are, and columns that are treated as known earlier than they were measured."""
    lost = [] if graph.media_root is None else [f"the media folder {graph.media_root}"]
    lost += [
        f"that column {node_type}.{column} is treated as known with its row"
        for node_type, column in sorted(graph.assumed_known)
    ]
    return lost


def lost_measurements(graph: SocialGraph) -> list[str]:
    """Measurements other than the last one of each node."""
    lost = []
    for node_type in graph.node_types:
        for column in graph.schema.measured_columns(node_type):
            seen = graph.measurements(node_type, column)
            earlier = len(seen) - len(np.unique(seen.node))
            if earlier:
                lost.append(f"{earlier} earlier measurements of {node_type}.{column}: the file holds the last ones")
    return lost


def lost_escapes(escaped: int) -> list[str]:
    """Values whose characters had to be written otherwise."""
    if not escaped:
        return []
    return [
        f"characters in {escaped} values that XML forbids: they are written as _xHHHH_, which graphsocial reads back "
        "and other tools show as it stands"
    ]


def unknown_times(graph: SocialGraph, edge_type: EdgeType) -> int:
    """Number of edges in the view whose time nobody recorded."""
    return int((~graph.edges(edge_type).recorded).sum())


def lost_nodes(graph: SocialGraph, written: Written) -> list[str]:
    """Nodes that were not written."""
    rest = {t: graph.num_nodes(t) - written.get(t, 0) for t in graph.node_types}
    return [f"{count} {node_type} nodes that no line names" for node_type, count in rest.items() if count]


def lost_node_columns(graph: SocialGraph) -> list[str]:
    """Columns of nodes that hold anything, for formats that have none."""
    filled = [f"{t}.{c}" for t in graph.node_types for c in graph.schema.nodes[t] if _is_filled(graph.column(t, c))]
    return [f"columns {', '.join(filled)}: the format has none for nodes"] if filled else []


def filled_edge_columns(graph: SocialGraph, edge_type: EdgeType) -> list[str]:
    """Names of the columns of an edge type that hold anything."""
    return [c for c in graph.schema.edges[edge_type] if _is_filled(graph.edge_column(edge_type, c))]


def lost_relations(graph: SocialGraph, kept: tuple[EdgeType, ...]) -> list[str]:
    """Edges of other types, for formats that hold one."""
    others = {e: graph.num_edges(e) for e in graph.edge_types if e not in kept}
    return [f"{count} edges ({', '.join(e)}): the format holds one relation" for e, count in others.items() if count]


def _is_filled(column: pa.Array) -> bool:
    return column.null_count < len(column)


def lost_edge_times(graph: SocialGraph, edge_type: EdgeType) -> list[str]:
    """Edges of unknown time, for formats whose edges need one."""
    unknown = unknown_times(graph, edge_type)
    return [f"{unknown} edges ({', '.join(edge_type)}) of unknown time: the format needs one"] if unknown else []


def lost_late_columns(graph: SocialGraph, edge_type: EdgeType) -> list[str]:
    """When columns of edges became known that were measured later, for formats that give an edge one time only."""
    columns = graph.schema.edges[edge_type]
    late = [name for name in filled_edge_columns(graph, edge_type) if isinstance(columns[name].known_at, int)]
    if not late:
        return []
    return [f"when {', '.join(late)} of ({', '.join(edge_type)}) became known: they stand at the time of the edge"]
