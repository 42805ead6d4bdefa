from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph import common_neighbours, count_before
from tests.graph.worlds import AUTHOR, FOLLOW, REPOST, random_world


def test_count_before_against_brute_force() -> None:
    rng = np.random.default_rng(0)
    for seed in range(15):
        graph = random_world(seed).graph()
        for view in (graph, graph.as_of(66), graph.window(18, 66)):
            for edge_type in view.edge_types:
                edges = view.edges(edge_type)
                for direction, node_type, end in (("out", edge_type[0], edges.src), ("in", edge_type[2], edges.dst)):
                    node = np.arange(view.num_nodes(node_type))
                    start, stop = rng.integers(0, 110, (2, len(node)))
                    found = count_before(view, edge_type, direction, node, start, stop)  # type: ignore[arg-type]
                    inside = (end == node[:, None]) & (edges.time >= start[:, None]) & (edges.time < stop[:, None])
                    assert found.tolist() == inside.sum(1).tolist()
                    assert (found >= 0).all(), "an interval that ends before it starts is empty"


def test_common_neighbours_against_networkx() -> None:
    for seed in range(15):
        graph = random_world(seed, edges=20).graph()
        for view in (graph, graph.as_of(66), graph.window(18, 66)):
            users = np.arange(view.num_nodes("user"))
            a, b = np.repeat(users, len(users)), np.tile(users, len(users))
            for t in (30, 61, 500):
                plain = nx.Graph()
                plain.add_nodes_from(users)
                for edge_type in (REPOST, FOLLOW):
                    edges = view.edges(edge_type)
                    before = edges.time < t
                    plain.add_edges_from(zip(edges.src[before], edges.dst[before], strict=True))
                expected = [len(list(nx.common_neighbors(plain, u, v))) for u, v in zip(a, b, strict=True)]
                assert common_neighbours(view, [REPOST, FOLLOW], a, b, t).tolist() == expected


def test_bad_requests_say_what_is_wrong() -> None:
    graph = random_world(1).graph()
    one = np.array([0])
    with pytest.raises(UnknownNodeError, match="no user at position -1"):
        count_before(graph, REPOST, "out", np.array([-1]), 0, 1)
    with pytest.raises(SchemaError, match="expected 'out' or 'in'"):
        count_before(graph, REPOST, "up", one, 0, 1)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="start is"):
        count_before(graph, REPOST, "out", one, np.array([1, 2]), 1)
    with pytest.raises(SchemaError, match="expected int64"):
        count_before(graph, REPOST, "out", np.array([0.5]), 0, 1)
    with pytest.raises(SchemaError, match="between nodes of one type"):
        common_neighbours(graph, [AUTHOR], one, one, 5)
    with pytest.raises(SchemaError, match="between nodes of one type"):
        common_neighbours(graph, [], one, one, 5)
    with pytest.raises(SchemaError, match="expected pairs"):
        common_neighbours(graph, [REPOST], one, np.array([0, 1]), 5)
