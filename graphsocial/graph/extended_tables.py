"""Tables of a graph with later rows merged in, for a fraction of what building them anew takes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphsocial.graph.build import EdgeEnds, LooseEdges, measurement_table, order_edges, read_loose_edges
from graphsocial.graph.columns import cast_column, check_columns, ids, times
from graphsocial.graph.extended_array import extended_array
from graphsocial.graph.extended_rows import extended_rows
from graphsocial.graph.id_lookup import IdLookup, JoinedLookup
from graphsocial.graph.late_columns import LateColumns
from graphsocial.graph.measurements import Measurements, order_measurements, read_measured_at
from graphsocial.graph.tables import EdgeTable, NodeTable, Tables
from graphsocial.graph.time import NEVER
from graphsocial.schema import UNKNOWN_TIME, EdgeType, Schema


class MergedNodes(NamedTuple):
    """A node table with new nodes in it.

    Attributes:
        table: The table.
        rank: Where each old node stands now, ascending, int64 [old node]; None where all stand where they stood.
        ends: Where the distinct ids at the ends of the new edges stand now, int64 [distinct], by edge type and end.
    """

    table: NodeTable
    rank: np.ndarray | None
    ends: Mapping[tuple[EdgeType, str], np.ndarray]


def extended_tables(
    base: Tables,
    nodes: Mapping[str, pa.Table],
    edges: Mapping[EdgeType, pa.Table],
    measurements: Mapping[str, pa.Table],
) -> Tables | None:
    """What `build_tables` would give for old and new rows together.

    What stands before the earliest new time stays as it is; what comes after it is put in order again. Columns are
    joined when somebody reads them, rows that the old tables have are extended.

    Args:
        base: Tables of the old rows.
        nodes: New rows per node type, one per id.
        edges: New edges per type.
        measurements: New measurements per node type.

    Returns:
        None where the new rows reach back: a node has a row already or becomes known earlier, or an edge has no time.
    """
    schema = base.schema
    if any(table.column("time").null_count for table in edges.values()):
        return None
    loose = {e: read_loose_edges(schema, e, edges.get(e)) for e in schema.edges}
    merged: dict[str, MergedNodes] = {}
    for node_type, old in base.nodes.items():
        ends = {(t, "src"): (e.src, e.time) for t, e in loose.items() if t[0] == node_type}
        ends |= {(t, "dst"): (e.dst, e.time) for t, e in loose.items() if t[2] == node_type}
        found = _merged_nodes(schema, node_type, old, nodes.get(node_type), ends, measurements.get(node_type))
        if found is None:
            return None
        merged[node_type] = found
    edge_tables, rows = {}, {}
    for edge_type, new in loose.items():
        source, target = merged[edge_type[0]], merged[edge_type[2]]
        src, dst = source.ends[edge_type, "src"][new.src.which], target.ends[edge_type, "dst"][new.dst.which]
        edge_tables[edge_type], cut = _merged_edges(base.edges[edge_type], new, src, dst, source, target)
        for direction in ("out", "in"):
            old_rows = base.kept_csr(edge_type, direction)
            near, far = (source, target) if direction == "out" else (target, source)
            if old_rows is not None:
                csr = extended_rows(old_rows, edge_tables[edge_type], cut, near.rank, far.rank, near.table, direction)
                if csr is not None:
                    rows[edge_type, direction] = csr
    return Tables(schema, {t: m.table for t, m in merged.items()}, edge_tables, rows)


def _merged_nodes(
    schema: Schema,
    node_type: str,
    old: NodeTable,
    rows: pa.Table | None,
    ends: Mapping[tuple[EdgeType, str], tuple[EdgeEnds, np.ndarray]],
    looked: pa.Table | None,
) -> MergedNodes | None:
    label, described = f"node table {node_type!r}", schema.nodes[node_type]
    measured_columns = schema.measured_columns(node_type)
    rows = pa.table({"id": pa.array([], pa.large_string())}) if rows is None else rows
    check_columns(rows, label, ("id",), ("known_at", "first_known", *described))
    looked_label = f"measurements of {node_type!r}"
    looked = measurement_table(rows, looked, measured_columns, looked_label)
    row_ids, looked_ids = ids(rows, label, "id"), ids(looked, looked_label, "id")
    looked_time = read_measured_at(looked, looked_label)
    named, (has_row, looked_at, *end_places) = _named(row_ids, looked_ids, [end.distinct for end, _ in ends.values()])
    position = old.lookup.find(named)
    is_old = position >= 0

    first = np.full(len(named), NEVER, dtype=np.int64)
    for which, (end, time) in zip(end_places, ends.values(), strict=True):
        np.minimum.at(first, which[end.which], time)
    np.minimum.at(first, looked_at, looked_time)
    row_known = times(rows, label, "known_at", allow_never=True)
    stated = times(rows, label, "first_known", allow_never=True)
    if (row_known == NEVER).any():
        return None
    first[has_row] = np.minimum(first[has_row], np.where(stated == UNKNOWN_TIME, NEVER, stated))
    before = np.where(is_old, old.first_known[np.where(is_old, position, 0)] if len(old) else NEVER, NEVER)
    heard_of = np.minimum(first, before)
    timeless = row_known == UNKNOWN_TIME
    row_known = np.where(timeless & (heard_of[has_row] != NEVER), heard_of[has_row], row_known)
    now = heard_of.copy()
    now[has_row] = np.minimum(now[has_row], row_known)
    reaches_back = is_old & ((now < before) | (before == UNKNOWN_TIME))
    had_row = position[has_row]
    had_row = had_row[had_row >= 0]
    if reaches_back.any() or (old.row_known[had_row] != NEVER).any():
        return None

    fresh = np.flatnonzero(~is_old)
    cut = len(old)
    if len(fresh):
        cut = int(np.searchsorted(old.first_known, now[fresh].min(), side="left"))
    tail_ids = pa.concat_arrays([_large(old.ids.slice(cut)), named.take(pa.array(fresh))])
    tail_first = np.concatenate([old.first_known[cut:], now[fresh]])
    keys = pa.table({"first": tail_first, "id": tail_ids})
    order = pc.sort_indices(keys, [("first", "ascending"), ("id", "ascending")]).to_numpy().astype(np.int64)
    stands = np.empty(len(order), dtype=np.int64)
    stands[order] = np.arange(cut, cut + len(order))
    old_tail = len(old) - cut
    moved = bool((stands[:old_tail] != np.arange(cut, len(old))).any())
    rank = np.concatenate([np.arange(cut), stands[:old_tail]]) if moved else None
    place = np.empty(len(named), dtype=np.int64)
    place[fresh] = stands[old_tail:]
    place[is_old] = position[is_old] if rank is None else rank[position[is_old]]

    first_known = extended_array(old.first_known[:cut], tail_first[order])
    tail_row = np.concatenate([old.row_known[cut:], np.full(len(fresh), NEVER, dtype=np.int64)])
    whole_row = np.concatenate([old.row_known[:cut], tail_row[order]])
    whole_row[place[has_row]] = row_known
    plain = [name for name in described if name not in measured_columns]
    columns = {}
    if plain:
        # which old node, or which new row, the columns of each node come from
        origin = np.concatenate([np.arange(cut), np.where(order < old_tail, order + cut, -1)])
        origin[place[has_row]] = len(old) + np.arange(len(has_row))
        columns = {name: partial(_column, old, rows, label, name, described[name], origin) for name in plain}
    new_seen = order_measurements(looked, looked_label, place[looked_at], looked_time, measured_columns)
    table = NodeTable(
        pa.concat_arrays([_large(old.ids.slice(0, cut)), tail_ids.take(pa.array(order))]),
        first_known,
        whole_row,
        LateColumns(columns),
        {name: _joined_measurements(old.measured[name], rank, seen) for name, seen in new_seen.items()},
        JoinedLookup.of(old.lookup, rank, IdLookup(named.take(pa.array(fresh))), place[fresh]),
    )
    stands_now = {key: place[which] for key, which in zip(ends, end_places, strict=True)}
    return MergedNodes(table, rank, stands_now)


def _named(rows: pa.Array, looked: pa.Array, ends: list[pa.Array]) -> tuple[pa.Array, list[np.ndarray]]:
    """Distinct ids of several arrays, and which of them each id of each array is; those of one end are distinct."""
    parts = [rows, looked, *ends]
    filled = [place for place, part in enumerate(parts) if len(part)]
    if len(filled) == 1 and filled[0] >= 2:
        return _large(parts[filled[0]]), [np.arange(len(part)) for part in parts]
    whole = pa.concat_arrays([_large(part) for part in parts]).dictionary_encode()
    which = whole.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return whole.dictionary, np.split(which, np.cumsum([len(part) for part in parts])[:-1])


def _large(strings: pa.Array) -> pa.Array:
    return strings if pa.types.is_large_string(strings.type) else strings.cast(pa.large_string())


def _column(old: NodeTable, rows: pa.Table, label: str, name: str, described: object, origin: np.ndarray) -> pa.Array:
    new = cast_column(rows, label, name, described)  # type: ignore[arg-type]
    both = pa.concat_arrays([old.columns[name], new])
    return both.take(pa.array(origin, mask=origin < 0))


def _joined_measurements(old: Measurements, rank: np.ndarray | None, new: Measurements) -> Measurements:
    node = old.node if rank is None else rank[old.node]
    if not len(new):
        return Measurements(node, old.time, old.values)
    cut = int(np.searchsorted(old.time, new.time[0], side="left"))
    node_tail, time_tail = np.concatenate([node[cut:], new.node]), np.concatenate([old.time[cut:], new.time])
    values = pa.concat_arrays([old.values.slice(cut), new.values])
    order = pc.sort_indices(
        pa.table({"time": time_tail, "node": node_tail, "value": values}),
        [("time", "ascending"), ("node", "ascending"), ("value", "ascending")],
    )
    values, time_tail, node_tail = values.take(order), time_tail[order], node_tail[order]
    alike = (np.diff(time_tail) == 0) & (np.diff(node_tail) == 0)
    if alike.any():
        alike &= np.asarray(pc.equal(values.slice(1), values.slice(0, len(values) - 1)))
        fresh = np.r_[True, ~alike]
        values, time_tail, node_tail = values.filter(pa.array(fresh)), time_tail[fresh], node_tail[fresh]
    return Measurements(
        extended_array(node[:cut], node_tail),
        extended_array(old.time[:cut], time_tail),
        pa.concat_arrays([old.values.slice(0, cut), values]),
    )


def _merged_edges(
    old: EdgeTable, new: LooseEdges, src: np.ndarray, dst: np.ndarray, source: MergedNodes, target: MergedNodes
) -> tuple[EdgeTable, int]:
    """The edges together, and how many of the old ones stand where they stood."""
    old_src = old.src if source.rank is None else source.rank[old.src]
    old_dst = old.dst if target.rank is None else target.rank[old.dst]
    if not len(new.time):
        return EdgeTable(old_src, old_dst, old.time, old.recorded, old.columns), len(old)
    cut = int(np.searchsorted(old.time, new.time.min(), side="left"))
    tail_columns = {
        name: values if cut == len(old) else pa.concat_arrays([old.columns[name].slice(cut), values])
        for name, values in new.columns.items()
    }
    tail = LooseEdges(
        new.src,
        new.dst,
        np.concatenate([old.time[cut:], new.time]),
        np.concatenate([old.recorded[cut:], new.recorded]),
        tail_columns,
    )
    ordered = order_edges(
        np.concatenate([old_src[cut:], src]), np.concatenate([old_dst[cut:], dst]), tail, source.table, target.table
    )
    columns = {name: partial(_edge_column, old, name, cut, values) for name, values in ordered.columns.items()}
    table = EdgeTable(
        extended_array(old_src[:cut], ordered.src),
        extended_array(old_dst[:cut], ordered.dst),
        extended_array(old.time[:cut], ordered.time),
        extended_array(old.recorded[:cut], ordered.recorded),
        LateColumns(columns),
    )
    return table, cut


def _edge_column(old: EdgeTable, name: str, cut: int, tail: pa.Array) -> pa.Array:
    return pa.concat_arrays([old.columns[name].slice(0, cut), tail])
