"""What a relation's edges before a time say about a pair."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.relations.fairness_goodness import fairness
from graphsocial.learn.relations.timed_edges import TimedEdges
from graphsocial.learn.relations.timed_evidence_kernel import timed_columns_kernel

RECENT = 30 * 86_400
"""Seconds that count as recent."""

REFITS = 40
"""Fairness is fitted before this many times over the asked ones; the ratings received are always those before."""

_RAW = (
    *("preferential_attachment", "popularity", "common_neighbours", "adamic_adar", "resource_allocation"),
    *("recent_popularity", "edge_back", "value_back", "out_of_source", "into_source", "out_of_target", "into_target"),
    *("recent_out_of_source", "forward_paths", "shared_targets", "shared_sources", "sender_mean", "sender_square"),
    *("receiver_mean", "receiver_square", "mean_into_source", "negative_share", "signed_balance"),
    *("mean_out_of_target", "agreement", "trusted_mean", "idle_source", "quiet_source", "idle_target"),
    *("quiet_target", "fairness_goodness", "fairness", "age_source", "age_target", "recent_out_of_target"),
    "recent_into_source",
)
_MEANS = ("sender_mean", "receiver_mean", "mean_into_source", "signed_balance", "mean_out_of_target", "trusted_mean")
_FILLED = (*_MEANS, "fairness_goodness", "sender_square", "receiver_square", "agreement")
_SIGNED = (*_MEANS, "fairness_goodness", "value_back", "agreement", "fairness", "negative_share")

COLUMN_NAMES = (*_RAW, "recency", "mean_so_far", *(f"has_{name}" for name in _FILLED))
"""Columns of `timed_evidence`."""

EXISTENCE_FLOORS = (*_RAW[:6], "recency")
VALUE_FLOORS = ("mean_so_far", "receiver_mean", "sender_mean", "signed_balance", "fairness_goodness")


def timed_evidence(edges: TimedEdges, src: np.ndarray, dst: np.ndarray, as_of: np.ndarray) -> np.ndarray:
    """Columns about pairs from edges with `time < as_of`, float64 [pair, column], named by `COLUMN_NAMES`.

    Counts and spans are on a logarithmic scale, means on that of the values. A mean of nothing is that of all values so
    far. `signed_balance` is the mean of what those whom the source rated say of the target, turned round where the
    source distrusts them; `fairness_goodness` is the source's fairness times the target's goodness.

    Args:
        edges: One relation.
        src: [pair].
        dst: [pair].
        as_of: Seconds [pair].
    """
    unit = max(float(np.abs(edges.value[edges.time < as_of.min(initial=0)]).max(initial=0.0)), 1.0)
    bounds, fair = _fairness(edges, as_of, unit)
    fitted = np.searchsorted(bounds, as_of, side="right") - 1
    raw = timed_columns_kernel(
        src,
        dst,
        as_of,
        edges.known,
        edges.out.start,
        edges.out.neighbour,
        edges.out.time,
        edges.out.value,
        edges.into.start,
        edges.into.neighbour,
        edges.into.time,
        edges.into.value,
        fair,
        np.maximum(fitted, 0),
        RECENT,
        20 * 365.0 * 86_400,
    )
    place = np.searchsorted(edges.time, as_of)
    total = np.concatenate([[0.0], np.cumsum(edges.value)])
    so_far = total[place] / np.maximum(place, 1)
    column = {name: raw[:, i] for i, name in enumerate(_RAW)}
    missing = {name: np.isnan(column[name]) for name in _FILLED}
    for name in _FILLED:
        column[name] = np.where(
            missing[name], so_far if name in _MEANS or name == "fairness_goodness" else 0, column[name]
        )
    for name in set(_RAW) - set(_SIGNED):
        column[name] = np.log1p(column[name])
    column["recency"] = -column["quiet_target"]
    column["mean_so_far"] = so_far
    for name in _FILLED:
        column[f"has_{name}"] = (~missing[name]).astype(np.float64)
    return np.column_stack([column[name] for name in COLUMN_NAMES])


def _fairness(edges: TimedEdges, as_of: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Times, ascending, and the fairness fitted to the edges before each, [refit] and [refit, node]."""
    asked = np.unique(as_of)
    bounds = asked[:: max(1, len(asked) // REFITS)] if len(asked) else np.zeros(1, dtype=np.int64)
    if not edges.valued:
        return bounds[:1], np.ones((1, edges.nodes))
    rows = []
    for bound in bounds:
        seen = int(np.searchsorted(edges.time, bound))
        value = np.clip(edges.value[:seen] / unit, -1, 1)
        rows.append(fairness(edges.src[:seen], edges.dst[:seen], value, edges.nodes))
    return bounds, np.stack(rows)
