"""Cascade lines as `cascades.tsv` has them."""

from __future__ import annotations

from pathlib import Path

from graphsocial.ingest.cascade_lines import CascadeLines
from graphsocial.ingest.refusals import Refusals
from graphsocial.store.export import export_graph
from tests.store.export.graphs import AUTHOR, FOLLOW, REPOST, SHARE, graph_of


def test_posts_and_who_reposted_them(tmp_path: Path) -> None:
    graph = graph_of(
        {"user": [{"id": "idle", "known_at": 1}], "post": [{"id": "q", "known_at": 12, "text": "hi"}, {"id": "r r"}]},
        {
            AUTHOR: [{"src": "ann", "dst": "p", "time": 10}],
            SHARE: [
                {"src": "bob", "dst": "p", "time": 20, "event": 1},
                {"src": "bob", "dst": "p", "time": 25},
                {"src": "c:y", "dst": "p", "time": 30},
                {"src": "d d", "dst": "p", "time": 31},
                {"src": "bob", "dst": "q", "time": 40},
            ],
        },
    )
    report = export_graph(graph, tmp_path / "c.tsv", "cascades_tsv", relation=SHARE)
    assert (tmp_path / "c.tsv").read_text() == "p\t-\tann:10 bob:20 c:y:30\nq\t-\tbob:40\n"
    assert report.written == {"user": 3, "post": 2, SHARE: 3}
    assert report.lost == (
        "1 edges that pass on oneself or for a second time: a cascade holds the first one of each",
        "1 events of users whose id has a blank",
        "1 events of authors nobody recorded",
        "columns post.text: the format has none for nodes",
        "columns event of (user, repost, post): lines have none",
        "2 user nodes that no line names",
        "1 post nodes that no line names",
    )
    refusals = Refusals()
    again = CascadeLines(tmp_path / "c.tsv", refusals).read()
    assert refusals.counts.total() == 0
    assert again.names.tolist() == ["p", "q"] and again.node.tolist() == ["ann", "bob", "c:y", "bob"]
    assert again.time.tolist() == [10, 20, 30, 40]


def test_trees_between_users(tmp_path: Path) -> None:
    rows = [{"src": "bob", "dst": "ann", "time": 5}, {"src": "cy", "dst": "bob", "time": 8}]
    report = export_graph(graph_of({}, {REPOST: rows}), tmp_path / "c.tsv", "cascades_tsv", relation=REPOST)
    [line] = (tmp_path / "c.tsv").read_text().splitlines()
    assert line.split("\t")[0] == "ann" and line.split("\t")[2].split()[1:] == ["bob:5", "cy:8"]
    assert report.lost == ("through whom each event came: lines hold users and times",)


def test_what_a_line_cannot_hold_is_counted(tmp_path: Path) -> None:
    shares = [{"src": "bob", "dst": post, "time": 20} for post in ("a\tb", " c", "d", "e")]
    shares[3]["time"] = -5
    report = export_graph(graph_of({}, {SHARE: shares}), tmp_path / "c.tsv", "cascades_tsv", relation=SHARE)
    assert (tmp_path / "c.tsv").read_text() == "d\t-\tbob:20\n"
    assert sorted(report.lost) == [
        "1 cascades without an event that can be written",
        "1 events of unknown time, or from before 1970",
        "2 cascades whose id is empty, or has a tab, a line end or blanks around it",
        "2 events of authors nobody recorded",
        "3 post nodes that no line names",
    ]


def test_edges_of_unknown_time_are_said_to_stand_at_the_crawl(tmp_path: Path) -> None:
    rows = [{"src": "bob", "dst": "ann", "time": None}]
    report = export_graph(graph_of({}, {FOLLOW: rows}), tmp_path / "c.tsv", "cascades_tsv", relation=FOLLOW)
    assert "bob:60" in (tmp_path / "c.tsv").read_text()
    assert "that 1 edges are of unknown time: they stand at the time of the crawl, 1970-01-01 00:01:00Z" in report.lost
