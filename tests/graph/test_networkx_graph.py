from __future__ import annotations

import networkx as nx
import pytest

from graphsocial.errors import SchemaError
from graphsocial.graph import from_networkx, to_networkx
from graphsocial.schema import Column, Schema
from tests.graph.worlds import random_world, snapshot


def test_windows_survive() -> None:
    for seed in range(10):
        view = random_world(seed).graph().window(20, 70)
        found, expected = snapshot(from_networkx(to_networkx(view))), snapshot(view)
        # authors of posts from before the window are the one thing a window lets through, and only to cascades
        assert [key for key in expected if found[key] != expected[key] and not key.startswith("cascades")] == []


def test_parallel_edges_survive() -> None:
    for seed in range(10):
        graph = random_world(seed, users=2, edges=20).graph()
        converted = to_networkx(graph)
        assert converted.number_of_edges() == sum(graph.num_edges(e) for e in graph.edge_types)


def test_a_graph_that_networkx_users_made() -> None:
    made = nx.DiGraph()
    made.add_node(("user", "ann"), age=40, known_at=3)
    made.add_edge(("user", "ann"), ("post", "p1"), relation="author", time=5, weight=1)
    made.add_edge(("user", "bob"), ("post", "p1"), relation="repost", time=7, weight=0.5)
    graph = from_networkx(made)
    assert graph.schema.nodes["user"] == {"age": Column("int")}
    assert graph.schema.edges["user", "repost", "post"] == {"weight": Column("float")}
    assert graph.node_ids("user").tolist() == ["ann", "bob"] and graph.known_at("user").tolist() == [3, 7]
    typed = nx.MultiDiGraph()
    typed.add_edge(("user", "ann"), ("user", "bob"), key="follow", time=5)
    schema = Schema({"user": {"age": Column("int")}}, {("user", "follow", "user"): {}})
    assert from_networkx(typed, schema).column("user", "age").to_pylist() == [None, None]


def test_graphs_that_do_not_fit() -> None:
    with pytest.raises(SchemaError, match="undirected"):
        from_networkx(nx.Graph())
    bare = nx.MultiDiGraph()
    bare.add_edge("ann", "bob")
    with pytest.raises(SchemaError, match=r"expected \(node type, id\)"):
        from_networkx(bare)
    nameless = nx.MultiDiGraph()
    nameless.add_edge(("user", "ann"), ("user", "bob"), time=1)
    with pytest.raises(SchemaError, match="has no relation"):
        from_networkx(nameless)
    mixed = nx.MultiDiGraph()
    mixed.add_node(("user", "ann"), age="old")
    with pytest.raises(SchemaError, match="'age' does not fit type int"):
        from_networkx(mixed, Schema({"user": {"age": Column("int")}}, {}))
    with pytest.raises(SchemaError, match="unknown column 'age'"):
        from_networkx(mixed, Schema({"user": {}}, {}))
    timeless = nx.MultiDiGraph()
    timeless.add_edge(("user", "ann"), ("user", "bob"), key="follow", time="soon")
    with pytest.raises(SchemaError, match="'time' does not fit type int"):
        from_networkx(timeless)


def test_the_empty_graph() -> None:
    assert from_networkx(nx.MultiDiGraph()).node_types == ()
