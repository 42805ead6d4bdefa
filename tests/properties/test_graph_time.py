"""Time is honest: erase everything at or after t, shuffle the rows, and every output as of t is the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.graph import ego_network, from_networkx, sample_neighbours, to_networkx
from graphsocial.store import open_graph, save_graph
from tests.graph.worlds import CRAWL, MEASURED, plain, random_world, snapshot

SEEDS = st.integers(0, 10**6)
MOMENTS = st.one_of(st.integers(-1, 110), st.sampled_from([CRAWL, CRAWL + 1, MEASURED, MEASURED + 1]))


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, t=MOMENTS)
def test_the_future_changes_nothing_as_of_t(seed: int, t: int) -> None:
    world = random_world(seed)
    whole, erased = world.graph(), world.erased(t).graph(np.random.default_rng(seed))
    assert snapshot(whole.as_of(t)) == snapshot(erased.as_of(t))


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, a=st.integers(0, 60), length=st.integers(0, 60))
def test_the_future_changes_nothing_in_a_window(seed: int, a: int, length: int) -> None:
    world = random_world(seed)
    erased = world.erased(a + length).graph(np.random.default_rng(seed))
    assert snapshot(world.graph().window(a, a + length)) == snapshot(erased.window(a, a + length))


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_row_order_changes_nothing(seed: int) -> None:
    world = random_world(seed)
    assert snapshot(world.graph()) == snapshot(world.graph(np.random.default_rng(seed)))


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, t=MOMENTS)
def test_views_of_views_are_views_of_the_whole(seed: int, t: int) -> None:
    graph = random_world(seed).graph()
    assert snapshot(graph.as_of(max(t, 90)).as_of(t)) == snapshot(graph.as_of(t))


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_a_saved_graph_is_the_same_graph(seed: int, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    graph = random_world(seed).graph()
    path = tmp_path_factory.mktemp("store") / "graph"
    save_graph(graph, path)
    assert snapshot(open_graph(path)) == snapshot(graph)
    assert snapshot(open_graph(path).as_of(50)) == snapshot(graph.as_of(50))


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, t=st.integers(1, 110))
def test_samples_of_the_whole_graph_see_only_each_seeds_past(seed: int, t: int) -> None:
    world = random_world(seed)
    whole, erased = world.graph(), world.erased(t).graph()
    seeds = {}
    for node_type in erased.node_types:
        every = np.arange(erased.num_nodes(node_type))
        seeds[node_type] = (every, np.maximum(t - 5 * every, 0))
    for strategy in ("recent", "uniform"):
        expected = plain(sample_neighbours(erased, seeds, [2, 1], 3, strategy))
        assert plain(sample_neighbours(whole, seeds, [2, 1], 3, strategy)) == expected


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, t=MOMENTS)
def test_a_view_survives_networkx(seed: int, t: int) -> None:
    view = random_world(seed).graph().as_of(t).assume_known("post", "label")
    assert snapshot(from_networkx(to_networkx(view))) == snapshot(view)


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, t=MOMENTS)
def test_an_ego_network_holds_nothing_from_the_future(seed: int, t: int, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    """Not even on disk: the future is not in its tables at all."""
    world = random_world(seed)
    view, erased = world.graph().as_of(t), world.erased(t).graph().as_of(t)
    for user in view.node_ids("user")[:2]:
        folder = tmp_path_factory.mktemp("ego")
        for name, graph in (("whole", view), ("erased", erased)):
            save_graph(ego_network(graph, ("user", user)), folder / name)
        card = (folder / "whole" / "schema.json").read_bytes()
        assert card == (folder / "erased" / "schema.json").read_bytes()  # holds the checksums of all files


def test_the_comparison_sees_leaks() -> None:
    """Asked without as_of, the whole graph says other things than its erased twin: the tests above have teeth."""
    differing: set[str] = set()
    for seed in range(20):
        world = random_world(seed)
        said, honest = snapshot(world.graph()), snapshot(world.erased(50).graph())
        differing |= {key.split()[0] for key in said if said[key] != honest.get(key)}
    assert {"repr", "ids", "column", "edges", "csr", "count", "cascades", "sample", "common", "ego"} <= differing
