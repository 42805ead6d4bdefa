"""The audit of a graph: what a model over it could see, with the protocol's views and without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.audit.audit_cascades import HONEST, audit_cascades, checked_part
from graphsocial.audit.edge_checks import edges_from_test_events, edges_without_times
from graphsocial.audit.finding import EXAMPLES, Finding
from graphsocial.audit.graph_tasks import label_columns, task_labels
from graphsocial.audit.label_checks import columns_measured_later, selection_on_test, shared_groups
from graphsocial.audit.leak_report import LeakReport
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.schema import AT_ROW, MEASURED, UNKNOWN_TIME, EdgeType

if TYPE_CHECKING:
    from graphsocial.graph import SocialGraph
    from graphsocial.learn import Task, TemporalSplit
    from graphsocial.learn.next_user.split import NextUserSplit

SPREADS = ("repost", "quote", "reply")
"""Relations that cascades are read along, the first one that is there."""

FROM_CASCADES = (
    "events_after_cut",
    "cascades_across_cut",
    "near_duplicates",
    "near_duplicates_train_valid",
    "end_tokens",
    "targets_that_cannot_be_hit",
    "unseen_users",
)


ONE_TREE_EACH = ("near_duplicates", "near_duplicates_train_valid", "unseen_users")
"""Checks that mean nothing where each user is in one cascade."""


def audit_graph(
    graph: SocialGraph,
    split: TemporalSplit | None = None,
    tasks: Sequence[Task] = (),
    *,
    protocol: str = "strict",
    columns: Iterable[str] | None = None,
    selected_on: str | None = None,
    examples: int = EXAMPLES,
) -> LeakReport:
    """Lists what a model over a graph could see and should not.

    Under `strict` and `prequential` the model sees the graph through `as_of`, which hides later edges, rows and
    columns; under `legacy` and `users_only` it sees the whole store. Labels that a task takes as known with their post
    are counted under every protocol. Cascades along reposts (else quotes, replies) are audited too, by their start.

    Args:
        graph: The graph, whole.
        split: Where time is cut; None cuts at 80 % and 90 % of the nodes' (else the edges') times, and says so.
        tasks: What is learned; without any, labels are not checked.
        protocol: `legacy`, `users_only`, `strict` or `prequential`.
        columns: Inputs of the model as `node_type.column` or `source relation target.column`; None = all columns.
        selected_on: Part whose score chose the epoch.
        examples: How many examples each finding names.

    Raises:
        SchemaError: Unknown protocol, column or part, or a graph without times to cut.

    >>> import pyarrow as pa
    >>> from graphsocial.graph import SocialGraph
    >>> from graphsocial.schema import Column, Schema
    >>> schema = Schema({"user": {}, "post": {"likes": Column("int", known_at=100)}}, {("user", "author", "post"): {}})
    >>> posts = pa.table({"id": list("abcdefghij"), "known_at": list(range(10, 20))})
    >>> report = audit_graph(SocialGraph.build(schema, {"post": posts}, {}, name="tiny"), protocol="legacy")
    >>> [(found.name, found.count) for found in report.leaks]
    [('columns_measured_later', 1)]
    """
    from graphsocial.learn.next_user.split import PROTOCOLS

    if protocol not in PROTOCOLS:
        raise SchemaError(
            f"unknown protocol {protocol!r}, expected one of {', '.join(PROTOCOLS)}.{did_you_mean(protocol, PROTOCOLS)}"
        )
    assumptions = list(graph.assumptions)
    if split is None:
        split, said = _default_split(graph)
        assumptions.append(said)
    unchecked: dict[str, str] = {}
    findings = [
        *_edge_findings(graph, split.test, protocol, unchecked, examples),
        _columns(graph, split.test, tasks, protocol, columns, examples),
        *task_labels(graph, split, tasks, protocol, unchecked, examples),
        *_groups(graph, split, tasks, unchecked, examples),
    ]
    if selected_on is None:
        unchecked["selection_on_test"] = "say which part chose the epoch and the settings (selected_on)"
    else:
        findings.append(selection_on_test(checked_part(selected_on)))
    spread = _spread(graph)
    cascades, why = _cascade_split(graph, spread, split, protocol)
    if cascades is None:
        unchecked |= dict.fromkeys(FROM_CASCADES, why)
    else:
        audited = audit_cascades(cascades, examples=examples)
        alone = () if spread is not None and spread[2] == "post" else ONE_TREE_EACH
        findings += [audited[name] for name in FROM_CASCADES if name not in alone]
        unchecked |= dict.fromkeys(alone, "cascades among users are trees of which each user is in one")
    return LeakReport(
        graph.name,
        protocol,
        split.test,
        {
            "train": _rows_before(graph, split.valid),
            "valid": _rows_before(graph, split.test) - _rows_before(graph, split.valid),
            "test": _rows_before(graph, split.end) - _rows_before(graph, split.test),
        },
        tuple(findings),
        unchecked,
        tuple(assumptions),
        unit=_rows_of(graph),
    )


def _rows_of(graph: SocialGraph) -> str:
    """What the split divides: posts where they have times, else edges."""
    timed = "post" in graph.node_types and (graph.known_at("post") != UNKNOWN_TIME).any()
    return "posts" if timed else "edges"


def _row_times(graph: SocialGraph) -> np.ndarray:
    """Times of the rows that the split divides, ascending."""
    if _rows_of(graph) == "posts":
        known = graph.known_at("post")
        return known[known != UNKNOWN_TIME]
    times = [e.time[e.recorded] for e in map(graph.edges, graph.edge_types)]
    return np.sort(np.concatenate(times)) if times else np.zeros(0, dtype=np.int64)


def _rows_before(graph: SocialGraph, time: int | None) -> int:
    times = _row_times(graph)
    return len(times) if time is None else int(np.searchsorted(times, time, side="left"))


def _default_split(graph: SocialGraph) -> tuple[TemporalSplit, str]:
    from graphsocial.graph import format_time
    from graphsocial.learn import TemporalSplit

    times = _row_times(graph)
    if not len(times) or times[len(times) * 8 // 10] == times[len(times) * 9 // 10]:
        raise SchemaError(
            f"graph {graph.name!r} has {len(times)} rows with a time, too few different ones to cut; give a split"
        )
    valid, test = int(times[len(times) * 8 // 10]), int(times[len(times) * 9 // 10])
    said = (
        "no split was given: time is cut where 80 % and 90 % of the rows are known, "
        f"{format_time(valid)} and {format_time(test)}"
    )
    return TemporalSplit(valid=valid, test=test), said


def _edge_findings(
    graph: SocialGraph, cut: int, protocol: str, unchecked: dict[str, str], examples: int
) -> list[Finding]:
    tables = {edge_type: graph.edges(edge_type) for edge_type in graph.edge_types}
    if not sum(map(len, tables.values())):
        unchecked["edges_from_test_events"] = unchecked["edges_without_times"] = "the graph has no edges"
        return []
    time = np.concatenate([e.time for e in tables.values()])
    recorded = np.concatenate([e.recorded for e in tables.values()])
    src, dst = (
        np.concatenate([_named(graph, t[end], getattr(e, side)) for t, e in tables.items()])
        for end, side in ((0, "src"), (2, "dst"))
    )
    late = recorded & (time >= cut)
    honest = protocol in HONEST
    kept = recorded & ~late if honest else recorded
    return [
        edges_from_test_events(
            late[kept],
            src=src[kept],
            dst=dst[kept],
            time=time[kept],
            removed=int(late.sum()) if honest else 0,
            what="edges that a model could pass messages over, formed at or after the first test start",
            examples=examples,
        ),
        edges_without_times(~recorded, src=src, dst=dst, examples=examples),
    ]


def _named(graph: SocialGraph, node_type: str, rows: np.ndarray) -> np.ndarray:
    return graph.node_ids(node_type)[rows]


def _columns(
    graph: SocialGraph, cut: int, tasks: Sequence[Task], protocol: str, wanted: Iterable[str] | None, examples: int
) -> Finding:
    schema = graph.schema
    known = {f"{t}.{c}": column.known_at for t, columns in schema.nodes.items() for c, column in columns.items()}
    known |= {
        f"{' '.join(t)}.{c}": column.known_at for t, columns in schema.edges.items() for c, column in columns.items()
    }
    if wanted is not None:
        chosen = list(wanted)
        for name in chosen:
            if name not in known:
                raise SchemaError(
                    f"no column {name!r}, expected one of {', '.join(known) or '(none)'}.{did_you_mean(name, known)}"
                )
        known = {name: known[name] for name in chosen}
    times = {name: _measured_until(graph, name, at) for name, at in known.items()}
    if protocol not in HONEST:
        return columns_measured_later(times, cut, examples=examples)
    assumed = {".".join(pair) for pair in graph.assumed_known} | label_columns(tasks)
    late = [name for name, at in times.items() if at is not None and at >= cut and name not in assumed]
    shown = {name: at for name, at in times.items() if name not in late}
    return columns_measured_later(shown, cut, removed=len(late), examples=examples)


def _measured_until(graph: SocialGraph, name: str, known_at: int | str) -> float | None:
    """When the last value of a column was looked at, None where it is known with its row."""
    if known_at == MEASURED:
        node_type, _, column = name.partition(".")
        time = graph.measurements(node_type, column).time
        return int(time[-1]) if len(time) else None
    return None if known_at == AT_ROW else int(known_at)


def _groups(
    graph: SocialGraph, split: TemporalSplit, tasks: Sequence[Task], unchecked: dict[str, str], examples: int
) -> list[Finding]:
    """Test posts whose picture a training post showed."""
    from graphsocial.learn.task import groups_of

    shows = [t for t in graph.edge_types if t[0] == "post" and t[1] == "show" and graph.num_edges(t)]
    if not shows:
        unchecked["shared_images"] = "no post shows a medium"
        return []
    known = graph.row_known_at("post")
    labelled = [task for task in tasks if task.kind == "post_label"]
    window = split.window("test", graph)
    if labelled:
        window = labelled[0].test_window(window)
    first = split.window("train", graph)
    parts = []
    for start, end in (first, window):
        rows = np.flatnonzero((known >= start) & (known < end))
        groups = groups_of(graph, "post", rows, "show").tolist()
        parts.append([g.removeprefix("show ") if g.startswith("show ") else None for g in groups])
    found = shared_groups(parts[0], parts[1], kind="image", examples=examples)
    if labelled and all(getattr(task, "disjoint_by", None) == "show" for task in labelled):
        rest = [g for g in parts[1] if g is None or g not in set(parts[0])]
        return [replace(shared_groups([], rest, kind="image"), removed=found.count)]
    return [found]


def _spread(graph: SocialGraph) -> EdgeType | None:
    """The relation that cascades are read along."""
    wanted: list[EdgeType] = [("user", relation, target) for relation in SPREADS for target in ("post", "user")]
    return next((t for t in wanted if t in graph.edge_types and graph.num_edges(t)), None)


def _cascade_split(
    graph: SocialGraph, edge_type: EdgeType | None, split: TemporalSplit, protocol: str
) -> tuple[NextUserSplit | None, str]:
    """The graph's cascades cut where the split cuts, or why there is none."""
    from graphsocial.graph import read_cascades
    from graphsocial.learn.cascade_table import CascadeTable
    from graphsocial.learn.next_user.split import NextUserSplit

    if edge_type is None:
        return None, f"the graph has no cascades: no {', '.join(SPREADS)} by users"
    try:
        table = CascadeTable.of(read_cascades(graph, edge_type))
    except SchemaError:
        return None, f"no cascade along {' '.join(edge_type)} has 2 to 500 users"
    end = len(table) if split.end is None else int(np.searchsorted(table.start, split.end))
    train, valid = np.searchsorted(table.start, [split.valid, split.test]).tolist()
    if not 0 < train <= valid < end:
        return None, (
            f"cascades along {' '.join(edge_type)}: {train} start in training, {max(0, end - valid)} in the test part"
        )
    return NextUserSplit(table, protocol, train, valid, end), ""
