"""What every simulation of opinions has in common."""

from __future__ import annotations

import re

import numpy as np
import pytest

from graphsocial.diffusion import SpreadGraph
from graphsocial.diffusion.influence import Influence
from graphsocial.diffusion.opinions.de_groot import DeGroot
from graphsocial.diffusion.opinions.deffuant import Deffuant
from graphsocial.diffusion.opinions.simulate_opinions import simulate_opinions
from graphsocial.diffusion.opinions.sznajd import Sznajd
from graphsocial.diffusion.opinions.voter import Voter
from graphsocial.errors import SchemaError
from tests.diffusion.enumeration import small_graph

GRAPH = small_graph(1, 12, 60)


@pytest.mark.parametrize("model", [Deffuant(GRAPH, 0.3), Voter(GRAPH), Sznajd(GRAPH)])
def test_threads_length_and_recording_change_nothing(model: Deffuant | Voter | Sznajd) -> None:
    begin = np.random.default_rng(1).integers(0, 4, 12) / 4
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    whole = simulate_opinions(model, begin, 6, 60, rng=5, threads=1)
    assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    threads = simulate_opinions(model, begin, 6, 60, rng=5, threads=3)
    few = simulate_opinions(model, begin, 6, 20, rng=5)
    rare = simulate_opinions(model, begin, 6, 60, rng=5, every=4)
    assert (whole.opinions == threads.opinions).all() and (whole.converged == threads.converged).all()
    assert (whole.opinions[:20] == few.opinions).all()
    assert rare.step.tolist() == [0, 4, 6]
    assert (whole.opinions[:, [0, 4, 6]] == rare.opinions).all() and (whole.converged == rare.converged).all()
    assert (simulate_opinions(model, begin, 6, 60, rng=6).opinions != whole.opinions).any()
    assert len({tuple(o) for o in whole.final.tolist()}) > 1
    assert (whole.opinions[:, 0] == begin).all() and not whole.opinions.flags.writeable


def test_a_run_that_converged_stays() -> None:
    found = simulate_opinions(Voter(GRAPH), np.arange(12), steps=400, runs=20, rng=1)
    assert (found.converged > 0).all()
    for run, step in enumerate(found.converged):
        assert (found.opinions[run, step:] == found.opinions[run, step]).all()
        assert (found.opinions[run, step - 1] != found.opinions[run, step]).any()


def test_a_table_of_it() -> None:
    pair = SpreadGraph.from_edges([0], [1], ids=["ann", "bob"])
    found = simulate_opinions(DeGroot(Influence.even(pair)), [[1.0, 2.0], [3.0, 4.0]], steps=3, every=2)
    table = found.to_polars()
    assert table.columns == ["run", "step", "time", "node", "opinion"]
    assert table.rows()[:2] == [(0, 0, 0.0, "ann", 1.0), (0, 0, 0.0, "bob", 2.0)]
    assert table.rows()[2:4] == [(0, 2, 2.0, "ann", 1.0), (0, 2, 2.0, "bob", 1.0)]
    assert table.height == 12 and table["run"].unique().to_list() == [0, 1]
    assert repr(found) == "OpinionRuns of 2 runs, 2 nodes, 3 steps, 2 converged, 1 in consensus"


def test_wrong_requests_say_what_is_wrong() -> None:
    pair = SpreadGraph.from_edges([0, 1], [1, 0], ids=["ann", "bob"])
    voter, mean = Voter(pair), DeGroot(Influence.even(pair))
    for ask, message in (
        (lambda: simulate_opinions(voter, [0, 1], 5), "Voter draws at random: pass rng="),
        (lambda: simulate_opinions(mean, [0, 1]), "got no steps, expected a whole number"),
        (lambda: simulate_opinions(mean, [0, 1], 0), "got steps=0, expected a whole number, at least 1"),
        (lambda: simulate_opinions(mean, [0, 1], 2.5), "got steps=2.5"),
        (lambda: simulate_opinions(mean, [0, 1], 5, every=0), "got every=0"),
        (lambda: simulate_opinions(mean, [0, 1], 5, every=None), "got every=None"),
        (lambda: simulate_opinions(mean, [0, 1], 5, 0), "got runs=0"),
        (lambda: simulate_opinions(mean, [0, 1, 2], 5), "initial opinions got shape (3,), expected (2,) or (runs, 2)"),
        (
            lambda: simulate_opinions(mean, [0, np.nan], 5),
            "initial opinion of node bob got nan, expected a finite number",
        ),
        (lambda: simulate_opinions(mean, ["a", "b"], 5), "initial opinions got list, expected numbers"),
        (lambda: simulate_opinions(mean, [[0, 1]] * 3, 5, 2), "got 3 beginnings and runs=2, expected as many"),
        (lambda: simulate_opinions(mean, [0, 1], 5, tolerance=-1), "got tolerance=-1"),
        (lambda: simulate_opinions(mean, [0, 1], 10**9, every=1), "a larger every= records fewer"),
        (lambda: simulate_opinions(mean, [0, 1], 5).clusters(-1), "got gap=-1"),
    ):
        with pytest.raises(SchemaError, match=re.escape(message)):
            ask()  # type: ignore[arg-type]
    assert simulate_opinions(mean, [0, 1], 10**6, every=10**6).opinions.shape == (1, 2, 2)
