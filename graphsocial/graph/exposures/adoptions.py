"""Who took up an item, and when: its author first of all, then everybody who passed it on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph.csr import Csr
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import UNKNOWN_TIME, EdgeType, NodeKey

Items = NodeKey | Iterable[NodeKey] | np.ndarray
"""One item `(node type, id)`, several, or canonical positions, int64 [item]."""

ENDLESS = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Adoptions:
    """Members of each item in order of time; at the same second the author stands first, then by canonical position.

    An adopter counts once, when it first passed the item on; an author who passes on its own item adopts nothing.

    Attributes:
        graph: The view.
        edge_type: Who passed what on.
        item: Canonical positions of the items, int64 [item].
        offsets: First member of each item, int64 [item + 1].
        who: Canonical positions of the members, int64 [member]; -1 for an author nobody recorded.
        time: When each member took the item up, int64 seconds [member].
        author_at: Which member is the item's author, int64 [item].
    """

    graph: SocialGraph
    edge_type: EdgeType
    item: np.ndarray
    offsets: np.ndarray
    who: np.ndarray
    time: np.ndarray
    author_at: np.ndarray

    @property
    def adopters(self) -> np.ndarray:
        """Members that are no authors, int64 [adopter]."""
        adopts = np.ones(len(self.who), dtype=bool)
        adopts[self.author_at] = False
        return np.flatnonzero(adopts)

    @property
    def item_ids(self) -> np.ndarray:
        """Ids of the items, object [item]."""
        return self.graph.node_ids(self.edge_type[2])[self.item]

    @property
    def item_of(self) -> np.ndarray:
        """Number of each member's item, int64 [member]."""
        return np.repeat(np.arange(len(self.item)), np.diff(self.offsets))

    def ids(self, who: np.ndarray) -> np.ndarray:
        """Ids of members, object [member]; "" for an author nobody recorded."""
        known = self.graph.node_ids(self.edge_type[0])
        ids = known[np.maximum(who, 0)] if len(known) else np.full(len(who), "", dtype=object)
        ids[who < 0] = ""
        return ids


def adoptions(graph: SocialGraph, edge_type: EdgeType, items: Items | None = None) -> Adoptions:
    """Adopters of items, such as users who repost posts.

    Args:
        graph: View whose edges count; authors from before a window's start are looked up there.
        edge_type: Who passed on what: from the adopters' node type to another one.
        items: Items, in this order; None for every item known or passed on in the view, in the order they began.

    Raises:
        SchemaError: Unknown edge type, one between nodes of one type, or items that are no nodes of its target type.
        UnknownNodeError: The view does not know an item.
    """
    from graphsocial.graph.exposures.adoption_kernels import gather  # numba: imported when first needed

    edge_type = graph.schema.check_edge_type(edge_type)
    if edge_type[0] == edge_type[2]:
        raise SchemaError(
            f"got {' '.join(edge_type)}, between nodes of one type, expected a relation to items of another type, "
            "such as user repost post; read_cascades reads trees between nodes of one type"
        )
    item = None if items is None else _positions(graph, edge_type[2], items)
    if item is None:
        item = _in_view(graph, edge_type)
        item = item[np.argsort(_published(graph, edge_type, item)[1], kind="stable")]
    author, since = _published(graph, edge_type, item)
    csr = graph.csr(edge_type, "in")
    room = int((csr.indptr[item + 1] - csr.indptr[item]).sum()) + len(item)
    offsets, author_at = np.empty(len(item) + 1, dtype=np.int64), np.empty(len(item), dtype=np.int64)
    who, time = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    seen = np.full(len(graph.tables.nodes[edge_type[0]]), -1, dtype=np.int64)
    begin, stop = csr.on_clock(graph.start), last_reading(graph, csr)
    gather(
        item, author, since, csr.indptr, csr.neighbour, csr.clock, csr.epoch, begin, stop,
        seen, offsets, who, time, author_at,
    )  # fmt: skip
    total = offsets[-1]
    return Adoptions(graph, edge_type, item, offsets, who[:total], time[:total], author_at)


def last_reading(graph: SocialGraph, csr: Csr) -> int:
    """The view's end on the clock of some rows: only entries before it count."""
    return csr.on_clock(ENDLESS if graph.end is None else graph.end)  # type: ignore[return-value]


def _positions(graph: SocialGraph, node_type: str, items: Any) -> np.ndarray:
    if isinstance(items, tuple) and len(items) == 2 and all(isinstance(part, str) for part in items):
        items = [items]
    if isinstance(items, str) or not isinstance(items, Iterable):
        raise SchemaError(f"got items {str(items)[:60]!r}, expected ({node_type!r}, id) or a list of such keys")
    total = graph.num_nodes(node_type)
    if isinstance(items, np.ndarray) and np.issubdtype(items.dtype, np.integer):
        wrong = (items < 0) | (items >= total)
        if items.ndim != 1 or wrong.any():
            place = f"position {items[wrong][0]}" if wrong.any() else f"shape {items.shape}"
            raise UnknownNodeError(f"got {node_type} items at {place}, expected [item], each from 0 to {total - 1}")
        return items.astype(np.int64)
    keys = list(items)
    for key in keys:
        if isinstance(key, tuple) and len(key) == 2 and key[0] != node_type:
            raise SchemaError(f"got item {key!r}, expected a {node_type}, the target of the relation")
    if all(isinstance(key, tuple) and len(key) == 2 for key in keys):
        return graph.index(node_type, [key[1] for key in keys])  # one by one takes as long as some of the answers
    return np.array([graph.index_of(key) for key in keys], dtype=np.int64)


def _in_view(graph: SocialGraph, edge_type: EdgeType) -> np.ndarray:
    known = graph.known_at(edge_type[2])
    passed_on = np.zeros(len(known), dtype=bool)
    passed_on[graph.edges(edge_type).dst] = True
    published = (known != UNKNOWN_TIME) if graph.start is None else (known >= graph.start)
    return np.flatnonzero(published | passed_on)


def _published(graph: SocialGraph, edge_type: EdgeType, item: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Author of each item, -1 where not recorded, and when the item was published, int64 [item] each."""
    author, since = np.full(len(item), -1, dtype=np.int64), graph.known_at(edge_type[2])[item]
    relation = (edge_type[0], "author", edge_type[2])
    if relation in graph.edge_types and graph.without_start().num_edges(relation):
        csr = graph.csr(relation, "in")
        first = csr.indptr[item]  # the earliest authorship stands first in its row
        has = np.flatnonzero(first < csr.indptr[item + 1])
        has = has[csr.clock[first[has]] < last_reading(graph, csr)]
        author[has], since[has] = csr.neighbour[first[has]], csr.time_of(first[has])
    return author, since
