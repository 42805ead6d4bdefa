"""Edges that hold the test: built from its events, or of a time that nobody recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from graphsocial.audit.finding import EXAMPLES, Finding, finding


def edges_from_test_events(
    late: np.ndarray,
    *,
    src: np.ndarray | None = None,
    dst: np.ndarray | None = None,
    time: np.ndarray | None = None,
    what: str = "edges that are built from events of the test part or of its time",
    removed: int = 0,
    examples: int = EXAMPLES,
) -> Finding:
    """Edges of the graph or hypergraph that exist only because of what is to be predicted.

    Args:
        late: Whether each edge was built from a test cascade's event, or from one at or after the cut, bool [edge].
        src: Id of the source, for the examples, [edge].
        dst: Id of the target, for the examples, [edge].
        time: When the edge arose, for the examples, int64 seconds [edge].
        what: What is counted.
        removed: How many such edges the protocol left out before.
        examples: How many to name.

    >>> edges_from_test_events(np.array([False, True])).share
    0.5
    """
    rows = np.flatnonzero(late)
    return finding(
        "edges_from_test_events",
        len(rows),
        len(late),
        what,
        "Message passing over such an edge, or counting it, hands the model the answer.",
        "Build the graph of each part from events before the part's first start.",
        removed=removed,
        examples=_named(rows[:examples], src=src, dst=dst, time=time),
    )


def edges_without_times(
    unknown: np.ndarray,
    *,
    src: np.ndarray | None = None,
    dst: np.ndarray | None = None,
    examples: int = EXAMPLES,
) -> Finding:
    """Edges of which nobody knows whether they were there before the cut.

    Args:
        unknown: Whether each edge's time is unknown, bool [edge].
        src: Id of the source, for the examples, [edge].
        dst: Id of the target, for the examples, [edge].
        examples: How many to name.

    >>> edges_without_times(np.array([True, True, False])).severity
    'medium'
    """
    rows = np.flatnonzero(unknown)
    return finding(
        "edges_without_times",
        len(rows),
        len(unknown),
        "edges without a time of their own",
        "A tie that was formed because of a test cascade cannot be told from one that caused it.",
        "Report results that use these edges under a name of their own, with the assumption, beside results without.",
        worst="medium",
        examples=_named(rows[:examples], src=src, dst=dst),
    )


def edges_repeat_test_pairs(
    src: np.ndarray,
    dst: np.ndarray,
    user: np.ndarray,
    cascade: np.ndarray,
    is_test: np.ndarray,
    *,
    directed: bool = False,
    names: np.ndarray | None = None,
    examples: int = EXAMPLES,
) -> Finding:
    """Pairs of users that follow each other in test cascades only, and are edges: the mark of a graph built from them.

    A follow graph has a few of them, because people repost whom they follow; a graph built from the test has all.

    Args:
        src: Code of each edge's source, int64 [edge].
        dst: Code of each edge's target, int64 [edge].
        user: Code of each event's user, int64 [event]; the events of a cascade stand together, in order.
        cascade: Code of each event's cascade, int64 [event].
        is_test: Whether each event belongs to a test cascade, bool [event].
        directed: Whether (a, b) and (b, a) are different edges.
        names: Id of each user code, for the examples.
        examples: How many to name.

    >>> user, cascade = np.array([0, 1, 2, 3]), np.array([0, 0, 1, 1])
    >>> built = edges_repeat_test_pairs(np.array([0, 2]), np.array([1, 3]), user, cascade, cascade == 1)
    >>> built.count, built.total, built.severity
    (1, 1, 'high')
    """
    follows = np.flatnonzero(cascade[1:] == cascade[:-1])
    base = int(max(user.max(initial=-1), src.max(initial=-1), dst.max(initial=-1))) + 1

    def key(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        low, high = (a, b) if directed else (np.minimum(a, b), np.maximum(a, b))
        return low.astype(np.int64) * base + high

    pair, tested = key(user[follows], user[follows + 1]), is_test[follows]
    only_test = np.setdiff1d(pair[tested], pair[~tested])
    built = only_test[np.isin(only_test, key(src, dst))]
    named = (lambda code: code) if names is None else (lambda code: names[code])
    return finding(
        "edges_repeat_test_pairs",
        len(built),
        len(only_test),
        "pairs of users that stand next to each other in test cascades only, and are edges of the graph",
        "When nearly all of them are edges, the graph was built from the test cascades; a few are no surprise in a "
        "graph of who follows whom.",
        "Say which events each edge was built from (edge_event), or build the graph from training events alone.",
        high=0.5,
        medium=0.25,
        examples=({"src": named(code // base), "dst": named(code % base)} for code in built[:examples]),
    )


def _named(rows: np.ndarray, **columns: np.ndarray | None) -> Iterator[dict[str, Any]]:
    """Each row's ids and time, or its number when there are none."""
    known = {name: values for name, values in columns.items() if values is not None}
    for row in rows:
        yield {name: values[row] for name, values in known.items()} or {"edge": row}
