"""CSV as Raphtory loads it through pandas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from graphsocial.store.export import export_graph
from tests.store.export.graphs import AUTHOR, FOLLOW, REPOST, SHARE, graph_of


def rows_of(path: Path) -> list[dict[str, object]]:
    """Rows as Raphtory gets them, without what is missing."""
    frame = pd.read_csv(path, keep_default_na=False, na_values=[""])
    return [{k: v for k, v in row.items() if not pd.isna(v)} for row in frame.to_dict("records")]


def test_nothing_of_a_node_is_known_before_its_time(tmp_path: Path) -> None:
    graph = graph_of(
        {
            "user": [{"id": "ann", "known_at": 20, "first_known": 5, "bot": True}, {"id": "ghost"}],
            "post": [{"id": "p", "known_at": 30, "text": 'NA, "x"\r\ny', "name": 1.5, "seen": 4}],
        },
        {FOLLOW: [{"src": "ann", "dst": "cy", "time": None}]},
        {
            "user": [
                {"id": "ann", "measured_at": 20, "followers": 2},
                {"id": "ann", "measured_at": 50, "followers": 3, "name": "Ann"},
                {"id": "ann", "measured_at": None, "name": "once"},
                {"id": "lost", "measured_at": None, "name": "lost"},
            ]
        },
    )
    report = export_graph(graph, tmp_path / "out", "raphtory")
    assert rows_of(tmp_path / "out" / "nodes.csv") == [
        {"id": "user:ann", "time": 5000, "type": "user"},
        {"id": "user:ann", "time": 20000, "type": "user", "bot": True, "followers": 2},
        {"id": "user:ann", "time": 50000, "type": "user", "followers": 3, "user.name": "Ann"},
        {"id": "user:cy", "time": 60000, "type": "user"},
        {"id": "post:p", "time": 30000, "type": "post", "text": 'NA, "x"\r\ny', "post.name": 1.5},
        {"id": "post:p", "time": 75000, "type": "post", "seen": 4},
    ]
    assert report.written["user"] == 2 and report.written["post"] == 1 and report.written[FOLLOW] == 0
    assert report.lost == (
        "2 user nodes without any time: Raphtory's nodes need one",
        "2 measurements of user.name of unknown time: Raphtory's values need one",
        "1 edges (user, follow, user) of unknown time: the format needs one",
    )


def test_edges_have_a_file_per_type(tmp_path: Path) -> None:
    graph = graph_of(
        {},
        {
            REPOST: [
                {"src": "bob", "dst": "ann", "time": 7, "weight": 0.5, "event": "", "type": True},
                {"src": "bob", "dst": "ann", "time": 9},
            ],
            SHARE: [{"src": "bob", "dst": "p", "time": 8, "event": 7}],
            AUTHOR: [{"src": "ann", "dst": "p", "time": -3}],
        },
    )
    report = export_graph(graph, tmp_path / "out", "raphtory")
    names = ["edges_user_follow_user", "edges_user_repost_user", "edges_user_repost_post", "edges_user_author_post"]
    assert report.files == ("nodes.csv", *(f"{name}.csv" for name in names))
    assert rows_of(tmp_path / "out" / f"{names[1]}.csv") == [
        {"src": "user:bob", "dst": "user:ann", "time": 7000, "type": "repost", "weight": 0.5, "repost.type": True},
        {"src": "user:bob", "dst": "user:ann", "time": 9000, "type": "repost"},
    ]
    assert rows_of(tmp_path / "out" / f"{names[2]}.csv") == [
        {"src": "user:bob", "dst": "post:p", "time": 8000, "type": "repost", "event": 7}
    ]
    assert rows_of(tmp_path / "out" / f"{names[3]}.csv") == [
        {"src": "user:ann", "dst": "post:p", "time": -3000, "type": "author"}
    ]
    assert report.lost == (
        "when type of (user, repost, user) became known: they stand at the time of the edge",
        "that 1 texts are empty and not missing: CSV does not tell them apart",
    )
