"""From tables of any row order to the canonical, time-sorted columns of a graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphsocial.errors import SchemaError
from graphsocial.graph.columns import cast_column, check_columns, ids, times
from graphsocial.graph.csr import narrow
from graphsocial.graph.measurements import order_measurements, read_measured_at
from graphsocial.graph.tables import EdgeTable, NodeTable, Tables
from graphsocial.graph.time import NEVER
from graphsocial.schema import UNKNOWN_TIME, Column, EdgeType, Schema

NODE_KEYS = ("id", "known_at", "first_known")
EDGE_KEYS = ("src", "dst", "time")

SHARED = 0.5
"""Share of edges that are not alone at their moment from which on all are sorted by their ends first."""


def build_tables(
    schema: Schema,
    nodes: Mapping[str, pa.Table],
    edges: Mapping[EdgeType, pa.Table],
    measurements: Mapping[str, pa.Table] | None = None,
) -> Tables:
    """Casts, completes and sorts node and edge tables. The result depends on their content only, not on row order.

    Raises:
        SchemaError: A type, column or value does not fit the schema, an id stands twice in a node table, or an edge
            without a time belongs to a relation without a crawl time.
    """
    edges = {schema.check_edge_type(edge_type): table for edge_type, table in edges.items()}
    measurements = measurements or {}
    for node_type in (*nodes, *measurements):
        schema.check_node_type(node_type)
    loose_edges = {et: read_loose_edges(schema, et, edges.get(et)) for et in schema.edges}
    node_tables, position = {}, {}
    for node_type in schema.nodes:
        node_tables[node_type], position[node_type] = _order_nodes(
            schema, node_type, nodes.get(node_type), loose_edges, measurements.get(node_type)
        )
    edge_tables = {
        et: order_edges(
            position[et[0]].pop((et, "src")), position[et[2]].pop((et, "dst")), loose, node_tables[et[0]],
            node_tables[et[2]],
        )
        for et, loose in loose_edges.items()
    }  # fmt: skip
    return Tables(schema, node_tables, edge_tables)


@dataclass(frozen=True)
class EdgeEnds:
    """Ids at one end of some edges: distinct ones, and which of them each edge has, so that each is hashed once.

    Attributes:
        distinct: Strings [distinct].
        which: Place in `distinct` [edge].
    """

    distinct: pa.Array
    which: np.ndarray


@dataclass(frozen=True)
class LooseEdges:
    """Edges of one type in given order: ends, known time, whether that time was recorded, and columns, each [edge]."""

    src: EdgeEnds
    dst: EdgeEnds
    time: np.ndarray
    recorded: np.ndarray
    columns: dict[str, pa.Array]


def read_loose_edges(schema: Schema, edge_type: EdgeType, table: pa.Table | None) -> LooseEdges:
    """Source ids, target ids, known time, whether that time was recorded, and columns, each [edge], in given order."""
    label = f"edge table ({', '.join(edge_type)})"
    columns = schema.edges[edge_type]
    _check_reserved(label, columns, (*EDGE_KEYS, "relation"))
    if table is None:
        table = pa.table({"src": pa.array([], pa.string()), "dst": pa.array([], pa.string())})
    check_columns(table, label, ("src", "dst"), ("time", *columns))
    time = times(table, label, "time")
    recorded = time != UNKNOWN_TIME
    if not recorded.all():
        if edge_type not in schema.crawled_at:
            raise SchemaError(
                f"{label}: {(~recorded).sum()} edges have no time, expected one in every row "
                "or a crawl time in the schema (crawled_at) from which they count as known"
            )
        time = np.where(recorded, time, np.int64(schema.crawled_at[edge_type]))
    cast = {name: cast_column(table, label, name, column) for name, column in columns.items()}
    return LooseEdges(_ends(table, label, "src"), _ends(table, label, "dst"), time, recorded, cast)


def _ends(table: pa.Table, label: str, name: str) -> EdgeEnds:
    column = table.column(name)
    kind = column.type
    hashable = pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if column.null_count or not (hashable or pa.types.is_fixed_size_binary(kind)):  # other types Arrow may not hash
        column = pa.chunked_array([ids(table, label, name)])
    encoded = pc.dictionary_encode(column).unify_dictionaries()
    values = encoded.chunk(0).dictionary if encoded.num_chunks else pa.array([], column.type)
    distinct = ids(pa.table({name: values}), label, name)
    which = [chunk.indices.to_numpy(zero_copy_only=False) for chunk in encoded.chunks]
    return EdgeEnds(distinct, np.concatenate([np.empty(0, dtype=np.int32), *which]))


def _order_nodes(
    schema: Schema,
    node_type: str,
    table: pa.Table | None,
    edges: Mapping[EdgeType, LooseEdges],
    measured: pa.Table | None,
) -> tuple[NodeTable, dict[tuple[EdgeType, str], np.ndarray]]:
    """The sorted node table, and the position in it of each incident edge's end, by (edge type, "src" or "dst")."""
    label = f"node table {node_type!r}"
    columns = schema.nodes[node_type]
    _check_reserved(label, columns, (*NODE_KEYS, "measured_at"))
    if table is None:
        table = pa.table({"id": pa.array([], pa.string())})
    check_columns(table, label, ("id",), (*NODE_KEYS[1:], *columns))
    row_ids = ids(table, label, "id")
    _check_unique(label, row_ids)
    ends = {(et, "src"): (e.src, e.time) for et, e in edges.items() if et[0] == node_type}
    ends |= {(et, "dst"): (e.dst, e.time) for et, e in edges.items() if et[2] == node_type}
    measured_columns = schema.measured_columns(node_type)
    looked = measurement_table(table, measured, measured_columns, f"measurements of {node_type!r}")
    looked_ends = _ends(looked, f"measurements of {node_type!r}", "id")
    looked_time = read_measured_at(looked, f"measurements of {node_type!r}")

    distinct = [*(end.distinct for end, _ in ends.values()), looked_ends.distinct]
    named = pc.unique(pa.chunked_array(distinct, type=pa.large_string()))
    placeholders = named.filter(pc.invert(pc.is_in(named, value_set=row_ids)))
    all_ids = pa.concat_arrays([row_ids, placeholders])
    count, rows = len(all_ids), len(row_ids)

    # an end's position before sorting, and the earliest time at which any edge names the node
    loose_position, first_edge = {}, np.full(count, NEVER, dtype=np.int64)
    for key, (end, time) in ends.items():
        loose_position[key] = _places(end, all_ids)
        np.minimum.at(first_edge, loose_position[key], time)

    looked_at = _places(looked_ends, all_ids)
    np.minimum.at(first_edge, looked_at, looked_time)

    row_known, first_known = _known_times(table, label, first_edge, rows)
    order = pc.sort_indices(
        pa.table({"first": first_known, "id": all_ids}), [("first", "ascending"), ("id", "ascending")]
    ).to_numpy()
    rank = np.empty(count, dtype=narrow(count))
    rank[order] = np.arange(count)

    is_placeholder = pa.array(row_known == NEVER)
    sorted_columns = {}
    for name, column in columns.items():
        if name in measured_columns:
            continue
        values = cast_column(table, label, name, column)
        values = pa.concat_arrays([values, pa.nulls(count - rows, values.type)])
        sorted_columns[name] = pc.if_else(is_placeholder, pa.scalar(None, values.type), values).take(pa.array(order))
    measurements = order_measurements(
        looked, f"measurements of {node_type!r}", rank[looked_at], looked_time, measured_columns
    )
    node_table = NodeTable(
        all_ids.take(pa.array(order)), first_known[order], row_known[order], sorted_columns, measurements
    )
    return node_table, {key: rank[loose] for key, loose in loose_position.items()}


