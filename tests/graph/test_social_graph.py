from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from graphsocial.errors import SchemaError, TimeWindowError, UnknownNodeError
from graphsocial.graph import SocialGraph
from graphsocial.graph.time import NEVER
from graphsocial.schema import UNKNOWN_TIME, Column, Schema
from tests.graph.worlds import AUTHOR, CRAWL, FOLLOW, MEASURED, REPOST, SCHEMA, random_world


def build(nodes: dict | None = None, edges: dict | None = None, **named: object) -> SocialGraph:
    def tables(content: dict | None) -> dict:
        return {t: pa.table(columns) for t, columns in (content or {}).items()}

    return SocialGraph.build(SCHEMA, tables(nodes), tables(edges), **named)  # type: ignore[arg-type]


@pytest.fixture
def small() -> SocialGraph:
    """u2 is first named by an edge at 10, its row known at 40; u9 only by edges; u3 without any time."""
    return build(
        {
            "user": {"id": ["u3", "u2"], "known_at": pa.array([None, 40]), "name": ["Cy", "Bo"], "followers": [3, 2]},
            "post": {"id": ["p1", "p2"], "known_at": [20, 30], "text": ["one", "two"], "label": [True, False]},
        },
        {
            AUTHOR: {"src": ["u9", "u2"], "dst": ["p1", "p2"], "time": [20, 30]},
            REPOST: {"src": ["u9", "u2"], "dst": ["u2", "u9"], "time": [10, 50], "weight": [1.0, 2.0]},
            FOLLOW: {"src": ["u2"], "dst": ["u9"], "time": pa.array([None], pa.int64())},
        },
        name="small",
    )


def test_nodes_are_sorted_by_first_known_time_then_id(small: SocialGraph) -> None:
    assert small.node_ids("user").tolist() == ["u3", "u2", "u9"]
    assert small.known_at("user").tolist() == [UNKNOWN_TIME, 10, 10]
    assert small.row_known_at("user").tolist() == [UNKNOWN_TIME, 40, NEVER]
    assert small.num_nodes("hashtag") == 0


def test_against_brute_force() -> None:
    for seed in range(40):
        world = random_world(seed)
        graph = world.graph()
        for t in (0, 1, 27, 45, CRAWL, CRAWL + 1, 80, 200):
            view = graph.as_of(t)
            for node_type, rows in world.nodes.items():
                first = {row["id"]: [world.row_known(node_type, row)] for row in rows}
                for edge_type, edge_rows in world.edges.items():
                    for row in edge_rows:
                        for end, kind in (("src", edge_type[0]), ("dst", edge_type[2])):
                            if kind == node_type:
                                first.setdefault(row[end], []).append(world.edge_time(edge_type, row))
                known = sorted((min(times), i) for i, times in first.items() if min(times) < t)
                assert view.node_ids(node_type).tolist() == [i for _, i in known]
                assert view.known_at(node_type).tolist() == [time for time, _ in known]
                for column, about in SCHEMA.nodes[node_type].items():
                    shown = {
                        row["id"]: row[column]
                        for row in rows
                        if world.row_known(node_type, row) < t and (about.known_at == "row" or about.known_at < t)
                    }
                    assert view.column(node_type, column).to_pylist() == [shown.get(i) for _, i in known]
            for edge_type, edge_rows in world.edges.items():
                kept = [(world.edge_time(edge_type, r), r["src"], r["dst"]) for r in edge_rows]
                edges = view.edges(edge_type)
                source, target = view.node_ids(edge_type[0])[edges.src], view.node_ids(edge_type[2])[edges.dst]
                found = list(zip(edges.time.tolist(), source, target, strict=True))
                assert sorted(found) == sorted(e for e in kept if e[0] < t)
                assert (np.diff(edges.time) >= 0).all()


def test_a_row_is_null_until_it_is_known(small: SocialGraph) -> None:
    assert small.as_of(40).column("user", "name").to_pylist() == ["Cy", None, None]
    assert small.as_of(41).column("user", "name").to_pylist() == ["Cy", "Bo", None]
    assert small.as_of(40).row_known_at("user").tolist() == [UNKNOWN_TIME, NEVER, NEVER]


def test_a_column_measured_later_is_null_in_earlier_views(small: SocialGraph) -> None:
    assert small.as_of(MEASURED).column("post", "label").to_pylist() == [None, None]
    assert small.as_of(MEASURED + 1).column("post", "label").to_pylist() == [True, False]
    assert small.column("post", "label").to_pylist() == [True, False]
    assert small.as_of(MEASURED).edge_column(REPOST, "checked").null_count == 2


