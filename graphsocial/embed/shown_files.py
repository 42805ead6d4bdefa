"""Files of the pictures and clips that posts show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphsocial.embed.shown_contents import SHOW
from graphsocial.graph import SocialGraph


def shown_files(view: SocialGraph, posts: Sequence[str]) -> list[tuple[str, ...]]:
    """Paths of what each post shows, in order of time, as the graph names them: relative to its folder of media.

    Args:
        view: Nothing that it does not know is shown.
        posts: Ids of posts.

    Raises:
        UnknownNodeError: The view does not know a post.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Column, Schema
    >>> posts = pa.table({"id": ["p", "q"], "known_at": [1, 2]})
    >>> media = pa.table({"id": ["m", "n"], "path": ["m.jpg", "n.jpg"]})
    >>> edges = {SHOW: pa.table({"src": ["p", "p"], "dst": ["n", "m"], "time": [1, 3]})}
    >>> graph = SocialGraph.build(Schema({"post": {}, "media": {"path": Column("string")}}, {SHOW: {}}),
    ...                           {"post": posts, "media": media}, edges)
    >>> shown_files(graph, ["q", "p"]), shown_files(graph.as_of(3), ["p"])
    ([(), ('n.jpg', 'm.jpg')], [('n.jpg',)])
    """
    place = view.index("post", posts)
    if SHOW not in view.edge_types or "path" not in view.schema.nodes["media"]:
        return [()] * len(place)
    edges = view.without_start().edges(SHOW)
    paths = view.column("media", "path")
    found = []
    for post in place.tolist():
        own = np.flatnonzero(edges.src == post)
        own = own[np.argsort(edges.time[own], kind="stable")]
        named = (paths[int(media)].as_py() for media in edges.dst[own])
        found.append(tuple(path for path in dict.fromkeys(named) if path is not None))
    return found
