"""Folds, negatives and evidence of relations without times."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError
from graphsocial.learn.relations.edge_folds import edge_folds, pair_folds
from graphsocial.learn.relations.negative_pairs import two_hop_pairs, uniform_pairs
from graphsocial.learn.relations.pair_scores import DETAILS, SCORES, PairScores
from graphsocial.learn.relations.relation_edges import RelationEdges, pair_keys
from graphsocial.learn.relations.relation_evidence import FLOORS, RelationEvidence
from graphsocial.learn.relations.relation_examples import POSITIVE, TWO_HOP, UNIFORM, random_split
from graphsocial.learn.relations.relation_types import TYPES_F1, bits, f1_threshold
from graphsocial.schema import UNKNOWN_TIME


def random_edges(nodes: int = 40, edges: int = 500, seed: int = 0) -> RelationEdges:
    rng = np.random.default_rng(seed)
    src, dst = rng.integers(0, nodes, (2, edges))
    names = np.array([f"u{i}" for i in range(nodes)], dtype=object)
    relation = rng.choice(np.array(["follow", "like"], dtype=object), edges)
    return RelationEdges.of(names[src], names[dst], relation, np.full(edges, UNKNOWN_TIME))


def test_loops_and_repeats_are_counted() -> None:
    src, dst = np.array(["a", "a", "b", "b"]), np.array(["b", "b", "b", "a"])
    edges = RelationEdges.of(src, dst, np.array(["x"] * 4), np.array([5, 2, 1, 9]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert (len(edges), edges.loops, edges.repeats) == (2, 1, 1)
    assert edges.value.tolist() == [2.0, 4.0], "the first of a pair counts"
    with pytest.raises(SchemaError, match="4 src, 3 dst"):
        RelationEdges.of(src, dst[:3], src, np.zeros(4, int))


def test_a_later_edge_renumbers_nobody() -> None:
    src, dst, time = np.array(["z", "m"]), np.array(["m", "k"]), np.array([1, 2])
    first = RelationEdges.of(src, dst, src, time)
    later = RelationEdges.of(np.append(src, "a"), np.append(dst, "z"), np.append(src, "z"), np.append(time, 3))
    assert later.ids[:3].tolist() == first.ids.tolist() == ["m", "z", "k"]


def test_who_has_only_a_loop_is_there_but_not_earlier_for_it() -> None:
    src, dst = np.array(["a", "b", "c"]), np.array(["a", "c", "b"])
    kind = np.array(["x"] * 3)
    timed = RelationEdges.of(src, dst, kind, np.array([1, 2, 3]))
    assert timed.ids.tolist() == ["b", "c", "a"]
    assert RelationEdges.of(src, dst, kind, np.full(3, UNKNOWN_TIME)).ids.tolist() == ["a", "b", "c"]


def test_things_are_no_users() -> None:
    edges = RelationEdges.of(
        np.array(["a", "b", "a"]), np.array(["b", "a", "post"]), np.array(["f", "f", "like"]), np.zeros(3, int)
    )
    name = edges.names.index
    users, targets = edges.pools(name("like"))
    assert edges.ids[users].tolist() == ["a", "b"] and edges.ids[targets].tolist() == ["post"]
    assert edges.pools(name("f"))[1].tolist() == users.tolist()


def test_scores_against_a_brute_force() -> None:
    rng = np.random.default_rng(1)
    a = (rng.random((12, 12)) < 0.3).astype(float)
    np.fill_diagonal(a, 0)
    both = ((a + a.T) > 0).astype(float)
    degree = both.sum(axis=0)
    src, dst = (each.ravel() for each in np.meshgrid(range(12), range(12), indexing="ij"))
    scores = PairScores(*np.nonzero(a), 12)
    found = dict(zip(SCORES + DETAILS, scores.columns(src, dst).T.reshape(-1, 12, 12), strict=True))
    weight = {"common_neighbours": 1 + 0 * degree, "adamic_adar": 1 / np.log(np.maximum(degree, 2))}
    weight["resource_allocation"] = 1 / np.maximum(degree, 1)
    for name, each in weight.items():
        assert np.allclose(found[name], both @ np.diag(each) @ both), name
    assert np.allclose(found["forward_paths"], a @ a)
    assert np.allclose(found["shared_targets"], a @ a.T) and np.allclose(found["shared_sources"], a.T @ a)
    assert np.allclose(found["edge_back"], a.T)
    assert np.allclose(found["preferential_attachment"], np.outer(a.sum(axis=1), a.sum(axis=0)))
    u, s, vt = np.linalg.svd(a)
    assert np.allclose(found["low_rank_4"], (u[:, :4] * s[:4]) @ vt[:4])
    walk, total = np.eye(12), 0.3 * np.eye(12)
    step = both / np.maximum(degree, 1)[:, None]
    for _ in range(12):
        walk = 0.7 * walk @ step
        total = total + 0.3 * walk
    assert np.allclose(found["personalised_pagerank"], total)
    cosine = (a / np.sqrt(np.maximum(a.sum(axis=1), 1))[:, None]) @ (
        a / np.sqrt(np.maximum(a.sum(axis=1), 1))[:, None]
    ).T
    np.fill_diagonal(cosine, 0)
    assert np.allclose(found["similar_sources"], cosine @ a)


def test_the_asked_edge_is_seen_by_nothing() -> None:
    """Whether the asked edge was there or not: evidence of its fold is the same to the bit."""
    edges = random_edges()
    fold = edge_folds(edges, "edges", 0)
    seen = fold != 0
    gone = RelationEdges(
        edges.ids, edges.names, edges.src[seen], edges.dst[seen], edges.relation[seen], edges.time[seen],
        edges.value[seen], 0, 0,
    )  # fmt: skip
    src, dst = edges.src[~seen], edges.dst[~seen]
    ours = RelationEvidence(edges, seen).columns(src, dst, (0, 1))
    theirs = RelationEvidence(gone, np.ones(len(gone), bool)).columns(src, dst, (0, 1))
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert ours[0].shape[1] >= len(FLOORS)


def test_pairs_are_held_out_whole_and_so_are_their_negatives() -> None:
    edges = random_edges()
    fold = edge_folds(edges, "pairs", 3)
    assert np.array_equal(fold, pair_folds(edges.dst, edges.src, 3))
    many = pair_folds(np.repeat(np.arange(100), 100), np.tile(np.arange(100), 100), 3)
    assert (np.bincount(many, minlength=10) > 700).all()
    split = random_split(edges, "pairs", 3, training_folds=2)
    for part in split.test:
        assert (pair_folds(part.src, part.dst, 3) == 0).all()
        assert set(np.unique(part.kind)) <= {POSITIVE, UNIFORM, TWO_HOP}


def test_negatives_are_joined_by_nothing() -> None:
    edges = random_edges()
    for relation, part in enumerate(random_split(edges, "edges", 0, training_folds=1).test):
        joined = edges.keys(edges.relation == relation)
        keys = pair_keys(part.src, part.dst, edges.nodes)
        assert np.isin(keys, joined).tolist() == (part.target > 0).tolist()
        assert (part.src != part.dst).all()
        near = part.against(TWO_HOP)
        columns = np.expm1(near.evidence[:, FLOORS.index("common_neighbours")])
        assert (columns > 0.5).all(), "both kinds are two hops apart"


def test_nobody_left_to_draw() -> None:
    pool = np.arange(3)
    every = np.sort(pair_keys(*np.nonzero(1 - np.eye(3)), 3))
    rng = np.random.default_rng(0)
    assert len(uniform_pairs(5, (pool, pool), 3, every, rng)) == 0
    full = PairScores(*np.nonzero(1 - np.eye(3)), 3).both
    assert len(two_hop_pairs(pool, full, pool, every, rng)) == 0
    nothing = PairScores(np.zeros(0, int), np.zeros(0, int), 3)
    assert len(two_hop_pairs(pool, nothing.both, pool, every[:0], rng)) == 0
    assert not nothing.columns(pool, pool)[:, 1].any()


def test_too_few_edges() -> None:
    few = RelationEdges.of(np.array(["a"]), np.array(["b"]), np.array(["x"]), np.array([UNKNOWN_TIME]))
    with pytest.raises(SchemaError, match="at least 10"):
        random_split(few, "edges", 0)


def test_types() -> None:
    truth = np.array([[1, 0], [1, 1], [0, 1]])
    assert TYPES_F1(truth, bits(truth), np.arange(3)) == 1
    said = np.array([[1, 0], [1, 0], [1, 0]])  # F1 of the first 4/5, of the second 0
    assert TYPES_F1(said, bits(truth), np.arange(3)) == pytest.approx(0.4)
    assert f1_threshold(np.array([1.0, 1.0, 0.0]), np.array([1, 0, 0])) == 1.0
