"""Cascade trees of items: who took an item up through whom, as the data state it or as exposure suggests."""

from __future__ import annotations

from typing import Literal

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.exposures.adoptions import Adoptions, Items, adoptions
from graphsocial.graph.exposures.exposures_found import find_exposures
from graphsocial.graph.read_cascades import read_cascades
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType

Parents = Literal["latest", "first", "known"]
"""The latest or the first exposure before the adoption, or what the data state."""

Unexposed = Literal["author", "root"]
"""Where an adopter hangs that no earlier adopter exposed: under the author, or as a root of its own."""

PARENTS: tuple[Parents, ...] = ("latest", "first", "known")
UNEXPOSED: tuple[Unexposed, ...] = ("author", "root")


def cascade_trees(
    graph: SocialGraph,
    edge_type: EdgeType,
    follow: EdgeType | None = None,
    items: Items | None = None,
    parents: Parents = "latest",
    unexposed: Unexposed = "author",
    assume_always: bool = False,
) -> CascadeSet:
    """One tree per item: its author, then its adopters in order of time, each under the one it had it from.

    A parent took the item up in an earlier second, and the child followed it before adopting. Follows from before a
    window's start hold on, as authorship does. Repeated adoptions count once, at the first; an author who passes on
    its own item adopts nothing. Who adopts before the item was published, which wrong clocks produce, is not exposed
    by the author but may expose others; under "author" it is the only member that is older than its parent. A view
    that ends sees cascades that may go on: they are marked as censored.

    Args:
        graph: The view.
        edge_type: Who passed on what, such as user repost post. With known parents also between nodes of one type.
        follow: Relation between adopters along whose flow items spread; only "known" needs none.
        items: One key or several, or positions, in this order; None for every item, in the order they began.
        parents: "latest", the one that took the item up last before; of several in the same second the last in
            canonical order. "first", the earliest. "known", what `read_cascades` reads and nothing guessed: between
            nodes of one type (users who repost users, posts that reply to posts; a cycle of replies ends at the node
            that was active first) the tree that the edges state, between two types a star around the author.
        unexposed: Adopters whom nobody exposed hang under the "author" or are a "root", a further tree of the cascade.
        assume_always: Treat follows whose own time nobody recorded as older than everything, instead of as known from
            the crawl on. An assumption to be stated.

    Raises:
        SchemaError: Unknown relation or choice, or relations that do not fit together.
        UnknownNodeError: The view does not know an item.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> author, repost, follow = ("user", "author", "post"), ("user", "repost", "post"), ("user", "follow", "user")
    >>> rows = {
    ...     author: [("ann", "p", 1)],
    ...     repost: [("bob", "p", 5), ("cy", "p", 7), ("dee", "p", 9)],
    ...     follow: [("bob", "ann", 0), ("cy", "ann", 0), ("cy", "bob", 0)],
    ... }
    >>> tables = {e: pa.table(dict(zip(("src", "dst", "time"), zip(*r)))) for e, r in rows.items()}
    >>> graph = SocialGraph.build(Schema({"user": {}, "post": {}}, {e: {} for e in rows}), {}, tables)
    >>> trees = cascade_trees(graph, repost, follow)
    >>> trees.node.tolist(), trees.parent.tolist()
    (['ann', 'bob', 'cy', 'dee'], [-1, 0, 1, 0])
    >>> cascade_trees(graph, repost, follow, unexposed="root").parent.tolist()
    [-1, 0, 1, -1]
    """
    check_choice("parents", parents, PARENTS)
    check_choice("unexposed", unexposed, UNEXPOSED)
    if parents == "known":
        if items is not None:
            raise SchemaError("parents='known' reads every cascade of the view, expected items=None")
        return read_cascades(graph, edge_type)
    if follow is None:
        raise SchemaError(f"parents={parents!r} needs follow, the relation along which items spread between adopters")
    adopted = adoptions(graph, edge_type, items)
    found = find_exposures(adopted, follow, assume_always, latest_only=parents == "latest")
    return trees_under(adopted, found.last if parents == "latest" else found.first, unexposed)


def trees_under(adopted: Adoptions, parent: np.ndarray, unexposed: Unexposed = "author") -> CascadeSet:
    """Trees from a parent for each member: the author moves to the front, where a root belongs.

    Args:
        adopted: Members of items.
        parent: Which member each came from, -1 for none, int64 [member].
        unexposed: Adopters without a parent hang under the "author" or are a "root".
    """
    item, here = adopted.item_of, np.arange(len(adopted.who))
    low, author = adopted.offsets[:-1][item], adopted.author_at[item]
    place = np.where(here == author, low, here + (here < author))  # who is older than the author makes room for it
    up = np.where(parent >= 0, place[parent], -1)
    if unexposed == "author":
        up = np.where((parent < 0) & (here != author), low, up)
    who, time, moved = np.empty_like(adopted.who), np.empty_like(adopted.time), np.empty_like(up)
    who[place], time[place], moved[place] = adopted.who, adopted.time, up
    end = adopted.graph.end
    censored = np.full(len(adopted.item), end is not None)
    return CascadeSet(adopted.ids(who), moved, time, adopted.offsets, adopted.item_ids, censored, known_until=end)


def check_choice(name: str, got: str, expected: tuple[str, ...]) -> None:
    """Raises SchemaError unless the choice is one of those expected."""
    if got not in expected:
        raise SchemaError(f"got {name}={got!r}, expected one of {', '.join(expected)}.{did_you_mean(got, expected)}")
