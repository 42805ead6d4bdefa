"""Pairs that acted on the same things more often than chance would have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.groups.false_discovery import false_discovery
from graphsocial.graph.groups.shared_items import acts_of, distinct_acts, pairs_that_share, without_hubs
from graphsocial.graph.groups.shared_items_chance import NULLS, Null, chance_of_sharing
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.time import format_time
from graphsocial.schema import EdgeType

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class CoEngagement(QueryResult):
    """Pairs that share more items than chance explains, the least explicable first.

    Attributes:
        graph: The view.
        actor_type: Node type of the pairs.
        item_type: Node type of what they share.
        a: Position of the first of each pair, int64 [pair]; before `b` in the view's order.
        b: Position of the second, int64 [pair].
        shared: Items both acted on, within `delta` where that was asked, int64 [pair].
        expected: Items the null expects them to share, float64 [pair].
        p: Chance under the null of sharing at least as many, float64 [pair]; below 1e-300 it reads 0.
        q: Expected share of false finds among this pair and those above it, float64 [pair].
        fdr: Pairs with a larger q were left out.
        min_shared: Pairs that share fewer items were left out.
        candidates: Pairs that share at least `min_shared` items.
        tests: Pairs of actors with at least `min_shared` items each, the number that q corrects for.
        max_actors: Items that more actors acted on were left out, of the null too; None: none were.
        left_out_items: How many such items there were.
        left_out_acts: Actors that acted on them, summed over these items.
        left_out_meetings: Pairs of actors that met at them, summed over these items.
        left_out_untimed: Acts left out because nobody recorded their time, with `delta` only.
    """

    graph: SocialGraph
    actor_type: str
    item_type: str
    a: np.ndarray
    b: np.ndarray
    shared: np.ndarray
    expected: np.ndarray
    p: np.ndarray
    q: np.ndarray
    fdr: float
    min_shared: int
    candidates: int
    tests: int
    max_actors: int | None
    left_out_items: int
    left_out_acts: int
    left_out_meetings: int
    left_out_untimed: int

    def title(self) -> str:
        """How many pairs, out of how many, and what was left out."""
        when = "" if self.graph.end is None else f" as of {format_time(self.graph.end)}"
        text = (
            f"{len(self.a):,} of {self.candidates:,} {self.actor_type} pairs that share at least {self.min_shared} "
            f"{self.item_type}{when}, false discovery rate {self.fdr:g} over {self.tests:,} pairs"
        )
        if self.left_out_items:
            text += (
                f"; left out: {self.left_out_items:,} {self.item_type} with more than {self.max_actors:,} actors "
                f"({self.left_out_acts:,} acts, {self.left_out_meetings:,} meetings)"
            )
        return text + (f"; {self.left_out_untimed:,} acts without a time left out" if self.left_out_untimed else "")

    def columns(self) -> Mapping[str, Column]:
        """`a`, `b`, `shared`, `expected`, `p`, `q`."""
        ids = self.graph.node_ids(self.actor_type)
        return {
            "a": ids[self.a],
            "b": ids[self.b],
            "shared": self.shared,
            "expected": self.expected,
            "p": self.p,
            "q": self.q,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Items shared against items expected, one dot per pair; the line is where they agree."""
        import matplotlib.pyplot as plt

        ax = plt.subplots()[1] if ax is None else ax
        ax.scatter(self.expected, self.shared, s=8, alpha=0.5)
        ends = [max(self.expected.min(initial=1), 1e-6), max(self.shared.max(initial=1), 1)]
        ax.plot(ends, ends, color="grey", linewidth=1)
        ax.set(xscale="log", yscale="log", xlabel=f"{self.item_type} expected to share", ylabel="shared")
        return ax


