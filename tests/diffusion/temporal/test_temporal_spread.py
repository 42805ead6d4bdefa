from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from graphsocial.diffusion import simulate
from graphsocial.diffusion.temporal.social_contacts import temporal_spread
from graphsocial.diffusion.temporal.temporal_compartments import TemporalSI
from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
from graphsocial.errors import LeakageError, SchemaError, UnknownNodeError
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import Column, Schema

REPOST, MENTION, LIKE = ("user", "repost", "user"), ("user", "mention", "user"), ("user", "like", "post")


def world() -> SocialGraph:
    """Bob reposts Ann at 10, Cy reposts Bob at 20 and 30, Dee reposts Ann who knows when; Ann mentions Dee at 15."""
    schema = Schema(
        {"user": {}, "post": {}},
        {REPOST: {"strength": Column("float")}, MENTION: {}, LIKE: {}},
        crawled_at={REPOST: 25},
    )
    reposts = pa.table(
        {
            "src": ["bob", "cy", "cy", "dee"],
            "dst": ["ann", "bob", "bob", "ann"],
            "time": pa.array([10, 20, 30, None], pa.int64()),
            "strength": [1.0, 2.0, 3.0, 4.0],
        }
    )
    mentions = pa.table({"src": ["ann", "ann"], "dst": ["dee", "ann"], "time": [15, 16]})
    likes = pa.table({"src": ["bob"], "dst": ["p1"], "time": [12]})
    return SocialGraph.build(schema, {}, {REPOST: reposts, MENTION: mentions, LIKE: likes})


def test_contacts_of_a_view_go_the_way_influence_flows_in_order_of_time():
    spread = temporal_spread(world(), REPOST, edge_values=["strength"])
    names = spread.ids
    assert [(names[s], names[t]) for s, t in zip(spread.source, spread.target, strict=True)] == [
        ("ann", "bob"),
        ("bob", "cy"),
        ("bob", "cy"),
    ]
    assert spread.time.tolist() == [10, 20, 30] and spread.time.dtype == np.int64
    assert spread.edge_value("strength").tolist() == [1.0, 2.0, 3.0]
    assert spread.unrecorded == 1 and "1 edges (user repost user) of unknown time are left out" in spread.assumptions[0]
    assert "1 of unknown time left out" in repr(spread)


def test_several_relations_together_without_loops():
    spread = temporal_spread(world(), [REPOST, MENTION])
    assert spread.time.tolist() == [10, 15, 20, 30]
    assert spread.num_contacts == 4 and spread.unrecorded == 1
    assert {str(i) for i in spread.ids} >= {"ann", "bob", "cy", "dee"}


def test_a_view_has_only_its_own_contacts_and_those_alone_decide():
    graph = world()
    early = temporal_spread(graph.as_of(30), REPOST)
    assert early.time.tolist() == [10, 20] and early.known_until == 30 and early.unrecorded == 1
    assert temporal_spread(graph.as_of(25), REPOST).unrecorded == 0
    window = temporal_spread(graph.window(15, 30), REPOST)
    assert window.time.tolist() == [20]
    # erase the future: the same contacts, and the same runs
    reposts = pa.table({"src": ["bob", "cy"], "dst": ["ann", "bob"], "time": [10, 20]})
    rest = {MENTION: pa.table({"src": ["ann", "ann"], "dst": ["dee", "ann"], "time": [15, 16]})}
    erased = SocialGraph.build(
        Schema({"user": {}, "post": {}}, {REPOST: {}, MENTION: {}, LIKE: {}}), {}, {REPOST: reposts, **rest}
    )
    bare = temporal_spread(erased.as_of(30), REPOST)
    for name in ("source", "target", "time", "ids"):
        assert getattr(bare, name).tolist() == getattr(early, name).tolist(), name
    one = simulate(TemporalSI(early, 0.5), ["ann"], 200, rng=1)
    other = simulate(TemporalSI(bare, 0.5), ["ann"], 200, rng=1)
    assert one.node.tolist() == other.node.tolist() and one.time.tolist() == other.time.tolist()
    assert set(one.node[one.time == 20]) == {"cy"}


def test_what_was_fitted_later_is_refused():
    spread = temporal_spread(world().as_of(30), REPOST)
    assert not spread.check_known("chances", 30)
    with pytest.raises(LeakageError, match="chances knows what came before"):
        spread.check_known("chances", 31)
    assert spread.check_known("chances", 31, allow_future_model=True)


def test_seeds_by_name():
    spread = temporal_spread(world(), REPOST)
    assert spread.keys(spread.numbers(["cy", ("user", "ann")])) == [("user", "cy"), ("user", "ann")]
    with pytest.raises(UnknownNodeError, match=r"TemporalSpread of \d user nodes.* Did you mean 'ann'"):
        spread.numbers(["anna"])
    with pytest.raises(SchemaError, match="expected a list of nodes"):
        spread.numbers("ann")


def test_plain_arrays_in_any_order_and_without_some_times():
    values = {"w": np.array([1.0, 2.0, 3.0, 4.0])}
    spread = TemporalSpread.from_contacts([3, 0, 1, 2], [0, 1, 2, 3], [7.5, 2.0, np.nan, 2.0], edge_values=values)
    assert spread.source.tolist() == [0, 2, 3] and spread.time.tolist() == [2.0, 2.0, 7.5]
    assert spread.edge_value("w").tolist() == [2.0, 4.0, 1.0]
    assert spread.unrecorded == 1 and spread.assumptions == ("1 contacts of unknown time are left out",)
    named = TemporalSpread.from_contacts([0], [1], [3], ids=["x", "y"])
    assert named.numbers(["y"]).tolist() == [1] and named.num_nodes == 2
    with pytest.raises(ValueError, match="read-only"):
        spread.time[0] = 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TemporalSpread.from_contacts([0, 1], [1], [1, 2]), r"target of shape \(1,\), expected \(2,\)"),
        (lambda: TemporalSpread.from_contacts([0], [1], [1, 2]), r"time of shape \(2,\)"),
        (
            lambda: TemporalSpread.from_contacts([0], [5], [1], num_nodes=3),
            "target 5, expected a whole number of 0 to 2",
        ),
        (lambda: TemporalSpread.from_contacts([-1], [1], [1]), "source -1"),
        (lambda: TemporalSpread.from_contacts([0.5], [1], [1]), "source 0.5"),
        (lambda: TemporalSpread.from_contacts([0], [1], [np.inf]), "expected finite numbers"),
        (lambda: TemporalSpread.from_contacts([0], [1], ["noon"]), "expected finite numbers"),
        (lambda: TemporalSpread.from_contacts([0], [1], [2**60]), r"at most 2\*\*53"),
        (lambda: TemporalSpread([0, 0], [1, 1], [2, 1], 2), "expected to ascend"),
        (lambda: TemporalSpread.from_contacts([0], [1], [1], ids=["a", "a"]), "one of its own for each node"),
        (lambda: TemporalSpread.from_contacts([0], [1], [1], edge_values={"w": [1, 2]}), r"w of shape \(2,\)"),
        (
            lambda: TemporalSpread.from_contacts([0], [1], [1], edge_values={"weight": [1]}).edge_value("wait"),
            "no values",
        ),
        (lambda: temporal_spread(world(), LIKE), "join nodes of types post, user, expected relations between"),
        (lambda: temporal_spread(world(), ("user", "reposts", "user")), "Did you mean"),
        (lambda: temporal_spread(world(), REPOST, edge_values=["strenght"]), "strenght"),
    ],
)
def test_what_is_wrong_is_said(make, message):
    with pytest.raises(SchemaError, match=message):
        make()
