from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.diffusion import SpreadGraph, simulate
from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.diffusion.temporal.temporal_compartments import TemporalSEIR, TemporalSI, TemporalSIR, TemporalSIS
from graphsocial.diffusion.temporal.temporal_independent_cascade import TemporalIndependentCascade
from graphsocial.diffusion.temporal.temporal_linear_threshold import TemporalLinearThreshold
from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
from graphsocial.errors import SchemaError, UnknownNodeError

MEETINGS = TemporalSpread.from_contacts([0, 1, 0], [1, 2, 2], [5, 7, 9])


def random_contacts(rng: int, nodes: int = 25, count: int = 300, last: int = 60) -> TemporalSpread:
    draw = np.random.default_rng(rng)
    ends = draw.integers(nodes, size=(2, count))
    return TemporalSpread.from_contacts(ends[0], ends[1], draw.integers(last, size=count), nodes)


def all_models(spread: TemporalSpread) -> list:
    each = np.random.default_rng(5).uniform(0, 0.6, spread.num_contacts)
    return [
        TemporalIndependentCascade(spread, 0.3),
        TemporalLinearThreshold(spread),
        TemporalSI(spread, each),
        TemporalSIS(spread, 0.4, 0.1),
        TemporalSIS(spread, each, 0.1),
        TemporalSIR(spread, each, 0.1),
        TemporalSEIR(spread, 0.5, 0.2, 0.05),
    ]


@pytest.mark.parametrize("which", range(7))
@settings(max_examples=15, deadline=None)
@given(rng=st.integers(0, 10_000), horizon=st.sampled_from([None, 0, 20.5, 40]))
def test_members_are_reached_by_a_contact_after_their_parent_was(which, rng, horizon):
    spread = random_contacts(rng)
    model = all_models(spread)[which]
    runs = simulate(model, [3, 1], 30, rng=rng, horizon=horizon)
    happened = set(zip(spread.source.tolist(), spread.target.tolist(), spread.time.tolist(), strict=True))
    infectious = runs.marks.get("infectious", runs.time)
    recovered = runs.marks.get("recovered", np.full(len(runs.time), np.inf))
    child = np.flatnonzero(runs.parent >= 0)
    source = runs.parent[child]
    reached = zip(runs.node[source], runs.node[child], runs.time[child], strict=True)
    assert all((a, b, int(t)) in happened for a, b, t in reached)
    assert (infectious[source] < runs.time[child]).all() and (runs.time[child] <= recovered[source]).all()
    assert horizon is None or (runs.time <= horizon).all()
    for i in range(len(runs)):
        mine = slice(*runs.offsets[i : i + 2])
        assert runs.node[mine][:2].tolist() == [3, 1] and (np.diff(runs.time[mine]) >= 0).all()
        last: dict = {}
        for node, t, until in zip(runs.node[mine], runs.time[mine], recovered[mine], strict=True):
            assert last.get(node, -np.inf) < t
            last[node] = until if isinstance(model, TemporalSIS) else np.inf
    if horizon is None:
        assert not runs.censored.any()
    elif model.marks:
        assert (runs.censored == (np.add.reduceat(np.isinf(recovered), runs.offsets[:-1]) > 0)).all()


def test_same_on_any_number_of_threads_and_the_first_of_a_longer_simulation():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for model in all_models(random_contacts(1)):
        one = simulate(model, [0, 7], 400, rng=9, threads=1)
        three = simulate(model, [0, 7], 400, rng=9, threads=3)
        short = simulate(model, [0, 7], 50, rng=9, threads=1)
        for name in ("node", "parent", "time", "offsets", "censored"):
            assert (getattr(one, name) == getattr(three, name)).all(), name
        assert all((one.marks[name] == three.marks[name]).all() for name in model.marks)
        members = short.offsets[-1]
        assert (short.time == one.time[:members]).all() and (short.node == one.node[:members]).all()
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


@pytest.mark.parametrize("which", range(7))
def test_a_run_that_outgrows_its_room_leaves_nothing_behind(which):
    model = all_models(random_contacts(2))[which]
    seeds = np.array([0, 1])
    runner = model.runner(seeds, np.inf)
    large = RunBuffer.of_room(10_000, 100, len(model.marks), True)
    assert runner.fill(5, 0, 100, large) == 100
    nodes, begin = [], 0
    small = RunBuffer.of_room(large.size.max(), 100, len(model.marks), True)
    while begin < 100:
        done = runner.fill(5, begin, 100, small)
        assert done > 0
        nodes.append(small.node[: small.size[:done].sum()].copy())
        begin += done
    assert len(nodes) > 10
    assert (np.concatenate(nodes) == large.node[: large.size.sum()]).all()


def test_a_contact_at_the_moment_of_arrival_is_too_late():
    chain = TemporalSpread.from_contacts([0, 1, 2, 1], [1, 2, 3, 2], [5, 5, 6, 6])
    for model in (
        TemporalIndependentCascade(chain, 1.0),
        TemporalSI(chain, np.ones(4)),
        TemporalSIR(chain, 1.0, 0.0),
        TemporalSIS(chain, 1.0, 0.0),
    ):
        runs = simulate(model, [0], 3, rng=1)
        assert runs.node.tolist() == [0, 1, 2] * 3 and runs.time.tolist() == [4, 5, 6] * 3
    # a seed at the very moment of its contact is, too
    assert simulate(TemporalSI(chain, 1.0, start=5), [0], 3, rng=1).size.tolist() == [1, 1, 1]