def test_assuming_a_column_known_is_listed(small: SocialGraph) -> None:
    assumed = small.assume_known("post", "label").as_of(25)
    assert assumed.column("post", "label").to_pylist() == [True]
    assert any("column post.label" in a and "treated as known with its row" in a for a in assumed.assumptions)
    assert small.as_of(25).column("post", "label").to_pylist() == [None]
    with pytest.raises(SchemaError, match=r"no column 'lable'.*Did you mean 'label'"):
        small.assume_known("post", "lable")
    with pytest.raises(SchemaError, match="expected 'row'"):
        small.assume_known("post", "label", at="now")


def test_edges_without_a_time_count_from_the_crawl(small: SocialGraph) -> None:
    edges = small.edges(FOLLOW)
    assert edges.time.tolist() == [CRAWL] and edges.recorded.tolist() == [False]
    assert small.as_of(CRAWL).num_edges(FOLLOW) == 0
    assert small.as_of(CRAWL + 1).num_edges(FOLLOW) == 1
    assert any("of unknown time count as known from the crawl" in a for a in small.assumptions)
    assert not any("crawl" in a for a in small.as_of(CRAWL).assumptions)
    with pytest.raises(SchemaError, match=r"2 edges have no time, expected one in every row or a crawl time"):
        build(edges={REPOST: {"src": ["a", "b"], "dst": ["b", "a"]}})


def test_nodes_without_any_time_are_an_assumption(small: SocialGraph) -> None:
    assert "1 user nodes without any time count as known from the beginning" in small.as_of(5).assumptions
    assert build({"user": {"id": ["a"], "known_at": [3]}}, assumptions=("stated",)).assumptions == ("stated",)


def test_windows_are_half_open(small: SocialGraph) -> None:
    window = small.window(10, 50)
    assert (window.start, window.end) == (10, 50)
    assert window.edges(REPOST).time.tolist() == [10]
    assert small.window(11, 51).edges(REPOST).time.tolist() == [50]
    assert small.window(11, 51).node_ids("user").tolist() == ["u3", "u2", "u9"], "all nodes known before the end"
    empty = small.window(10, 10)
    assert empty.num_edges(REPOST) == 0 and repr(empty)
    assert small.window("1970-01-01T00:00:10Z", 10.9).end == 10


def test_a_view_never_reaches_past_what_it_knows(small: SocialGraph) -> None:
    view = small.window(10, 40)
    for wrong in (lambda: view.as_of(41), lambda: view.window(10, 41), lambda: view.window(9, 40)):
        with pytest.raises(TimeWindowError, match="reaches"):
            wrong()
    for wrong in (lambda: small.window(5, 4), lambda: view.as_of(9)):
        with pytest.raises(TimeWindowError, match="lies after end"):
            wrong()
    with pytest.raises(TimeWindowError, match="'next week'"):
        small.as_of("next week")
    assert view.as_of(40).end == 40 and view.as_of(10).num_edges(REPOST) == 0
    assert small.as_of(-5).num_nodes("post") == 0


def test_unknown_nodes_are_named_with_near_ones(small: SocialGraph) -> None:
    assert small.index("user", ["u9", "u3"]).tolist() == [2, 0]
    assert small.index("user", []).dtype == np.int64
    assert small.index_of(("user", "u9")) == 2
    assert small.has_node(("user", "u9")) and not small.as_of(10).has_node(("user", "u9"))
    with pytest.raises(UnknownNodeError, match=r"no user 'u99'.*near ones: .*'u9'") as raised:
        small.index_of(("user", "u99"))
    assert not str(raised.value).startswith('"')
    with pytest.raises(UnknownNodeError, match="exists only later"):
        small.as_of(10).index_of(("user", "u9"))
    with pytest.raises(UnknownNodeError, match=r"\(1 more ids are unknown\)"):
        small.index("user", ["u9", "x", "y"])
    with pytest.raises(UnknownNodeError, match="ids are the source's own strings"):
        small.index_of(("user", 9))  # type: ignore[arg-type]
    with pytest.raises(UnknownNodeError):
        small.index_of(("user", "x" * 100_000))
    with pytest.raises(SchemaError, match="Did you mean 'user'"):
        small.index_of(("users", "u9"))
    for wrong in ("u9", ["user", "u9"], ("user",)):
        with pytest.raises(SchemaError, match="named by"):
            small.index_of(wrong)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="expected a list of ids"):
        small.index("user", "u9")


