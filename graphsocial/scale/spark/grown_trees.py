"""Parents of the members of some cascades, from their follow lists: what one task of `cascade_trees` does."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

GROWN = "item bigint, place bigint, user bigint, parent bigint, time bigint"
"""Columns of the answer: the item, the member's place in its cascade, who it is, its parent's place, when."""

_ENDLESS = np.iinfo(np.int64).max


def grown_trees(members: pa.Table, follows: pa.Table, parents: str, unexposed: str) -> pa.Table:
    """The members that are asked for, with their parents, in no order.

    Args:
        members: All members of each (`item`, `chunk`), in no order: `user`, `time`, `is_author`, and whether this one
            is `asked` for.
        follows: Who could have exposed whom: `user`, `source`, `since`; of the asked members at least.
        parents: "latest" or "first".
        unexposed: "author" or "root", see `cascade_trees` of the graph room.

    >>> members = pa.table({
    ...     "item": [7, 7, 7], "chunk": [0, 0, 0], "user": [2, 0, 1], "time": [9, 1, 5],
    ...     "is_author": [False, True, False], "asked": [True, True, True],
    ... })
    >>> follows = pa.table({"user": [2, 2, 1], "source": [0, 1, 2], "since": [0, 6, 0]})
    >>> grown_trees(members, follows, "latest", "author").select(["place", "user", "parent"]).to_pylist()[2]
    {'place': 2, 'user': 2, 'parent': 1}
    """
    columns = {
        name: members.column(name).to_numpy() for name in ("item", "chunk", "user", "time", "is_author", "asked")
    }
    keys = (columns["user"], ~columns["is_author"], columns["time"], columns["chunk"], columns["item"])
    order = np.lexsort(keys)
    item, chunk, user, time, is_author, asked = (column[order] for column in columns.values())
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(item) != 0) | (np.diff(chunk) != 0)
    offsets = np.append(np.flatnonzero(new), len(order)).astype(np.int64)
    author_at = np.flatnonzero(is_author).astype(np.int64)
    parent = _parents(offsets, author_at, user, time, asked, follows, parents == "first")
    unit = np.cumsum(new) - 1
    low, author, here = offsets[unit], author_at[unit], np.arange(len(order))
    place = np.where(is_author, 0, here - low + (here < author))  # the author moves to the front
    up = np.where(parent >= 0, place[parent], -1)
    if unexposed == "author":
        up = np.where((parent < 0) & ~is_author, 0, up)
    found = {"item": item, "place": place, "user": user, "parent": up, "time": time}
    return pa.table({name: array[asked] for name, array in found.items()})


def _parents(
    offsets: np.ndarray,
    author_at: np.ndarray,
    user: np.ndarray,
    time: np.ndarray,
    asked: np.ndarray,
    follows: pa.Table,
    earliest: bool,
) -> np.ndarray:
    """Member that each asked member has its item from, -1 for none, int64 [member]."""
    from graphsocial.graph.exposures.adoption_kernels import earlier_members, scan_members, walk_rows  # numba
    from graphsocial.graph.kernels import stable_groups

    known, who = np.unique(user, return_inverse=True)
    hidden = int(len(known) and known[0] < 0)  # the place of authors whom nobody recorded
    who = who.reshape(-1).astype(np.int64) - hidden
    known = known[hidden:]
    indptr, neighbour, clock = _rows(known, follows)
    nodes, count = len(known), len(user)
    below = np.empty(count, dtype=np.int64)
    earlier_members(offsets, author_at, time, below)
    below[~asked] = -1
    exposures = np.zeros(count, dtype=np.int64)
    first, last = np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    later = np.empty((count, 2), dtype=np.int64)
    bits, since = np.zeros((nodes >> 6) + 1, dtype=np.int64), np.empty(nodes, dtype=np.int64)
    nothing, none = np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    left = walk_rows(
        offsets, below, who, time, indptr, neighbour, clock, _ENDLESS, 0, none, not earliest,
        bits, since, np.full(nodes, -1, dtype=np.int64), later, exposures, first, last, nothing, nothing,
    )  # fmt: skip
    if left:
        order = np.empty(left, dtype=np.int64)
        groups = stable_groups(who[later[:left, 0]], nodes, order)
        scan_members(
            later, groups, order, below, who, time, indptr, neighbour, clock, _ENDLESS, 0, none, not earliest,
            bits, since, exposures, first, last, nothing, nothing,
        )  # fmt: skip
    return first if earliest else last


def _rows(known: np.ndarray, follows: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of those who expose each node, among the known ones: starts [node + 1], who, and since when."""
    from graphsocial.graph.kernels import stable_groups

    user, source, since = (follows.column(name).to_numpy() for name in ("user", "source", "since"))
    row, column = np.searchsorted(known, user), np.searchsorted(known, source)
    if len(known):
        top = len(known) - 1
        inside = (known[np.minimum(row, top)] == user) & (known[np.minimum(column, top)] == source)
    else:
        inside = np.zeros(len(user), dtype=bool)
    row, column, since = row[inside], column[inside], since[inside]
    by_time = np.argsort(since, kind="stable")
    row, column, since = row[by_time], column[by_time], since[by_time]
    order = np.empty(len(row), dtype=np.int64)
    indptr = stable_groups(row, len(known), order)
    return indptr, column[order], since[order]
