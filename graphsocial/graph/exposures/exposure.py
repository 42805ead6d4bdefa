"""Who could have seen an item before adopting it, and who did not adopt although exposed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.graph.exposures.adoptions import Items, adoptions, last_reading
from graphsocial.graph.exposures.exposures_found import find_exposures, influence_rows, untimed_follows
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FOLLOW: EdgeType = ("user", "follow", "user")
REPOST: EdgeType = ("user", "repost", "post")


@dataclass(frozen=True, repr=False, eq=False)
class Exposure(QueryResult):
    """Adopters of items with their exposures, item by item and in order of time.

    Attributes:
        items: Ids of the items, object [item].
        offsets: First adopter of each item, int64 [item + 1].
        bystanders: Nodes that were exposed before the view's end and adopted nothing, int64 [item].
        adopter: Ids, object [adopter].
        time: When each adopted, int64 seconds [adopter].
        count: Members exposing it that took the item up in an earlier second, int64 [adopter].
        first: When the earliest of them did, int64 seconds [adopter]; to be read where `count` is not 0.
        last: When the latest of them did, int64 seconds [adopter]; to be read where `count` is not 0.
        assumptions: What has to be believed, a sentence each.
    """

    items: np.ndarray
    offsets: np.ndarray
    bystanders: np.ndarray
    adopter: np.ndarray
    time: np.ndarray
    count: np.ndarray
    first: np.ndarray
    last: np.ndarray
    assumptions: tuple[str, ...] = ()

    @property
    def delay(self) -> np.ndarray:
        """Seconds from the latest exposure to the adoption, float64 [adopter]; nan without exposure."""
        return np.where(self.count > 0, self.time - self.last, np.nan)

    def title(self) -> str:
        """Items, adopters with and without exposure, and bystanders."""
        items = f"{len(self.items):,} items" if len(self.items) != 1 else f"{self.items[0]}"
        return (
            f"exposure to {items}: {(self.count > 0).sum():,} of {len(self.time):,} adopters were exposed, "
            f"{self.bystanders.sum():,} bystanders" + "".join(f"; {sentence}" for sentence in self.assumptions)
        )

    def columns(self) -> dict[str, Column]:
        """One row per adopter; times of exposures are missing where there were none."""
        none = self.count == 0
        return {
            "item": np.repeat(self.items, np.diff(self.offsets)),
            "adopter": self.adopter,
            "time": self.time,
            "exposures": self.count,
            "first_exposure": np.ma.array(self.first, mask=none),
            "last_exposure": np.ma.array(self.last, mask=none),
            "delay": np.ma.array(self.delay, mask=none),
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Share of exposed adopters that had adopted within a delay of their latest exposure; returns the axes."""
        import matplotlib.pyplot as plt  # slow to import, needed only here

        ax = plt.subplots()[1] if ax is None else ax
        delay = np.sort(self.delay[self.count > 0])
        ax.step(delay, np.arange(1, len(delay) + 1) / max(len(delay), 1), where="post")
        ax.set(xlabel="seconds since the latest exposure", ylabel="share of exposed adopters", ylim=(0, 1.02))
        ax.set_title(self.title(), fontsize="small")
        if len(delay):
            ax.set_xscale("log")
        return ax


def exposure(
    graph: SocialGraph,
    items: Items | None = None,
    edge_type: EdgeType = REPOST,
    follow: EdgeType = FOLLOW,
    assume_always: bool = False,
) -> Exposure:
    """Who could have seen items before adopting them: whom they follow among those who took the item up before.

    An adopter is exposed by each node that adopted or authored the item in an earlier second and that it followed
    before adopting. Repeated adoptions count once, at the first. A bystander follows somebody who took the item up, as
    of the end of the view, and did not adopt. Follows from before a window's start hold on, as authorship does.

    Args:
        graph: The view.
        items: One key such as ("post", "p7"), several, or positions, int64 [item]; None for every item of the view.
        edge_type: Who adopts what.
        follow: Relation between adopters along whose flow items are seen: from the followed to the follower.
        assume_always: Treat follows whose own time nobody recorded as older than everything, instead of as known from
            the crawl on. An assumption to be stated.

    Raises:
        SchemaError: Unknown relation, or relations that do not fit together.
        UnknownNodeError: The view does not know an item.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> rows = {
    ...     ("user", "author", "post"): [("ann", "p", 1)],
    ...     REPOST: [("bob", "p", 5), ("cy", "p", 7), ("dee", "p", 9)],
    ...     FOLLOW: [("bob", "ann", 0), ("cy", "ann", 0), ("cy", "bob", 0), ("eve", "cy", 0)],
    ... }
    >>> tables = {e: pa.table(dict(zip(("src", "dst", "time"), zip(*r)))) for e, r in rows.items()}
    >>> graph = SocialGraph.build(Schema({"user": {}, "post": {}}, {e: {} for e in rows}), {}, tables)
    >>> exposure(graph, ("post", "p"))
    exposure to p: 2 of 3 adopters were exposed, 1 bystanders
      item  adopter  time  exposures  first_exposure  last_exposure  delay
      p     bob      5     1          1               1              4
      p     cy       7     2          1               5              2
      p     dee      9     0          --              --             --
    """
    adopted = adoptions(graph, edge_type, items)
    found = find_exposures(adopted, follow, assume_always)
    return Exposure(
        items=adopted.item_ids,
        offsets=adopted.offsets - np.arange(len(adopted.offsets)),  # each item's author stands among its members
        bystanders=bystander_counts(graph, adopted.edge_type[0], follow, adopted.offsets, adopted.who),
        adopter=adopted.ids(adopted.who[adopted.adopters]),
        time=adopted.time[adopted.adopters],
        count=found.count[adopted.adopters],
        first=adopted.time[found.first[adopted.adopters]],
        last=adopted.time[found.last[adopted.adopters]],
        assumptions=untimed_follows(graph, follow, assume_always),
    )


def bystander_counts(
    graph: SocialGraph, adopter: str, follow: EdgeType, offsets: np.ndarray, who: np.ndarray
) -> np.ndarray:
    """Nodes exposed by members of each item that are no members themselves, int64 [item]."""
    from graphsocial.graph.exposures.adoption_kernels import count_bystanders  # numba: imported when first needed

    rows = influence_rows(graph, adopter, follow, exposed=True)
    count = np.empty(len(offsets) - 1, dtype=np.int64)
    seen = np.full(len(rows.indptr) - 1, -1, dtype=np.int64)
    stop = last_reading(graph, rows)
    count_bystanders(offsets, who, rows.indptr, rows.neighbour, rows.clock, stop, seen, count)
    return count
