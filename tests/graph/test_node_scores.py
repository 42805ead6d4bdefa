"""Scores of nodes as answers: order, look-ups, tables and plots."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph import adjacency
from graphsocial.graph.centrality.degree import degree
from graphsocial.graph.centrality.node_scores import NodeScores
from tests.graph.walks import REPLY, replies
from tests.graph.worlds import AUTHOR, random_world

matplotlib.use("Agg")


def scores(values: list[float], error: list[float] | None = None) -> NodeScores:
    rows = adjacency(replies("ab cd"), [REPLY])
    return NodeScores("heat", rows, "both", np.array(values), None if error is None else np.array(error))


def test_largest_first_then_canonical_order() -> None:
    found = scores([1.0, 2.0, 1.0, 2.0], [0.1, 0.2, 0.3, 0.4])
    assert found.top(3) == {("user", "b"): 2.0, ("user", "d"): 2.0, ("user", "a"): 1.0}
    assert list(found.top(9)) == [("user", name) for name in "bdac"]
    assert found.error is not None and found.error.tolist() == [0.2, 0.4, 0.1, 0.3]
    assert repr(found).splitlines()[:3] == [
        "heat of 4 nodes over user reply user, either way",
        "  node_type  id  heat  error",
        "  user       b   2     0.2",
    ]
    assert found.to_polars()["id"].to_list() == list("bdac")
    assert found.of(("user", "c")) == 1.0
    assert found.of_type("user").tolist() == [1.0, 2.0, 1.0, 2.0]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=4, max_size=4), st.integers(0, 6))
def test_top_is_the_beginning_of_the_table(values: list[int], k: int) -> None:
    found = scores(values)  # type: ignore[arg-type]
    ranked = sorted(range(4), key=lambda i: (-values[i], i))
    assert found.top(k) == {("user", "abcd"[i]): values[i] for i in ranked[:k]}
    assert list(found.columns()["heat"]) == [values[i] for i in ranked]


def test_the_plot_shows_the_share_at_or_above_each_value() -> None:
    line = scores([1.0, 4.0, 1.0, 2.0]).plot().lines[0]
    assert line.get_xydata().tolist() == [[1.0, 1.0], [2.0, 0.5], [4.0, 0.25]]
    assert len(scores([0.0, 0.0, 0.0, 0.0]).plot().lines[0].get_xydata()) == 0


def test_types_are_told_apart() -> None:
    view = random_world(4).graph()
    found = degree(view, [AUTHOR])
    for node_type in ("user", "post"):
        assert found.of_type(node_type).tolist() == [found.of((node_type, i)) for i in view.node_ids(node_type)]
    assert "as of" in degree(view.as_of(50)).title() and "edges from" in degree(view.window(10, 50)).title()


def test_bad_requests_say_what_is_wrong() -> None:
    found = scores([1.0, 2.0, 1.0, 2.0])
    for k in (-1, 1.5, True, "3"):
        with pytest.raises(SchemaError, match="expected a whole number of at least 0"):
            found.top(k)  # type: ignore[arg-type]
    with pytest.raises(UnknownNodeError, match="no user 'z'"):
        found.of(("user", "z"))
    with pytest.raises(SchemaError, match=r"unknown node type 'usr'.* Did you mean 'user'"):
        found.of_type("usr")
    with pytest.raises(SchemaError, match="degree has no hashtag, expected post or user"):
        degree(random_world(1).graph(), [AUTHOR]).of_type("hashtag")
    with pytest.raises(SchemaError, match="expected one for each of 4 nodes"):
        scores([1.0])
