"""A graph through as_of, and without."""

from __future__ import annotations

import pyarrow as pa
import pytest

from graphsocial.audit import LeakReport, audit_graph
from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.learn import Task, TemporalSplit
from graphsocial.schema import Column, Schema

SPLIT = TemporalSplit(valid=60, test=80)
REPOST, SHOW, FOLLOW = ("user", "repost", "post"), ("post", "show", "media"), ("user", "follow", "user")


def graph(late: int = 0, likes_at: int | str = "row", follows: bool = False, same_image: bool = False) -> SocialGraph:
    """Ten posts at 0, 10, …, 90, each by a1 and reposted by two others within two seconds; `late` reposts p0 at 85."""
    posts = pa.table(
        {
            "id": [f"p{k}" for k in range(10)],
            "known_at": [10 * k for k in range(10)],
            "likes": list(range(10)),
            "mood": list("abababaaab"),
        }
    )
    src = [f"u{(k + j) % 5}" for k in range(10) for j in (1, 2)] + [f"u{j}" for j in (3, 4)][:late]
    dst = [f"p{k}" for k in range(10) for _ in (1, 2)] + ["p0"] * late
    time = [10 * k + j for k in range(10) for j in (1, 2)] + [85] * late
    shown = ["same" if same_image and k in (0, 9) else f"m{k}" for k in range(10)]
    edges = {
        REPOST: pa.table({"src": src, "dst": dst, "time": time}),
        SHOW: pa.table({"src": posts["id"], "dst": shown, "time": posts["known_at"]}),
        ("user", "author", "post"): pa.table({"src": ["u0"] * 10, "dst": posts["id"], "time": posts["known_at"]}),
    }
    if follows:
        edges[FOLLOW] = pa.table({"src": ["u1"], "dst": ["u2"], "time": pa.nulls(1, pa.int64())})
    schema = Schema(
        {"user": {}, "media": {}, "post": {"likes": Column("int", known_at=likes_at), "mood": Column()}},
        {edge_type: {} for edge_type in edges},
        crawled_at={FOLLOW: 50} if follows else {},
    )
    return SocialGraph.build(schema, {"post": posts}, edges, name="ten posts")


def legacy(found: SocialGraph, *tasks: Task) -> LeakReport:
    return audit_graph(found, SPLIT, tasks, protocol="legacy")


def test_a_graph_seen_through_as_of_is_clean() -> None:
    report = audit_graph(graph(), SPLIT, protocol="strict", selected_on="valid")
    assert {found.name for found in report.leaks} <= {
        "near_duplicates",
        "near_duplicates_train_valid",
    }  # five users only
    assert report.parts == {"train": 6, "valid": 2, "test": 2}
    assert report["edges_from_test_events"].removed == 8


def test_the_whole_store_shows_the_test() -> None:
    report = legacy(graph())
    assert (report["edges_from_test_events"].count, report["edges_from_test_events"].total) == (8, 40)
    assert not report["events_after_cut"].found


def test_a_late_repost_of_a_training_post() -> None:
    for protocol, count in (("legacy", 1), ("users_only", 1), ("strict", 0), ("prequential", 0)):
        report = audit_graph(graph(late=1), SPLIT, protocol=protocol)
        assert report["events_after_cut"].count == report["cascades_across_cut"].count == count


def test_columns_measured_later() -> None:
    assert legacy(graph(likes_at=99))["columns_measured_later"].examples == ({"column": "post.likes", "known_at": 99},)
    hidden = audit_graph(graph(likes_at=99), SPLIT, protocol="strict")["columns_measured_later"]
    assert (hidden.count, hidden.removed) == (0, 1)
    loud = audit_graph(graph(likes_at=99).assume_known("post", "likes"), SPLIT, protocol="strict")
    assert loud["columns_measured_later"].count == 1
    assert legacy(graph(likes_at=79))["columns_measured_later"].count == 0
    only = audit_graph(graph(likes_at=99), SPLIT, protocol="legacy", columns=["post.mood"])
    assert only["columns_measured_later"].count == 0


def test_immature_labels() -> None:
    measured, loud = (
        Task.popularity("post", column="likes"),
        Task.popularity("post", column="likes", labels_known="post_time"),
    )
    assert (legacy(graph(likes_at=99), measured)["immature_labels"].count) == 6
    strict = audit_graph(graph(likes_at=99), SPLIT, [measured])["immature_labels"]
    assert (strict.count, strict.removed) == (0, 6)
    assert audit_graph(graph(likes_at=99), SPLIT, [loud])["immature_labels"].count == 6
    assert legacy(graph(), measured)["immature_labels"].count == 0
    assert "immature_labels" in legacy(graph()).unchecked


def test_shared_images_and_edges_without_times() -> None:
    report = legacy(graph(same_image=True, follows=True))
    assert report["shared_images"].examples == ({"image": "same", "test_rows": 1},)
    assert report["edges_without_times"].count == 1
    apart = Task.post_label("mood", disjoint_by="show")
    kept = legacy(graph(same_image=True), apart)["shared_images"]
    assert (kept.count, kept.removed) == (0, 1)


def test_without_a_split_time_is_cut_and_said() -> None:
    report = audit_graph(graph())
    assert report.cut == 90 and any("80 %" in text for text in report.assumptions)


def test_wrong_input_is_named() -> None:
    with pytest.raises(SchemaError, match="Did you mean 'strict'"):
        audit_graph(graph(), SPLIT, protocol="stric")
    with pytest.raises(SchemaError, match=r"Did you mean 'post\.likes'"):
        audit_graph(graph(), SPLIT, columns=["post.like"])
    empty = SocialGraph.build(Schema({"user": {}}, {}), {}, {}, name="empty")
    with pytest.raises(SchemaError, match="too few"):
        audit_graph(empty)
