"""What is odd in exports is said, and nothing is changed because of it."""

from __future__ import annotations

from pathlib import Path

from graphsocial.ingest.graph_notes import graph_notes
from graphsocial.ingest.platforms.platform_schema import PLATFORM_SCHEMA
from graphsocial.ingest.platforms.record_events import RecordEvents
from graphsocial.store import EventBatch, Store


def test_odd_things_are_counted(tmp_path: Path) -> None:
    record = RecordEvents()
    record.post("p", 100, author="ann", text="hi")
    record.post("q", 50, author="bob", text="early")
    record.user("ann", 300, created=40)
    record.user("bob", 300, created=60)
    record.repost("ann", "p", 110, "r1")
    record.repost("bob", "p", 120, "r2")
    record.reply("q", "gone", 50)
    store = Store.create(tmp_path / "s")
    store.append(EventBatch.of_events(PLATFORM_SCHEMA, record.events))
    assert graph_notes(store.graph(), {"post": 2}) == [
        "1 of 3 post nodes are named, but the exports do not hold them",
        "2 post nodes stand in rows that differ; the earliest row counts",
        "1 reposts are of the user's own post",
        "1 posts are older than their author's account",
    ]
    assert store.graph().num_edges(("user", "repost", "post")) == 2


def test_nothing_odd_says_nothing(tmp_path: Path) -> None:
    record = RecordEvents()
    record.post("p", 100, author="ann", text="hi")
    store = Store.create(tmp_path / "s")
    store.append(EventBatch.of_events(PLATFORM_SCHEMA, record.events))
    assert graph_notes(store.graph(), store.conflicts()) == []


def test_an_edited_post_is_tagged_once_from_its_earliest_time(tmp_path: Path) -> None:
    record = RecordEvents()
    record.post("p", 100, author="ann", text="hi #one")
    record.tag("p", "one", 100)
    later = RecordEvents()
    later.post("p", 200, author="ann", text="hi again #one #two")
    later.tag("p", "one", 200)
    later.tag("p", "two", 200)
    together, apart = Store.create(tmp_path / "a"), Store.create(tmp_path / "b")
    together.append(EventBatch.of_events(PLATFORM_SCHEMA, record.events + later.events))
    for part in (record, later):
        apart.append(EventBatch.of_events(PLATFORM_SCHEMA, part.events))
        apart.graph()
    for store in (together, apart):
        graph = store.graph()
        assert graph.edges(("post", "tag", "hashtag")).time.tolist() == [100, 200]
        assert graph.edges(("user", "author", "post")).time.tolist() == [100]
        assert graph.column("post", "text").to_pylist() == ["hi #one"]
        assert store.conflicts() == {"post": 1}
