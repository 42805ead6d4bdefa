from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph import SampledNeighbourhood, SocialGraph, sample_neighbours
from graphsocial.graph import threads as thread_module
from graphsocial.schema import Schema, reverse_edge_type
from tests.graph.worlds import AUTHOR, FOLLOW, REPOST, SHARE, plain, random_world


def history(view: SocialGraph, node_type: str, node: int, t: int) -> dict[tuple, list[tuple[int, int, int]]]:
    """Brute force: (message type) -> (time, edge, neighbour) of a node's edges before t, oldest first."""
    found: dict[tuple, list[tuple[int, int, int]]] = {}
    for e in view.edge_types:
        edges = view.edges(e)
        for message, here, there, kind in (
            (e, edges.dst, edges.src, e[2]),
            (reverse_edge_type(e), edges.src, edges.dst, e[0]),
        ):
            if kind == node_type:
                hits = [i for i in range(len(edges)) if here[i] == node and edges.time[i] < t]
                found[message] = [(int(edges.time[i]), i, int(there[i])) for i in hits]
    return found


def check_sample(view: SocialGraph, sample: SampledNeighbourhood, fanout: list[int], strategy: str) -> None:
    kept: dict[tuple, list[tuple[int, int, int]]] = {}
    for e, edges in sample.edges.items():
        assert (np.diff(edges.dst) >= 0).all(), "sorted by target"
        source, target = sample.nodes[e[0]], sample.nodes[e[2]]
        assert (source.seed[edges.src] == target.seed[edges.dst]).all(), "trees are disjoint"
        assert (source.hop[edges.src] == target.hop[edges.dst] + 1).all()
        assert (edges.age >= 1).all()
        for src, dst, age, edge in zip(edges.src, edges.dst, edges.age, edges.edge, strict=True):
            time = int(target.time[dst] - age)
            kept.setdefault((e, int(dst)), []).append((time, int(edge), int(source.node[src])))
    parents = Counter((e[0], int(src)) for e, edges in sample.edges.items() for src in edges.src)
    for t, nodes in sample.nodes.items():
        assert (np.diff(nodes.hop) >= 0).all() and (nodes.hop[: sample.num_seeds[t]] == 0).all()
        for i in range(len(nodes)):
            assert parents[t, i] == (nodes.hop[i] > 0), "every node but a seed has one parent"
            past = history(view, t, int(nodes.node[i]), int(nodes.time[i]))
            degrees = dict(zip(sample.degree_names[t], sample.degrees[t][i], strict=True))
            ages = dict(zip(sample.degree_names[t], sample.last_age[t][i], strict=True))
            for e, before in past.items():
                stored = reverse_edge_type(e) if e[1].startswith("rev_") else e
                name = f"{' '.join(stored)} {'out' if e[1].startswith('rev_') else 'in'}"
                assert degrees[name] == len(before)
                assert ages[name] == (nodes.time[i] - before[-1][0] if before else -1)
                k = fanout[nodes.hop[i]] if nodes.hop[i] < len(fanout) else 0
                chosen = kept.get((e, i), [])
                wanted = len(before) if k < 0 else min(k, len(before))
                assert len(chosen) == wanted
                if strategy == "recent":
                    assert chosen == before[len(before) - wanted :]
                else:
                    assert len(set(chosen)) == wanted and set(chosen) <= set(before)


@pytest.mark.parametrize("strategy", ["recent", "uniform"])
@pytest.mark.parametrize("fanout", [[], [2], [1, 2], [-1, 1], [0, 2]])
def test_against_brute_force(strategy: str, fanout: list[int]) -> None:
    for seed in range(6):
        graph = random_world(seed, edges=25).graph()
        for view in (graph, graph.as_of(70), graph.window(20, 80)):
            rng = np.random.default_rng(seed)
            seeds = {
                t: (rng.integers(0, max(graph.num_nodes(t), 1), 4), rng.integers(0, 120, 4))
                for t in ("user", "post")
                if graph.num_nodes(t)
            }
            sample = sample_neighbours(view, seeds, fanout, seed, strategy)  # type: ignore[arg-type]
            trees = 0
            for t in sorted(seeds):
                nodes = sample.nodes[t]
                assert nodes.node[:4].tolist() == seeds[t][0].tolist()
                assert nodes.time[:4].tolist() == seeds[t][1].tolist()
                assert nodes.seed[:4].tolist() == list(range(trees, trees + 4))
                trees += 4
            check_sample(view, sample, fanout, strategy)


@pytest.fixture(scope="module")
def crowd() -> SocialGraph:
    """Big enough that work is split over threads."""
    rng = np.random.default_rng(0)
    users = np.array([f"u{i}" for i in range(400)])
    edges = pa.table(
        {
            "src": users[rng.integers(0, 400, 6000)],
            "dst": users[(rng.pareto(1.0, 6000) * 5).astype(int) % 400],
            "time": rng.integers(0, 1000, 6000),
        }
    )
    return SocialGraph.build(Schema({"user": {}}, {REPOST: {}}), {}, {REPOST: edges})


