"""Which communities would be found again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph.groups.communities import Communities, communities
from graphsocial.graph.groups.leiden import generator, leiden
from graphsocial.graph.groups.modularity import edge_list
from graphsocial.graph.groups.partition_agreement import adjusted_rand, overlaps, variation_of_information
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.graph.time import format_time
from graphsocial.schema import EdgeType, NodeKey

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Resampling = Literal["edges", "seeds"]
"""What changes from run to run, see `community_stability`."""

RESAMPLINGS: tuple[Resampling, ...] = ("edges", "seeds")


@dataclass(frozen=True, repr=False, eq=False)
class CommunityStability(QueryResult):
    """How well communities survive resampling.

    Attributes:
        communities: The partition of the graph itself, which the others are held against.
        resampling: What changed from run to run.
        jaccard: Members in common over members in either, of each community of two nodes and more and the community
            most like it in each run, float64 [run, community].
        node_stability: Share of the runs in which each node is in that community, float64 [node]; nan for nodes
            without edges.
        adjusted_rand: Agreement of each run with the partition, over nodes with edges, float64 [run].
        variation: Variation of information from the partition, over nodes with edges, bits, float64 [run].
    """

    communities: Communities
    resampling: Resampling
    jaccard: np.ndarray
    node_stability: np.ndarray
    adjusted_rand: np.ndarray
    variation: np.ndarray

    @property
    def stability(self) -> np.ndarray:
        """Mean Jaccard of each community over runs, float64 [community]."""
        return self.jaccard.mean(axis=0)

    def of(self, key: NodeKey) -> float:
        """Share of the runs in which a node stays with its community.

        Raises:
            UnknownNodeError: The view has no such node.
            SchemaError: None of the relations touches its type.
        """
        return float(self.node_stability[self.communities.near.number(key)])

    def title(self) -> str:
        """Agreement over runs."""
        end = self.communities.near.graph.end
        when = "" if end is None else f" as of {format_time(end)}"
        if not self.jaccard.shape[1]:
            return f"stability of 0 communities{when}"
        low, high = np.quantile(self.adjusted_rand, [0.025, 0.975])
        return (
            f"stability of {self.jaccard.shape[1]:,} communities{when} over {len(self.jaccard)} runs, resampling "
            f"{self.resampling}: adjusted Rand {self.adjusted_rand.mean():.3f} ({low:.3f} to {high:.3f}), variation of "
            f"information {self.variation.mean():.3f} bits"
        )

    def columns(self) -> Mapping[str, Column]:
        """`community`, `size`, `stability`, `low`, `high`: mean and middle 95 % of the Jaccards over runs."""
        low, high = np.quantile(self.jaccard, [0.025, 0.975], axis=0)
        count = self.jaccard.shape[1]
        return {
            "community": np.arange(count),
            "size": self.communities.size[:count],
            "stability": self.stability,
            "low": low,
            "high": high,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Stability of each community against its size, with the middle 95 % of the runs; .75 is the usual bar."""
        import matplotlib.pyplot as plt

        ax = plt.subplots()[1] if ax is None else ax
        rows = {name: np.asarray(values) for name, values in self.columns().items()}
        ends = [rows["stability"] - rows["low"], rows["high"] - rows["stability"]]
        ax.errorbar(rows["size"], rows["stability"], np.maximum(ends, 0), fmt="o", markersize=3, linewidth=0.8)
        ax.axhline(0.75, color="grey", linewidth=0.8)
        ax.set(xlabel="nodes", ylabel="Jaccard with the most similar", ylim=(0, 1.02))
        if len(rows["size"]):
            ax.set(xscale="log")
        return ax


def community_stability(
    graph: SocialGraph,
    edge_types: Iterable[EdgeType] | None = None,
    resolution: float = 1.0,
    weighted: bool = True,
    runs: int = 20,
    resampling: Resampling = "edges",
    rng: int | np.random.Generator = 0,
) -> CommunityStability:
    """Looks for communities again and again, and says which are found again.

    With `resampling="edges"` every run draws as many edges as there are, with replacement: what another sample of the
    same behaviour might have shown. With `"seeds"` the graph stays and only the random order of the algorithm changes:
    a bar that every result should pass. A community's stability is the mean Jaccard with its best match (Hennig,
    Comput. Stat. Data Anal. 52, 2007, who calls communities below .6 unstable and above .75 found). Intervals are the
    middle 95 % of the runs.

    Args:
        graph: View whose edges count.
        edge_types: Relations, None for all.
        resolution: Above 1 favours smaller communities, below 1 larger ones.
        weighted: Parallel edges count each, and are drawn each; otherwise a pair counts, and is drawn, once.
        runs: How often.
        resampling: What changes from run to run.
        rng: Seed or generator.

    Raises:
        SchemaError: Unknown edge type or resampling, a resolution below 0, or no runs.
        MissingExtraError: networkit is not installed.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> src, dst = ["a", "a", "b", "d", "d", "e", "c"], ["b", "c", "c", "e", "f", "f", "d"]
    >>> edges = pa.table({"src": src * 9, "dst": dst * 9, "time": range(63)})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges})
    >>> community_stability(graph, [follow])
    stability of 2 communities over 20 runs, resampling edges: adjusted Rand 1.000 (1.000 to 1.000), variation of
    information 0.000 bits
      community  size  stability  low  high
      0          3     1          1    1
      1          3     1          1    1
    """
    if resampling not in RESAMPLINGS:
        hint = did_you_mean(resampling, RESAMPLINGS)
        raise SchemaError(f"unknown resampling {resampling!r}, expected one of {', '.join(RESAMPLINGS)}.{hint}")
    if isinstance(runs, bool) or not isinstance(runs, int | np.integer) or runs < 1:
        raise SchemaError(f"got runs={runs!r}, expected a whole number of at least 1")
    rng = generator(rng)
    found = communities(graph, edge_types, resolution, weighted, rng)
    a, b, weight = edge_list(found.near, weighted)
    pair = np.repeat(np.arange(len(weight)), weight.astype(np.int64))  # of every edge
    linked = found.near.degree > 0
    label, count = found.label, int((found.size > 1).sum())
    jaccard, stays = np.zeros((runs, count)), np.zeros(len(label))
    agreement, variation = np.ones(runs), np.zeros(runs)
    for run in range(runs if len(a) else 0):
        drawn = weight
        if resampling == "edges":
            drawn = np.bincount(pair[rng.integers(len(pair), size=len(pair))], minlength=len(weight)).astype(np.float64)
        there = drawn > 0
        again = leiden(len(label), a[there], b[there], drawn[there], resolution, rng)
        match, jaccard[run] = _best_match(label, again, count)
        stays[linked] += again[linked] == match[label[linked]]
        agreement[run] = adjusted_rand(label[linked], again[linked])
        variation[run] = variation_of_information(label[linked], again[linked])
    stays[~linked] = np.nan
    return CommunityStability(found, resampling, jaccard, stays / runs, agreement, variation)


def _best_match(label: np.ndarray, other: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Most similar community of the other partition, the largest of equal ones, and its Jaccard, [community]."""
    i, j, both, size, other_size = overlaps(label, other)
    similar = both / (size[i] + other_size[j] - both)
    order = np.lexsort((-j, similar))  # the last write wins: the most similar, then the smallest number
    match, best = np.empty(len(size), dtype=np.int64), np.empty(len(size))
    match[i[order]], best[i[order]] = j[order], similar[order]
    return match, best[:count]
