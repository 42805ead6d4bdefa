"""What the run's data is: counts, span, card, cuts, and flat tables of whatever else was recorded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.graph.time import NEVER
from graphsocial.report.times import as_time, show_time
from graphsocial.schema import UNKNOWN_TIME

_EARLIEST_BARE_TIME = 10**8
"""A bare number below this (March 1973) is a count or a duration, not a time."""


@dataclass(frozen=True)
class CountRow:
    """One node or edge type: how many, how many of them lack something, and when."""

    name: str
    count: int
    lacking: int
    first: str
    last: str


def node_rows(graph: SocialGraph) -> list[CountRow]:
    """A row per node type; `lacking` counts ids that only edges name."""
    rows = []
    for node_type in graph.node_types:
        placeholders = int(np.count_nonzero(graph.row_known_at(node_type) == NEVER))
        first, last = _ends(graph.known_at(node_type))
        rows.append(CountRow(node_type, int(graph.num_nodes(node_type)), placeholders, first, last))
    return rows


def edge_rows(graph: SocialGraph) -> list[CountRow]:
    """A row per edge type; `lacking` counts edges whose own time nobody recorded."""
    rows = []
    for edge_type in graph.edge_types:
        edges = graph.edges(edge_type)
        first, last = _ends(edges.time)
        unknown = int(np.count_nonzero(~edges.recorded))
        rows.append(CountRow(" → ".join(edge_type), int(graph.num_edges(edge_type)), unknown, first, last))
    return rows


def span(graph: SocialGraph) -> tuple[str, str] | None:
    """First and last time at which something became known, in words; None when nothing has a time."""
    return None if graph.span is None else (show_time(graph.span[0]), show_time(graph.span[1]))


def licence_line(card: str) -> str:
    r"""The line of a card that names the licence, without its markup; empty when there is none.

    >>> licence_line("# Card\n- **Licence:** Apache-2.0")
    'Apache-2.0'
    """
    lines = [line.strip().lstrip("#-*| ").replace("**", "").replace("`", "").strip() for line in card.splitlines()]
    for position, line in enumerate(lines):
        if "licen" in line.lower():
            following = next((text for text in lines[position + 1 :] if text), "")
            heading = len(line.split()) <= 2 and not line.endswith(".") and ":" not in line
            text = following if heading and following else line
            return re.sub(r"^licen[cs]e\s*[:=]\s*", "", text, flags=re.IGNORECASE)
    return ""


def flatten(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Label and text of everything in nested lists and objects, for a two-column table.

    >>> flatten({"a": {"b": 1, "c": [2, 3]}})
    [('a · b', '1'), ('a · c', '2, 3')]
    """
    if isinstance(value, Mapping):
        return [row for key, inner in value.items() for row in flatten(inner, f"{name} · {key}" if name else str(key))]
    if isinstance(value, list | tuple):
        if all(not isinstance(inner, Mapping | list | tuple) for inner in value):
            return [(name, ", ".join(map(_plain, value)) or "none")]
        return [row for position, inner in enumerate(value, 1) for row in flatten(inner, f"{name} {position}".strip())]
    return [(name, _plain(value))]


def cuts(split: Any) -> list[tuple[str, int]]:
    """Name and time of every cut in a recorded split; cuts at the same time share a line.

    >>> cuts({"valid": "1970-01-02", "test": 1_000_000_000, "by": "time", "horizon_seconds": 3600})
    [('valid', 86400), ('test', 1000000000)]
    """
    named: dict[int, list[str]] = {}
    for label, value in _leaves(split):
        seconds = _cut_time(value)
        if seconds is not None and label not in named.setdefault(seconds, []):
            named[seconds].append(label)
    return [(" = ".join(names[:3]) + ("…" if len(names) > 3 else ""), seconds) for seconds, names in named.items()]


def split_rows(split: Any) -> list[tuple[str, str]]:
    """Label and text of everything recorded about the split, times in words."""
    rows = []
    for label, value in _leaves(split):
        rows.append((label, _plain(value) if _cut_time(value) is None else show_time(value)))
    return rows


def _cut_time(value: Any) -> int | None:
    if isinstance(value, int | float) and (isinstance(value, bool) or value < _EARLIEST_BARE_TIME):
        return None
    if isinstance(value, str) and not any(mark in value for mark in "-:"):
        return None  # "2012" is a label as often as a year
    return as_time(value)


def _leaves(value: Any, name: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, f"{name} {key}".strip())]
    if isinstance(value, list | tuple):
        if all(isinstance(inner, str) for inner in value):
            return [(name, ", ".join(value))]
        return [leaf for position, inner in enumerate(value, 1) for leaf in _leaves(inner, f"{name} {position}")]
    return [] if value is None else [(name or "split", value)]


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) < _EARLIEST_BARE_TIME:
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _ends(times: np.ndarray) -> tuple[str, str]:
    known = times[(times != UNKNOWN_TIME) & (times != NEVER)]
    return (show_time(int(known.min())), show_time(int(known.max()))) if len(known) else ("–", "–")