def test_nothing_and_everything():
    for model in (
        TemporalIndependentCascade(MEETINGS, 0.0),
        TemporalSI(MEETINGS, np.zeros(3)),
        TemporalSIR(MEETINGS, 1.0, 1e9),
        TemporalSEIR(MEETINGS, 0.0, 1.0, 1.0),
        TemporalLinearThreshold(MEETINGS, np.zeros(3)),
    ):
        assert (simulate(model, [0], 50, rng=1).size == 1).all()
    sure = simulate(TemporalIndependentCascade(MEETINGS, 1.0), [0], 50, rng=1)
    assert sure.node.tolist() == [0, 1, 2] * 50 and sure.time.tolist() == [4, 5, 7] * 50
    slow = simulate(TemporalSEIR(MEETINGS, 1.0, 1e-9, 0.0), [0], 50, rng=1)
    assert sorted(set(slow.time.tolist())) == [4, 5, 9] and (slow.parent.reshape(50, 3)[:, 1:] % 3 == 0).all()
    nobody = TemporalSpread.from_contacts([], [], [], 2)
    for model in (TemporalSI(nobody, 1.0), TemporalLinearThreshold(nobody), TemporalSIS(nobody, np.empty(0), 1.0)):
        assert simulate(model, [1], 4, rng=1).size.tolist() == [1] * 4


def test_a_horizon_leaves_out_what_comes_after_it_and_says_so():
    model = TemporalIndependentCascade(MEETINGS, [1.0, 1.0, 1.0])
    at_6 = simulate(model, [0], 2, rng=1, horizon=6)
    assert at_6.node.tolist() == [0, 1] * 2 and at_6.censored.all()
    at_7 = simulate(model, [0], 2, rng=1, horizon=7)
    assert at_7.size.tolist() == [3, 3] and not at_7.censored.any()  # the last contact reaches nobody new
    dead = TemporalIndependentCascade(MEETINGS, [1.0, 0.0, 0.0])
    assert not simulate(dead, [0], 2, rng=1, horizon=6).censored.any()
    with pytest.raises(SchemaError, match="got horizon=3 before the seeds become active, at 4"):
        simulate(model, [0], 2, rng=1, horizon=3)


def test_one_contact_per_pair_in_layers_is_an_independent_cascade():
    from graphsocial.diffusion import Activation, IndependentCascade

    source, target = np.array([[0, 0, 1, 2, 1], [1, 2, 3, 3, 4]])
    spread = SpreadGraph.from_edges(source, target)
    meetings = TemporalSpread.from_contacts(source, target, [1, 1, 2, 2, 2])
    plain = simulate(IndependentCascade(Activation.uniform(spread, 0.4)), [0], 20_000, rng=1)
    timed = simulate(TemporalIndependentCascade(meetings, 0.4), [0], 20_000, rng=1)
    assert abs(plain.size.mean() - timed.size.mean()) < 4.5 * np.sqrt(2 * plain.size.var() / 20_000)
    assert set(timed.time.tolist()) == {0, 1, 2}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TemporalIndependentCascade(MEETINGS, 1.5), "probability got 1.5, expected a probability per contact"),
        (lambda: TemporalIndependentCascade(MEETINGS, np.nan), "probability got nan"),
        (lambda: TemporalSI(MEETINGS, [0.1, 0.2]), r"shape \(2,\), expected \(3,\), one probability per contact"),
        (lambda: TemporalSI(MEETINGS, [0.1, -0.2, 0.3]), "infection of contact 1 -> 2 at 7 got -0.2"),
        (lambda: TemporalSIR(MEETINGS, 0.5, -1.0), "recovery got -1.0, expected a finite rate"),
        (lambda: TemporalSIS(MEETINGS, 0.5, np.nan), "recovery got nan"),
        (lambda: TemporalSEIR(MEETINGS, 0.5, "1", 0.1), "incubation got '1'"),
        (lambda: TemporalLinearThreshold(MEETINGS, [0.4, 0.6, 0.7]), "into 2 sum to 1.3, expected at most 1"),
        (lambda: TemporalLinearThreshold(MEETINGS, [0.4, -0.6, 0.7]), "weight of contact 1 -> 2 at 7 got -0.6"),
        (lambda: TemporalLinearThreshold(MEETINGS, [0.4]), r"weights got float64 of shape \(1,\), expected \(3,\)"),
        (lambda: TemporalSI(SpreadGraph.from_edges([0], [1]), 0.5), "got SpreadGraph to spread over"),
        (lambda: TemporalSI(MEETINGS, 0.5, start=np.inf), "got start=inf"),
        (lambda: simulate(TemporalSI(MEETINGS, 0.5), [], 5, rng=1), "the seed set is empty"),
    ],
)
def test_what_is_wrong_is_said(make, message):
    with pytest.raises(SchemaError, match=message):
        make()


def test_an_unknown_seed():
    with pytest.raises(UnknownNodeError, match="no node 9, expected a number of 0 to 2"):
        simulate(TemporalSI(MEETINGS, 0.5), [9], 5, rng=1)
