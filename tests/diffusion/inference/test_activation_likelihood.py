"""The likelihood of cascades under given probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.diffusion import Activation, SpreadGraph
from graphsocial.diffusion.inference.activation_likelihood import activation_likelihood
from graphsocial.diffusion.inference.fit_activation import fit_activation
from graphsocial.errors import SchemaError
from tests.diffusion.inference.cascade_worlds import cascades_of, exact_states, independent_cascade, random_graph

SPREAD = SpreadGraph.from_edges([0, 0, 1], [1, 2, 2])


def test_by_hand() -> None:
    cascades = cascades_of([[(0, 0), (1, 0), (2, 1)], [(0, 0)]])
    found = activation_likelihood(Activation(SPREAD, [0.1, 0.5, 0.2]), cascades, window=1)
    activated = np.log(1 - 0.5 * 0.8)
    assert found.total == pytest.approx(activated + np.log(0.9) + np.log(0.5))
    assert found.of_activations == pytest.approx(activated)
    assert (found.activations, found.failures, found.impossible) == (1, 2, 0)
    assert found.per_activation == pytest.approx(found.total)


def test_what_cannot_happen() -> None:
    cascades = cascades_of([[(0, 0), (1, 1)], [(0, 0)]])
    never = activation_likelihood(Activation(SPREAD, [0.0, 0.5, 0.5]), cascades, window=1)
    assert never.impossible == 1 and never.total == -np.inf
    surely = activation_likelihood(Activation(SPREAD, [1.0, 0.5, 0.5]), cascades, window=1)
    assert surely.impossible == 0 and surely.of_activations == 0 and surely.total == -np.inf
    nothing = activation_likelihood(Activation(SPREAD, [0.5, 0.5, 0.5]), cascades_of([[(2, 0)]]), window=1)
    assert nothing.total == 0 and np.isnan(nothing.per_activation)


def test_chances_of_all_outcomes_add_up_to_one() -> None:
    # in two steps from node 0, an outcome is who was active when; their likelihoods are a distribution
    chance = Activation(SPREAD, [0.3, 0.6, 0.8])
    every = [[], [(1, 1)], [(2, 1)], [(1, 1), (2, 1)], [(1, 1), (2, 2)]]
    told = [np.exp(activation_likelihood(chance, cascades_of([[(0, 0), *e]]), window=1).total) for e in every]
    assert sum(told) == pytest.approx(1)
    exact = exact_states(SPREAD, np.array([0.3, 0.6, 0.8]), [0], 5)
    assert told[3] + told[4] == pytest.approx(exact[frozenset({0, 1, 2})], rel=1e-6)


def test_a_fit_foretells_better_than_one_number_for_all() -> None:
    rng = np.random.default_rng(2)
    spread = random_graph(rng, 20, 80)
    p = rng.choice([0.05, 0.5], 80)
    runs = [independent_cascade(rng, spread, p, [int(rng.integers(20))]) for _ in range(800)]
    train, test = cascades_of(runs[:600]), cascades_of(runs[600:])
    fit = fit_activation(train, spread, window=1)
    flat = Activation.uniform(spread, float(fit.successes.sum() / fit.trials.sum()))
    told = [activation_likelihood(a, test, window=1).per_activation for a in (fit, flat, Activation(spread, p))]
    assert told[1] < told[0] < told[2] + 0.02


def test_bad_input() -> None:
    with pytest.raises(SchemaError, match="got ndarray, expected an Activation"):
        activation_likelihood(np.zeros(3), cascades_of([[(0, 0)]]))  # type: ignore[arg-type]
