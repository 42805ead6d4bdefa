"""Every model over contacts against the exact chances of all states, from its definition and in order of time."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.linalg import expm

from graphsocial.diffusion import simulate
from graphsocial.diffusion.temporal.temporal_compartments import TemporalSEIR, TemporalSI, TemporalSIR, TemporalSIS
from graphsocial.diffusion.temporal.temporal_independent_cascade import TemporalIndependentCascade
from graphsocial.diffusion.temporal.temporal_linear_threshold import TemporalLinearThreshold
from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread

RUNS = 20_000
NODES = 4
# several contacts at one moment, repeated pairs, a chain within a moment, a loop
SOURCE = [0, 1, 0, 1, 3, 2, 2, 0, 3, 1, 2, 3, 1]
TARGET = [1, 2, 1, 2, 2, 0, 3, 3, 1, 1, 1, 0, 3]
TIME = [2, 2, 3, 4, 4, 5, 5, 5, 6, 6, 7, 9, 9]
CHANCE = np.array([0.5, 0.9, 0.3, 0.6, 0.8, 0.4, 0.7, 0.2, 1.0, 0.5, 0.35, 0.0, 0.65])
SUSCEPTIBLE, EXPOSED, INFECTIOUS, RECOVERED = range(4)
CASES = {
    "cascade": (TemporalIndependentCascade, (SUSCEPTIBLE, INFECTIOUS), {}),
    "SI": (TemporalSI, (SUSCEPTIBLE, INFECTIOUS), {}),
    "SIS": (TemporalSIS, (SUSCEPTIBLE, INFECTIOUS), {"recovery": 0.3}),
    "SIR": (TemporalSIR, (SUSCEPTIBLE, INFECTIOUS, RECOVERED), {"recovery": 0.2}),
    "SEIR": (TemporalSEIR, (SUSCEPTIBLE, EXPOSED, INFECTIOUS, RECOVERED), {"incubation": 0.7, "recovery": 0.15}),
}


def contacts(**values) -> TemporalSpread:
    return TemporalSpread.from_contacts(SOURCE, TARGET, TIME, NODES, edge_values=values)


@pytest.mark.parametrize("each", [False, True], ids=["uniform", "each"])
@pytest.mark.parametrize("name", list(CASES))
def test_states_have_their_chances(name, each):
    make, compartments, rates = CASES[name]
    spread = contacts(chance=CHANCE)
    chance = spread.edge_value("chance") if each else np.full(len(TIME), 0.6)
    runs = simulate(make(spread, chance if each else 0.6, **rates, start=1), [0, 3], RUNS, rng=4)
    states = list(itertools.product(compartments, repeat=NODES))
    place = {state: i for i, state in enumerate(states)}
    quiet = _generator(states, rates, SUSCEPTIBLE if name == "SIS" else RECOVERED)
    now, p = 1.0, np.zeros(len(states))
    p[place[INFECTIOUS, SUSCEPTIBLE, SUSCEPTIBLE, INFECTIOUS]] = 1
    for t in sorted(set(spread.time.tolist())):
        p = p @ expm(quiet * (t - now))
        p = p @ _moment(states, spread, chance, t, EXPOSED if "incubation" in rates else INFECTIOUS)
        now = t
        count = np.bincount([place[tuple(row)] for row in _observed(runs, t, name).tolist()], minlength=len(states))
        _agree(count, p)


def test_thresholds_are_crossed_with_their_chances():
    spread = contacts()
    weight = np.where(spread.target == 1, 0.2, 0.3)
    weight[spread.target == 3] = [0.1, 0.5, 0.4]
    for given in (weight, None):
        model = TemporalLinearThreshold(spread, given)
        runs = simulate(model, [0], RUNS, rng=8)
        # (when each node became active, weight that each has felt) -> chance
        worlds = {((1.0, np.inf, np.inf, np.inf), (0.0,) * NODES): 1.0}
        for c in range(spread.num_contacts):
            after: dict = {}
            for (active, felt), chance in worlds.items():
                s, v, t, w = spread.source[c], spread.target[c], float(spread.time[c]), float(model.weight[c])
                if active[s] < t and active[v] == np.inf:
                    more = tuple(f + w if i == v else f for i, f in enumerate(felt))
                    crossed = tuple(t if i == v else a for i, a in enumerate(active))
                    left = 1 - felt[v]
                    after[crossed, more] = after.get((crossed, more), 0) + chance * w / left
                    after[active, more] = after.get((active, more), 0) + chance * max(1 - w / left, 0)
                else:
                    after[active, felt] = after.get((active, felt), 0) + chance
            worlds = after
        expected: dict = {}
        for (active, _), chance in worlds.items():
            expected[active] = expected.get(active, 0) + chance
        when = np.full((RUNS, NODES), np.inf)
        when[np.repeat(np.arange(RUNS), runs.size), runs.node.astype(int)] = runs.time
        order = list(expected)
        assert set(map(tuple, when.tolist())) <= set(order)
        seen = [tuple(row) for row in when.tolist()]
        _agree(np.array([seen.count(a) for a in order]), np.array([expected[a] for a in order]))


def _observed(runs, t, name):
    """Compartment of every node just after a moment, [run, node]."""
    state = np.zeros((len(runs), NODES), dtype=np.int64)
    run, node = np.repeat(np.arange(len(runs)), runs.size), runs.node.astype(np.int64)
    infectious = runs.marks.get("infectious", runs.time)
    recovered = runs.marks.get("recovered", np.full(len(node), np.inf))
    gone = SUSCEPTIBLE if name == "SIS" else RECOVERED
    value = np.where(recovered <= t, gone, np.where(infectious <= t, INFECTIOUS, EXPOSED))
    np.maximum.at(state, (run, node), np.where(runs.time <= t, value, SUSCEPTIBLE))
    return state


def _generator(states, rates, after):
    """Rates between contacts, [state, state]."""
    matrix = np.zeros((len(states), len(states)))
    place = {state: i for i, state in enumerate(states)}
    moves = {EXPOSED: (INFECTIOUS, rates.get("incubation", 0)), INFECTIOUS: (after, rates.get("recovery", 0))}
    for i, state in enumerate(states):
        for v, compartment in enumerate(state):
            to, rate = moves.get(compartment, (compartment, 0))
            if rate:
                matrix[i, place[(*state[:v], to, *state[v + 1 :])]] += rate
                matrix[i, i] -= rate
    return matrix


def _moment(states, spread, chance, t, infected):
    """Chances of what all contacts of a moment do together, from how things stood before it, [state, state]."""
    here = np.flatnonzero(spread.time == t)
    matrix = np.zeros((len(states), len(states)))
    place = {state: i for i, state in enumerate(states)}
    for i, state in enumerate(states):
        fails = np.ones(NODES)
        for c in here:
            if state[spread.source[c]] == INFECTIOUS and state[spread.target[c]] == SUSCEPTIBLE:
                fails[spread.target[c]] *= 1 - chance[c]
        for which in itertools.product((False, True), repeat=NODES):
            q = np.prod([1 - f if w else f for f, w in zip(fails, which, strict=True)])
            if q > 0:
                to = tuple(infected if w else s for s, w in zip(state, which, strict=True))
                matrix[i, place[to]] += q
    return matrix


def _agree(count, chance):
    assert np.isclose(chance.sum(), 1)
    assert (count[chance < 1e-12] == 0).all()
    often = chance * RUNS > 5
    z = (count - chance * RUNS)[often] / np.sqrt(RUNS * chance * (1 - chance))[often].clip(1e-9)
    assert np.abs(z).max() < 5, z
    assert abs((count[~often] - chance[~often] * RUNS).sum()) < 5 * np.sqrt(max(chance[~often].sum() * RUNS, 4))
