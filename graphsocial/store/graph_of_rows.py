"""The graph of a store's rows: each node once, whatever exports said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphsocial.graph import SocialGraph
from graphsocial.graph.extended_tables import extended_tables
from graphsocial.graph.time import AFTER_ALL
from graphsocial.schema import EdgeType, Schema
from graphsocial.store.row_keys import row_keys
from graphsocial.store.stored_rows import edge_table, first_of_each, measured_table, node_table

PARTS_OF_POSTS = ("tag", "link", "show", "mention", "reply", "quote")
"""Relations from a post to what it names."""


class RowGraph(NamedTuple):
    """A graph and what was found in its rows.

    Attributes:
        graph: The graph.
        conflicts: Per node type, nodes of which two rows say different things; the earliest row counts.
    """

    graph: SocialGraph
    conflicts: Mapping[str, int]


class NewRows(NamedTuple):
    """Rows of some versions, put in order: each node once, each edge once.

    Attributes:
        nodes: Per node type.
        edges: Per edge type.
        measured: Per node type.
        conflicts: Per node type, nodes of which two of these rows say different things.
    """

    nodes: Mapping[str, pa.Table]
    edges: Mapping[EdgeType, pa.Table]
    measured: Mapping[str, pa.Table]
    conflicts: Mapping[str, int]


def tidy_rows(schema: Schema, rows: Mapping[str, pa.Table], distinct: bool = False) -> NewRows:
    """Stored rows without what stands in them twice; see `graph_of_rows`.

    Args:
        schema: Types and columns.
        rows: Rows by the name under which they stand.
        distinct: Whether it is known that no row stands in them twice.
    """
    conflicts: dict[str, int] = {}
    nodes, measured = {}, {}
    for node_type in schema.nodes:
        looked_at = schema.measured_columns(node_type)
        plain = [c for c in schema.nodes[node_type] if c not in looked_at]
        stored = rows.get(node_table(node_type))
        if stored is not None:
            nodes[node_type], different = _one_row_each(stored, plain)
            if different:
                conflicts[node_type] = different
        stored = rows.get(measured_table(node_type))
        if stored is not None:
            measured[node_type] = _chosen(stored, ("id", "measured_at", *looked_at))
    edges = {}
    for edge_type, described in schema.edges.items():
        stored = rows.get(edge_table(edge_type))
        if stored is not None:
            chosen = _chosen(stored, ("src", "dst", "time", *described))
            # without a column that told them apart, rows may be alike
            once = chosen if distinct and chosen.num_columns == stored.num_columns else _once(chosen)
            edges[edge_type] = _earliest(edge_type, once)
    return NewRows(nodes, edges, measured, conflicts)


def extended_graph(
    graph: SocialGraph, schema: Schema, rows: Mapping[str, pa.Table], distinct: bool = False
) -> RowGraph | None:
    """The graph with later rows merged in, None where they reach back and it has to be built anew.

    Args:
        graph: Graph of the earlier rows.
        schema: Types and columns of all rows together.
        rows: The later rows.
        distinct: Whether it is known that no row stands in them twice.
    """
    after_all = {e: t for e, t in graph.schema.crawled_at.items() if t == AFTER_ALL}
    if graph.schema != replace(schema, crawled_at=after_all | dict(schema.crawled_at)):  # columns were added
        return None
    new = tidy_rows(schema, rows, distinct)
    for edge_type, table in new.edges.items():
        if _is_part_of_post(edge_type) and _joins_again(graph, edge_type, table):
            return None
    tables = extended_tables(graph.tables, new.nodes, new.edges, new.measured)
    return None if tables is None else RowGraph(graph.with_tables(tables), new.conflicts)


def _joins_again(graph: SocialGraph, edge_type: EdgeType, edges: pa.Table) -> bool:
    """Whether an edge joins what one of the graph's edges joins already."""
    from graphsocial.graph.extended_rows_kernel import joined_before  # numba: imported when first needed

    lookups = graph.tables.nodes[edge_type[0]].lookup, graph.tables.nodes[edge_type[2]].lookup
    src, dst = (
        lookup.find(edges.column(n).combine_chunks()) for lookup, n in zip(lookups, ("src", "dst"), strict=True)
    )
    rows = graph.csr(edge_type)
    return bool(joined_before(rows.indptr, rows.neighbour, src, dst))


