"""A folder of posts as a graph: users, posts, pictures, and what passed between them."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from graphsocial.graph import SocialGraph
from graphsocial.graph.time import AFTER_ALL
from graphsocial.ingest import PostFolder
from graphsocial.schema import RELATIONS, UNKNOWN_TIME, Column, EdgeType, Schema

AUTHOR: EdgeType = ("user", "author", "post")
SHOW: EdgeType = ("post", "show", "media")


def post_graph(folder: PostFolder) -> SocialGraph:
    """The graph of a folder.

    Relations whose name the schema does not know are left out, and listed among the assumptions. A relation leads to a
    post where its end is the id of one and to a user otherwise; so does it start. Posts without a time count as known
    from the beginning.

    Args:
        folder: Its labels and groups are no part of the graph: they are what is asked.
    """
    known = folder.time != UNKNOWN_TIME
    when = pa.array(np.where(known, folder.time, 0), pa.int64(), mask=~known)
    posts = pa.table({"id": _texts(folder.post), "known_at": when, "text": _texts(folder.text)})
    wrote = np.flatnonzero(folder.user.astype(bool))
    tables: dict[EdgeType, pa.Table] = {
        AUTHOR: _edges(folder.user[wrote], folder.post[wrote], folder.time[wrote]),
    }
    files = sorted({file for several in folder.images for file in several})
    root = Path(os.path.commonpath([file.parent for file in files])) if files else None
    shown = [(at, str(file.relative_to(root))) for at, several in enumerate(folder.images) for file in several if root]
    row = np.array([at for at, _ in shown], dtype=np.int64)
    tables[SHOW] = _edges(folder.post[row], np.array([name for _, name in shown], dtype=object), folder.time[row])
    names = [str(file.relative_to(root)) for file in files if root]
    left_out = _relations(folder, tables)
    schema = Schema(
        {"user": {}, "post": {"text": Column("string")}, "media": {"path": Column("string")}},
        {edge_type: {} for edge_type in tables},
        crawled_at={edge_type: AFTER_ALL for edge_type in tables},
    )
    return SocialGraph.build(
        schema,
        {"post": posts, "media": pa.table({"id": _texts(names), "path": _texts(names)})},
        tables,
        name=folder.name,
        assumptions=tuple(f"{count:,} edges {name!r} are left out" for name, count in sorted(left_out.items())),
        media_root=None if root is None else str(root),
    )


def _relations(folder: PostFolder, tables: dict[EdgeType, pa.Table]) -> dict[str, int]:
    """Adds the folder's relations; returns how many edges of which name are no relation of a social graph."""
    left_out: dict[str, int] = defaultdict(int)
    if folder.edges is None:
        return left_out
    posts = set(folder.post.tolist())
    ends = [
        np.array(["post" if name in posts else "user" for name in part])
        for part in (folder.edges.src, folder.edges.dst)
    ]
    for relation in sorted(set(folder.edges.relation.tolist())):
        of_name = folder.edges.relation == relation
        if relation not in RELATIONS or relation in ("author", "show", "tag", "link"):
            left_out[relation] += int(of_name.sum())
            continue
        for source in ("user", "post"):
            for target in ("user", "post"):
                chosen = of_name & (ends[0] == source) & (ends[1] == target)
                if chosen.any():
                    edges = folder.edges
                    tables[source, relation, target] = _edges(edges.src[chosen], edges.dst[chosen], edges.time[chosen])
    return left_out


def _edges(src: np.ndarray, dst: np.ndarray, time: np.ndarray) -> pa.Table:
    unknown = time == UNKNOWN_TIME
    return pa.table(
        {
            "src": _texts(src),
            "dst": _texts(dst),
            "time": pa.array(np.where(unknown, 0, time), pa.int64(), mask=unknown),
        }
    )


def _texts(values: Any) -> pa.Array:
    return pa.array(list(values), pa.string())
