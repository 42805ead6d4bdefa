"""The NetworkX backend: conversions without loss, NetworkX's answers in NetworkX's order, views as of a moment."""

from __future__ import annotations

import math
import random
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphsocial.graph.networkx_backend as backend
from graphsocial.errors import SchemaError
from graphsocial.graph import to_networkx
from graphsocial.graph.networkx_backend import BackendGraph, convert_from_nx, convert_to_nx, to_backend_graph
from graphsocial.graph.paths.bfs_kernels import spread
from graphsocial.networkx_info import FUNCTIONS, backend_info
from tests.graph.worlds import FOLLOW, REPOST, random_world

KINDS = (nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph)
LABELS = ["ann", 7, (1, "x"), 2.5, frozenset({1}), b"b", -1, True, "7"]
WHOLE = {"preserve_edge_attrs": True, "preserve_node_attrs": True, "preserve_graph_attrs": True}


def random_graph(kind: type, seed: int, nodes: int = 8, edges: int = 14, labels: Any = None) -> Any:
    """Loops, parallel edges, isolated nodes; edges come in no order, so that rows are not sorted."""
    rng = random.Random(seed)
    graph = kind(name=f"g{seed}")
    labels = list(range(nodes)) if labels is None else labels[:nodes]
    rng.shuffle(labels)
    graph.add_nodes_from(v for v in labels if rng.random() < 0.8)
    for _ in range(rng.randint(0, edges)):
        graph.add_edge(rng.choice(labels), rng.choice(labels))
    return graph


def same(found: Any, expected: Any) -> bool:
    """Equal in type, value and order; floats to rounding."""
    if isinstance(expected, float) or isinstance(found, float):
        if math.isnan(found) and math.isnan(expected):
            return True
        return type(found) is type(expected) and math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(expected, dict):
        return list(found) == list(expected) and all(same(found[k], expected[k]) for k in expected)
    if isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(same(f, e) for f, e in zip(found, expected, strict=True))
    return type(found) is type(expected) and found == expected