def test_unknown_types_and_columns_are_named(small: SocialGraph) -> None:
    with pytest.raises(SchemaError, match="Did you mean"):
        small.edges(("user", "repots", "user"))
    with pytest.raises(SchemaError, match="Did you mean 'text'"):
        small.column("post", "txt")
    with pytest.raises(SchemaError, match="Did you mean 'weight'"):
        small.edge_column(REPOST, "wieght")
    with pytest.raises(SchemaError, match="expected 'out' or 'in'"):
        small.csr(REPOST, "both")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("nodes", "edges", "match"),
    [
        ({"user": {"id": ["a", "b", "a"]}}, {}, r"1 ids stand in more than one row \('a'\)"),
        ({"user": {"name": ["a"]}}, {}, "no column 'id'"),
        ({"user": {"id": ["a"], "nmae": ["A"]}}, {}, "Did you mean 'name'"),
        ({"user": {"id": ["a", None]}}, {}, "1 missing ids"),
        ({"user": {"id": [1.5]}}, {}, "expected string ids"),
        ({"user": {"id": ["a"], "followers": ["many"]}}, {}, "'followers' has type string, expected int64"),
        ({"user": {"id": ["a"], "known_at": ["now"]}}, {}, "expected int64 seconds"),
        ({"user": {"id": ["a"], "known_at": [1351987200000]}}, {}, "milliseconds"),
        ({"usr": {"id": ["a"]}}, {}, "Did you mean 'user'"),
        ({}, {("user", "repost", "hashtag"): {"src": ["a"], "dst": ["b"], "time": [1]}}, "unknown edge type"),
        ({}, {REPOST: {"src": ["a"], "time": [1]}}, "no column 'dst'"),
        ({}, {REPOST: {"src": ["a"], "dst": pa.array([None], pa.string()), "time": [1]}}, "missing ids"),
        ({}, {REPOST: {"src": ["a"], "dst": ["b"], "time": [1.5]}}, "expected int64 seconds"),
        ({}, {REPOST: {"src": ["a"], "dst": ["b"], "time": [1], "weight": [True]}}, "has type bool"),
    ],
)
def test_tables_that_do_not_fit_the_schema(nodes: dict, edges: dict, match: str) -> None:
    with pytest.raises(SchemaError, match=match):
        build(nodes, edges)


def test_tables_of_another_library() -> None:
    with pytest.raises(SchemaError, match="expected a pyarrow Table"):
        SocialGraph.build(SCHEMA, {"user": {"id": ["a"]}}, {})  # type: ignore[dict-item]


def test_schemas_that_cannot_be_kept() -> None:
    for columns, match in (({"id": Column()}, "a name kept for"), ({"x": Column("text")}, "expected one of string")):  # type: ignore[arg-type]
        with pytest.raises(SchemaError, match=match):
            SocialGraph.build(Schema({"user": columns}, {}), {"user": pa.table({"id": ["a"]})}, {})


def test_whole_number_ids_become_strings() -> None:
    assert build({"user": {"id": [17, 4]}}).node_ids("user").tolist() == ["17", "4"]


def test_the_empty_graph() -> None:
    for graph in (build(), SocialGraph.build(Schema({}, {}), {}, {})):
        assert "nodes:" in repr(graph) and graph.span is None and graph.assumptions == ()
        assert graph.as_of(0).window(-5, 0).end == 0
    assert build().edges(REPOST).src.dtype == np.int64
    assert build().csr(REPOST, "in").indptr.tolist() == [0]
    assert build().column("post", "text").to_pylist() == []


def test_nothing_can_be_written_into_a_graph(small: SocialGraph) -> None:
    for array in (
        small.edges(REPOST).time,
        small.node_ids("user"),
        small.known_at("user"),
        small.csr(REPOST, "out").clock,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[0]


def test_views_keep_name_and_media_root(small: SocialGraph) -> None:
    small.media_root = "photos"
    view = small.assume_known("post", "label").window(0, 50)
    assert (view.name, view.media_root) == ("small", "photos")


def test_repr_fits_one_screen(small: SocialGraph) -> None:
    assert repr(small.as_of(25)).splitlines()[0] == "SocialGraph 'small' as of 1970-01-01 00:00:25Z"
    assert "user 3, post 1, hashtag 0" in repr(small.as_of(25))


def test_csr_rows_are_sorted_by_time() -> None:
    for seed in range(20):
        graph = random_world(seed).graph()
        for edge_type in graph.edge_types:
            edges = graph.edges(edge_type)
            for direction, row, other in (("out", edges.src, edges.dst), ("in", edges.dst, edges.src)):
                csr = graph.csr(edge_type, direction)  # type: ignore[arg-type]
                for node in range(len(csr.indptr) - 1):
                    entries = slice(csr.indptr[node], csr.indptr[node + 1])
                    expected = np.flatnonzero(row == node)
                    assert csr.edge[entries].tolist() == expected.tolist()
                    assert csr.neighbour[entries].tolist() == other[expected].tolist()
                    assert csr.time[entries].tolist() == edges.time[expected].tolist()


def test_importing_the_room_loads_neither_torch_nor_numba() -> None:
    code = "import graphsocial.graph, graphsocial.store, sys; print({'torch', 'numba', 'networkx'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
