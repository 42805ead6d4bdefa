"""A post as of a time, with the numbers that a graph has given to who acted."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphsocial.errors import SchemaError, UnknownNodeError, did_you_mean
from graphsocial.graph import CascadeSet, format_time
from graphsocial.learn.activation.candidate_edges import CandidateEdges
from graphsocial.learn.activation.cascade_record import CascadeRecord


def post_events(cascades: CascadeSet, post: Any, as_of: int) -> tuple[Any, np.ndarray, np.ndarray]:
    """The post's name in the set, its users in order of their first event before a time, and when it was.

    Args:
        cascades: Observed cascades.
        post: Name of one of them, or `(node type, name)`.
        as_of: The time.

    Raises:
        SchemaError: Not a `CascadeSet`.
        UnknownNodeError: The post has no event before the time.
    """
    if not isinstance(cascades, CascadeSet):
        raise SchemaError(f"got {type(cascades).__name__}, expected a CascadeSet, such as read_cascades() returns")
    wanted = post[1] if isinstance(post, tuple) and len(post) == 2 else post
    place = np.flatnonzero(cascades.names.astype(str) == str(wanted))
    events = np.arange(cascades.offsets[place[0]], cascades.offsets[place[0] + 1]) if len(place) else np.zeros(0, int)
    events = events[cascades.time[events] < as_of]
    if not len(events):
        started = np.unique(np.repeat(np.arange(len(cascades)), cascades.size)[cascades.time < as_of])
        near = did_you_mean(str(wanted), map(str, cascades.names[started[:20_000]].tolist()))
        raise UnknownNodeError(f"no post {wanted!r} with an event before {format_time(as_of)}.{near}")
    events = events[np.argsort(cascades.time[events], kind="stable")]
    user, first = np.unique(cascades.node[events].astype(str), return_index=True)
    order = np.argsort(first)
    return cascades.names[place[0]], user[order], cascades.time[events[first[order]]]


def record_of_post(name: Any, user: np.ndarray, time: np.ndarray, graph: CandidateEdges) -> CascadeRecord:
    """One cascade whose users have the graph's numbers; those it does not know come after all of them.

    Args:
        name: Of the post.
        user: Ids in order of their first event [event].
        time: Of those events [event].
        graph: The graph.
    """
    known = graph.spread.num_nodes - 1
    place = {who: number for number, who in enumerate(graph.spread.ids[:known].tolist())}
    number = np.array([place.get(who, known + 1 + i) for i, who in enumerate(user.tolist())], dtype=np.int64)
    names = np.empty(1, dtype=object)
    names[0] = name
    return CascadeRecord(
        user=number,
        time=time,
        offsets=np.array([0, len(user)]),
        ids=graph.spread.ids,
        first_seen=np.zeros(0, dtype=np.int64),
        names=names,
        place=np.zeros(1, dtype=np.int64),
    )
