"""Runs of windows in which nodes are named far more often than just before, on Spark or DuckDB."""

from __future__ import annotations

import math
from typing import Any

from graphsocial.errors import SchemaError
from graphsocial.graph.social_graph import Time
from graphsocial.scale.spark.view_rows import Frame, ViewRows, node_table, real_number, relations
from graphsocial.scale.spark.window_cells import cells_in, grid_of, scored_cells, whole_number
from graphsocial.schema import EdgeType
from graphsocial.trends.top_per_window import TAG
from graphsocial.trends.window_counts import Side, node_type_at


def bursts(
    graph: ViewRows,
    edge_type: EdgeType = TAG,
    width_seconds: int = 3_600,
    start: Time | None = None,
    end: Time | None = None,
    side: Side = "dst",
    history: int = 24,
    threshold: float = 3.0,
    minimum: int = 5,
) -> Frame:
    """The rows of `graphsocial.trends.bursts`, in its order: the node's id, `start`, `end`, `count`, `score`.

    Arguments and errors are those of that function; the graph is a `SparkGraph` or a `DuckDbGraph`.
    """
    ibis: Any = relations()
    edge_type = graph.schema.check_edge_type(edge_type)
    node_type = node_type_at(edge_type, side)
    for name, value in (("history", history), ("minimum", minimum)):
        whole_number(name, value)
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or math.isnan(threshold):
        raise SchemaError(f"got threshold={threshold!r}, expected a number, such as 3.0")
    grid = grid_of(graph, edge_type, width_seconds, start, end)
    cells = scored_cells(grid, side, int(history))
    high = cells.filter((cells.score >= real_number(threshold)) & (cells["count"] >= int(minimum)))
    by_node = ibis.window(group_by="node", order_by="window")
    gap = high["window"] - high["window"].lag().over(by_node)
    high = high.mutate(new=ibis.ifelse(gap == 1, 0, 1))
    so_far = ibis.cumulative_window(group_by="node", order_by="window")
    high = high.mutate(run=high.new.sum().over(so_far))
    runs = high.group_by("node", "run").aggregate(
        first=high["window"].min(), last=high["window"].max(), count=high["count"].sum(), score=high.score.max()
    )
    nodes = node_table()
    named = runs.join(nodes, runs.node == nodes.number)
    ordered = named.order_by(named.score.desc(), named["first"], named.node)
    shown = ordered.select(
        **{node_type: ordered["id"]},
        start=ordered["first"] * grid.width + grid.first,
        end=(ordered["last"] + 1) * grid.width + grid.first,
        count=ordered["count"].cast("int64"),
        score=ordered.score,
    )
    return graph.run(shown, edges=cells_in(graph, edge_type, grid), nodes=graph.nodes(node_type))