def outcome(call: Any) -> Any:
    """What a call gives, iterators read to their end, or the error that it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            answer = call()
            return list(answer) if isinstance(answer, Iterator) else answer
        except Exception as error:
            return [type(error).__name__, str(error)]


class TestConversion:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("labels", [None, LABELS])
    def test_round_trip(self, kind: type, labels: Any) -> None:
        for seed in range(20):
            graph = random_graph(kind, seed, labels=labels)
            rng = random.Random(seed)
            for i, edge in enumerate(graph.edges):
                if rng.random() < 0.7:
                    graph.edges[edge].update(weight=i, **({"seen": None} if i % 2 else {}))
            for node in list(graph)[::2]:
                graph.nodes[node]["colour"] = [node]
            back = convert_to_nx(convert_from_nx(graph, **WHOLE))
            assert type(back) is kind and back.graph == graph.graph
            assert list(back.nodes(data=True)) == list(graph.nodes(data=True))
            assert back.adj == graph.adj
            assert [list(back.adj[v]) for v in back] == [list(graph.adj[v]) for v in graph]
            if graph.is_directed():
                assert [list(back.pred[v].items()) for v in back] == [list(graph.pred[v].items()) for v in graph]
            made = convert_from_nx(graph)
            assert (len(made), made.number_of_edges()) == (len(graph), graph.number_of_edges())
            assert made.degree.tolist() == [d for _, d in graph.degree()]

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_empty_graph(self, kind: type) -> None:
        back = convert_to_nx(convert_from_nx(kind(), **WHOLE))
        assert type(back) is kind and len(back) == 0 and back.graph == {}

    def test_the_two_rows_of_an_edge_share_its_attributes(self) -> None:
        back = convert_to_nx(convert_from_nx(nx.Graph([(1, 2)]), **WHOLE))
        back.edges[1, 2]["weight"] = 3
        assert back.edges[2, 1]["weight"] == 3
        directed = convert_to_nx(convert_from_nx(nx.DiGraph([(1, 2)]), **WHOLE))
        directed.edges[1, 2]["weight"] = 3
        assert directed.pred[2][1]["weight"] == 3

    def test_keys_of_parallel_edges_survive(self) -> None:
        graph = nx.MultiDiGraph()
        graph.add_edges_from([(1, 2, "follow"), (1, 2, "reply"), (2, 2, 0), (2, 2, "like")])
        assert list(convert_to_nx(convert_from_nx(graph)).edges(keys=True)) == list(graph.edges(keys=True))

    def test_only_what_is_asked_for_is_kept(self) -> None:
        graph = nx.Graph([(1, 2, {"km": 5, "name": "a"}), (2, 3, {"name": "b"})])
        graph.add_node(1, age=3)
        back = convert_to_nx(convert_from_nx(graph, edge_attrs={"km": 9}, node_attrs={"age": None}))
        assert list(back.edges(data=True)) == [(1, 2, {"km": 5}), (2, 3, {"km": 9})]
        assert dict(back.nodes(data=True)) == {1: {"age": 3}, 2: {}, 3: {}}

    @pytest.mark.parametrize("kind", KINDS)
    def test_views_of_graphs(self, kind: type) -> None:
        graph = random_graph(kind, 3, nodes=10, edges=40)
        views = [graph.subgraph([1, 2, 3, 5, 8]), graph.edge_subgraph(list(graph.edges)[::3])]
        for view in views + ([graph.reverse(copy=False)] if graph.is_directed() else []):
            back = convert_to_nx(convert_from_nx(view))
            assert list(back) == list(view) and list(back.edges) == list(view.edges)

    def test_an_answer_is_left_as_it_is(self) -> None:
        assert convert_to_nx({"a": 1}) == {"a": 1}


ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "all_pairs_shortest_path": [{}, {"cutoff": 1}],
    "all_pairs_shortest_path_length": [{}, {"cutoff": 1.5}],
    "ancestors": [{"source": 0}, {"source": 99}],
    "average_clustering": [{}, {"nodes": [0, 1, 2]}, {"count_zeros": False}, {"nodes": []}],
    "average_shortest_path_length": [{}, {"method": "unweighted"}, {"method": "guess"}],
    "betweenness_centrality": [
        {}, {"endpoints": True}, {"normalized": False}, {"endpoints": True, "normalized": False},
        {"k": 2, "seed": 1}, {"k": 1, "seed": 1}, {"k": 3, "seed": 4, "endpoints": True}, {"k": 20, "seed": 1},
        {"k": 3, "seed": 2, "normalized": False}, {"k": 0, "seed": 1},
    ],
    "bfs_edges": [{"source": 0}, {"source": 1, "reverse": True}, {"source": 0, "depth_limit": 1}, {"source": 99}],
    "bfs_layers": [{"sources": 0}, {"sources": [0, 1, 5]}, {"sources": []}, {"sources": [99]}, {"sources": 99}],
    "bfs_predecessors": [{"source": 0}, {"source": 1, "depth_limit": 0}, {"source": [1]}],
    "bfs_successors": [{"source": 0}, {"source": 1, "depth_limit": 2}, {"source": 99}],
    "bidirectional_shortest_path": [{"source": a, "target": b} for a in (0, 1, 99) for b in (0, 2, 5, 99)],
    "center": [{}, {"usebounds": True}, {"e": {1: 2, 2: 3}}],
    "clustering": [{}, {"nodes": 1}, {"nodes": [1, 0, 99]}, {"nodes": 99}, {"nodes": []}],
    "closeness_centrality": [{}, {"wf_improved": False}, {"u": 0}, {"u": 99}, {"u": 0, "wf_improved": False}],
    "descendants": [{"source": 0}, {"source": 99}, {"source": [0]}],
    "descendants_at_distance": [{"source": a, "distance": d} for a in (0, 9) for d in (0, 1, 2, 9, 1.0)],
    "diameter": [{}, {"usebounds": True}, {"e": {1: 2}}],
    "eccentricity": [{}, {"v": 0}, {"v": [1, 0]}, {"v": 99}, {"v": []}],
    "eigenvector_centrality": [{}, {"max_iter": 2}, {"tol": 0.1}, {"weight": "weight"}],
    "harmonic_centrality": [{}, {"nbunch": [0, 1]}, {"sources": [2, 0]}, {"nbunch": [5, 1], "sources": [0, 1, 2, 3]}],
    "has_path": [{"source": a, "target": b} for a in (0, 1) for b in (0, 2, 5, 99)],
    "katz_centrality": [{}, {"alpha": 0.01, "normalized": False}, {"beta": {0: 1}}, {"weight": "weight"}],
    "node_connected_component": [{"n": 0}, {"n": 1}],
    "pagerank": [
        {}, {"alpha": 0.5, "tol": 1e-12}, {"personalization": {0: 1, 1: 2}}, {"personalization": {0: 0}},
        {"dangling": {1: 3, 2: 1}}, {"nstart": {0: 1, 2: 5}}, {"max_iter": 1}, {"weight": None},
    ],
    "periphery": [{}, {"usebounds": True}, {"e": {1: 2, 2: 2}}],
    "radius": [{}, {"usebounds": True}],
    "shortest_path": [{}, {"source": 0}, {"target": 1}, {"source": 0, "target": 5}, {"method": "guess"}],
    "shortest_path_length": [{}, {"source": 0}, {"target": 1}, {"source": 0, "target": 5}, {"target": 99}],
    "single_source_shortest_path": [{"source": 0}, {"source": 0, "cutoff": 1}, {"source": 99}],
    "single_source_shortest_path_length": [{"source": 0}, {"source": 0, "cutoff": -1}, {"source": [0]}],
    "single_target_shortest_path": [{"target": 0}, {"target": 0, "cutoff": 1}, {"target": 99}],
    "single_target_shortest_path_length": [{"target": 0}, {"target": 0, "cutoff": math.nan}, {"target": 99}],
    "square_clustering": [{}, {"nodes": [1, 0]}, {"nodes": 1}],
    "triangles": [{}, {"nodes": 1}, {"nodes": [0, 1, 2]}],
}  # fmt: skip
"""Calls to compare; without arguments where a function is not named."""


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(KINDS), st.sampled_from([3, 8]), st.sampled_from([0, 10, 30]))
def test_answers_and_errors_are_networkx_s(name: str, seed: int, kind: type, nodes: int, edges: int) -> None:
    graph = random_graph(kind, seed, nodes, edges)
    for i, (_, _, data) in enumerate(graph.edges(data=True)):
        if i % 3:
            data["weight"] = i % 4 + 0.5
    made = convert_from_nx(graph, **WHOLE)
    for arguments in ARGUMENTS.get(name, [{}]):
        if backend.can_run(name, (graph,), arguments) is not True:
            continue
        if name == "node_connected_component" and arguments["n"] not in graph:
            continue  # NetworkX answers with the error of a dictionary
        function = getattr(nx, name)
        expected = outcome(lambda: function(graph, **arguments, backend="networkx"))  # noqa: B023
        found = outcome(lambda: function(made, **arguments))  # noqa: B023
        assert same(found, expected), (arguments, found, expected)


def test_larger_graphs_than_one_word_of_searches() -> None:
    for directed in (False, True):
        graph = nx.gnm_random_graph(300, 700, seed=5, directed=directed)
        graph.add_edge(0, 0)
        made = convert_from_nx(graph)
        for name in ("closeness_centrality", "harmonic_centrality"):
            assert same(getattr(nx, name)(made), getattr(nx, name)(graph, backend="networkx")), name
        biggest = max((nx.strongly_connected_components if directed else nx.connected_components)(graph), key=len)
        part = graph.subgraph(biggest).copy()
        whole = convert_from_nx(part)
        for name in ("eccentricity", "diameter", "radius", "center", "periphery", "average_shortest_path_length"):
            assert same(getattr(nx, name)(whole), getattr(nx, name)(part, backend="networkx")), (name, directed)


def test_bounds_that_do_not_close_are_searched_out() -> None:
    ring = convert_from_nx(nx.cycle_graph(301))  # every search bounds its neighbours only
    assert set(nx.eccentricity(ring).values()) == {150} and nx.diameter(ring) == nx.radius(ring) == 150


def test_many_searches_at_once_are_single_ones() -> None:
    made = convert_from_nx(nx.gnm_random_graph(200, 300, seed=1, directed=True))
    rows, size = made.out, len(made)
    sources = np.arange(0, 180, 2)
    reached, total, inverse = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size)
    height = np.full(len(sources), 77)
    spread(0, len(sources), sources, rows.first, rows.last, rows.neighbour, reached, total, inverse, height)
    lengths = [nx.single_source_shortest_path_length(made, s) for s in sources.tolist()]
    assert height.tolist() == [max(found.values()) for found in lengths]
    for v in range(size):
        steps = [found[v] for found in lengths if v in found]
        assert (reached[v], total[v]) == (len(steps), sum(steps))
        assert inverse[v] == pytest.approx(sum(1 / s for s in steps if s))


class TestViews:
    @pytest.mark.parametrize("seed", range(6))
    def test_answers_are_those_of_the_converted_view(self, seed: int) -> None:
        view = random_world(seed).graph().window(10, 80)
        made, converted = to_backend_graph(view), to_networkx(view)
        assert set(made) == set(converted) and made.number_of_edges() == converted.number_of_edges()
        assert dict(zip(made, made.degree.tolist(), strict=True)) == dict(converted.degree())
        assert nx.pagerank(made) == pytest.approx(nx.pagerank(converted, backend="networkx"))
        assert set(map(frozenset, nx.strongly_connected_components(made))) == set(
            map(frozenset, nx.strongly_connected_components(converted, backend="networkx"))
        )
        assert nx.pagerank(made, weight=None) == pytest.approx(nx.pagerank(converted, weight=None, backend="networkx"))
        back, one = convert_to_nx(made), (lambda edge: (edge[:2], sorted(map(str, edge[2].items()))))
        assert sorted(map(one, back.edges(data=True))) == sorted(map(one, converted.edges(data=True)))
        for u, v in set(back.edges()):  # parallel edges of a relation are in order of time
            times = [[d.get("time") for d in g[u][v].values() if d["relation"] == "repost"] for g in (back, converted)]
            assert times[0] == times[1]

    @pytest.mark.parametrize("seed", range(4))
    def test_simple_and_undirected(self, seed: int) -> None:
        view = random_world(seed, users=4, edges=30).graph()
        only = nx.MultiDiGraph()
        only.add_nodes_from(("user", u) for u in view.node_ids("user"))
        ids = view.node_ids("user")
        for relation in (REPOST, FOLLOW):
            edges = view.edges(relation)
            ends = zip(
                ids[edges.src],
                ids[edges.dst],
                view.edge_column(relation, "weight").to_pylist() if relation == REPOST else [None] * len(edges),
                strict=True,
            )
            only.add_edges_from((("user", u), ("user", v), {} if w is None else {"weight": w}) for u, v, w in ends)
        undirected, simple = nx.MultiGraph(only.edges(data=True)), nx.DiGraph(only.edges())
        undirected.add_nodes_from(only)
        simple.add_nodes_from(only)
        made = to_backend_graph(view, [REPOST, FOLLOW], directed=False)
        assert made.number_of_edges() == undirected.number_of_edges() == only.number_of_edges()
        assert nx.degree_centrality(made) == pytest.approx(nx.degree_centrality(undirected, backend="networkx"))
        assert nx.pagerank(made) == pytest.approx(nx.pagerank(undirected, backend="networkx"))
        made = to_backend_graph(view, [REPOST, FOLLOW], multigraph=False)
        assert nx.clustering(made) == pytest.approx(nx.clustering(simple, backend="networkx"))
        # the weight of an edge is how many it stands for
        assert nx.pagerank(made) == pytest.approx(nx.pagerank(only, weight=None, backend="networkx"))
        assert nx.pagerank(made, weight=None) == pytest.approx(nx.pagerank(simple, backend="networkx"))
        for graph, options in ((only, {}), (undirected, {"directed": False})):
            graph.remove_edges_from(list(nx.selfloop_edges(graph, keys=True)))
            made = to_backend_graph(view, [REPOST, FOLLOW], loops=False, **options)
            assert made.number_of_loops == 0 and made.number_of_edges() == graph.number_of_edges()
            assert nx.pagerank(made) == pytest.approx(nx.pagerank(graph, backend="networkx"))
        made = to_backend_graph(view, [REPOST, FOLLOW], directed=False, multigraph=False, loops=False)
        assert nx.core_number(made) == nx.core_number(nx.Graph(undirected), backend="networkx")

    @pytest.mark.parametrize("seed", range(5))
    def test_the_future_does_not_matter(self, seed: int) -> None:
        world = random_world(seed)
        for moment in (0, 20, 55, 200):
            view = to_backend_graph(world.graph().as_of(moment))
            erased = to_backend_graph(world.erased(moment).graph().as_of(moment))
            assert list(view) == list(erased)
            for name in ("pagerank", "degree_centrality", "closeness_centrality", "strongly_connected_components"):
                assert outcome(lambda: getattr(nx, name)(view)) == outcome(lambda: getattr(nx, name)(erased))  # noqa: B023

    def test_it_is_built_once_per_view(self) -> None:
        view = random_world(1).graph()
        assert to_backend_graph(view) is to_backend_graph(view)
        assert to_backend_graph(view, [REPOST]) is not to_backend_graph(view, [REPOST], directed=False)

    def test_relations_that_do_not_exist(self) -> None:
        with pytest.raises(SchemaError, match="unknown edge type"):
            to_backend_graph(random_world(1).graph(), [("user", "rpost", "user")])

    def test_functions_that_are_not_served(self) -> None:
        made = to_backend_graph(random_world(2).graph(), [REPOST], multigraph=False)
        with pytest.raises(NotImplementedError, match="not implemented by"):
            nx.reciprocity(made)
        with nx.config(fallback_to_nx=True):
            assert nx.overall_reciprocity(made) == nx.overall_reciprocity(convert_to_nx(made))


class TestServing:
    def test_what_is_named_is_there_and_nothing_else(self) -> None:
        registered = nx.utils.backends._registered_algorithms
        assert sorted(n for n in registered if hasattr(backend, n)) == sorted(FUNCTIONS)
        assert set(backend_info()["functions"]) == set(FUNCTIONS)
        assert nx.utils.backends.backends["graphsocial"].load() is backend

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_signatures_are_networkx_s(self, name: str) -> None:
        from inspect import signature

        ours, theirs = signature(getattr(backend, name)), signature(getattr(nx, name).orig_func)
        assert [(p.name, p.default) for p in ours.parameters.values()] == [
            (p.name, p.default) for p in theirs.parameters.values()
        ]

    def test_importing_networkx_loads_names_only(self) -> None:
        code = "import networkx, sys; print([m for m in sys.modules if m.split('.')[0] in ('graphsocial', 'numpy')])"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "['graphsocial', 'graphsocial.networkx_info']"

    @pytest.mark.parametrize(
        ("name", "arguments", "reason"),
        [
            ("shortest_path", {"weight": "km"}, "weight='km': paths and triangles"),
            ("closeness_centrality", {"distance": "km"}, "distance='km': distances on edges"),
            ("bfs_edges", {"source": 1, "sort_neighbors": sorted}, "a callable that orders neighbours"),
            ("eccentricity", {"sp": {}}, "given path lengths"),
            ("pagerank", {"weight": len}, "weights that are computed"),
            ("katz_centrality", {"nstart": {}}, "own starting values"),
            ("average_shortest_path_length", {"method": "dijkstra"}, "without weights there is one method"),
        ],
    )
    def test_what_is_not_served_says_why(self, name: str, arguments: dict[str, Any], reason: str) -> None:
        graph = nx.path_graph(3)
        answer = backend.can_run(name, (graph,), arguments)
        assert isinstance(answer, str) and reason in answer
        with pytest.raises(NotImplementedError):
            getattr(nx, name)(graph, **arguments, backend="graphsocial")

    def test_classes_with_neighbours_of_their_own(self) -> None:
        class Complement(nx.Graph):
            def __getitem__(self, n: Any) -> Any:
                return {v: {} for v in self if v not in self._adj[n]}

        assert "Complement says itself" in str(backend.can_run("core_number", (Complement(),), {}))
        assert "directed" in str(backend.can_run("square_clustering", (nx.DiGraph(),), {}))

    def test_a_conversion_is_not_made_for_one_look(self) -> None:
        graph = nx.path_graph(4)
        assert "not converted" in str(backend.should_run("has_path", (graph, 0, 3), {}))
        assert "not converted" in str(backend.should_run("shortest_path_length", (graph, 0, 3), {}))
        assert backend.should_run("shortest_path_length", (graph, 0), {}) is True
        assert backend.should_run("has_path", (convert_from_nx(graph), 0, 3), {}) is True
        nx.pagerank(graph, backend="graphsocial")
        assert backend.should_run("has_path", (graph, 0, 3), {}) is True

    def test_a_changed_graph_is_converted_anew(self) -> None:
        graph = nx.path_graph(3)
        assert nx.number_connected_components(graph, backend="graphsocial") == 1
        graph.add_node(9)
        assert nx.number_connected_components(graph, backend="graphsocial") == 2

    def test_what_it_says_of_itself(self) -> None:
        assert repr(convert_from_nx(nx.MultiGraph([(1, 1), (1, 2), (1, 2)]))) == (
            "BackendGraph multigraph of 2 nodes, 3 edges"
        )
        assert isinstance(convert_from_nx(nx.path_graph(2)), BackendGraph)
