"""Parquet holds everything that a view knows."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import given, settings

from graphsocial.graph import SocialGraph
from graphsocial.store import open_graph
from graphsocial.store.export import export_graph
from tests.store.export.graphs import AUTHOR, FOLLOW, graph_of, graphs, said


@settings(max_examples=60, deadline=None)
@given(graph=graphs())
def test_a_view_comes_back_whole(graph: SocialGraph) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = export_graph(graph, Path(folder) / "export", "parquet")
        again = open_graph(Path(folder) / "export")
    assert again.schema.to_json() == graph.schema.to_json()
    assert said(again) == said(graph)
    for column in ("name", "followers"):
        here, there = graph.measurements("user", column), again.measurements("user", column)
        assert (here.node.tolist(), here.time.tolist()) == (there.node.tolist(), there.time.tolist())
        assert here.values.equals(there.values)
    assert report.written == {t: again.num_nodes(t) for t in again.node_types} | {
        e: again.num_edges(e) for e in again.edge_types
    }


def test_the_files_open_elsewhere(tmp_path: Path) -> None:
    rows = [{"id": "ann", "measured_at": 4, "followers": 1}, {"id": "ann", "measured_at": 8, "followers": 2}]
    edges = {FOLLOW: [{"src": "bob", "dst": "ann", "time": None}], AUTHOR: [{"src": "ann", "dst": "p", "time": 7}]}
    graph = graph_of({"user": [{"id": "ann", "known_at": 3}]}, edges, {"user": rows})
    report = export_graph(graph, tmp_path / "out", "parquet")
    assert report.files == tuple(sorted(entry.name for entry in (tmp_path / "out").iterdir()))
    assert {"nodes_user.parquet", "measured_user.parquet", "edges_user_author_post.parquet"} < set(report.files)
    assert report.lost == ()
    looked = pq.read_table(tmp_path / "out" / "measured_user.parquet").select(["id", "measured_at", "followers"])
    assert [row for row in looked.to_pylist() if row["followers"]] == rows
    users = pq.read_table(tmp_path / "out" / "nodes_user.parquet").select(["id", "known_at", "first_known"])
    assert users.to_pylist() == [
        {"id": "ann", "known_at": 3, "first_known": 3},
        {"id": "bob", "known_at": 2**63 - 1, "first_known": 60},
    ]
    follow = pq.read_table(tmp_path / "out" / "edges_user_follow_user.parquet").to_pylist()
    assert follow == [{"src": "bob", "dst": "ann", "time": None}]


def test_values_that_a_view_only_assumes_to_be_known_are_said_to_be_lost(tmp_path: Path) -> None:
    graph = graph_of(
        {"user": [{"id": "ann", "known_at": 3}]}, {}, {"user": [{"id": "ann", "measured_at": 9, "name": "A"}]}
    )
    view = graph.assume_known("user", "name").as_of(5)
    assert view.column("user", "name").to_pylist() == ["A"]
    report = export_graph(view, tmp_path / "out", "parquet")
    assert report.lost[1:] == ("values of user.name that the view only assumes to be known",)
    assert open_graph(tmp_path / "out").column("user", "name").to_pylist() == [None]
