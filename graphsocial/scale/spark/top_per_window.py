"""The nodes that are named most in each window, on Spark or DuckDB."""

from __future__ import annotations

from typing import Any

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.social_graph import Time
from graphsocial.scale.spark.view_rows import Frame, ViewRows, node_table, real_number, relations
from graphsocial.scale.spark.window_cells import cells_in, grid_of, scored_cells, whole_number
from graphsocial.schema import EdgeType
from graphsocial.trends.top_per_window import TAG, RankBy
from graphsocial.trends.window_counts import Side, node_type_at


def top_per_window(
    graph: ViewRows,
    edge_type: EdgeType = TAG,
    width_seconds: int = 3_600,
    k: int = 10,
    start: Time | None = None,
    end: Time | None = None,
    side: Side = "dst",
    by: RankBy = "count",
    history: int = 24,
    minimum: int = 1,
) -> Frame:
    """The rows of `graphsocial.trends.top_per_window`, in its order: `start`, `rank`, the node's id, `count`, `score`.

    Arguments and errors are those of that function; the graph is a `SparkGraph` or a `DuckDbGraph`.
    """
    ibis: Any = relations()
    edge_type = graph.schema.check_edge_type(edge_type)
    node_type = node_type_at(edge_type, side)
    for name, value in (("k", k), ("history", history), ("minimum", minimum)):
        whole_number(name, value)
    if by not in ("count", "score"):
        raise SchemaError(f"got by={by!r}, expected count or score.{did_you_mean(str(by), ('count', 'score'))}")
    grid = grid_of(graph, edge_type, width_seconds, start, end)
    cells = scored_cells(grid, side, int(history))
    kept = cells.filter(cells["count"] >= int(minimum))
    if by == "score":
        kept = kept.filter(kept.score.notnull())
    best = ibis.window(group_by="window", order_by=[kept[by].desc(), kept.node])
    ranked = kept.mutate(rank=ibis.row_number().over(best).cast("int64") + 1)
    ranked = ranked.filter(ranked["rank"] <= int(k))
    nodes = node_table()
    named = ranked.join(nodes, ranked.node == nodes.number)
    shown = named.select(
        start=named["window"] * grid.width + grid.first,
        rank=named["rank"],
        **{node_type: named["id"]},
        count=named["count"],
        score=named.score.fill_null(real_number(float("nan"))),
    )
    return graph.run(
        shown.order_by("start", "rank"), edges=cells_in(graph, edge_type, grid), nodes=graph.nodes(node_type)
    )
