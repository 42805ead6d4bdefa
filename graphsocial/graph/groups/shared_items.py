"""Who acted on what, and which pairs acted on the same things."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.chosen_relations import chosen_relations
from graphsocial.graph.csr import narrow
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import EdgeType


@dataclass(frozen=True, eq=False)
class Acts:
    """Acts of actors on items.

    Attributes:
        actor: Who, position [act].
        item: On what, position [act].
        time: When, int64 seconds [act].
        recorded: Whether the time is the act's own, bool [act].
        items_of_actor: Distinct items of each actor, int64 [actor]; empty before `distinct_acts`.
        actors_of_item: Distinct actors of each item, int64 [item]; empty before `distinct_acts`.
    """

    actor: np.ndarray
    item: np.ndarray
    time: np.ndarray
    recorded: np.ndarray
    items_of_actor: np.ndarray
    actors_of_item: np.ndarray

    def where(self, kept: np.ndarray) -> Acts:
        """Some of the acts, given as a mask or as numbers; totals stay."""
        parts = (self.actor[kept], self.item[kept], self.time[kept], self.recorded[kept])
        return Acts(*parts, self.items_of_actor, self.actors_of_item)


def acts_of(graph: SocialGraph, edge_types: Iterable[EdgeType], through: EdgeType | None) -> tuple[str, str, Acts]:
    """Node types of actors and items, and the acts of a view, one per edge.

    Raises:
        SchemaError: Unknown edge type, or relations that do not fit together.
    """
    chosen = chosen_relations(graph, edge_types)
    ends = {(e[0], e[2]) for e in chosen}
    if len(ends) != 1:
        raise SchemaError(f"got edge types {chosen}, expected some from one node type to one node type")
    actor_type, item_type = ends.pop()
    parts = [graph.edges(e) for e in chosen]
    nothing = np.empty(0, dtype=np.int64)
    acts = Acts(
        np.concatenate([e.src for e in parts]),
        np.concatenate([e.dst for e in parts]),
        np.concatenate([e.time for e in parts]),
        np.concatenate([e.recorded for e in parts]),
        nothing,
        nothing,
    )
    if through is None:
        return actor_type, item_type, acts
    through = graph.schema.check_edge_type(through)
    if through[0] != item_type:
        raise SchemaError(f"through={through} starts at {through[0]}, expected {item_type}, where the acts end")
    links = graph.without_start().edges(through)  # a post may be older than the window that acts are read from
    order = np.argsort(links.src, kind="stable")
    start = np.searchsorted(links.src[order], np.arange(graph.num_nodes(item_type) + 1))
    many = np.diff(start)[acts.item]
    entry = np.repeat(start[acts.item] - np.cumsum(many) + many, many) + np.arange(many.sum())
    acts = acts.where(np.repeat(np.arange(len(many)), many))
    item = links.dst[order][entry]
    return actor_type, through[2], Acts(acts.actor, item, acts.time, acts.recorded, nothing, nothing)


def distinct_acts(acts: Acts, num_actors: int, num_items: int, keep_times: bool) -> Acts:
    """Acts by item, then actor, each pair once; to keep times: by item, then time, repeated acts kept. With totals."""
    actor, item = acts.actor, acts.item
    by_actor = _grouped(actor, num_actors)
    order = by_actor[_grouped(item[by_actor], num_items)]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (actor[order[1:]] != actor[order[:-1]]) | (item[order[1:]] != item[order[:-1]])
    kept = order[new]
    items_of_actor = np.bincount(actor[kept], minlength=num_actors)
    actors_of_item = np.bincount(item[kept], minlength=num_items)
    if keep_times:
        by_time = np.argsort(acts.time, kind="stable")
        kept = by_time[_grouped(item[by_time], num_items)]
    return Acts(
        actor[kept].astype(np.int32),
        item[kept].astype(np.int32),
        acts.time[kept],
        acts.recorded[kept],
        items_of_actor,
        actors_of_item,
    )


def without_hubs(acts: Acts, max_actors: int | None) -> tuple[Acts, tuple[int, int, int]]:
    """Acts on items with few actors; left out: items, distinct acts on them, and meetings at them."""
    size = acts.actors_of_item
    if max_actors is None or not (size > max_actors).any():
        return acts, (0, 0, 0)
    hub = size[size > max_actors]
    rest = acts.where(size[acts.item] <= max_actors)
    gone = acts.where(size[acts.item] > max_actors)
    once = np.unique(gone.actor.astype(np.int64) * len(size) + gone.item) // len(size)  # timed acts may be repeated
    degree = acts.items_of_actor - np.bincount(once, minlength=len(acts.items_of_actor))
    rest = Acts(rest.actor, rest.item, rest.time, rest.recorded, degree, np.where(size > max_actors, 0, size))
    return rest, (len(hub), int(hub.sum()), int((hub * (hub - 1) // 2).sum()))


def pairs_that_share(
    acts: Acts, min_shared: int, delta: float | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """First, second, and number of shared items of every pair that shares at least `min_shared`, int32 [pair].

    And the share of an item's meetings that are within `delta`, averaged over items of one popularity, float64 [item].
    """
    from graphsocial.graph.groups.co_engagement_kernels import rows_after, rows_near, shared_pairs

    size, num_actors = acts.actors_of_item, len(acts.items_of_actor)
    kept = acts
    if delta is None:  # who acted on too few things, and what one alone acted on, can pair nobody
        kept = acts.where((acts.items_of_actor[acts.actor] >= min_shared) & (size[acts.item] > 1))
    by_actor = _grouped(kept.actor, num_actors)
    row, column = _starts(kept.item, len(size)), _starts(kept.actor, num_actors)
    low, high = np.empty(len(by_actor), dtype=by_actor.dtype), np.empty(len(by_actor), dtype=by_actor.dtype)
    item = kept.item[by_actor]
    if delta is None:
        rows_after(by_actor, row[1:], item, low, high)
    else:
        rows_near(row, kept.time, delta, low, high)
        low, high = low[by_actor], high[by_actor]
    within = np.zeros(len(size), dtype=np.int64)
    a, b, shared = shared_pairs(column, item, low, high, kept.actor, min_shared, within)
    if delta is None:
        return a, b, shared, np.ones(len(size))
    counted = np.bincount(size, weights=within)
    possible = np.bincount(size, weights=size * (size - 1) / 2)
    overall = counted.sum() / max(possible.sum(), 1.0)  # for items that one alone acted on, who met nobody
    return a, b, shared, np.where(possible > 0, counted / np.maximum(possible, 1.0), overall)[size]


def _starts(key: np.ndarray, groups: int) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(np.bincount(key, minlength=groups))])


def _grouped(key: np.ndarray, groups: int) -> np.ndarray:
    """Places of the keys, grouped and otherwise in their order."""
    from graphsocial.graph.kernels import stable_groups  # numba: imported when first needed

    order = np.empty(len(key), dtype=narrow(len(key)))
    stable_groups(key.astype(np.int64), groups, order)
    return order
