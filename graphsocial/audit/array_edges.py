"""Edges and hyperedges of somebody else's experiment, checked against its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graphsocial.audit.edge_checks import edges_from_test_events, edges_repeat_test_pairs, edges_without_times
from graphsocial.audit.finding import Finding, finding
from graphsocial.audit.row_arrays import RowArrays, flat_array
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class EdgeArrays:
    """What a model passed messages over; see `audit_arrays`."""

    ends: np.ndarray | None
    time: np.ndarray | None
    event: np.ndarray | None
    members: np.ndarray | None
    member_event: np.ndarray | None

    @classmethod
    def of(cls, edges: Any, time: Any, event: Any, hyperedges: Any, hyperedge_event: Any) -> EdgeArrays:
        """Checks and converts."""
        ends, members = _pairs("edges", edges), _pairs("hyperedges", hyperedges)
        for name, values, of in (("edge_time", time, ends), ("edge_event", event, ends)):
            if values is not None and of is None:
                raise SchemaError(f"got {name} without edges, expected edges [2, edge] beside it")
        if hyperedge_event is not None and members is None:
            raise SchemaError("got hyperedge_event without hyperedges, expected hyperedges [2, membership] beside it")
        when = _column("edge_time", time, ends)
        if when is not None:
            if np.issubdtype(when.dtype, np.datetime64):
                unknown = np.isnat(when)
                when = np.where(unknown, np.nan, when.astype("datetime64[us]").astype(np.int64) / 1e6)
            when = when.astype(np.float64)
            when = np.where(when <= -(2.0**62), np.nan, when)  # UNKNOWN_TIME
        return cls(
            ends,
            when,
            _column("edge_event", event, ends),
            members,
            _column("hyperedge_event", hyperedge_event, members),
        )


def edge_findings(rows: RowArrays, edges: EdgeArrays, unchecked: dict[str, str], examples: int) -> list[Finding]:
    """The checks of edges that can be made, the others noted in `unchecked`."""
    found = []
    if edges.members is not None:
        found.append(_hyperedges(rows, edges, examples))
    if edges.ends is None:
        for check in ("edges_from_test_events", "edges_without_times", "edges_repeat_test_pairs"):
            unchecked[check] = "give edges"
        return found
    src, dst = edges.ends
    late, known = np.zeros(len(src), dtype=bool), np.zeros(len(src), dtype=bool)
    if edges.time is not None and rows.cut is not None:
        known |= np.isfinite(edges.time)
        late |= known & (edges.time >= rows.cut)
    if edges.event is not None:
        built = _built_late(rows, edges.event)
        known |= edges.event >= 0
        late |= built
    found.append(edges_without_times(~known, src=src, dst=dst, examples=examples))
    if known.any():
        found.append(edges_from_test_events(late, src=src, dst=dst, time=edges.time, examples=examples))
    else:
        unchecked["edges_from_test_events"] = "give edge_time, or edge_event: the row each edge was built from"
    if edges.event is not None:
        return found
    if rows.user is None or rows.cascade is None:
        unchecked["edges_repeat_test_pairs"] = "give user and cascade of each row"
        return found
    names, code = np.unique(
        np.concatenate([rows.user_ids.astype(str), src.astype(str), dst.astype(str)]), return_inverse=True
    )
    users, ends = code[: len(rows.user_ids)], code[len(rows.user_ids) :].reshape(2, -1)
    order = np.argsort(rows.cascade, kind="stable")
    found.append(
        edges_repeat_test_pairs(
            ends[0],
            ends[1],
            users[rows.user[order]],
            rows.cascade[order],
            (rows.part == "test")[order],
            names=names,
            examples=examples,
        )
    )
    return found


def _built_late(rows: RowArrays, event: np.ndarray) -> np.ndarray:
    """Whether each edge's event is of the test part or of its time, bool [edge]."""
    event = event.astype(np.int64)
    if len(event) and event.max() >= len(rows):
        raise SchemaError(f"an edge names event {event.max()}, expected rows 0 to {len(rows) - 1}, or -1")
    late = rows.part == "test"
    if rows.time is not None and rows.cut is not None:
        late = late | (rows.time >= rows.cut)
    return np.where(event >= 0, late[event], False)


def _hyperedges(rows: RowArrays, edges: EdgeArrays, examples: int) -> Finding:
    """Hyperedges built from test cascades: by their events when given, else by their very members."""
    assert edges.members is not None
    users, groups = edges.members.astype(str)
    names, code = np.unique(groups, return_inverse=True)
    if edges.member_event is not None:
        late = np.bincount(code, _built_late(rows, edges.member_event), minlength=len(names)) > 0
        what = "hyperedges with a member from an event of the test part or of its time"
    elif rows.user is None or rows.cascade is None:
        raise SchemaError("hyperedges need hyperedge_event, or user and cascade of each row")
    else:
        sets: dict[int, set[str]] = {}
        for user, group in zip(users, code, strict=True):
            sets.setdefault(int(group), set()).add(str(user))
        shown: dict[str, set[frozenset[str]]] = {"test": set(), "other": set()}
        ids = rows.user_ids.astype(str)[rows.user]
        for cascade in range(len(rows.cascade_ids)):
            mine = rows.cascade == cascade
            kind = "test" if (rows.part[mine] == "test").any() else "other"
            shown[kind].add(frozenset(ids[mine]))
        only_test = shown["test"] - shown["other"]
        late = np.array([frozenset(sets[group]) in only_test for group in range(len(names))], dtype=bool)
        what = "hyperedges whose members are exactly those of a test cascade"
    return finding(
        "hyperedges_from_test_events",
        int(late.sum()),
        len(names),
        what,
        "A hyperedge of a test cascade holds all its right answers at once.",
        "Build the hypergraph of each part from events before the part's first start.",
        examples=({"hyperedge": names[row]} for row in np.flatnonzero(late)[:examples]),
    )


def _pairs(name: str, values: Any) -> np.ndarray | None:
    if values is None:
        return None
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    array = np.asarray(values)
    if array.ndim != 2 or array.shape[0] != 2:
        hint = "; transpose it" if array.ndim == 2 and array.shape[1] == 2 else ""
        raise SchemaError(f"{name} has shape {array.shape}, expected [2, count]{hint}")
    return array


def _column(name: str, values: Any, of: np.ndarray | None) -> np.ndarray | None:
    if values is None or of is None:
        return None
    array = flat_array(name, values)
    if len(array) != of.shape[1]:
        raise SchemaError(f"{name} has {len(array)} values, expected {of.shape[1]}, one per column of the pairs")
    return array
