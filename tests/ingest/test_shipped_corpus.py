"""The shipped corpus has the counts that its source states, and its labels stay hidden until the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphsocial.ingest import read_folder

LATER = [
    "veracity",
    "event",
    "retweets",
    *(f"author_{n}" for n in "followers friends listed statuses verified".split()),
]


def test_counts(mediaeval):
    assert mediaeval.num_nodes("post") == 11_412
    assert len(set(mediaeval.edges(("user", "author", "post")).src.tolist())) == 10_800
    assert mediaeval.num_nodes("media") - mediaeval.column("media", "path").null_count == 248
    by_relation = {r: mediaeval.num_edges(("user", r, "user")) for r in ("mention", "repost", "reply")}
    assert by_relation == {"mention": 2_658, "repost": 1_235, "reply": 289}
    assert sum(by_relation.values()) == 4_182
    assert len(set(mediaeval.column("post", "event").to_pylist())) == 11
    assert set(mediaeval.column("post", "veracity").to_pylist()) == {"fake", "real"}
    assert mediaeval.column("post", "text").null_count == 0


@pytest.mark.parametrize("column", LATER)
def test_what_was_measured_later_is_hidden_in_the_storm(mediaeval, column):
    late = mediaeval.as_of("2012-11-04")
    assert late.num_nodes("post") == late.column("post", column).null_count > 9_000
    assert mediaeval.column("post", column).null_count == 0


def test_no_event_shows_them_and_the_end_does(mediaeval):
    last = mediaeval.span[1]
    assert mediaeval.as_of(last + 1).num_nodes("post") == 11_412
    assert mediaeval.as_of(last + 1).column("post", "veracity").null_count == 11_412
    assert mediaeval.as_of(last + 2).column("post", "veracity").null_count == 0


def test_edges_name_the_post_that_says_so(mediaeval):
    named = mediaeval.edge_column(("user", "repost", "user"), "post").to_pylist()
    assert all(mediaeval.has_node(("post", name)) for name in named)


def test_report(repo_root):
    graph, report = read_folder(repo_root / "data" / "mediaeval")
    assert (report.rows, report.accepted, report.rejected) == (15_594, 15_594, 0)
    assert report.unread == ()
    assert (report.media, report.media_without_file) == (255, 7)
    assert any("measured at an unrecorded later time" in sentence for sentence in graph.assumptions)
    assert any("influence travels from target to source along (user, repost, user)" in s for s in graph.assumptions)


def test_photos_lie_under_the_media_root(mediaeval):
    for path in mediaeval.column("media", "path").to_pylist():
        assert path is None or (Path(mediaeval.media_root) / path).is_file()
