"""Who was active before whom in which cascade, with what delay: all that times alone say of a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.inference.transmission import Transmission
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet


@dataclass(frozen=True, eq=False)
class CoOccurrences:
    """Ordered pairs of nodes that may have passed something on, grouped by whom they reach.

    Attributes:
        ids: What the nodes are called, in order, object [node].
        source: Who may influence, [edge].
        target: Who may be influenced, ascending [edge].
        exposure: Cumulative hazard at rate 1 over all cascades, those without the target included, float64 [edge].
        count: Cascades in which the source came first, int64 [edge].
        event_of: First activation of each node, int64 [node + 1].
        event: First entry of each activation, int64 [activation + 1].
        entry_edge: Edge that each entry is about, int64 [entry].
        hazard: Hazard of the entry at rate 1, above 0, float64 [entry].
        alone: Activations after a cascade's first moment that nobody could have caused.
    """

    ids: np.ndarray
    source: np.ndarray
    target: np.ndarray
    exposure: np.ndarray
    count: np.ndarray
    event_of: np.ndarray
    event: np.ndarray
    entry_edge: np.ndarray
    hazard: np.ndarray
    alone: int

    @property
    def edge_of(self) -> np.ndarray:
        """First edge into each node, int64 [node + 1]."""
        return np.searchsorted(self.target, np.arange(len(self.ids) + 1)).astype(np.int64)


def co_occurrences(cascades: CascadeSet, end: np.ndarray, transmission: Transmission, most_pairs: int) -> CoOccurrences:
    """All pairs that occur in one cascade, one before the other.

    Args:
        cascades: The cascades; members at or after their cascade's end are left out, a node's first activation counts.
        end: When the observation of each cascade ends, finite, float64 [cascade].
        transmission: Shape of the hazard.
        most_pairs: Most pairs within cascades.

    Raises:
        SchemaError: More pairs than `most_pairs`, or no pair at all.
    """
    from graphsocial.diffusion.inference.network_rates_kernel import list_earlier  # numba: imported when first needed

    ids, node, time, cascade = _members_in_order(cascades, end)
    offsets = np.searchsorted(cascade, np.arange(len(cascades) + 1)).astype(np.int64)
    nothing = np.zeros(0, dtype=np.int64)
    pairs = list_earlier(offsets, time, nothing, nothing, nothing)
    if pairs > most_pairs:
        raise SchemaError(
            f"the cascades hold {pairs:,} pairs of members, expected at most {most_pairs:,}: shorten the window, or "
            "raise most_pairs, about 100 bytes each"
        )
    earlier, later, where = np.empty((3, pairs), dtype=np.int64)
    if pairs:
        list_earlier(offsets, time, earlier, later, where)
    delay = time[later] - time[earlier]
    hazard = transmission.hazard(delay)
    key = node[later] * np.int64(len(ids)) + node[earlier]
    possible, edge, count = np.unique(key[hazard > 0], return_inverse=True, return_counts=True)
    if not len(possible):
        raise SchemaError("no member came after another in its cascade, so times say nothing of who influences whom")
    source, target = possible % len(ids), possible // len(ids)
    watched = end[cascade] - time
    exposure = np.bincount(node, weights=transmission.cumulative(watched), minlength=len(ids))[source]
    exposure += _interrupted(possible, node, time, cascade, watched, earlier, later, len(ids), transmission)
    entry = np.flatnonzero(hazard > 0)
    order = np.lexsort((edge, where[entry], node[later[entry]]))
    entry, edge = entry[order], edge[order]
    fresh = np.ones(len(entry), dtype=bool)
    fresh[1:] = later[entry][1:] != later[entry][:-1]
    event = np.append(np.flatnonzero(fresh), len(entry)).astype(np.int64)
    event_of = np.searchsorted(node[later[entry[event[:-1]]]], np.arange(len(ids) + 1)).astype(np.int64)
    began = np.full(len(cascades), np.inf)
    np.minimum.at(began, cascade, time)
    alone = int((time > began[cascade]).sum()) - (len(event) - 1)
    return CoOccurrences(ids, source, target, exposure, count, event_of, event, edge, hazard[entry], alone)


def _members_in_order(cascades: CascadeSet, end: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Ids [node], and the node, time and cascade of each member, first activations in order of cascade and time."""
    names = cascades.node.tolist()
    kinds = {type(name) for name in names}
    listed = sorted(set(names)) if len(kinds) == 1 else sorted(set(names), key=lambda name: (str(type(name)), name))
    place = {name: i for i, name in enumerate(listed)}
    node = np.fromiter((place[name] for name in names), dtype=np.int64, count=len(names))
    cascade = np.repeat(np.arange(len(cascades)), cascades.size)
    time = cascades.time.astype(np.float64)
    order = np.lexsort((node, time, cascade))
    order = order[time[order] < end[cascade[order]]]
    _, first = np.unique(cascade[order] * np.int64(len(listed)) + node[order], return_index=True)
    order = order[np.sort(first)]
    ids = np.empty(len(listed), dtype=object)
    ids[:] = listed
    return ids, node[order], time[order], cascade[order]


def _interrupted(
    possible: np.ndarray,
    node: np.ndarray,
    time: np.ndarray,
    cascade: np.ndarray,
    watched: np.ndarray,
    earlier: np.ndarray,
    later: np.ndarray,
    nodes: int,
    transmission: Transmission,
) -> np.ndarray:
    """What the target's own activation takes away from each edge's exposure, at most 0, float64 [edge].

    Both orders of a pair matter: who was active already, or at the same moment, was not exposed at all.
    """
    whole = transmission.cumulative(watched)
    less = np.zeros(len(possible))
    for source, target, change in (
        (earlier, later, transmission.cumulative(time[later] - time[earlier]) - whole[earlier]),
        (later, earlier, -whole[later]),
        *((a, b, -whole[a]) for a, b in _simultaneous(time, cascade)),
    ):
        key = node[target] * np.int64(nodes) + node[source]
        slot = np.minimum(np.searchsorted(possible, key), len(possible) - 1)
        known = possible[slot] == key
        less += np.bincount(slot[known], weights=change[known], minlength=len(possible))
    return less


def _simultaneous(time: np.ndarray, cascade: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of members of one cascade and moment, each in both orders."""
    found: list[tuple[np.ndarray, np.ndarray]] = []
    step = 1
    while True:
        same = np.flatnonzero((cascade[step:] == cascade[:-step]) & (time[step:] == time[:-step]))
        if not len(same):
            return found
        found += [(same, same + step), (same + step, same)]
        step += 1