@pytest.mark.parametrize("strategy", ["recent", "uniform"])
def test_the_number_of_threads_changes_nothing(
    crowd: SocialGraph, strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_module, "CHUNK", 16)
    seeds = {"user": (np.arange(300), np.full(300, 900))}
    one = plain(sample_neighbours(crowd, seeds, [5, 5], 1, strategy, threads=1))  # type: ignore[arg-type]
    for threads in (2, 3, 7, None):
        assert plain(sample_neighbours(crowd, seeds, [5, 5], 1, strategy, threads=threads)) == one  # type: ignore[arg-type]


def test_uniform_draws_are_uniform_and_depend_on_the_seed_value(crowd: SocialGraph) -> None:
    degree = np.diff(crowd.csr(REPOST, "in").indptr)
    node = int(np.flatnonzero((degree >= 8) & (degree <= 12))[0])
    trials, k = 4000, 3
    seeds = {"user": (np.full(trials, node), np.full(trials, 10_000))}
    sample = sample_neighbours(crowd, seeds, [k], 11, "uniform")
    count = Counter(sample.edges[REPOST].edge.tolist())
    expected = trials * k / degree[node]
    assert len(count) == degree[node]
    # chi-square with degree - 1 degrees of freedom; sampling without replacement only lowers it
    assert sum((c - expected) ** 2 / expected for c in count.values()) < 3 * degree[node]
    pairs = Counter(map(tuple, sample.edges[REPOST].edge.reshape(trials, k)[:, :2].tolist()))
    assert len(pairs) > degree[node], "draws of one target are not tied together"
    other = sample_neighbours(crowd, seeds, [k], 12, "uniform")
    assert (other.edges[REPOST].edge != sample.edges[REPOST].edge).any()
    again = sample_neighbours(crowd, seeds, [k], 11, "uniform")
    assert plain(again) == plain(sample)
    drawn = sample_neighbours(crowd, seeds, [k], np.random.default_rng(0), "uniform")
    assert plain(drawn) == plain(sample_neighbours(crowd, seeds, [k], np.random.default_rng(0), "uniform"))


def test_a_tree_does_not_depend_on_the_trees_after_it(crowd: SocialGraph) -> None:
    few = sample_neighbours(crowd, {"user": (np.arange(5), np.full(5, 900))}, [4, 4], 2, "uniform")
    many = sample_neighbours(crowd, {"user": (np.arange(50), np.full(50, 900))}, [4, 4], 2, "uniform")
    nodes = many.nodes["user"]
    assert few.nodes["user"].node.tolist() == nodes.node[nodes.seed < 5].tolist()


def test_a_node_that_does_not_exist_yet_has_no_neighbours() -> None:
    graph = random_world(3).graph()
    last = graph.num_nodes("user") - 1
    for view in (graph, graph.as_of(0)):
        sample = sample_neighbours(view, {"user": (np.array([last]), np.array([0]))}, [3, 3], 0)
        assert all(len(edges) == 0 for edges in sample.edges.values())
        assert len(sample.nodes["user"]) == 1 and sample.degrees["user"].sum() == 0


def test_chosen_edge_types_only() -> None:
    graph = random_world(4).graph()
    sample = sample_neighbours(graph, {"user": (np.arange(3), np.full(3, 100))}, [2], 0, edge_types=[SHARE, AUTHOR])
    assert set(sample.edges) == {AUTHOR, SHARE, reverse_edge_type(AUTHOR), reverse_edge_type(SHARE)}
    assert sample.degree_names["user"] == ("user author post out", "user repost post out")
    assert sample.degrees["hashtag"].shape == (0, 0)
    assert set(sample.nodes) == {"user", "post", "hashtag"}


def test_the_empty_graph_and_no_seeds() -> None:
    graph = random_world(0).graph().as_of(-1)
    sample = sample_neighbours(graph, {}, [2, 2], 0)
    assert all(len(nodes) == 0 for nodes in sample.nodes.values())
    assert sample.degrees["user"].shape == (0, len(sample.degree_names["user"]))
    empty = SocialGraph.build(Schema({"user": {}}, {FOLLOW: {}}), {}, {})
    assert len(sample_neighbours(empty, {"user": ([], [])}, [1], 0).nodes["user"]) == 0  # type: ignore[dict-item]


def test_bad_requests_say_what_is_wrong() -> None:
    graph = random_world(1).graph()
    one = np.array([0])
    with pytest.raises(SchemaError, match="Did you mean 'recent'"):
        sample_neighbours(graph, {"user": (one, one)}, [1], 0, "recnt")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="Did you mean 'user'"):
        sample_neighbours(graph, {"usr": (one, one)}, [1], 0)
    with pytest.raises(SchemaError, match="Did you mean"):
        sample_neighbours(graph, {"user": (one, one)}, [1], 0, edge_types=[("user", "repostt", "user")])
    with pytest.raises(SchemaError, match=r"expected \[seed\] each"):
        sample_neighbours(graph, {"user": (one, np.array([1, 2]))}, [1], 0)
    with pytest.raises(SchemaError, match="expected whole numbers"):
        sample_neighbours(graph, {"user": (one, np.array([1.5]))}, [1], 0)
    with pytest.raises(SchemaError, match="fanout"):
        sample_neighbours(graph, {"user": (one, one)}, [-2], 0)
    for position in (-1, 10**6):
        with pytest.raises(UnknownNodeError, match="no user at position"):
            sample_neighbours(graph, {"user": (np.array([position]), one)}, [1], 0)
