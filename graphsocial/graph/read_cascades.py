"""Cascades as a view of a graph shows them."""

from __future__ import annotations

import numpy as np

from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import UNKNOWN_TIME, EdgeType


def read_cascades(graph: SocialGraph, edge_type: EdgeType) -> CascadeSet:
    """The cascades along a relation, in the order they began.

    Between nodes of one type, such as (user, repost, user): a user's parent is whom they first reposted, and trees
    hang together along parents. A root was reposted before it reposted anybody, so no parent is younger than its
    child. Between two types, such as (user, repost, post): one cascade per post that is known or reposted in the
    view; its author is the root and the parent of everybody else, as nothing says who saw it through whom. Reposts of
    oneself do not count; of repeated ones the first does. A view that ends sees cascades that may go on: they are
    marked as censored.

    Args:
        graph: View whose edges count; in a window, authors of posts from before its start are looked up there.
        edge_type: Who passed on whom or what.

    Raises:
        SchemaError: Unknown edge type.

    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> repost = ("user", "repost", "user")
    >>> edges = pa.table({"src": ["bob", "cy", "dee"], "dst": ["ann", "bob", "ann"], "time": [1, 2, 3]})
    >>> cascades = read_cascades(SocialGraph.build(Schema({"user": {}}, {repost: {}}), {}, {repost: edges}), repost)
    >>> cascades.node.tolist(), cascades.parent.tolist()
    (['ann', 'bob', 'cy', 'dee'], [-1, 0, 1, 0])
    """
    edge_type = graph.schema.check_edge_type(edge_type)
    return _trees(graph, edge_type) if edge_type[0] == edge_type[2] else _stars(graph, edge_type)


def _trees(graph: SocialGraph, edge_type: EdgeType) -> CascadeSet:
    from graphsocial.graph.kernels import grow_cascades  # numba: imported when first needed

    edges = graph.edges(edge_type)
    parent, since, root, active = grow_cascades(edges.src, edges.dst, edges.time, graph.num_nodes(edge_type[0]))
    roots = active[parent[active] < 0]  # in the order they became active
    rank = np.empty(len(parent), dtype=np.int64)
    rank[roots] = np.arange(len(roots))
    members = active[np.argsort(rank[root[active]], kind="stable")]
    place = np.empty(len(parent), dtype=np.int64)
    place[members] = np.arange(len(members))
    up = np.where(parent[members] >= 0, place[parent[members]], -1)
    ids = graph.node_ids(edge_type[0])
    size = np.bincount(rank[root[members]], minlength=len(roots))
    offsets = np.concatenate([[0], np.cumsum(size)])
    censored = np.full(len(roots), graph.end is not None)
    return CascadeSet(ids[members], up, since[members], offsets, ids[roots], censored, known_until=graph.end)


def _stars(graph: SocialGraph, edge_type: EdgeType) -> CascadeSet:
    source, _, target = edge_type
    edges = graph.edges(edge_type)
    author, since = _authors(graph, source, target)
    known = graph.known_at(target)
    reposted = np.zeros(len(known), dtype=bool)
    reposted[edges.dst] = True
    published = (known != UNKNOWN_TIME) if graph.start is None else (known >= graph.start)
    item = np.flatnonzero(published | reposted)
    item = item[np.argsort(since[item], kind="stable")]
    rank = np.full(len(known), -1, dtype=np.int64)
    rank[item] = np.arange(len(item))

    _, first = np.unique(edges.dst * np.int64(graph.num_nodes(source)) + edges.src, return_index=True)
    first.sort()  # the first repost of each by each, in time order
    first = first[edges.src[first] != author[edges.dst[first]]]
    owner = np.concatenate([np.arange(len(item)), rank[edges.dst[first]]])
    node = np.concatenate([author[item], edges.src[first]])
    time = np.concatenate([since[item], edges.time[first]])
    order = np.argsort(owner, kind="stable")  # the author of each item stands first, then the others by time
    offsets = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(item)))])
    parent = np.repeat(offsets[:-1], np.diff(offsets))
    parent[offsets[:-1]] = -1
    ids = np.append(graph.node_ids(source), "")  # -1, an author nobody recorded, is the last
    censored = np.full(len(item), graph.end is not None)
    names = graph.node_ids(target)[item]
    return CascadeSet(ids[node[order]], parent, time[order], offsets, names, censored, known_until=graph.end)


def _authors(graph: SocialGraph, source: str, target: str) -> tuple[np.ndarray, np.ndarray]:
    """Author of each item, -1 where not recorded, and when the item was published, [item]."""
    author = np.full(graph.num_nodes(target), -1, dtype=np.int64)
    since = graph.known_at(target).copy()
    edge_type = (source, "author", target)
    if edge_type in graph.edge_types:
        # authorship may lie before the window that reposts are read from
        whole = graph.without_start().edges(edge_type)
        author[whole.dst[::-1]] = whole.src[::-1]  # the earliest wins
        since[whole.dst[::-1]] = whole.time[::-1]
    return author, since
