"""Which posts a filter keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np

from graphsocial.embed.nearest import checked_candidates
from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph import QueryResult, SocialGraph
from graphsocial.schema import NodeKey

AUTHOR = ("user", "author", "post")

Within = (
    np.ndarray
    | Sequence[int]
    | Iterable[str]
    | Iterable[NodeKey]
    | Mapping[str, np.ndarray | Sequence[int] | Iterable[str]]
    | QueryResult
)
"""Posts, or users standing for the posts they wrote."""


def posts_within(view: SocialGraph, within: Within | None) -> np.ndarray:
    """Posts of a view that a filter keeps, in canonical order, int64 [post].

    Args:
        view: Where the posts are; who wrote them is known from before a window's start, too.
        within: Posts as positions, as a mask (bool [post]) or by ids; nodes `("post", id)` and `("user", id)`;
            positions or ids by node type, as `neighbourhood` returns; or an answer with a column `post`, `user`, or
            `id` (posts, unless a column `node_type` says otherwise), such as what `sql` found. Users stand for what
            they wrote; nodes of other types for nothing, as a community holds all kinds. None: all posts.

    Raises:
        SchemaError: It is none of these, a position is out of range, or users are given where no author is recorded.
        UnknownNodeError: The view does not know an id.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> wrote = pa.table({"src": ["ann", "bob", "ann"], "dst": ["p1", "p2", "p3"], "time": [1, 2, 3]})
    >>> graph = SocialGraph.build(Schema({"user": {}, "post": {}}, {AUTHOR: {}}), {}, {AUTHOR: wrote})
    >>> posts_within(graph, [("user", "ann"), ("post", "p2")]).tolist()
    [0, 1, 2]
    >>> posts_within(graph.as_of(3), {"user": ["ann"]}).tolist()
    [0]
    """
    count = view.num_nodes("post")
    if within is None:
        return np.arange(count)
    if isinstance(within, QueryResult):
        return _of_ids(view, _of_answer(within))
    if isinstance(within, Mapping):
        return _union(view, {view.schema.check_node_type(t): members for t, members in within.items()})
    if isinstance(within, str) or not isinstance(within, Iterable):
        raise SchemaError(f"within got {within!r}, expected posts: positions, ids, a mask, nodes or an answer")
    if isinstance(within, np.ndarray) and within.dtype != object:
        return _positions(view, "post", within)
    given = list(within)
    if given and all(isinstance(member, tuple) for member in given):
        by_type: dict[str, list[Any]] = {}
        for key in given:
            if len(key) != 2:
                raise SchemaError(f"within got {key!r}, expected nodes such as ('user', 'u17')")
            by_type.setdefault(view.schema.check_node_type(key[0]), []).append(key[1])
        return _of_ids(view, by_type)
    return _positions(view, "post", given)


def _of_ids(view: SocialGraph, by_type: Mapping[str, list[Any]]) -> np.ndarray:
    used = {t: view.index(t, ids) if t in ("post", "user") else ids for t, ids in by_type.items()}
    return _union(view, used)


def _union(view: SocialGraph, by_type: Mapping[str, Any]) -> np.ndarray:
    keep = np.zeros(view.num_nodes("post"), dtype=bool)
    usable = [node_type for node_type in ("post", "user") if node_type in by_type]
    if by_type and not usable:
        raise SchemaError(f"within got nodes of type {', '.join(by_type)}, expected posts or users")
    if "post" in usable:
        keep[_positions(view, "post", by_type["post"])] = True
    if "user" in usable:
        if AUTHOR not in view.edge_types:
            raise SchemaError(f"within got users, but the graph has no edges {AUTHOR} that say who wrote what")
        chosen = np.zeros(view.num_nodes("user"), dtype=bool)
        chosen[_positions(view, "user", by_type["user"])] = True
        wrote = view.without_start().edges(AUTHOR)
        keep[wrote.dst[chosen[wrote.src]]] = True
    return np.flatnonzero(keep)


def _positions(view: SocialGraph, node_type: str, members: Any) -> np.ndarray:
    """Positions of members given as positions, as a mask or by ids, ascending."""
    if not isinstance(members, np.ndarray) or members.dtype.kind in "OU":
        members = [members] if isinstance(members, str) else list(members)
        if any(isinstance(member, str | UUID) for member in members):
            return np.unique(view.index(node_type, members))
    return checked_candidates(members, view.num_nodes(node_type))


def _of_answer(answer: QueryResult) -> dict[str, list[Any]]:
    """Ids by node type that an answer names, missing ones left out."""
    columns = answer.columns()
    ids = next((name for name in ("id", "node") if name in columns), None)
    if "node_type" in columns and ids is not None:
        found: dict[str, list[Any]] = {}
        for node_type, member in zip(list(columns["node_type"]), list(columns[ids]), strict=True):
            found.setdefault(node_type, []).append(member)
        return found
    for name, node_type in (("post", "post"), ("user", "user"), ("id", "post")):
        if name in columns:
            return {node_type: [member for member in list(columns[name]) if member is not None]}
    wanted = ("post", "user", "id")
    near = next((hint for name in columns if (hint := did_you_mean(name, wanted))), "")
    raise SchemaError(
        f"within got an answer with columns {', '.join(columns)}, expected one named post, user or id.{near}"
    )
