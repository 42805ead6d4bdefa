"""Columns whose values each have their own time: the last one before a view's end counts, and nothing later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphsocial as gs
from graphsocial.embed.shown_contents import content_known_at
from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.graph.subset import subset
from graphsocial.schema import MEASURED, Column, Schema

SCHEMA = Schema(
    {"user": {"handle": Column("string", MEASURED), "followers": Column("int", MEASURED)}, "post": {"text": Column()}},
    {("user", "author", "post"): {}},
)
NEVER = 2**63 - 1


def graph_of(rows: list[dict[str, object]], edges: list[tuple[str, str, int]] = []) -> SocialGraph:  # noqa: B006
    fields = [("id", pa.string()), ("measured_at", pa.int64()), ("handle", pa.string()), ("followers", pa.int64())]
    looked = pa.Table.from_pylist(rows, schema=pa.schema(fields))
    src, dst, time = zip(*edges, strict=True) if edges else ((), (), ())
    author = pa.table(
        {"src": pa.array(src, pa.string()), "dst": pa.array(dst, pa.string()), "time": pa.array(time, pa.int64())}
    )
    return SocialGraph.build(SCHEMA, {}, {("user", "author", "post"): author}, measurements={"user": looked})


ROWS: list[dict[str, object]] = [
    {"id": "ann", "measured_at": 30, "handle": "ann_b", "followers": 7},
    {"id": "ann", "measured_at": 10, "handle": "ann_a", "followers": 5},
    {"id": "bob", "measured_at": 20, "handle": None, "followers": 1},
    {"id": "cy", "measured_at": None, "handle": "cy", "followers": 9},
]


def test_a_view_shows_the_last_value_before_its_end() -> None:
    graph = graph_of(ROWS, [("ann", "p", 5), ("cy", "q", 6)])

    def shown(view: SocialGraph) -> dict[str, tuple[object, object]]:
        names = view.column("user", "handle").to_pylist(), view.column("user", "followers").to_pylist()
        return dict(zip(view.node_ids("user").tolist(), zip(*names, strict=True), strict=True))

    assert shown(graph.as_of(10)) == {"ann": (None, None), "cy": (None, None)}
    assert shown(graph.as_of(11)) == {"ann": ("ann_a", 5), "cy": (None, None)}
    assert shown(graph.as_of(30)) == {"ann": ("ann_a", 5), "bob": (None, 1), "cy": (None, None)}
    assert shown(graph.as_of(31)) == {"ann": ("ann_b", 7), "bob": (None, 1), "cy": (None, None)}
    assert shown(graph) == {"ann": ("ann_b", 7), "bob": (None, 1), "cy": ("cy", 9)}


def test_a_measurement_makes_its_node_known_and_one_of_unknown_time_does_not() -> None:
    graph = graph_of(ROWS)
    assert graph.node_ids("user").tolist() == ["ann", "bob", "cy"]
    assert graph.known_at("user").tolist() == [10, 20, NEVER]
    assert graph.as_of(10**9).node_ids("user").tolist() == ["ann", "bob"]
    assert graph.span is None or graph.span[1] == 20
    assert "never" not in repr(graph)


def test_every_measurement_can_be_had() -> None:
    graph = graph_of(ROWS)
    seen = graph.measurements("user", "followers")
    assert seen.node.tolist() == [0, 1, 0, 2]
    assert seen.time.tolist() == [10, 20, 30, NEVER]
    assert seen.values.to_pylist() == [5, 1, 7, 9]
    assert graph.as_of(30).measurements("user", "followers").values.to_pylist() == [5, 1]
    with pytest.raises(SchemaError, match="not measured one by one"):
        graph.measurements("post", "text")


def test_the_loud_switch_shows_what_was_measured_later() -> None:
    graph = graph_of(ROWS, [("ann", "p", 5)])
    view = graph.assume_known("user", "handle").as_of(6)
    assert view.column("user", "handle").to_pylist() == ["ann_b"]
    assert view.column("user", "followers").to_pylist() == [None]
    assert any("user.handle" in sentence for sentence in view.assumptions)


def test_content_is_known_when_the_shown_value_was_measured() -> None:
    graph = graph_of(ROWS)
    assert content_known_at(graph, "user", "handle").tolist() == [30, NEVER, NEVER]
    assert content_known_at(graph.as_of(25), "user", "handle").tolist() == [10, NEVER]


def test_saved_and_opened_again(tmp_path: Path) -> None:
    graph = graph_of(ROWS, [("ann", "p", 5)])
    gs.save_graph(graph, tmp_path / "g")
    again = gs.open(tmp_path / "g")
    assert again.node_ids("user").tolist() == graph.node_ids("user").tolist()
    assert again.known_at("user").tolist() == graph.known_at("user").tolist()
    for name in ("handle", "followers"):
        one, other = graph.measurements("user", name), again.measurements("user", name)
        assert (one.node.tolist(), one.time.tolist(), one.values) == (
            other.node.tolist(),
            other.time.tolist(),
            other.values,
        )


def test_a_subset_keeps_the_measurements_of_its_nodes() -> None:
    part = subset(graph_of(ROWS).as_of(31), {"user": np.array([1])}, {})
    assert part.node_ids("user").tolist() == ["bob"]
    assert part.measurements("user", "followers").values.to_pylist() == [1]
    assert len(part.measurements("user", "handle")) == 0


def test_values_in_node_rows_count_as_measured_at_an_unknown_time() -> None:
    posts = pa.table({"id": ["ann"], "known_at": [3], "followers": [4]})
    graph = SocialGraph.build(SCHEMA, {"user": posts}, {})
    assert graph.column("user", "followers").to_pylist() == [4]
    assert graph.as_of(100).column("user", "followers").to_pylist() == [None]


def test_edges_have_no_measured_columns() -> None:
    with pytest.raises(SchemaError, match="only columns of nodes"):
        Schema({"user": {}}, {("user", "follow", "user"): {"weight": Column("float", MEASURED)}})


row = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b", "c", "d"]),
        "measured_at": st.one_of(st.none(), st.integers(0, 20)),
        "handle": st.one_of(st.none(), st.sampled_from(["x", "y"])),
        "followers": st.one_of(st.none(), st.integers(0, 3)),
    }
)
edge = st.tuples(st.sampled_from(["a", "b", "e"]), st.sampled_from(["p", "q"]), st.integers(0, 20))


@settings(max_examples=150, deadline=None)
@given(st.lists(row, max_size=12), st.lists(edge, max_size=6), st.integers(0, 21), st.randoms())
def test_erasing_the_future_and_shuffling_changes_nothing(
    rows: list[dict[str, object]], edges: list[tuple[str, str, int]], end: int, random: object
) -> None:
    whole = graph_of(rows, edges).as_of(end)
    early = [r for r in rows if r["measured_at"] is not None and r["measured_at"] < end]  # type: ignore[operator]
    early_edges = [e for e in edges if e[2] < end]
    random.shuffle(early)  # type: ignore[attr-defined]
    erased = graph_of(early, early_edges).as_of(end)
    assert whole.node_ids("user").tolist() == erased.node_ids("user").tolist()
    for name in ("handle", "followers"):
        assert whole.column("user", name) == erased.column("user", name)
        expected = {}
        for r in sorted(early, key=lambda r: (r["measured_at"], str(r[name]))):
            if r[name] is not None:
                expected[r["id"]] = r[name]
        got = dict(zip(whole.node_ids("user").tolist(), whole.column("user", name).to_pylist(), strict=True))
        assert {k: v for k, v in got.items() if v is not None} == expected
