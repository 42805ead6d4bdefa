"""What exports said at or after t changes nothing that a store's graph shows as of t, contradictions included."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.graph import SocialGraph
from graphsocial.ingest.platforms.platform_schema import PLATFORM_SCHEMA
from graphsocial.ingest.platforms.record_events import RecordEvents
from graphsocial.store import EdgeRow, Event, EventBatch, Measurement, NodeRow
from graphsocial.store.graph_of_rows import graph_of_rows
from graphsocial.store.stored_rows import keyed_parts

names = st.sampled_from("abcd")
times = st.integers(0, 12)
texts = st.one_of(st.none(), st.sampled_from(["x", "y", "z"]))


@st.composite
def said(draw: st.DrawFn) -> list[Event]:
    """What one record says: a post with what is in it, a profile, a repost or a follow."""
    record, time = RecordEvents(), draw(times)
    kind = draw(st.sampled_from(["post", "profile", "counts", "repost", "follow"]))
    if kind == "post":
        post = draw(names)
        record.post(post, time, author=draw(st.one_of(st.none(), names)), text=draw(texts), language=draw(texts))
        for tag in draw(st.lists(st.sampled_from(["one", "two"]), max_size=2)):
            record.tag(post, tag, time)
        if draw(st.booleans()):
            record.media("m", alt=draw(texts), kind=draw(texts))
            record.show(post, "m", time)
        if draw(st.booleans()):
            record.reply(post, draw(names), time)
    elif kind == "profile":
        record.user(draw(names), draw(st.one_of(st.none(), times)), handle=draw(texts), followers=draw(times))
    elif kind == "counts":
        record.post_counts(draw(names), draw(st.one_of(st.none(), times)), likes=draw(times))
    elif kind == "repost":
        record.repost(draw(names), draw(names), time, draw(texts))
    else:
        record.follow(draw(names), draw(names), draw(st.one_of(st.none(), times)))
    return record.events


def before(event: Event, end: int) -> bool:
    at = {NodeRow: "known_at", EdgeRow: "time", Measurement: "at"}[type(event)]
    time = getattr(event, at)
    return time is not None and time < end


def graph_of(events: list[Event]) -> SocialGraph:
    batch = EventBatch.of_events(PLATFORM_SCHEMA, events)
    return graph_of_rows(PLATFORM_SCHEMA, {part.name: part.table for part in keyed_parts(batch)}, "world").graph


def shown(view: SocialGraph) -> dict[Any, Any]:
    """Everything a view shows."""
    found: dict[Any, Any] = {}
    for node_type in view.node_types:
        found[node_type] = view.node_ids(node_type).tolist(), view.known_at(node_type).tolist()
        for name in view.schema.nodes[node_type]:
            found[node_type, name] = view.column(node_type, name).to_pylist()
    for edge_type in view.edge_types:
        edges = view.edges(edge_type)
        found[edge_type] = edges.src.tolist(), edges.dst.tolist(), edges.time.tolist()
        for name in view.schema.edges[edge_type]:
            found[edge_type, name] = view.edge_column(edge_type, name).to_pylist()
    return found


@settings(max_examples=300, deadline=None)
@given(st.lists(said(), max_size=14), st.integers(0, 13), st.randoms(use_true_random=False))
def test_erasing_the_future_changes_nothing(records: list[list[Event]], end: int, random: Any) -> None:
    events = [event for record in records for event in record]
    early = [event for event in events if before(event, end)]
    random.shuffle(early)
    assert shown(graph_of(events).as_of(end)) == shown(graph_of(early).as_of(end))


def test_the_test_sees_a_leak() -> None:
    """A graph that fills a gap of an early row from a later one is told from an honest one."""
    early, late = RecordEvents(), RecordEvents()
    early.post("a", 1, author=None, text=None)
    late.post("a", 5, author=None, text="x")
    events = early.events + late.events
    honest = shown(graph_of(events).as_of(3))
    leaky = graph_of_rows(
        PLATFORM_SCHEMA,
        {"post": pa.table({"id": ["a"], "known_at": pa.array([1], pa.int64()), "text": ["x"]})},
        "world",
    ).graph
    assert honest["post", "text"] == [None]
    assert shown(leaky.as_of(3)) != honest
