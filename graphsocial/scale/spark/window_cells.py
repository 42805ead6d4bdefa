"""Edges per node and time window with burst scores, as one expression for any engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphsocial.errors import SchemaError, TimeWindowError
from graphsocial.graph import format_time, parse_time
from graphsocial.graph.social_graph import Time
from graphsocial.scale.spark.view_rows import Frame, ViewRows, edge_table, relations
from graphsocial.schema import EdgeType
from graphsocial.trends.window_counts import Side

if TYPE_CHECKING:
    import ibis


class Grid(NamedTuple):
    """Windows of equal length.

    Attributes:
        first: First second of the first window.
        windows: How many there are.
        width: Seconds of each.
    """

    first: int
    windows: int
    width: int


def grid_of(graph: ViewRows, edge_type: EdgeType, width_seconds: int, start: Time | None, end: Time | None) -> Grid:
    """The windows that `top_per_window` of the trends room would count in.

    Raises:
        TimeWindowError: The grid is no whole number of windows.
        SchemaError: Unknown edge type, or a width below 1.
    """
    whole_number("width_seconds", width_seconds)
    edges = edge_table()
    timed = edges.filter(edges.recorded)
    found = graph.rows(
        graph.run(timed.aggregate(low=timed.time.min(), high=timed.time.max()), edges=graph.edges(edge_type))
    )
    low, high = found.column("low")[0].as_py(), found.column("high")[0].as_py()
    return placed_grid(low, high, int(width_seconds), graph.start, graph.end, start, end)


def placed_grid(
    low: int | None,
    high: int | None,
    width: int,
    view_start: int | None,
    view_end: int | None,
    start: Time | None,
    end: Time | None,
) -> Grid:
    """Windows over the edges from `low` to `high` seconds (None: there are none) of a view with these bounds.

    >>> placed_grid(13, 35, 10, None, None, None, None)
    Grid(first=10, windows=3, width=10)
    >>> placed_grid(13, 35, 10, None, 39, None, None)  # the view does not know its last window whole
    Grid(first=10, windows=2, width=10)
    """
    if start is not None:
        first = parse_time(start)
    elif view_start is not None:
        first = view_start
    else:
        first = 0 if low is None else low // width * width
    if end is not None:
        last = parse_time(end)
        if last < first or (last - first) % width:
            raise TimeWindowError(
                f"windows of {width} s do not fill {format_time(first)} to {format_time(last)} ({last - first} s); "
                "expected a whole number of them, because a partial window would look like a fall"
            )
        return Grid(first, (last - first) // width, width)
    if view_end is not None:
        known = low is not None or start is not None
        return Grid(first, max((view_end - first) // width, 0) if known else 0, width)
    return Grid(first, 0 if high is None else max((high - first) // width + 1, 0), width)


def cells_in(graph: ViewRows, edge_type: EdgeType, grid: Grid) -> Frame:
    """Edges of the view on the grid; TimeWindowError where the grid reaches out of the view."""
    return graph.window(grid.first, grid.first + grid.windows * grid.width).edges(edge_type)


def scored_cells(grid: Grid, side: Side, history: int) -> ibis.Table:
    """Expression over `edges`: `node`, `window` (0 is the grid's first), `count`, `score` (null in the first window).

    Scores are those of `burst_scores`, with windows without edges counted as zero.
    """
    ibis: Any = relations()
    edges = edge_table()
    timed = edges.filter(edges.recorded)
    cells = timed.group_by(node=timed[side], window=(timed.time - grid.first) // grid.width).aggregate(
        count=timed.count()
    )
    before = ibis.range_window(preceding=(history, 1), group_by="node", order_by="window")
    cells = cells.mutate(past=cells["count"].sum().over(before).fill_null(0))
    mean = cells.past.cast("float64") / ibis.least(ibis.greatest(cells["window"], 1), history).cast("float64")
    cells = cells.mutate(mean=mean)
    score = (cells["count"].cast("float64") - cells["mean"]) / (cells["mean"] + 1).sqrt()
    return cells.select("node", "window", "count", score=ibis.ifelse(cells["window"] == 0, ibis.null("float64"), score))


def whole_number(name: str, value: Any, least: int = 1) -> None:
    """Raises SchemaError unless the value is a whole number of at least `least`."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < least:
        raise SchemaError(f"got {name}={value!r}, expected a whole number of at least {least}")
