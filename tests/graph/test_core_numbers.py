"""Core numbers against NetworkX and the definition of a core."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.graph.structure.core_kernel import core_values
from graphsocial.graph.structure.core_numbers import core_numbers
from tests.graph.walks import REPLY, replies, undirected
from tests.graph.worlds import REPOST, random_world


def test_by_hand() -> None:
    # a, b, c and d all know each other; e knows two of them, f only e; g speaks to herself
    found = core_numbers(replies("ab ac ad bc bd cd ea eb fe fe gg ba"), [REPLY])
    assert {name: found.of(("user", name)) for name in "abcdefg"} == dict(
        zip("abcdefg", [3, 3, 3, 3, 2, 1, 0], strict=True)
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 120), st.booleans())
def test_against_networkx(seed: int, end: int, one: bool) -> None:
    view = random_world(seed, edges=30).graph().as_of(end)
    edge_types = [REPOST] if one else None
    plain = undirected(view, edge_types)
    found = core_numbers(view, edge_types)
    assert {key: found.of(key) for key in plain} == nx.core_number(plain)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.floats(0, 0.4), st.sampled_from([np.int32, np.int64]))
def test_a_core_is_the_largest_set_with_that_many_neighbours_inside(
    seed: int, count: int, chance: float, kind: type
) -> None:
    near = np.triu(np.random.default_rng(seed).random((count, count)) < chance, 1)
    near |= near.T
    row, neighbour = np.nonzero(near)
    indptr = np.searchsorted(row, np.arange(count + 1))
    core = core_values(indptr[:-1], indptr[1:], neighbour.astype(kind))
    for k in range(core.max() + 2):
        inside = np.ones(count, dtype=bool)
        while (inside & (near[:, inside].sum(1) < k)).any():
            inside &= near[:, inside].sum(1) >= k
        assert (inside == (core >= k)).all()


@pytest.mark.parametrize("end", [20, 61, 90])
def test_the_future_changes_nothing(end: int) -> None:
    for seed in range(6):
        world = random_world(seed, edges=25)
        a, b = core_numbers(world.graph().as_of(end)), core_numbers(world.erased(end).graph().as_of(end))
        assert a.to_arrow().equals(b.to_arrow())


def test_bad_requests_say_what_is_wrong() -> None:
    with pytest.raises(SchemaError, match="unknown edge type"):
        core_numbers(replies("ab"), [("user", "repply", "user")])
    assert len(core_numbers(replies("ab").as_of(-5))) == 0
