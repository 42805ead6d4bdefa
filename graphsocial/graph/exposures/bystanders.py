"""Who was exposed to an item and did not adopt it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.graph.exposures.adoptions import Items, adoptions, last_reading
from graphsocial.graph.exposures.exposure import FOLLOW, REPOST, bystander_counts
from graphsocial.graph.exposures.exposures_found import influence_rows
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType


@dataclass(frozen=True, repr=False, eq=False)
class Bystanders(QueryResult):
    """Nodes that were exposed and adopted nothing, item by item, the earliest exposed first.

    Attributes:
        item: Ids, object [row].
        node: Ids, object [row].
        count: Members of the item that the node follows, int64 [row].
        first: When the earliest of them took the item up, int64 seconds [row].
        last: When the latest of them did, int64 seconds [row].
    """

    item: np.ndarray
    node: np.ndarray
    count: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def title(self) -> str:
        """How many, of how many items."""
        return f"{len(self.node):,} bystanders of {len(set(self.item)):,} items: exposed, but no adopters"

    def columns(self) -> dict[str, Column]:
        """One row per item and bystander."""
        return {
            "item": self.item, "node": self.node, "exposures": self.count,
            "first_exposure": self.first, "last_exposure": self.last,
        }  # fmt: skip


def bystanders(
    graph: SocialGraph, items: Items | None = None, edge_type: EdgeType = REPOST, follow: EdgeType = FOLLOW
) -> Bystanders:
    """Who follows somebody that took an item up, as of the end of the view, and did not adopt it.

    `exposure` counts them; a hub's items may have millions, so ask for the list of few items at a time. Arguments and
    errors are those of `exposure`. Nodes first exposed in the same second stand in canonical order.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> rows = {REPOST: [("bob", "p", 5)], FOLLOW: [("cy", "bob", 0), ("bob", "ann", 0)]}
    >>> tables = {e: pa.table(dict(zip(("src", "dst", "time"), zip(*r)))) for e, r in rows.items()}
    >>> graph = SocialGraph.build(Schema({"user": {}, "post": {}}, {e: {} for e in rows}), {}, tables)
    >>> bystanders(graph, ("post", "p"))
    1 bystanders of 1 items: exposed, but no adopters
      item  node  exposures  first_exposure  last_exposure
      p     cy    1          5               5
    """
    from graphsocial.graph.exposures.adoption_kernels import list_bystanders  # numba: imported when first needed

    adopted = adoptions(graph, edge_type, items)
    counted = bystander_counts(graph, adopted.edge_type[0], follow, adopted.offsets, adopted.who)
    starts = np.concatenate([[0], np.cumsum(counted)])
    rows = influence_rows(graph, adopted.edge_type[0], follow, exposed=True)
    member, slot, by = (np.full(len(rows.indptr) - 1, -1, dtype=np.int64) for _ in range(3))
    node, count, first, last = (np.empty(starts[-1], dtype=np.int64) for _ in range(4))
    list_bystanders(
        adopted.offsets, adopted.who, adopted.time, rows.indptr, rows.neighbour, rows.clock,
        last_reading(graph, rows), member, slot, by, starts, node, count, first, last,
    )  # fmt: skip
    item = np.repeat(np.arange(len(counted)), counted)
    order = np.lexsort((node, first, item))
    return Bystanders(adopted.item_ids[item], adopted.ids(node[order]), count[order], first[order], last[order])
