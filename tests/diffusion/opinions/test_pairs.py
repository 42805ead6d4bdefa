"""Models of two at a time against every sequence of draws, Markov chains and what they must keep."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from graphsocial.diffusion import SpreadGraph
from graphsocial.diffusion.opinions.deffuant import Deffuant
from graphsocial.diffusion.opinions.simulate_opinions import simulate_opinions
from graphsocial.diffusion.opinions.sznajd import Sznajd
from graphsocial.diffusion.opinions.voter import Voter
from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
from graphsocial.errors import SchemaError
from tests.diffusion.enumeration import assert_agrees, assert_rate, small_graph

RUNS = 6_000
State = tuple[float, ...]


def undirected(pairs: list[tuple[int, int]]) -> SpreadGraph:
    u, v = np.array(pairs).T
    return SpreadGraph.from_edges(np.append(u, v), np.append(v, u))


def after(begin: State, draws: int, move: Callable[[State], dict[State, float]]) -> dict[State, float]:
    """Distribution after some draws, each of which leads where `move` says."""
    reached = {begin: 1.0}
    for _ in range(draws):
        nextly: dict[State, float] = defaultdict(float)
        for state, p in reached.items():
            for other, q in move(state).items():
                nextly[other] += p * q
        reached = nextly
    return dict(reached)


def voter_move(spread: SpreadGraph) -> Callable[[State], dict[State, float]]:
    def move(state: State) -> dict[State, float]:
        found: dict[State, float] = defaultdict(float)
        for v in range(spread.num_nodes):
            heard = spread.source[spread.target == v].tolist()
            for u in heard or [v]:
                found[(*state[:v], state[u], *state[v + 1 :])] += 1 / spread.num_nodes / max(len(heard), 1)
        return found

    return move


def sznajd_move(spread: SpreadGraph) -> Callable[[State], dict[State, float]]:
    def move(state: State) -> dict[State, float]:
        found: dict[State, float] = defaultdict(float)
        for u in range(spread.num_nodes):
            reached = spread.target[spread.source == u].tolist()
            if not reached:
                found[state] += 1 / spread.num_nodes
            for v in reached:
                nextly = list(state)
                if state[u] == state[v]:
                    for w in [*reached, *spread.target[spread.source == v].tolist()]:
                        nextly[w] = state[u]
                found[tuple(nextly)] += 1 / spread.num_nodes / len(reached)
        return found

    return move


def deffuant_move(spread: SpreadGraph, bound: float, share: float) -> Callable[[State], dict[State, float]]:
    def move(state: State) -> dict[State, float]:
        found: dict[State, float] = defaultdict(float)
        for u, v in zip(spread.source.tolist(), spread.target.tolist(), strict=True):
            nextly = list(state)
            if abs(state[u] - state[v]) < bound:
                nextly[u] += share * (state[v] - state[u])
                nextly[v] += share * (state[u] - state[v])
            found[tuple(round(x, 9) for x in nextly)] += 1 / spread.num_edges
        return found

    return move


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("steps", [1, 3])
def test_voter_is_what_its_chain_says(seed: int, steps: int) -> None:
    spread = small_graph(seed, 5, 9)
    begin = (0.0, 1.0, 2.0, 1.0, 0.0)
    exact = after(begin, 5 * steps, voter_move(spread))
    assert_agrees(simulate_opinions(Voter(spread), begin, steps, RUNS, rng=seed).final, exact)


def test_voter_fixation() -> None:
    """A star with a tail: an opinion wins with its share of edge ends; the same by solving the chain."""
    graph = undirected([(0, 1), (0, 2), (0, 3), (3, 4)])
    states = list(product((0.0, 1.0), repeat=5))
    place = {s: i for i, s in enumerate(states)}
    chain = np.zeros((32, 32))
    for s in states:
        for t, p in voter_move(graph)(s).items():
            chain[place[s], place[t]] += p
    held = [i for i, s in enumerate(states) if len(set(s)) > 1]
    wins = np.linalg.solve(np.eye(len(held)) - chain[np.ix_(held, held)], chain[held, place[(1.0,) * 5]])
    for begin in ((1.0, 0.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 1.0, 0.0)):
        share = (graph.in_degree * np.array(begin)).sum() / 8
        assert wins[held.index(place[begin])] == pytest.approx(share)
        found = simulate_opinions(Voter(graph), begin, steps=400, runs=RUNS, rng=1, every=400)
        assert (found.converged >= 0).all() and found.consensus().all()
        assert_rate((found.final[:, 0] == 1).sum(), RUNS, share)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("steps", [1, 2])
def test_sznajd_is_what_its_chain_says(seed: int, steps: int) -> None:
    spread = small_graph(seed + 5, 5, 9)
    begin = (0.0, 1.0, 1.0, 0.0, 2.0)
    exact = after(begin, 5 * steps, sznajd_move(spread))
    found = simulate_opinions(Sznajd(spread), begin, steps, RUNS, rng=seed)
    assert_agrees(found.final, exact)
    frozen = {s for s in exact if all(t == s for t in sznajd_move(spread)(s))}
    assert ((found.converged >= 0) == [tuple(f) in frozen for f in found.final.tolist()]).all()


def test_sznajd_pairs_that_disagree_change_nobody() -> None:
    ring = undirected([(0, 1), (1, 2), (2, 3), (3, 0)])
    found = simulate_opinions(Sznajd(ring), [0, 1, 0, 1], steps=20, runs=50, rng=1)
    assert (found.converged == 0).all() and (found.final == [0, 1, 0, 1]).all()


@pytest.mark.parametrize("share", [0.5, 0.3])
@pytest.mark.parametrize("steps", [1, 2])
def test_deffuant_is_what_every_sequence_of_meetings_says(share: float, steps: int) -> None:
    spread = SpreadGraph.from_edges([0, 1, 2], [1, 2, 0])
    exact = after((0.0, 0.4, 1.0), 3 * steps, deffuant_move(spread, 0.7, share))
    merged: dict[State, float] = defaultdict(float)
    for state, p in exact.items():
        merged[tuple(round(x, 6) for x in state)] += p
    found = simulate_opinions(Deffuant(spread, 0.7, share), [0.0, 0.4, 1.0], steps, RUNS, rng=2).final
    assert_agrees(np.round(found, 6), merged)


@pytest.mark.parametrize("bound", [0.05, 0.2, 2.0])
def test_deffuant_keeps_the_mean_and_ends_in_clusters(bound: float) -> None:
    graph = small_graph(1, 40, 400)
    begin = np.random.default_rng(1).random((6, 40))
    found = simulate_opinions(Deffuant(graph, bound, 0.4), begin, steps=3_000, rng=3, every=1_000)
    assert found.mean == pytest.approx(np.repeat(begin.mean(axis=1)[:, None], 4, axis=1), abs=1e-12)
    assert (found.converged > 0).all()
    ends = np.abs(found.final[:, graph.source] - found.final[:, graph.target])
    assert ((ends <= 1e-9) | (ends >= bound)).all()
    if bound > 1:
        assert found.consensus().all() and found.clusters()[0] == pytest.approx(np.array([[begin[0].mean(), 1.0]]))
    else:
        assert all(len(c) > 1 for c in found.clusters())
        assert all(np.sum(c[:, 1]) == pytest.approx(1) for c in found.clusters())


def test_contacts_are_followed_in_order() -> None:
    contacts = TemporalSpread.from_contacts([2, 0, 1, 0], [0, 1, 2, 1], [30, 10, 10, 20])
    voter = simulate_opinions(Voter(contacts), [7, 8, 9], steps=2)
    assert voter.opinions[0].tolist() == [[7, 8, 9], [7, 7, 7], [7, 7, 7]]
    assert voter.time[1:].tolist() == [10, 20] and np.isnan(voter.time[0]) and voter.converged.tolist() == [-1]
    deffuant = simulate_opinions(Deffuant(contacts, 10.0, 0.5), [0.0, 8.0, 2.0])
    assert deffuant.opinions[0].tolist() == [[0, 8, 2], [4, 3, 3], [3.5, 3.5, 3], [3.25, 3.5, 3.25]]
    assert deffuant.step.tolist() == [0, 1, 2, 3]
    sparse = simulate_opinions(Deffuant(contacts, 10.0, 0.5), [0.0, 8.0, 2.0], every=2)
    assert sparse.time[1:].tolist() == [20, 30] and sparse.final.tolist() == deffuant.final.tolist()
    with pytest.raises(SchemaError, match="got steps=4, but the contacts have 3 moments"):
        simulate_opinions(Voter(contacts), [7, 8, 9], steps=4)


def test_wrong_models_say_what_is_wrong() -> None:
    spread = SpreadGraph.from_edges([0], [1])
    for make, message in (
        (lambda: Deffuant(spread, -1.0), "bound got -1.0, expected a number of at least 0"),
        (lambda: Deffuant(spread, 1.0, 0.6), "convergence got 0.6, expected a number above 0, at most 0.5"),
        (lambda: Deffuant(spread, 1.0, 0.0), "convergence got 0.0, expected a number above 0"),
        (lambda: Voter(None), "Voter got NoneType, expected a SpreadGraph"),
        (lambda: Sznajd(TemporalSpread.from_contacts([0], [1], [5])), "Sznajd got contacts, expected a static"),
    ):
        with pytest.raises(SchemaError, match=re.escape(message)):
            make()  # type: ignore[arg-type]
