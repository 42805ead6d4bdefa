"""Models in which all move at once, against linear algebra and hand values."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.diffusion import SpreadGraph
from graphsocial.diffusion.influence import Influence
from graphsocial.diffusion.opinions.de_groot import DeGroot
from graphsocial.diffusion.opinions.friedkin_johnsen import FriedkinJohnsen
from graphsocial.diffusion.opinions.hegselmann_krause import HegselmannKrause
from graphsocial.diffusion.opinions.simulate_opinions import simulate_opinions
from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
from graphsocial.errors import SchemaError
from tests.diffusion.enumeration import small_graph


def dense(influence: Influence, self_weight: float = 0.0) -> np.ndarray:
    """Rows of who is heard, written down edge by edge."""
    n = influence.spread.num_nodes
    w = np.zeros((n, n))
    for u, v, x in zip(influence.spread.source, influence.spread.target, influence.weight.astype(float), strict=True):
        w[v, u] += x
    total = w.sum(axis=1)
    near = np.abs(total - 1) < 1e-6
    w[near] /= total[near, None]
    w += np.diag(np.where(near, 0.0, 1 - total))
    return self_weight * np.eye(n) + (1 - self_weight) * w


def random_influence(seed: int, nodes: int = 7, edges: int = 20) -> Influence:
    spread = small_graph(seed, nodes, edges)
    weight = np.random.default_rng(seed).random(edges)
    total = np.bincount(spread.target, weight, nodes)
    fill = np.where(np.arange(nodes) % 2, 1.0, 0.7)  # some keep a share of their own, some do not
    return Influence(spread, weight / total[spread.target] * fill[spread.target])


@pytest.mark.parametrize("seed", range(4))
def test_de_groot_step_by_step(seed: int) -> None:
    influence = random_influence(seed)
    model = DeGroot(influence, 0.1)
    matrix = dense(influence, 0.1)
    assert model.matrix.toarray() == pytest.approx(matrix, abs=1e-12)
    assert matrix.sum(axis=1) == pytest.approx(1)
    x = np.random.default_rng(seed).random(7)
    found = simulate_opinions(model, x, steps=6, every=2)
    assert found.step.tolist() == [0, 2, 4, 6]
    for i, step in enumerate(found.step):
        assert found.opinions[0, i] == pytest.approx(np.linalg.matrix_power(matrix, step) @ x, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_de_groot_ends_at_the_left_eigenvector(seed: int) -> None:
    spread = small_graph(seed, 6, 20)
    ring = SpreadGraph.from_edges(
        np.append(spread.source, np.arange(6)), np.append(spread.target, (np.arange(6) + 1) % 6)
    )  # everybody reaches everybody
    model = DeGroot(Influence.even(ring), 0.2)
    values, vectors = np.linalg.eig(dense(model.influence, 0.2).T)
    left = np.real(vectors[:, np.argmin(np.abs(values - 1))])
    x = np.random.default_rng(seed).random((3, 6))
    found = simulate_opinions(model, x, steps=5_000, every=5_000, tolerance=0.0)
    assert found.final == pytest.approx(np.repeat((x @ (left / left.sum()))[:, None], 6, axis=1), abs=1e-9)
    assert found.consensus().all() and found.consensus_share() == 1.0
    assert [len(c) for c in found.clusters()] == [1, 1, 1]


def test_de_groot_swings_for_ever_on_a_graph_with_a_period() -> None:
    pair = SpreadGraph.from_edges([0, 1], [1, 0])
    found = simulate_opinions(DeGroot(Influence.even(pair)), [0.0, 1.0], steps=101)
    assert found.converged.tolist() == [-1] and found.opinions[0, ::2].tolist() == [[0.0, 1.0]] * 51
    assert found.final.tolist() == [[1.0, 0.0]] and not found.consensus().any()


def test_who_hears_nobody_stays() -> None:
    chain = SpreadGraph.from_edges([0, 1], [1, 2], 4)
    found = simulate_opinions(DeGroot(Influence.even(chain)), [5.0, 1.0, 2.0, 9.0], steps=10)
    assert found.opinions[0, :3].tolist() == [[5, 1, 2, 9], [5, 5, 1, 9], [5, 5, 5, 9]]
    assert found.converged.tolist() == [2]
    assert found.opinions[0, -1].tolist() == [5, 5, 5, 9]


@pytest.mark.parametrize("seed", range(4))
def test_friedkin_johnsen_ends_where_algebra_says(seed: int) -> None:
    influence = random_influence(seed)
    rng = np.random.default_rng(seed)
    a, x = rng.random(7) * 0.95, rng.random(7)
    found = simulate_opinions(FriedkinJohnsen(influence, a), x, steps=3_000, every=3_000, tolerance=1e-15)
    expected = np.linalg.solve(np.eye(7) - a[:, None] * dense(influence), (1 - a) * x)
    assert found.final[0] == pytest.approx(expected, abs=1e-9)


def test_friedkin_johnsen_at_its_edges() -> None:
    influence = random_influence(1)
    x = np.arange(7.0)
    assert (simulate_opinions(FriedkinJohnsen(influence, 0.0), x, steps=4).opinions == x).all()
    one = simulate_opinions(FriedkinJohnsen(influence, 1.0), x, steps=9).opinions
    assert (one == simulate_opinions(DeGroot(influence), x, steps=9).opinions).all()


def test_hegselmann_krause_by_hand() -> None:
    """Complete graph of 0, 1, 2, 4 with bound 1: (0+1)/2, (0+1+2)/3, (1+2)/2, 4; then .75, 1, 1.25; then all 1."""
    u, v = (a.ravel() for a in np.meshgrid(np.arange(4), np.arange(4)))
    complete = SpreadGraph.from_edges(u[u != v], v[u != v])
    found = simulate_opinions(HegselmannKrause(complete, 1.0), [0.0, 1.0, 2.0, 4.0], steps=10)
    assert found.opinions[0, 1] == pytest.approx([0.5, 1.0, 1.5, 4.0])
    assert found.opinions[0, 2] == pytest.approx([1.0, 1.0, 1.0, 4.0])
    assert found.converged.tolist() == [2] and not found.consensus()[0]
    assert found.clusters()[0] == pytest.approx(np.array([[1.0, 0.75], [4.0, 0.25]]))
    chain = SpreadGraph.from_edges([0, 1, 1, 2], [1, 0, 2, 1])
    own = simulate_opinions(HegselmannKrause(chain, [0.0, 2.0, 1.0]), [0.0, 1.0, 3.0], steps=1)
    assert own.final[0] == pytest.approx([0.0, 4 / 3, 3.0])  # each node listens as far as its own bound


@settings(max_examples=40)
@given(st.integers(0, 1_000), st.floats(0, 1))
def test_hegselmann_krause_is_what_plain_loops_say(seed: int, bound: float) -> None:
    spread = small_graph(seed, 7, 25)
    x = np.random.default_rng(seed).random(7)
    found = simulate_opinions(HegselmannKrause(spread, bound), x, steps=3, tolerance=0.0).opinions[0]
    for step in range(3):
        y = found[step]
        heard = [[u for u in spread.source[spread.target == v] if abs(y[u] - y[v]) <= bound] + [v] for v in range(7)]
        assert found[step + 1] == pytest.approx([np.mean(y[h]) for h in heard])


def test_wrong_models_say_what_is_wrong() -> None:
    spread = SpreadGraph.from_edges([0, 1], [1, 0], ids=["ann", "bob"])
    even, contacts = Influence.even(spread), TemporalSpread.from_contacts([0], [1], [5])
    for make, message in (
        (lambda: DeGroot(spread), "weights got SpreadGraph, expected an Influence"),
        (lambda: DeGroot(even, 1.5), "self_weight got 1.5, expected a number of at least 0, at most 1"),
        (lambda: FriedkinJohnsen(even, [0.5, 1.5]), "susceptibility of node bob got 1.5, expected a number of [0, 1]"),
        (lambda: FriedkinJohnsen(even, [0.5]), "susceptibility got shape (1,), expected a number, or (2,)"),
        (lambda: HegselmannKrause(spread, [np.nan, 1]), "bound of node ann got nan, expected 0 or more"),
        (lambda: HegselmannKrause(spread, [1.0]), "bound got shape (1,)"),
        (lambda: HegselmannKrause(contacts, 1.0), "HegselmannKrause got contacts, expected a static SpreadGraph"),
        (lambda: HegselmannKrause(3, 1.0), "HegselmannKrause got int, expected a SpreadGraph"),
    ):
        with pytest.raises(SchemaError, match=re.escape(message)):
            make()  # type: ignore[arg-type]
