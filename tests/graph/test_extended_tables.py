"""Merged tables are, to the bit, what building all rows anew gives."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.graph import SocialGraph
from graphsocial.graph.build import build_tables
from graphsocial.graph.extended_tables import extended_tables
from graphsocial.graph.tables import Tables
from graphsocial.schema import MEASURED, Column, EdgeType, Schema

AUTHOR: EdgeType = ("user", "author", "post")
LIKE: EdgeType = ("user", "like", "post")
FOLLOW: EdgeType = ("user", "follow", "user")
SCHEMA = Schema(
    {"user": {"fans": Column("int", MEASURED), "bio": Column()}, "post": {"text": Column(), "length": Column("int")}},
    {AUTHOR: {}, LIKE: {"note": Column()}, FOLLOW: {}},
)
Rows = tuple[dict[str, pa.Table], dict[EdgeType, pa.Table], dict[str, pa.Table]]


def rows_of(nodes: list[tuple], edges: list[tuple], seen: list[tuple]) -> Rows:
    """Tables of (type, id, known_at, text), (type, src, dst, time, note) and (id, at, fans)."""
    node_tables, edge_tables = {}, {}
    for node_type, name in (("user", "bio"), ("post", "text")):
        mine = [n for n in nodes if n[0] == node_type]
        node_tables[node_type] = pa.table(
            {
                "id": pa.array([n[1] for n in mine], pa.string()),
                "known_at": pa.array([n[2] for n in mine], pa.int64()),
                name: pa.array([n[3] for n in mine], pa.string()),
            }
        )
    for edge_type in SCHEMA.edges:
        mine = [e for e in edges if e[0] == edge_type]
        columns = {"note": pa.array([e[4] for e in mine], pa.string())} if edge_type == LIKE else {}
        ends = {n: pa.array([e[i] for e in mine], pa.string()) for i, n in ((1, "src"), (2, "dst"))}
        edge_tables[edge_type] = pa.table({**ends, "time": pa.array([e[3] for e in mine], pa.int64()), **columns})
    measured = pa.table(
        {
            "id": pa.array([s[0] for s in seen], pa.string()),
            "measured_at": pa.array([s[1] for s in seen], pa.int64()),
            "fans": pa.array([s[2] for s in seen], pa.int64()),
        }
    )
    return node_tables, edge_tables, {"user": measured}


def joined(one: Rows, other: Rows) -> Rows:
    return tuple({k: pa.concat_tables([a[k], b[k]]) for k in a} for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


def assert_same(got: Tables, expected: Tables) -> None:
    for node_type in expected.nodes:
        one, other = got.nodes[node_type], expected.nodes[node_type]
        assert one.ids.to_pylist() == other.ids.to_pylist()
        assert one.first_known.tolist() == other.first_known.tolist()
        assert one.row_known.tolist() == other.row_known.tolist()
        assert set(one.columns) == set(other.columns)
        for name in other.columns:
            assert one.columns[name].to_pylist() == other.columns[name].to_pylist(), name
        for name, seen in other.measured.items():
            mine = one.measured[name]
            assert (mine.node.tolist(), mine.time.tolist()) == (seen.node.tolist(), seen.time.tolist())
            assert mine.values.to_pylist() == seen.values.to_pylist()
        assert one.lookup.find(other.ids).tolist() == list(range(len(other)))
        assert [one.lookup.get(name) for name in other.ids.to_pylist()] == list(range(len(other)))
        assert "nobody" not in one.lookup and one.lookup.get("nobody", -5) == -5
    for edge_type in expected.edges:
        mine_edges, theirs = got.edges[edge_type], expected.edges[edge_type]
        for name in ("src", "dst", "time", "recorded"):
            assert getattr(mine_edges, name).tolist() == getattr(theirs, name).tolist(), (edge_type, name)
        for name in theirs.columns:
            assert mine_edges.columns[name].to_pylist() == theirs.columns[name].to_pylist()
        for direction in ("out", "in"):
            csr, fresh = got.csr(edge_type, direction), expected.csr(edge_type, direction)  # type: ignore[arg-type]
            for name in ("indptr", "neighbour", "time", "edge"):
                assert getattr(csr, name).tolist() == getattr(fresh, name).tolist(), (edge_type, direction, name)


names = st.sampled_from("abcdefgh")
node = st.tuples(
    st.sampled_from(["user", "post"]), names, st.one_of(st.none(), st.integers(0, 12)), st.one_of(st.none(), names)
)
edge = st.tuples(st.sampled_from([AUTHOR, LIKE, FOLLOW]), names, names, st.integers(0, 12), st.one_of(st.none(), names))
sight = st.tuples(names, st.one_of(st.none(), st.integers(0, 12)), st.integers(0, 2))
steps = st.lists(
    st.tuples(st.lists(node, max_size=4), st.lists(edge, max_size=8), st.lists(sight, max_size=4)),
    min_size=2,
    max_size=4,
)


@settings(max_examples=400, deadline=None)
@given(steps, st.booleans(), st.booleans())
def test_merging_gives_what_building_gives(parts: list[tuple], in_time: bool, with_rows: bool) -> None:
    """Rows that come later in time, or anywhere; on tables whose compressed rows were asked for, or not."""
    taken: set[tuple[str, str]] = set()
    steps_rows = []
    for number, (nodes, edges, seen) in enumerate(parts):
        later = 13 * number if in_time else 0
        kept = []
        for kind, name, at, text in nodes:
            if (kind, name) not in taken:
                taken.add((kind, name))
                kept.append((kind, name, None if at is None else at + later, text))
        moved = [(k, s, d, t + later, note) for k, s, d, t, note in edges]
        steps_rows.append(rows_of(kept, moved, [(n, None if t is None else t + later, v) for n, t, v in seen]))
    so_far = steps_rows[0]
    tables: Tables | None = build_tables(SCHEMA, *so_far)
    for more in steps_rows[1:]:
        assert tables is not None
        if with_rows:
            for edge_type in SCHEMA.edges:
                tables.csr(edge_type, "out"), tables.csr(edge_type, "in")
        so_far = joined(so_far, more)
        expected = build_tables(SCHEMA, *so_far)
        tables = extended_tables(tables, *more)
        if tables is None:  # reached back
            tables = expected
        else:
            assert_same(tables, expected)


def test_later_rows_never_need_building_anew() -> None:
    """So that the property above does not pass because everything reaches back."""
    rng = np.random.default_rng(0)
    begun = [(AUTHOR, "u0", "p0", 0, None), (LIKE, "u1", "p0", 1, None), (LIKE, "u2", "p0", 2, None)]
    so_far = rows_of([("post", "p0", 0, "x")], begun, [("u0", 0, 1)])
    tables = build_tables(SCHEMA, *so_far)
    for step in range(1, 20):
        begin = 10 * step
        edges = [
            (LIKE, f"u{rng.integers(9)}", f"p{rng.integers(step)}", begin + int(rng.integers(10)), None)
            for _ in range(9)
        ]
        edges += [(AUTHOR, f"u{step % 5}", f"p{step}", begin, None)]
        more = rows_of([("post", f"p{step}", begin, f"text {step}")], edges, [(f"u{step % 9}", begin, step)])
        for direction in ("out", "in"):
            tables.csr(LIKE, direction)  # type: ignore[arg-type]
        so_far = joined(so_far, more)
        merged = extended_tables(tables, *more)
        assert merged is not None
        assert merged.kept_csr(LIKE, "out") is not None, "the rows are extended, not built anew"
        assert_same(merged, build_tables(SCHEMA, *so_far))
        tables = merged


@pytest.mark.parametrize(
    "more",
    [
        rows_of([("post", "p", 50, "again")], [], []),
        rows_of([], [(LIKE, "u", "p", 3, None)], []),
        rows_of([], [(LIKE, "u", "p", None, None)], []),
    ],
)
def test_what_reaches_back_is_left_to_the_builder(more: Rows) -> None:
    tables = build_tables(SCHEMA, *rows_of([("post", "p", 10, "x")], [(AUTHOR, "u", "p", 10, None)], []))
    assert extended_tables(tables, *more) is None


def test_old_tables_stay_as_they_are() -> None:
    before = rows_of([("post", "p", 10, "x")], [(AUTHOR, "u", "p", 10, None)], [("u", 11, 3)])
    tables = build_tables(SCHEMA, *before)
    graph = SocialGraph(tables)
    shown = repr(graph), graph.column("post", "text").to_pylist()
    assert (
        extended_tables(tables, *rows_of([("post", "q", 20, "y")], [(LIKE, "v", "p", 21, "n")], [("v", 22, 1)]))
        is not None
    )
    assert (repr(graph), graph.column("post", "text").to_pylist()) == shown


def test_one_base_can_be_extended_twice() -> None:
    """Each extension takes the room behind the columns of the base for itself, or copies."""
    begun = rows_of([("post", "p", 0, "x")], [(LIKE, f"u{i}", "p", i, None) for i in range(30)], [("u0", 0, 1)])
    base = extended_tables(build_tables(SCHEMA, *begun), *rows_of([], [(LIKE, "u1", "p", 40, "n")], [("u1", 41, 2)]))
    assert base is not None
    for direction in ("out", "in"):
        base.csr(LIKE, direction)  # type: ignore[arg-type]
    so_far = joined(begun, rows_of([], [(LIKE, "u1", "p", 40, "n")], [("u1", 41, 2)]))
    steps = [
        rows_of(
            [("post", f"q{n}", 50, None)], [(LIKE, f"v{n}", "p", 50 + n, None), (LIKE, "u3", f"q{n}", 60, None)], []
        )
        for n in range(3)
    ]
    made = [extended_tables(base, *more) for more in steps]
    for more, merged in zip(steps, made, strict=True):
        assert merged is not None and merged.kept_csr(LIKE, "in") is not None
        assert_same(merged, build_tables(SCHEMA, *joined(so_far, more)))
    assert_same(base, build_tables(SCHEMA, *so_far))
    shared = [np.shares_memory(merged.edges[LIKE].time, base.edges[LIKE].time) for merged in made if merged]
    assert shared == [True, False, False]
