"""Fits on views of a social graph know nothing of what comes after the view's end."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.diffusion import IndependentCascade, SpreadGraph, spread_graph
from graphsocial.diffusion.inference.fit_activation import fit_activation
from graphsocial.diffusion.inference.fitted_activation import FittedActivation
from graphsocial.diffusion.inference.infer_network import infer_network
from graphsocial.errors import LeakageError, SchemaError
from graphsocial.graph import SocialGraph, read_cascades
from tests.graph.test_exposure import graph_of
from tests.graph.worlds import FOLLOW, SHARE


def rows(seed: int, end: int | None) -> tuple[list, list, list]:
    """Authors, reposts and follows of a random world, those before an end if there is one; shuffled."""
    rng = np.random.default_rng(seed)
    names = [f"u{i}" for i in range(12)]
    author = [(names[rng.integers(12)], f"p{i}", int(rng.integers(0, 80))) for i in range(20)]
    share = [(names[rng.integers(12)], f"p{rng.integers(20)}", int(rng.integers(0, 100))) for _ in range(150)]
    follow = [(names[a], names[b], int(rng.integers(0, 30))) for a, b in rng.integers(0, 12, (70, 2)) if a != b]
    parts = [[r for r in part if end is None or r[2] < end] for part in (author, share, follow)]
    order = np.random.default_rng(0 if end is None else end)
    return tuple([part[i] for i in order.permutation(len(part))] for part in parts)  # type: ignore[return-value]


def fitted(view: SocialGraph) -> FittedActivation:
    return fit_activation(read_cascades(view, SHARE), spread_graph(view, FOLLOW), window=10)


@pytest.mark.parametrize("seed", range(3))
def test_an_erased_future_changes_nothing(seed: int) -> None:
    whole, erased = graph_of(*rows(seed, None)), graph_of(*rows(seed, 60))
    one, other = fitted(whole.as_of(60)), fitted(erased.as_of(60))
    assert one.trials.sum() > 100 and one.successes.sum() > 0
    assert one.known_until == 60 and one.to_polars().equals(other.to_polars()) and repr(one) == repr(other)
    assert one.log_likelihood == other.log_likelihood and one.censored > 0
    networks = [infer_network(read_cascades(g.as_of(60), SHARE)) for g in (whole, erased)]
    assert networks[0].to_polars().equals(networks[1].to_polars()) and len(networks[0]) > 5
    assert fitted(whole).log_likelihood != one.log_likelihood


def test_later_cascades_are_not_fitted_on_an_earlier_graph() -> None:
    graph = graph_of(*rows(1, None))
    early = spread_graph(graph.as_of(40), FOLLOW)
    for later in (graph.as_of(60), graph):
        with pytest.raises(LeakageError, match="the graph ends at 1970-01-01 00:00:40Z; fit on what was known then"):
            fit_activation(read_cascades(later, SHARE), early, window=10)
    loud = fit_activation(read_cascades(graph.as_of(60), SHARE), early, window=10, allow_future_model=True)
    assert loud.allow_future_model and loud.known_until == 60
    assert IndependentCascade(loud).spread is early


def test_a_finished_graph_needs_no_window_and_an_open_one_does() -> None:
    graph = graph_of(*rows(2, None))
    fit = fit_activation(read_cascades(graph, SHARE), spread_graph(graph, FOLLOW))
    assert np.isinf(fit.window) and "window without end" in fit.origin and fit.trials.sum() > 0
    view = graph.as_of(60)
    with pytest.raises(SchemaError, match="were still open when the observation ended; state how long one counts"):
        fit_activation(read_cascades(view, SHARE), spread_graph(view, FOLLOW))


def test_assumptions_of_the_graph_go_along() -> None:
    told = ("3 edges of unknown time are known from the crawl on",)
    spread = SpreadGraph([0, 1, 1], [1], assumptions=told)
    cascades = read_cascades(graph_of([("0", "p", 1)], [("1", "p", 2)], []), SHARE)
    with pytest.raises(SchemaError, match="its nodes are called 0, 1; '0' is not 0"):
        fit_activation(cascades, spread)
    named = SpreadGraph([0, 1, 1], [1], assumptions=told, _ids=np.array(["0", "1"], dtype=object))
    assert told[0] in fit_activation(cascades, named).notes