def co_engagement(
    graph: SocialGraph,
    edge_types: Iterable[EdgeType],
    through: EdgeType | None = None,
    delta: float | None = None,
    min_shared: int = 2,
    null: Null = "bicm",
    fdr: float = 0.05,
    max_actors: int | None = 1000,
) -> CoEngagement:
    """Pairs that acted on the same items more often than a null model explains.

    An act is an edge from an actor to an item; repeated ones count once. With `through`, the items are what the target
    of the act leads to: `through=("post", "tag", "hashtag")` pairs users by the hashtags of the posts they acted on,
    and the act keeps its own time. With `delta`, an item is shared only where both acted on it within that many
    seconds of each other (coordinated sharing).

    The null says how many items two actors would share by chance; p is the chance of at least as many.

    - `bicm`: edges drawn independently so that every actor keeps its number of items and every item its number of
      actors, on average (bipartite configuration model). The number shared is then a sum of independent, unequal
      trials (Poisson-binomial; Saracco et al., New J. Phys. 19:053022, 2017), summed exactly, up to rounding. With
      `delta`, each meeting counts with the share of meetings at items of the same popularity that were within `delta`;
      where such items differ, p errs to the large side (Hoeffding 1956).
    - `poisson`: the same, the sum taken as Poisson with its mean: fast, off by at most the sum of squared chances
      (Le Cam 1960), and p is never too small where shared >= expected + 1 (Anderson and Samuels 1967).
    - `hypergeometric`: every item is as likely as any other (Tumminello et al., PLoS ONE 6:e17994, 2011); exact for
      that, but popular items make pairs look related. Knows no times, so not with `delta`.

    Expect fewer false pairs than `fdr`: degrees are fitted to the graph under test, few shared items allow few values
    of p, and pairs that share fewer than `min_shared` count as tests that failed. Of pairs in graphs that `bicm` itself
    drew, 0.2 (a matrix three tenths full) to 1.4 in a hundred (three hundredths full) had p <= 0.05. Chance keeps
    popularity alone: pairs with one taste, such as two fans of one club, are found as well as pairs that act together
    on purpose.

    Time grows with the sum over items of the square of their actors. Hubs make it explode, so items with more than
    `max_actors` actors are left out of counts and null alike, and the answer says how many they were.

    Args:
        graph: View whose edges count.
        edge_types: Acts, all from one node type to one node type.
        through: Where items lie one step behind the target of the act; read from all edges before the view's end.
        delta: Longest time between two acts that share, seconds; None for any. Acts of unknown time are left out.
        min_shared: Pairs that share fewer items are never listed.
        null: What chance would do.
        fdr: Largest expected share of false finds (Benjamini and Hochberg); 1 lists every candidate.
        max_actors: Leave out items with more actors, None for no limit.

    Raises:
        SchemaError: Unknown edge type or null, relations that do not fit together, or a number out of its range.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> like = ("user", "like", "post")
    >>> who = [f"bot {i}" for i in range(2) for _ in range(6)] + [f"user {i:02}" for i in range(40)]
    >>> what = [f"p{i}" for _ in range(2) for i in range(6)] + [f"p{i % 20}" for i in range(40)]
    >>> edges = pa.table({"src": who, "dst": what, "time": range(52)})
    >>> graph = SocialGraph.build(Schema({"user": {}, "post": {}}, {like: {}}), {}, {like: edges})
    >>> co_engagement(graph, [like])
    1 of 1 user pairs that share at least 2 post, false discovery rate 0.05 over 1 pairs
      a      b      shared  expected  p         q
      bot 0  bot 1  6       1.924     0.008173  0.008173
    """
    check_numbers(delta, min_shared, null, fdr, max_actors)
    actor_type, item_type, acts = acts_of(graph, edge_types, through)
    untimed = 0
    if delta is not None:
        untimed = int((~acts.recorded).sum())
        acts = acts.where(acts.recorded)
    acts = distinct_acts(acts, graph.num_nodes(actor_type), graph.num_nodes(item_type), keep_times=delta is not None)
    acts, left_out = without_hubs(acts, max_actors)
    a, b, shared, near = pairs_that_share(acts, min_shared, delta)
    p, expected = chance_of_sharing(acts, a, b, shared, near, null)
    eligible = int((acts.items_of_actor >= min_shared).sum())
    tests = eligible * (eligible - 1) // 2
    low = np.flatnonzero(p <= fdr)  # none above can be kept, nor lower the q of those below
    q = false_discovery(p[low], tests)
    low, q = low[q <= fdr], q[q <= fdr]
    order = np.lexsort((b[low], a[low], -shared[low], p[low]))
    kept = low[order]
    return CoEngagement(
        graph, actor_type, item_type, a[kept].astype(np.int64), b[kept].astype(np.int64), shared[kept].astype(np.int64),
        expected[kept], p[kept], q[order], fdr, min_shared, len(a), tests, max_actors, *left_out, untimed,
    )  # fmt: skip


def check_numbers(delta: Any, min_shared: Any, null: Any, fdr: Any, max_actors: Any) -> None:
    """Raises SchemaError where a number of co-engagement's is out of range."""

    def whole(name: str, value: Any, least: int) -> None:
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise SchemaError(f"got {name}={value!r}, expected a whole number of at least {least}")

    whole("min_shared", min_shared, 1)
    if max_actors is not None:
        whole("max_actors", max_actors, 2)
    if isinstance(fdr, bool) or not isinstance(fdr, int | float | np.number) or not 0 < fdr <= 1:
        raise SchemaError(f"got fdr={fdr!r}, expected a number above 0 and at most 1")
    if delta is not None and (
        isinstance(delta, bool) or not isinstance(delta, int | float | np.number) or not 0 <= delta < np.inf
    ):
        raise SchemaError(f"got delta={delta!r}, expected seconds, at least 0, or None")
    if null not in NULLS:
        raise SchemaError(f"unknown null {null!r}, expected one of {', '.join(NULLS)}.{did_you_mean(null, NULLS)}")
    if null == "hypergeometric" and delta is not None:
        raise SchemaError("the hypergeometric null knows no times: leave out delta, or take null='bicm'")