def _places(end: EdgeEnds, all_ids: pa.Array) -> np.ndarray:
    """Where each id of an end stands among all ids [edge]."""
    place = pc.index_in(end.distinct, value_set=all_ids).to_numpy(zero_copy_only=False).astype(narrow(len(all_ids)))
    return place[end.which]


def measurement_table(
    table: pa.Table, measured: pa.Table | None, columns: Mapping[str, Column], label: str
) -> pa.Table:
    """All measurements of a node type; values that stand in its rows were measured at a time nobody recorded."""
    parts = []
    if measured is not None:
        check_columns(measured, label, ("id",), ("measured_at", *columns))
        parts.append(measured.set_column(measured.column_names.index("id"), "id", ids(measured, label, "id")))
    inside = [name for name in columns if name in table.column_names]
    if inside:
        parts.append(table.select(["id", *inside]).set_column(0, "id", ids(table, label, "id")))
    if not parts:
        return pa.table({"id": pa.array([], pa.large_string())})
    for place, part in enumerate(parts):
        for name in sorted(set(part.column_names) & set(columns)):
            values = cast_column(part, label, name, columns[name])
            parts[place] = parts[place].set_column(part.column_names.index(name), name, values)
    return pa.concat_tables(parts, promote_options="default")


def _known_times(table: pa.Table, label: str, first_edge: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """When each row's columns are known and when each node is first known, [node]."""
    row_known = np.full(len(first_edge), NEVER, dtype=np.int64)
    row_known[:rows] = times(table, label, "known_at", allow_never=True)
    stated_first = np.full(len(first_edge), NEVER, dtype=np.int64)
    stated = times(table, label, "first_known", allow_never=True)
    stated_first[:rows] = np.where(stated == UNKNOWN_TIME, NEVER, stated)
    heard_of = np.minimum(first_edge, stated_first)
    # a row without a time is known once something names its node, and from the beginning when nothing ever does
    timeless = row_known == UNKNOWN_TIME
    row_known = np.where(timeless & (heard_of != NEVER), heard_of, row_known)
    first_known = np.minimum(row_known, heard_of)
    # what is known only from a measurement of unknown time has no row, and no view as of a time knows it
    first_known[:rows] = np.where((first_known[:rows] == NEVER) & (stated != NEVER), UNKNOWN_TIME, first_known[:rows])
    return row_known, first_known


def order_edges(
    src: np.ndarray, dst: np.ndarray, loose: LooseEdges, sources: NodeTable, targets: NodeTable
) -> EdgeTable:
    """Edges in canonical order: time, source, target, whether the time was recorded, then the columns."""
    time, recorded, columns = loose.time, loose.recorded, loose.columns
    order = _time_order(src, dst, time, recorded, len(sources), len(targets))
    if columns and _any_alike(time[order], src[order], dst[order]):  # only then do the columns decide
        keys = {"0": time, "1": src, "2": dst, "3": pa.array(recorded.astype(np.int8))}
        keys |= {f"column {name}": values for name, values in columns.items()}
        order = pc.sort_indices(pa.table(keys), [(key, "ascending") for key in keys]).to_numpy().astype(np.int64)
    taken = {name: values.take(pa.array(order)) for name, values in columns.items()}
    src, dst = src[order].astype(np.int64), dst[order].astype(np.int64)
    return EdgeTable(src, dst, time[order], recorded[order], taken)


def _any_alike(time: np.ndarray, src: np.ndarray, dst: np.ndarray) -> bool:
    """Whether two edges in a row join the same nodes at the same moment."""
    return bool(((np.diff(time) == 0) & (np.diff(src) == 0) & (np.diff(dst) == 0)).any())


def _time_order(
    src: np.ndarray, dst: np.ndarray, time: np.ndarray, recorded: np.ndarray, num_src: int, num_dst: int
) -> np.ndarray:
    """Edges in order of time, source, target and whether the time was recorded [edge]."""
    if not len(time) or time.min() == time.max():
        return _end_order(src, dst, recorded, num_src, num_dst)
    by_time = np.argsort(time, kind="stable").astype(narrow(len(time)))
    clock = time[by_time]
    alike = clock[1:] == clock[:-1]
    shared = np.zeros(len(time), dtype=bool)
    shared[1:] = alike
    shared[:-1] |= alike
    place = np.flatnonzero(shared)
    if len(place) > SHARED * len(time):
        order = _end_order(src, dst, recorded, num_src, num_dst)
        return order[np.argsort(time[order], kind="stable")]
    # only edges that share their moment with others need more than their time
    some = by_time[place]
    order = _end_order(src[some], dst[some], recorded[some], num_src, num_dst)
    by_time[place] = some[order[np.argsort(time[some[order]], kind="stable")]]
    return by_time


def _end_order(src: np.ndarray, dst: np.ndarray, recorded: np.ndarray, num_src: int, num_dst: int) -> np.ndarray:
    """Edges in order of source, target and whether the time was recorded [edge].

    Stable sorts from the last key to the first: those by node count instead of comparing.
    """
    from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed

    order = np.arange(len(src), dtype=narrow(len(src)))
    if not (recorded.all() or not recorded.any()):
        order = order[np.argsort(recorded, kind="stable")]
    for key, groups in ((dst, num_dst), (src, num_src)):
        grouped = np.empty_like(order)
        stable_groups(key[order], groups, grouped)
        order = order[grouped]
    return order


def _check_reserved(label: str, columns: Mapping[str, object], reserved: tuple[str, ...]) -> None:
    for name in columns:
        if name in reserved:
            raise SchemaError(f"{label}: the schema declares a column {name!r}, a name kept for {', '.join(reserved)}")


def _check_unique(label: str, row_ids: pa.Array) -> None:
    if pc.count_distinct(row_ids).as_py() == len(row_ids):
        return
    counts = pc.value_counts(row_ids)
    twice = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    shown = ", ".join(repr(i) for i in sorted(twice[:3].to_pylist()))
    raise SchemaError(f"{label}: {len(twice)} ids stand in more than one row ({shown}), expected each once")
