"""Counts per node and window that may leave the house: only those that enough different people stand behind."""

from __future__ import annotations

from dataclasses import dataclass

from graphsocial.errors import SchemaError
from graphsocial.graph.social_graph import Time
from graphsocial.scale.spark.view_rows import Frame, ViewRows, edge_table, node_table
from graphsocial.scale.spark.window_cells import cells_in, grid_of, whole_number
from graphsocial.schema import EdgeType
from graphsocial.trends.window_counts import Side, node_type_at

PERSON = "user"
AUTHOR: EdgeType = ("user", "author", "post")


@dataclass(frozen=True, eq=False)
class KAnonymousCounts:
    """Counts that at least k people stand behind, and how much was withheld.

    Attributes:
        rows: `start`, the node's id, `count` (edges), `people`; by window, then in canonical order of the nodes.
        k: Fewest people of a row.
        withheld_cells: Nodes' windows with fewer people, which are not among the rows.
        withheld_edges: Edges in them, those of unknown people included.
    """

    rows: Frame
    k: int
    withheld_cells: int
    withheld_edges: int

    def __repr__(self) -> str:
        return (
            f"counts that at least {self.k:,} people stand behind; withheld: {self.withheld_cells:,} cells with "
            f"{self.withheld_edges:,} edges"
        )


def k_anonymous_counts(
    graph: ViewRows,
    edge_type: EdgeType,
    k: int = 10,
    width_seconds: int = 3_600,
    start: Time | None = None,
    end: Time | None = None,
    side: Side = "dst",
) -> KAnonymousCounts:
    """Edges per node and window, where at least k different people made them (k-anonymity; Sweeney 2002).

    The people are the users at the other end of the edges; where posts stand there, the posts' authors, and a post
    whose author is not known counts as an edge but as nobody. A user who stands behind a thousand edges is one person.
    What is released says nothing of fewer than k people as long as no other release is subtracted from it: keep the
    grid, and do not release totals beside it.

    Args:
        graph: A `SparkGraph` or a `DuckDbGraph`.
        edge_type: Relation whose edges are counted.
        k: Fewest people behind a released count.
        width_seconds: Length of a window.
        start: Start of the first window, see `top_per_window`.
        end: End of the last window, see `top_per_window`.
        side: Which end of the edges is counted; people are at the other one.

    Raises:
        TimeWindowError: The grid reaches past the view's as_of or before its start, or is no whole number of windows.
        SchemaError: Unknown edge type, k or width below 1, or neither users nor posts at the other end.
    """
    edge_type = graph.schema.check_edge_type(edge_type)
    whole_number("k", k)
    node_type, other = node_type_at(edge_type, side), node_type_at(edge_type, "src" if side == "dst" else "dst")
    if other not in (PERSON, "post") or (other == "post" and AUTHOR not in graph.schema.edges):
        raise SchemaError(
            f"got {' '.join(edge_type)}, counted by {side}: nothing says who the people at its {other} end are; "
            "expected users there, or posts with authors"
        )
    grid = grid_of(graph, edge_type, width_seconds, start, end)
    edges, nodes = edge_table(), node_table()
    timed = edges.filter(edges.recorded)
    acts = timed.select(
        node=timed[side],
        window=(timed.time - grid.first) // grid.width,
        person=timed["src" if side == "dst" else "dst"],
    )
    tables = {"edges": cells_in(graph, edge_type, grid), "nodes": graph.nodes(node_type)}
    if other == "post":
        authors = edge_table("authors")
        by = authors.group_by(post=authors.dst).aggregate(first=authors.time.min())
        known = authors.join(by, [authors.dst == by.post, authors.time == by["first"]])
        one = known.group_by(post=known.dst).aggregate(writer=known.src.min())  # posts are written once
        acts = acts.left_join(one, acts.person == one.post).select("node", "window", person=one.writer)
        tables["authors"] = graph.without_start().edges(AUTHOR)
    cells = acts.group_by("node", "window").aggregate(count=acts.count(), people=acts.person.nunique())
    few = cells.filter(cells.people < int(k))
    gone = few.aggregate(cells=few.count(), edges=few["count"].sum().fill_null(0).cast("int64"))
    acts_only = {name: frame for name, frame in tables.items() if name != "nodes"}
    withheld = graph.rows(graph.run(gone, **acts_only)).to_pylist()[0]
    enough = cells.filter(cells.people >= int(k))
    named = enough.join(nodes, enough.node == nodes.number)
    ordered = named.order_by(named["window"], named.node)
    shown = ordered.select(
        start=ordered["window"] * grid.width + grid.first,
        **{node_type: ordered["id"]},
        count=ordered["count"],
        people=ordered.people,
    )
    return KAnonymousCounts(graph.run(shown, **tables), int(k), withheld["cells"], withheld["edges"])
