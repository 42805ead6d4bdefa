"""A Jetstream stream, written by hand after its documentation and the lexicons of its records."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.errors import EventFormatError
from graphsocial.ingest.export_reader import FileSample
from graphsocial.ingest.platforms.bluesky import BlueskyReader
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow, Skipped
from tests.ingest.platforms.reading import FIXTURES, Read, read

STREAM = FIXTURES / "bluesky_stream.jsonl"
TEN = 1725876000
"""2024-09-09T10:00:00Z."""
ANN, BOB, CY = "did:plc:ann2222222222222222222222", "did:plc:bob3333333333333333333333", "did:web:cy.example"
POST = "app.bsky.feed.post"
FIRST, ANSWER, QUOTE = f"at://{ANN}/{POST}/3aa", f"at://{BOB}/{POST}/3bb", f"at://{CY}/{POST}/3cc"
OF_LIST = f"at://{CY}/{POST}/3cd"


def commit(record: Any, collection: str = POST, **changed: Any) -> dict[str, Any]:
    content = {"rev": "r", "operation": "create", "collection": collection, "rkey": "k", "record": record, "cid": "c"}
    return {"did": ANN, "time_us": TEN * 1_000_000, "kind": "commit", "commit": content | changed}


def said(record: Any) -> list[Event]:
    return BlueskyReader().events(json.dumps(record).encode())


def sample(*first: dict[str, Any], head: bytes = b"{") -> FileSample:
    return FileSample(Path("x.jsonl"), "x.jsonl", head, first)


@st.composite
def changed(draw: st.DrawFn, lines: list[bytes]) -> bytes:
    """A line in which a value somewhere was dropped or became another, or which was cut off."""
    record = json.loads(draw(st.sampled_from(lines)))
    for _ in range(draw(st.integers(0, 3))):
        places: list[tuple[Any, Any]] = []
        left = [record]
        while left:
            holder = left.pop()
            keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else []
            places += [(holder, key) for key in keys]
            left += [holder[key] for key in keys]
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        if draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = deepcopy(draw(ODD))  # it may be changed in turn
    line = json.dumps(record).encode()
    return line[: draw(st.integers(0, len(line)))] if draw(st.integers(0, 4)) == 0 else line


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=5), st.just([]), st.just({}),
    st.just([{}]), st.just([None]), st.just({"id": 1}), st.just({"$link": [1]}), st.just(["a", "b"]),
    st.sampled_from(["", " ", "-5", "--5", "9" * 400, "1.5", "t3_", "at://did:plc:a/b/c", "did:plc:", "2024-13-01"]),
    st.sampled_from(["http://[x", "yes", "[deleted]", "u/ann", True, 10**9, 10**12]),
)  # fmt: skip


def is_list_or_refused(events: Any, record: Any) -> bool:
    """Whether a record was read; fails where it gave anything but events or EventFormatError."""
    try:
        found = events(record)
    except EventFormatError:
        return False
    assert isinstance(found, list)
    assert all(isinstance(event, NodeRow | EdgeRow | Measurement | Skipped) for event in found)
    return True


@pytest.fixture(scope="module")
def stream() -> Read:
    return read(BlueskyReader(), STREAM)


def test_a_stream_gives_posts_and_what_joins_them_at_the_time_they_were_seen(stream: Read) -> None:
    assert stream.edges == {
        ("author", ANN, FIRST, TEN + 10): 1,
        ("mention", FIRST, BOB, TEN + 10): 1,
        ("tag", FIRST, "weather", TEN + 10): 1,
        ("tag", FIRST, "flood", TEN + 10): 1,
        ("link", FIRST, "https://news.example/river", TEN + 10): 1,
        ("author", BOB, ANSWER, TEN + 20): 1,
        ("reply", ANSWER, FIRST, TEN + 20): 1,
        ("show", ANSWER, "bafkpic1", TEN + 20): 1,
        ("show", ANSWER, "bafkpic2", TEN + 20): 1,
        ("author", CY, QUOTE, TEN + 30): 1,
        ("quote", QUOTE, FIRST, TEN + 30): 1,
        ("show", QUOTE, "bafkclip", TEN + 30): 1,
        ("author", CY, OF_LIST, TEN + 31): 1,
        ("repost", BOB, FIRST, TEN + 40): 1,
        ("repost", ANN, FIRST, TEN + 41): 1,
        ("like", CY, ANSWER, TEN + 50): 1,
        ("follow", CY, ANN, TEN + 60): 1,
        ("author", BOB, ANSWER, TEN + 70): 1,
    }
    assert [event.values["event"] for event in stream.events if event[0] == ("user", "repost", "post")] == [
        f"at://{BOB}/app.bsky.feed.repost/3re",
        f"at://{ANN}/app.bsky.feed.repost/3rf",
    ]


def test_what_clients_claim_about_time_is_not_believed(stream: Read) -> None:
    """The first post claims to be of 2010, the answer to be of 2099."""
    assert stream.nodes["post", FIRST] == {
        "text": "River is rising #Flood @bob.example news.example/river",
        "language": "en",
        "conversation": FIRST,
        "known_at": TEN + 10,
    }
    assert said(commit({"text": "x", "createdAt": "yesterday"}))[0].known_at == TEN


def test_a_new_version_of_a_post_is_known_from_then_on(stream: Read) -> None:
    rows = [event for event in stream.events if event[:2] == ("post", ANSWER)]
    assert [
        (row.known_at, row.values["text"], row.values["sensitive"], row.values["conversation"]) for row in rows
    ] == [
        (TEN + 20, "is the bridge open?", True, FIRST),
        (TEN + 70, "is the bridge open now?", None, ANSWER),
    ]


def test_pictures_and_videos_are_named_by_their_content(stream: Read) -> None:
    assert {name: row for (kind, name), row in stream.nodes.items() if kind == "media"} == {
        "bafkpic1": {"kind": "photo", "alt": "a bridge", "known_at": 1725876020},
        "bafkpic2": {"kind": "photo", "known_at": 1725876020},
        "bafkclip": {"kind": "video", "alt": "water", "known_at": 1725876030},
    }


def test_profiles_and_handles_are_measured_when_they_were_seen(stream: Read) -> None:
    assert [event for event in stream.events if isinstance(event, Measurement)] == [
        Measurement("user", ANN, TEN, _profile(handle="ann.example")),
        Measurement("user", ANN, TEN + 1, _profile(name="Ann", description="by the river")),
    ]
    assert said(commit({}, "app.bsky.actor.profile", rkey="self")) == [
        Measurement("user", ANN, TEN, _profile(name="", description=""))
    ], "a profile without a name has an empty one"


def _profile(**given: str) -> dict[str, Any]:
    names = "handle name description location followers following posts verified created"
    return dict.fromkeys(names.split()) | given


def test_what_a_graph_cannot_hold_is_counted_by_name(stream: Read) -> None:
    assert stream.skipped == {
        "quotes of something else than posts": 1,
        "likes of something else than posts": 1,
        "changed likes": 1,
        "deleted follows": 1,
        "deleted posts": 1,
        "app.bsky.graph.block records": 1,
        "app.bsky.feed.threadgate records": 1,
        "changes in the status of accounts": 1,
        "identities without a handle": 1,
    }


def test_a_line_that_cannot_be_read_is_a_reject_with_its_field(stream: Read) -> None:
    assert [(line, field) for line, field, _ in stream.rejects] == [
        (20, "subject"),
        (21, "subject"),
        (22, "subject"),
        (23, "time_us"),
        (24, "kind"),
        (25, "record"),
        (26, None),
    ]
    assert "milliseconds" in stream.rejects[3][2]


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (commit({"text": 1}), "text"),
        (commit({"text": "x", "langs": "en"}), "langs"),
        (commit({"text": "x", "langs": [1]}), "langs"),
        (commit({"text": "x", "tags": {"a": 1}}), "tags"),
        (commit({"text": "x", "facets": [{"features": [{"$type": "app.bsky.richtext.facet#mention"}]}]}), "did"),
        (commit({"text": "x", "facets": [{"features": [{"$type": "app.bsky.richtext.facet#link"}]}]}), "uri"),
        (commit({"text": "x", "facets": [{"features": [{"$type": "app.bsky.richtext.facet#tag"}]}]}), "tag"),
        (commit({"text": "x", "facets": [{"features": "#"}]}), "features"),
        (commit({"text": "x", "reply": {}}), "root"),
        (
            commit({"text": "x", "reply": {"root": {"uri": FIRST}, "parent": {"uri": "at://ann.example/a.b.c/1"}}}),
            "parent",
        ),
        (commit({"text": "x", "embed": []}), "embed"),
        (commit({"text": "x", "embed": {"$type": "app.bsky.embed.images", "images": [{"alt": "x"}]}}), "image"),
        (commit({"text": "x", "embed": {"$type": "app.bsky.embed.video", "video": {"ref": {}}}}), "video"),
        (commit({"text": "x", "embed": {"$type": "app.bsky.embed.external"}}), "uri"),
        (commit({"text": "x", "embed": {"$type": "app.bsky.embed.record"}}), "record"),
        (commit({"text": "x", "labels": {"values": [{"val": 1}]}}), "val"),
        (commit({"text": "x"}, rkey="a/b"), "rkey"),
        (commit({"text": "x"}, rkey=None), "rkey"),
        (commit({"text": "x"}, operation="move"), "operation"),
        (commit({"text": "x"}, collection="posts"), "collection"),
        (commit({"subject": {"uri": f"{FIRST}/more"}}, "app.bsky.feed.repost"), "subject"),
        (commit({"subject": FIRST}, "app.bsky.feed.like"), "subject"),
        (commit({"displayName": ["Ann"]}, "app.bsky.actor.profile"), "displayName"),
        (commit({"text": "x"}) | {"did": "ann"}, "did"),
        (commit({"text": "x"}) | {"time_us": None}, "time_us"),
        (commit({"text": "x"}) | {"time_us": TEN}, "time_us"),
        (commit({"text": "x"}) | {"time_us": "9" * 400}, "time_us"),
        (commit({"text": "x"}) | {"kind": None}, "kind"),
        (commit({"text": "x"}) | {"commit": None}, "collection"),
    ],
)
def test_odd_values_are_refused_by_field(record: dict[str, Any], field: str) -> None:
    with pytest.raises(EventFormatError) as refused:
        said(record)
    assert refused.value.field == field


def test_what_is_not_known_does_not_stand_in_the_way() -> None:
    unknown = {"text": "x", "embed": {"$type": "example.poll"}, "facets": [{"features": [{"$type": "example.bold"}]}]}
    assert [event[0] for event in said(commit(unknown))] == ["post", ("user", "author", "post")]
    assert [event.values["text"] for event in said(commit({})) if isinstance(event, NodeRow)] == [None]
    unresolved = {"did": ANN, "time_us": TEN * 1_000_000, "kind": "identity", "identity": {"handle": "handle.invalid"}}
    assert said(unresolved) == [Skipped("identities without a handle")]
    gone = {"root": {"uri": FIRST}, "parent": {"uri": f"at://{ANN}/com.example.note/1"}}
    assert said(commit({"text": "x", "reply": gone}))[-1] == Skipped("replies to something else than posts")


def test_only_a_stream_is_recognised() -> None:
    reader = BlueskyReader()
    first = json.loads(STREAM.read_text().splitlines()[0])
    assert reader.recognises(sample(first))
    for other in (
        {"id_str": "1", "full_text": "x", "user": {"id_str": "2"}},
        {"data": [{"id": "1", "author_id": "2", "text": "x"}]},
        {"id": "1", "uri": "https://m.example/1", "account": {"id": "2"}, "content": "x"},
        {"id": "a", "title": "x", "subreddit": "s", "created_utc": 1, "author": "b"},
        {"id": "1", "thread_id": "1", "body": "x", "author": "b", "timestamp": "2024-09-09 10:00:00"},
        {"nav_index": "1", "timestamp_collected": 1, "source_platform": "bsky.app", "data": {"did": ANN}},
    ):
        assert not reader.recognises(sample(other))
    assert not reader.recognises(FileSample(Path("x.csv"), "x.csv", b"did,time_us,kind\n", ()))


LINES = [line.encode() for line in STREAM.read_text().splitlines()[:25]]


@given(changed(LINES))
def test_any_change_is_read_or_refused(line: bytes) -> None:
    is_list_or_refused(BlueskyReader().events, line)


def test_most_lines_are_read_as_they_are() -> None:
    assert sum(is_list_or_refused(BlueskyReader().events, line) for line in LINES) == 19
