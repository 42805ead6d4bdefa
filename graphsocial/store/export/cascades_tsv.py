"""Cascade lines, the format of `cascades.tsv` in a folder of cascades."""

from __future__ import annotations

from collections import Counter
from typing import TextIO

import numpy as np

from graphsocial.graph import CascadeSet, SocialGraph, format_time, read_cascades
from graphsocial.schema import EdgeType
from graphsocial.store.export.export_report import ExportContent
from graphsocial.store.export.lost_parts import (
    filled_edge_columns,
    lost_bounds,
    lost_node_columns,
    lost_nodes,
    lost_relations,
    unknown_times,
)


def write_cascades(graph: SocialGraph, edge_type: EdgeType, file: TextIO, name: str) -> ExportContent:
    """Writes the cascades along a relation: id, `-` as nothing says which split they are of, and `user:time …`.

    Args:
        graph: View whose edges count.
        edge_type: Who passed on whom or what, as for `read_cascades`.
        file: Where to write.
        name: Name that the file will have.
    """
    cascades = read_cascades(graph, edge_type)
    skipped: Counter[str] = Counter()
    users: set[str] = set()
    lines = passed_on = early = 0
    for i, cascade in enumerate(cascades.names):
        members = range(cascades.offsets[i], cascades.offsets[i + 1])
        if not _is_cascade_id(cascade):
            skipped["cascades whose id is empty, or has a tab, a line end or blanks around it"] += 1
            continue
        events, times = [], []
        for member in members:
            user, time = cascades.node[member], int(cascades.time[member])
            if reason := _why_not(user, time):
                skipped[reason] += 1
                continue
            events.append(f"{user}:{time}")
            times.append(time)
            users.add(user)
            passed_on += cascades.parent[member] >= 0
        if not events:
            skipped["cascades without an event that can be written"] += 1
            continue
        file.write(f"{cascade}\t-\t{' '.join(events)}\n")
        lines += 1
        early += times[0] > min(times)
    source, _, target = edge_type
    written: dict[str | EdgeType, int] = {source: len(users)}
    if source != target:
        written[target] = lines
    written[edge_type] = passed_on
    lost = lost_bounds(graph) + _lost_edges(graph, edge_type, cascades)
    if early:
        lost.append(
            f"who wrote {early} posts that were passed on before: readers take the first event for the author's"
        )
    lost += [f"{count} {what}" for what, count in skipped.items()] + lost_node_columns(graph)
    if columns := filled_edge_columns(graph, edge_type):
        lost.append(f"columns {', '.join(columns)} of ({', '.join(edge_type)}): lines have none")
    lost += lost_nodes(graph, written) + lost_relations(graph, (edge_type, (source, "author", target)))
    return ExportContent((name,), written, tuple(lost))


def _is_cascade_id(cascade: str) -> bool:
    """Whether an id comes out of a line as it went in; a byte order mark before it would be taken for the file's."""
    at_ends = cascade != cascade.strip() or cascade.startswith("\ufeff")
    return bool(cascade) and not at_ends and not any(c in cascade for c in "\t\r\n")


def _why_not(user: str, time: int) -> str:
    """Why a member of a cascade cannot be an event, empty when it can."""
    if not user:
        return "events of authors nobody recorded"
    if user.split() != [user]:
        return "events of users whose id has a blank"
    if time < 0:
        return "events of unknown time, or from before 1970"
    return ""


def _lost_edges(graph: SocialGraph, edge_type: EdgeType, cascades: CascadeSet) -> list[str]:
    lost = []
    again = graph.num_edges(edge_type) - int((cascades.parent >= 0).sum())
    if again:
        lost.append(f"{again} edges that pass on oneself or for a second time: a cascade holds the first one of each")
    author = (edge_type[0], "author", edge_type[2])
    if author in graph.edge_types and edge_type[0] != edge_type[2]:
        written = graph.edges(author).dst
        if further := len(written) - len(np.unique(written)):
            lost.append(f"{further} further authors of posts: a cascade has one")
    if edge_type[0] == edge_type[2] and (np.asarray(cascades.parent) >= 0).any():
        lost.append("through whom each event came: lines hold users and times")
    if unknown := unknown_times(graph, edge_type):
        crawl = format_time(graph.schema.crawled_at[edge_type])
        lost.append(f"that {unknown} edges are of unknown time: they stand at the time of the crawl, {crawl}")
    return lost
