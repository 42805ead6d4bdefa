"""Every epidemic model on four nodes against the Markov chain of all its states, solved exactly."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.linalg import expm

from graphsocial.diffusion import SpreadGraph, simulate
from graphsocial.diffusion.epidemics.compartments import SEIR, SI, SIR, SIS

RUNS = 20_000
NODES = 4
EDGES = [(0, 1), (0, 2), (1, 2), (1, 2), (2, 1), (2, 3), (3, 0), (1, 3), (3, 3)]  # one edge twice, and a loop
PER_EDGE = [0.5, 0.1, 0.3, 0.4, 0.9, 0.25, 0.6, 0.05, 0.7]
SUSCEPTIBLE, EXPOSED, INFECTIOUS, RECOVERED = range(4)

CASES = {
    "SI": ((SUSCEPTIBLE, INFECTIOUS), {}),
    "SIS": ((SUSCEPTIBLE, INFECTIOUS), {"recovery": 0.4}),
    "SIR": ((SUSCEPTIBLE, INFECTIOUS, RECOVERED), {"recovery": 0.3}),
    "SEIR": ((SUSCEPTIBLE, EXPOSED, INFECTIOUS, RECOVERED), {"incubation": 0.6, "recovery": 0.2}),
}
MODELS = {"SI": SI, "SIS": SIS, "SIR": SIR, "SEIR": SEIR}


@pytest.mark.parametrize("per_edge", [False, True], ids=["uniform", "per_edge"])
@pytest.mark.parametrize("clock", ["discrete", "continuous"])
@pytest.mark.parametrize("name", list(CASES))
def test_states_have_the_chances_that_the_markov_chain_gives_them(name, clock, per_edge):
    compartments, rates = CASES[name]
    source, target = np.array(EDGES).T
    infection = np.array(PER_EDGE) if per_edge else np.full(len(EDGES), 0.35)
    spread = SpreadGraph.from_edges(source, target, NODES, edge_values={"infection": infection})
    infection = spread.edge_value("infection")
    model = MODELS[name](spread, infection if per_edge else 0.35, **rates, clock=clock)
    runs = simulate(model, [0, 1], RUNS, rng=11, horizon=7)
    states = list(itertools.product(compartments, repeat=NODES))
    step = _step if clock == "discrete" else _generator
    matrix = step(states, spread, infection, rates, SUSCEPTIBLE if name == "SIS" else RECOVERED)
    start = np.zeros(len(states))
    start[states.index((INFECTIOUS, INFECTIOUS, SUSCEPTIBLE, SUSCEPTIBLE))] = 1
    for t in (1, 2, 3, 7):
        chance = start @ (np.linalg.matrix_power(matrix, t) if clock == "discrete" else expm(matrix * t))
        assert np.isclose(chance.sum(), 1)
        seen = _observed(runs, t, name)
        place = {state: i for i, state in enumerate(states)}
        count = np.bincount([place[tuple(row)] for row in seen.tolist()], minlength=len(states))
        assert (count[chance < 1e-12] == 0).all()
        often = chance * RUNS > 5
        z = (count - chance * RUNS)[often] / np.sqrt(RUNS * chance * (1 - chance))[often].clip(1e-9)
        assert np.abs(z).max() < 5, (t, z)
        assert abs((count[~often] - chance[~often] * RUNS).sum()) < 5 * np.sqrt(max(chance[~often].sum() * RUNS, 4))


def _observed(runs, t, name):
    """Compartment of every node at a time, [run, node]."""
    state = np.zeros((len(runs), NODES), dtype=np.int64)
    run, node = np.repeat(np.arange(len(runs)), runs.size), runs.node.astype(np.int64)
    infectious = runs.marks.get("infectious", runs.time)
    recovered = runs.marks.get("recovered", np.full(len(node), np.inf))
    value = np.where(
        recovered <= t, SUSCEPTIBLE if name == "SIS" else RECOVERED, np.where(infectious <= t, INFECTIOUS, EXPOSED)
    )
    np.maximum.at(state, (run, node), np.where(runs.time <= t, value, SUSCEPTIBLE))
    return state


def _leaving(state, spread, infection, rates, after):
    """For each node the compartment that it may change to and the rate, or the chances that it does not."""
    for v in range(NODES):
        if state[v] == SUSCEPTIBLE:
            into = [
                e for e in range(spread.num_edges) if spread.target[e] == v and state[spread.source[e]] == INFECTIOUS
            ]
            yield EXPOSED if "incubation" in rates else INFECTIOUS, infection[into]
        elif state[v] == EXPOSED:
            yield INFECTIOUS, [rates["incubation"]]
        elif state[v] == INFECTIOUS and "recovery" in rates:
            yield after, [rates["recovery"]]
        else:
            yield state[v], []


def _generator(states, spread, infection, rates, after):
    matrix = np.zeros((len(states), len(states)))
    place = {state: i for i, state in enumerate(states)}
    for i, state in enumerate(states):
        for v, (to, rate) in enumerate(_leaving(state, spread, infection, rates, after)):
            if len(rate):
                other = place[(*state[:v], to, *state[v + 1 :])]
                matrix[i, other] += sum(rate)
                matrix[i, i] -= sum(rate)
    return matrix


def _step(states, spread, infection, rates, after):
    matrix = np.zeros((len(states), len(states)))
    place = {state: i for i, state in enumerate(states)}
    for i, state in enumerate(states):
        moves = list(_leaving(state, spread, infection, rates, after))
        change = [1 - np.prod([1 - p for p in chances]) for _, chances in moves]
        for which in itertools.product((False, True), repeat=NODES):
            chance = np.prod([c if w else 1 - c for c, w in zip(change, which, strict=True)])
            if chance > 0:
                after_it = tuple(to if w else s for s, (to, _), w in zip(state, moves, which, strict=True))
                matrix[i, place[after_it]] += chance
    return matrix
