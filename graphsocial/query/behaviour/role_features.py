"""What kinds of acts users do, and how often others act on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.schema import EdgeType

KINDS = {
    "originates": ("author",),
    "spreads": ("repost",),
    "comments": ("reply", "quote"),
    "addresses": ("mention",),
    "approves": ("like",),
}
"""Kinds of acts, by the relations that are one."""

_AUTHOR: EdgeType = ("user", "author", "post")
_HEARD = ("repost", "reply", "quote", "mention", "like")


@dataclass(frozen=True, eq=False)
class RoleFeatures:
    """Counts per user.

    Attributes:
        kinds: Kinds of acts that the graph records.
        acts: Acts of each kind, int64 [user, kind].
        heard: Acts of others on the user or on the user's posts, int64 [user].
    """

    kinds: tuple[str, ...]
    acts: np.ndarray
    heard: np.ndarray


def role_features(view: SocialGraph) -> RoleFeatures:
    """Counts from the edges of a view.

    What one user did in one second by one relation counts once: a repost may point at the post and at its author.

    Raises:
        SchemaError: The graph records nothing that users do.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> wrote, passed = ("user", "author", "post"), ("user", "repost", "post")
    >>> edges = {
    ...     wrote: pa.table({"src": ["ann"], "dst": ["p"], "time": [1]}),
    ...     passed: pa.table({"src": ["bob", "cat"], "dst": ["p", "p"], "time": [2, 2]}),
    ... }
    >>> found = role_features(SocialGraph.build(Schema({"user": {}, "post": {}}, {wrote: {}, passed: {}}), {}, edges))
    >>> found.kinds, found.acts.tolist(), found.heard.tolist()
    (('originates', 'spreads'), [[1, 0], [0, 1], [0, 1]], [2, 0, 0])
    """
    users = view.num_nodes("user") if "user" in view.node_types else 0
    by_kind = {
        kind: [e for e in view.edge_types if e[0] == "user" and e[1] in relations] for kind, relations in KINDS.items()
    }
    kinds = tuple(kind for kind, there in by_kind.items() if there)
    if not kinds:
        raise SchemaError(
            "the graph records nothing that users do, expected one of " + ", ".join(sum(KINDS.values(), ()))
        )
    acts = np.zeros((users, len(kinds)), dtype=np.int64)
    for column, kind in enumerate(kinds):
        acts[:, column] = _distinct(view, by_kind[kind], users)
    return RoleFeatures(kinds, acts, _heard(view, users))


def _distinct(view: SocialGraph, edge_types: list[EdgeType], users: int) -> np.ndarray:
    """Seconds in which each user did any of these, by relation; acts of unknown time count one by one, int64 [user]."""
    total = np.zeros(users, dtype=np.int64)
    for relation in sorted({e[1] for e in edge_types}):
        parts = [view.edges(e) for e in edge_types if e[1] == relation]
        timed = [np.stack([part.src, part.time], axis=1)[part.recorded] for part in parts]
        total += np.bincount(np.unique(np.concatenate(timed), axis=0)[:, 0], minlength=users)
        for part in parts:
            total += np.bincount(part.src[~part.recorded], minlength=users)
    return total


def _heard(view: SocialGraph, users: int) -> np.ndarray:
    """Others who acted on each user or the user's posts, each second and relation once, int64 [user]."""
    author = np.full(view.num_nodes("post") if "post" in view.node_types else 0, -1)
    if _AUTHOR in view.edge_types:
        wrote = view.without_start().edges(_AUTHOR)
        author[wrote.dst[::-1]] = wrote.src[::-1]  # the first one who did
    rows = [np.empty((0, 4), dtype=np.int64)]
    for number, relation in enumerate(_HEARD):
        for edge_type in view.edge_types:
            if edge_type[0] != "user" or edge_type[1] != relation or edge_type[2] not in ("user", "post"):
                continue
            edges = view.edges(edge_type)
            to = edges.dst if edge_type[2] == "user" else author[edges.dst]
            other = (to >= 0) & (to != edges.src)
            row = np.stack([to, edges.src, edges.time, np.full(len(to), number)], axis=1)
            rows.append(row[other])
    return np.bincount(np.unique(np.concatenate(rows), axis=0)[:, 0], minlength=users)
