"""The edge list as the loaders of JODIE and TGB read it."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from graphsocial.store.export import export_graph
from tests.store.export.graphs import FOLLOW, REPOST, SHARE, graph_of


def test_sources_are_users_and_targets_items(tmp_path: Path) -> None:
    graph = graph_of(
        {"user": [{"id": "idle", "known_at": 1}], "post": [{"id": "q", "known_at": 1, "text": "hi"}]},
        {
            SHARE: [
                {"src": "cy", "dst": "q", "time": 30, "event": 5},
                {"src": "bob", "dst": "p, 2", "time": 20},
                {"src": "bob", "dst": "q", "time": 40, "event": 2**53 + 1},
            ],
            FOLLOW: [{"src": "bob", "dst": "cy", "time": 3}],
        },
    )
    report = export_graph(graph, tmp_path / "out", "tgb", relation=SHARE)
    assert (tmp_path / "out" / "edgelist.csv").read_text().splitlines() == [
        "user_id,item_id,timestamp,state_label,comma_separated_list_of_features",
        "0,0,20,0,0.0",
        "1,1,30,0,5.0",
        "0,1,40,0,9007199254740992.0",
    ]
    assert list(csv.reader((tmp_path / "out" / "users.csv").open())) == [["user_id", "id"], ["0", "bob"], ["1", "cy"]]
    assert list(csv.reader((tmp_path / "out" / "items.csv").open())) == [["item_id", "id"], ["0", "p, 2"], ["1", "q"]]
    assert report.written == {"user": 2, "post": 2, SHARE: 3}
    assert report.lost == (
        "that 1 values of event of (user, repost, post) are missing: they are written as 0",
        "last digits of 1 values of event of (user, repost, post): features are floating point numbers",
        "columns post.text: the format has none for nodes",
        "1 user nodes that no line names",
        "1 edges (user, follow, user): the format holds one relation",
    )


def test_edges_between_nodes_of_one_type(tmp_path: Path) -> None:
    rows = [
        {"src": "bob", "dst": "ann", "time": 7, "weight": 0.5, "event": "e", "type": True},
        {"src": "ann", "dst": "cy", "time": 9, "weight": -1.0, "type": False},
    ]
    report = export_graph(graph_of({}, {REPOST: rows}), tmp_path / "out", "tgb", relation=REPOST)
    assert (tmp_path / "out" / "edgelist.csv").read_text().splitlines()[1:] == ["0,0,7,0,0.5,1.0", "1,1,9,0,-1.0,0.0"]
    assert report.written == {"user": 3, REPOST: 2}
    assert report.lost == (
        "when type of (user, repost, user) became known: they stand at the time of the edge",
        "columns event of (user, repost, user): features are numbers",
        "that users and items are both user nodes: who is both has two numbers",
    )


def test_edges_of_unknown_time_are_left_out(tmp_path: Path) -> None:
    rows = [{"src": "a", "dst": "b", "time": 3}, {"src": "c", "dst": "b", "time": None}]
    report = export_graph(graph_of({}, {FOLLOW: rows}), tmp_path / "out", "tgb", relation="follow")
    assert (tmp_path / "out" / "edgelist.csv").read_text().splitlines()[1:] == ["0,0,3,0,0.0"]
    assert report.lost == (
        "1 edges (user, follow, user) of unknown time: the format needs one",
        "1 user nodes that no line names",
    )


def test_it_has_what_the_benchmark_relies_on(tmp_path: Path) -> None:
    rows = [{"src": f"u{i % 7}", "dst": f"p{i % 5}", "time": 3 * i, "event": i} for i in range(40)]
    export_graph(graph_of({}, {SHARE: rows}), tmp_path / "out", "tgb", relation=SHARE)
    frame = pd.read_csv(tmp_path / "out" / "edgelist.csv", skiprows=1, header=None)
    assert frame.shape == (40, 5)
    assert frame[0].dtype == frame[1].dtype == "int64" and frame[2].is_monotonic_increasing
    assert sorted(set(frame[0])) == list(range(7)) and sorted(set(frame[1])) == list(range(5))