def graph_of_rows(
    schema: Schema,
    rows: Mapping[str, pa.Table],
    name: str,
    assumptions: tuple[str, ...] = (),
    media_root: str | None = None,
) -> RowGraph:
    """The graph of stored rows, which may stand in any order and more than once.

    Of several rows of a node the earliest counts, so that erasing the future cannot change which; rows of the same
    moment fill each other's gaps, and where they differ the one with the smaller key counts. Edges of unknown time
    whose relation has no crawl time count as known after everything: no view as of a time shows them.

    Args:
        schema: Types and columns.
        rows: Rows by the name under which they stand; missing columns are null.
        name: What the graph is called.
        assumptions: Sentences to list in every report.
        media_root: Folder that the `path` column of media is relative to.
    """
    tidy = tidy_rows(schema, rows)
    schema = _with_crawl_times(schema, tidy.edges)
    graph = SocialGraph.build(schema, tidy.nodes, tidy.edges, name, assumptions, media_root, tidy.measured)
    return RowGraph(graph, tidy.conflicts)


def _chosen(table: pa.Table, names: tuple[str, ...]) -> pa.Table:
    return table.select([name for name in names if name in table.column_names])


def _once(edges: pa.Table) -> pa.Table:
    """Edges without those that two writers wrote at once."""
    first = first_of_each(row_keys("", edges))
    return edges if len(first) == edges.num_rows else edges.take(pa.array(first))


def _earliest(edge_type: EdgeType, edges: pa.Table) -> pa.Table:
    """What a post is made of stands once, at its earliest time: an edited post is written, tagged and so on again."""
    if not _is_part_of_post(edge_type):
        return edges
    if len(first_of_each(row_keys("", edges.select(["src", "dst"])))) == edges.num_rows:
        return edges
    import polars as pl  # half a second, needed only here and there

    frame = pl.from_arrow(edges.select(["src", "dst", "time"]))
    assert isinstance(frame, pl.DataFrame)
    first = (
        frame.with_row_index().sort("time", nulls_last=True, maintain_order=True).unique(["src", "dst"], keep="first")
    )
    return edges.take(pa.array(first["index"].sort().to_numpy()))


def _is_part_of_post(edge_type: EdgeType) -> bool:
    return edge_type == ("user", "author", "post") or (edge_type[0] == "post" and edge_type[1] in PARTS_OF_POSTS)


def _one_row_each(stored: pa.Table, columns: list[str]) -> tuple[pa.Table, int]:
    """One row per id, and how many ids have rows of which two say different things."""
    table = _chosen(stored, ("id", "known_at", "first_known", *columns))
    if pc.count_distinct(table.column("id")).as_py() == table.num_rows:
        return table, 0
    import polars as pl

    keys = row_keys("", table)[:, 0].view(np.int64)
    frame = pl.from_arrow(table.append_column("#key", pa.array(keys)))
    assert isinstance(frame, pl.DataFrame)
    several = frame.filter(pl.col("id").is_duplicated()).sort("id", "known_at", "#key", nulls_last=False)
    values = [c for c in columns if c in table.column_names]
    different = several.group_by("id").agg(pl.col(c).drop_nulls().n_unique() > 1 for c in values)
    earliest = several.filter(pl.col("known_at").eq_missing(pl.col("known_at").first().over("id")))
    first = pl.col("first_known").min()
    joined = earliest.group_by("id", maintain_order=True).agg(
        pl.col("known_at").first(), first, *(pl.col(c).drop_nulls().first() for c in values)
    )
    # a row that came later can still say that the node existed before
    since = several.group_by("id").agg(
        pl.min_horizontal(pl.col("known_at"), pl.col("first_known")).min().alias("#since")
    )
    joined = joined.join(since, on="id").with_columns(
        pl.when(pl.col("known_at").is_null() | (pl.col("#since") >= pl.col("known_at")))
        .then(pl.col("first_known"))
        .otherwise(pl.col("#since"))
        .alias("first_known")
    )
    alone = frame.filter(~pl.col("id").is_duplicated()).drop("#key")
    whole = pl.concat([alone, joined.select(alone.columns)])
    count = int(different.select(pl.any_horizontal(values).sum()).item()) if values else 0
    return whole.to_arrow(), count


def _with_crawl_times(schema: Schema, edges: Mapping[EdgeType, pa.Table]) -> Schema:
    """The schema in which edges without a time whose relation has no crawl time count as known after everything.

    Counting from the last event on, what a view shows would hang on what came after it.
    """
    lacking = [e for e, t in edges.items() if t.column("time").null_count and e not in schema.crawled_at]
    return (
        replace(schema, crawled_at=dict(schema.crawled_at) | dict.fromkeys(lacking, AFTER_ALL)) if lacking else schema
    )
