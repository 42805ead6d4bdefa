"""Statuses of the Mastodon API and activities of ActivityPub outboxes, written by hand after their documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from graphsocial.errors import EventFormatError
from graphsocial.ingest.export_reader import FileSample
from graphsocial.ingest.platforms.mastodon import MastodonReader
from graphsocial.ingest.platforms.x_v1 import XV1Reader
from graphsocial.ingest.platforms.x_v2 import XV2Reader
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow, Skipped
from tests.ingest.platforms.reading import FIXTURES, Read, read
from tests.ingest.platforms.test_x_v1 import changed, edges, lines_of, sample_of

API = FIXTURES / "mastodon_api.jsonl"
ACTIVITIES = FIXTURES / "mastodon_activities.jsonl"
TEN = 1646820000
"""2022-03-09T10:00:00Z."""
EDITED = TEN + 1800
YESTERDAY = 1646730000
COLLECTED = 1646900000
ANN, BOB, CY = (
    f"https://{user}" for user in ("social.example/users/ann", "other.example/users/bob", "social.example/users/cy")
)
RIVER, POLL = f"{ANN}/statuses/1001", f"{CY}/statuses/1003"
TEXT = "high water\nRiver is rising & the bridge is closed\nsince ten\n@bob #Flood https://news.example/river?a=1&b=2"

STATUS = {
    "id": "1",
    "created_at": "2022-03-09T10:00:00Z",
    "content": "<p>x</p>",
    "account": {"id": "9", "acct": "nine"},
}
NOTE = {"id": "https://a.example/1", "type": "Note", "published": "2022-03-09T10:00:00Z", "content": "x"}
CREATE = {"type": "Create", "actor": "https://a.example/u", "object": NOTE}


def said(record: Any, collected_at: int | None = None) -> list[Event]:
    return MastodonReader(collected_at).events(json.dumps(record).encode())


def post(events: list[Event]) -> NodeRow:
    return next(event for event in events if isinstance(event, NodeRow) and event.type == "post")


def skipped(record: Any) -> list[str]:
    return [event.what for event in said(record) if isinstance(event, Skipped)]


@pytest.fixture(scope="module")
def api() -> Read:
    return read(MastodonReader(COLLECTED), API)


@pytest.fixture(scope="module")
def activities() -> Read:
    return read(MastodonReader(COLLECTED), ACTIVITIES)


def test_statuses_refer_to_each_other_by_the_ids_of_their_server(api: Read) -> None:
    assert api.edges == {
        # as it stands there and within its repost
        ("author", "11", "1001", TEN): 2,
        ("mention", "1001", "12", EDITED): 2,
        ("tag", "1001", "flood", EDITED): 2,
        ("link", "1001", "https://news.example/river?a=1&b=2", EDITED): 2,
        ("link", "1001", "https://news.example/river", EDITED): 2,
        ("show", "1001", "77", EDITED): 2,
        ("show", "1001", "78", EDITED): 2,
        ("repost", "12", "1001", TEN + 330): 1,
        ("author", "13", "1003", TEN + 420): 1,
        ("reply", "1003", "1001", TEN + 420): 1,
        ("quote", "1003", "900", TEN + 420): 1,
        ("mention", "1003", "11", TEN + 420): 1,
        ("author", "14", "900", YESTERDAY): 1,
        ("author", "14", "1004", TEN + 480): 1,
        ("quote", "1004", "1003", TEN + 480): 1,
        ("show", "1004", "79", TEN + 480): 1,
        ("show", "1004", "80", TEN + 480): 1,
    }
    assert {name for kind, name in api.nodes if kind == "post"} == {"1001", "1003", "1004", "900"}
    assert [event.values for event in api.events if isinstance(event, EdgeRow) and event.type[1] == "repost"] == [
        {"event": "1002"}
    ]


def test_a_text_that_was_edited_is_known_from_the_edit_on_and_has_its_warning_before_it(api: Read) -> None:
    assert api.nodes["post", "1001"] == {
        "text": TEXT,
        "language": "en",
        "sensitive": True,
        "url": "https://social.example/@ann/1001",
        "known_at": EDITED,
        "first_known": TEN,
    }
    assert api.nodes["post", "1004"]["text"] == ""
    assert api.nodes["post", "900"]["language"] == "de"


def test_media_have_a_kind_an_address_and_a_description(api: Read) -> None:
    def media(name: str) -> dict[str, Any]:
        return {key: value for key, value in api.nodes["media", name].items() if key != "known_at"}

    assert media("77") == {"kind": "photo", "address": "https://files.example/77.png", "alt": "a river"}
    assert media("78") == {"kind": "video", "address": "https://files.example/78.mp4"}
    assert media("79") == {"kind": "gifv", "address": "https://other.example/79.mp4", "alt": "waves"}
    assert media("80") == {}


def test_counts_and_profiles_have_the_stated_time_of_measurement(api: Read) -> None:
    assert api.measured["post", "1001"] == {"likes": 4, "reposts": 2, "replies": 1, "quotes": 3, "at": COLLECTED}
    assert api.measured["user", "11"] == {
        "handle": "ann",
        "name": "Ann",
        "description": "Water levels\nand bridges & more",
        "followers": 100,
        "following": 50,
        "posts": 900,
        "created": 1420070400,
        "at": COLLECTED,
    }
    assert api.measured["user", "12"]["handle"] == "bob@other.example"
    assert not {"followers", "following"} & set(api.measured["user", "14"]), "minus one stands for a hidden count"
    assert {values["at"] for values in read(MastodonReader(), API).measured.values()} == {None}


def test_lines_that_cannot_be_read_are_rejects_with_their_field(api: Read, activities: Read) -> None:
    assert [(line, field) for line, field, _ in api.rejects] == [(5, "content"), (6, "created_at"), (7, None)]
    assert [(line, field) for line, field, _ in activities.rejects] == [
        (17, "updated"),
        (18, "type"),
        (19, "published"),
    ]
    assert api.skipped == {}


def test_activities_refer_to_each_other_by_uri(activities: Read) -> None:
    private = f"{ANN}/statuses/1007"
    assert activities.edges == {
        ("author", ANN, RIVER, TEN): 2,  # as it was made and as it was edited
        ("mention", RIVER, BOB, TEN): 1,
        ("tag", RIVER, "flood", TEN): 1,
        ("tag", RIVER, "bridge", EDITED): 1,
        ("link", RIVER, "https://news.example/river?a=1&b=2", TEN): 1,
        ("link", RIVER, "https://news.example/river", TEN): 1,
        ("show", RIVER, "https://files.example/77.png", TEN): 1,
        ("show", RIVER, "https://files.example/78.mp4", TEN): 1,
        ("repost", BOB, RIVER, TEN + 330): 1,
        ("like", BOB, RIVER, None): 1,
        ("like", CY, RIVER, TEN + 360): 1,
        ("follow", BOB, ANN, None): 1,
        ("author", CY, POLL, TEN + 420): 1,
        ("reply", POLL, RIVER, TEN + 420): 1,
        ("quote", POLL, f"{BOB}/statuses/900", TEN + 420): 1,
        ("repost", ANN, private, TEN + 480): 1,
        ("author", ANN, private, TEN - 3600): 1,
    }
    reposts = [event for event in activities.events if isinstance(event, EdgeRow) and event.type[1] == "repost"]
    assert [event.values["event"] for event in reposts] == [
        f"{BOB}/statuses/1002/activity",
        f"{ANN}/statuses/1008/activity",
    ]


def test_activities_give_posts_and_their_edits(activities: Read) -> None:
    rows = [event for event in activities.events if isinstance(event, NodeRow) and event.id == RIVER]
    assert [(row.known_at, row.first_known, row.values["text"]) for row in rows] == [
        (TEN, None, TEXT),
        (EDITED, TEN, "The bridge is open again"),
    ]
    assert rows[0].values | {"text": None} == {
        "text": None,
        "language": "en",
        "community": None,
        "conversation": None,
        "sensitive": True,
        "url": "https://social.example/@ann/1001",
    }
    assert activities.nodes["post", POLL]["text"] == "Is it open again?"
    assert "language" not in activities.nodes["post", POLL]
    assert activities.nodes["media", "https://files.example/77.png"] == {
        "kind": "photo",
        "address": "https://files.example/77.png",
        "alt": "a river",
        "known_at": 1646820000,
    }
    assert activities.nodes["media", "https://files.example/78.mp4"]["kind"] == "video"
    assert activities.measured == {("post", RIVER): {"likes": 4, "reposts": 2, "at": COLLECTED}}


def test_what_a_graph_cannot_hold_is_skipped(activities: Read) -> None:
    assert activities.skipped == {
        "deletions": 1,
        "activities that were undone": 1,
        "activities that are neither posts, reposts, likes nor follows": 1,
        "votes in polls": 1,
        "objects that are no posts": 1,
        "new counts of votes": 1,
        "posts that are only named": 1,
        "reposts of something else than posts": 1,
    }


def test_a_page_of_an_outbox_says_what_its_activities_say(tmp_path: Path, activities: Read) -> None:
    good = [json.loads(line) for line in ACTIVITIES.read_text().splitlines()[:16]]
    page = {"type": "OrderedCollectionPage", "id": f"{ANN}/outbox?page=true", "orderedItems": good}
    file = tmp_path / "outbox.json"
    file.write_text(json.dumps(page))
    found = read(MastodonReader(COLLECTED), file)
    assert found.rejects == []
    assert (found.edges, found.nodes, found.measured) == (activities.edges, activities.nodes, activities.measured)
    assert found.skipped == activities.skipped
    assert skipped({"type": "OrderedCollection", "totalItems": 3, "first": "x"}) == [
        "collections whose items are elsewhere"
    ]
    assert skipped({"type": "Collection", "items": ["https://a.example/1"]}) == [
        "items of collections that are only named"
    ]


def test_an_edit_moves_only_what_it_may_have_changed() -> None:
    record = STATUS | {
        "edited_at": "2022-03-09T10:30:00Z",
        "in_reply_to_id": "2",
        "tags": [{"name": "a"}, {"name": "A"}],
        "mentions": [{"id": "8"}, {"id": "8"}],
    }
    assert edges(said(record)) == [
        ("author", "9", "1", TEN),
        ("reply", "1", "2", TEN),
        ("mention", "1", "8", EDITED),
        ("tag", "1", "a", EDITED),
    ]
    before = STATUS | {"edited_at": "2022-03-09T09:00:00Z", "tags": [{"name": "a"}]}
    assert edges(said(before))[1:] == [("tag", "1", "a", TEN)], "no edit comes before its post"
    assert post(said(before)).known_at == TEN


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
def test_posts_are_read_whatever_their_visibility(visibility: str) -> None:
    assert post(said(STATUS | {"visibility": visibility})).values["text"] == "x"


def test_links_are_addresses_on_the_web_that_name_nobody() -> None:
    content = (
        '<a href="https://a.example">a</a> <a href="mailto:b@b.example">b</a> <a href="/c">c</a> '
        '<a href="https://d.example/@d">d</a> <a href="https://e.example/tags/e">e</a> '
        '<a href="https://f.example" rel="tag">f</a> <a href="HTTP://g.example" class="mention-like">g</a> '
        '<a href="https://a.example">a</a>'
    )
    named = {
        "mentions": [{"id": "8", "url": "https://d.example/@d"}],
        "tags": [{"name": "e", "url": "https://e.example/tags/e"}],
        "card": {"url": "https://a.example"},
    }
    links = [edge for edge in edges(said(STATUS | named | {"content": content})) if edge[0] == "link"]
    assert links == [("link", "1", "https://a.example", TEN), ("link", "1", "HTTP://g.example", TEN)]


def test_json_ld_writes_one_thing_in_many_ways() -> None:
    plain = NOTE | {
        "attributedTo": "https://a.example/u",
        "inReplyTo": "https://a.example/0",
        "url": "https://a.example/@u/1",
        "tag": [{"type": "Mention", "href": "https://b.example/u"}],
        "attachment": [{"type": "Image", "url": "https://a.example/1.png"}],
    }
    others = NOTE | {
        "attributedTo": [{"type": "Person", "id": "https://a.example/u"}],
        "inReplyTo": [{"id": "https://a.example/0", "type": "Note"}],
        "url": [{"type": "Link", "href": "https://a.example/@u/1"}, "https://a.example/other"],
        "tag": {"type": "Mention", "href": "https://b.example/u"},
        "attachment": {"type": "Image", "url": {"type": "Link", "href": "https://a.example/1.png"}},
    }
    assert said(others) == said(plain)
    assert edges(said(plain)) == [
        ("author", "https://a.example/u", "https://a.example/1", TEN),
        ("reply", "https://a.example/1", "https://a.example/0", TEN),
        ("show", "https://a.example/1", "https://a.example/1.png", TEN),
        ("mention", "https://a.example/1", "https://b.example/u", TEN),
    ]
    assert post(said(plain)).values["url"] == "https://a.example/@u/1"


def test_author_and_time_may_stand_in_the_activity_that_made_the_post() -> None:
    bare = {name: value for name, value in NOTE.items() if name != "published"}
    made = {"published": "2022-03-09T10:00:00Z"}
    assert edges(said(CREATE | made | {"object": bare})) == [
        ("author", "https://a.example/u", "https://a.example/1", TEN)
    ]
    with pytest.raises(EventFormatError) as refused:
        said(CREATE | made | {"type": "Update", "object": bare})
    assert refused.value.field == "published", "the time of an edit is not that of the post"


def test_an_edit_without_its_own_time_has_that_of_its_activity() -> None:
    row = post(said(CREATE | {"type": "Update", "published": "2022-03-09T10:30:00Z"}))
    assert (row.known_at, row.first_known) == (EDITED, TEN)


def test_content_may_stand_by_language_only() -> None:
    bare = {name: value for name, value in NOTE.items() if name != "content"}
    row = post(said(bare | {"contentMap": {"de": "<p>Hochwasser</p>"}}))
    assert (row.values["text"], row.values["language"]) == ("Hochwasser", "de")
    row = post(said(NOTE | {"contentMap": {"de": "Wasser", "en": "water"}}))
    assert (row.values["text"], row.values["language"]) == ("x", None)


def test_a_quoted_post_that_is_gone_is_no_quote() -> None:
    assert edges(said(NOTE | {"quote": {"type": "Tombstone"}})) == []
    assert edges(said(NOTE | {"_misskey_quote": "https://b.example/2"})) == [
        ("quote", "https://a.example/1", "https://b.example/2", TEN)
    ]
    assert edges(said(STATUS | {"quote": {"state": "deleted", "quoted_status": None}})) == [("author", "9", "1", TEN)]


def test_an_attachment_without_an_address_is_skipped() -> None:
    assert skipped(NOTE | {"attachment": [{"type": "Document", "url": None}]}) == ["attachments without an address"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id": None}, "id"),
        ({"id": 1.5}, "id"),
        ({"created_at": None}, "created_at"),
        ({"created_at": 1646820000000}, "created_at"),
        ({"created_at": "1646820000000"}, "created_at"),
        ({"edited_at": "later"}, "edited_at"),
        ({"content": None}, "content"),
        ({"content": 1}, "content"),
        ({"content": f"&#{'9' * 5000};"}, "content"),
        ({"account": None}, "id"),
        ({"account": "nine"}, "account"),
        ({"account": {"id": "9", "followers_count": "many"}}, "followers_count"),
        ({"account": {"id": "9", "note": f"&#{'9' * 5000};"}}, "note"),
        ({"account": {"id": "9", "created_at": 2015}}, "created_at"),
        ({"spoiler_text": 1}, "spoiler_text"),
        ({"sensitive": "yes"}, "sensitive"),
        ({"language": ["en"]}, "language"),
        ({"url": 1}, "url"),
        ({"favourites_count": "4.5"}, "favourites_count"),
        ({"reblogs_count": {}}, "reblogs_count"),
        ({"replies_count": True}, "replies_count"),
        ({"in_reply_to_id": {}}, "in_reply_to_id"),
        ({"reblog": {}}, "id"),
        ({"reblog": "2"}, "reblog"),
        ({"quote": "2"}, "quote"),
        ({"quote": {"quoted_status": STATUS | {"content": None}}}, "content"),
        ({"mentions": [{"username": "a"}]}, "id"),
        ({"mentions": ["a"]}, "mentions"),
        ({"tags": [{"name": 1}]}, "name"),
        ({"card": "https://a.example"}, "card"),
        ({"card": {"url": 1}}, "url"),
        ({"media_attachments": [{"type": "image"}]}, "id"),
        ({"media_attachments": [{"id": "1", "description": 1}]}, "description"),
    ],
)
def test_an_odd_field_of_a_status_is_refused_by_name(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(EventFormatError) as refused:
        said(STATUS | fields)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (NOTE | {"id": None}, "id"),
        (NOTE | {"published": None}, "published"),
        (NOTE | {"published": 1646820000}, "published"),
        (NOTE | {"updated": "x"}, "updated"),
        (NOTE | {"content": None}, "content"),
        (NOTE | {"contentMap": []}, "contentMap"),
        (NOTE | {"content": None, "contentMap": {"en": 1}}, "en"),
        (NOTE | {"summary": 1}, "summary"),
        (NOTE | {"sensitive": 1}, "sensitive"),
        (NOTE | {"attributedTo": ["https://a.example/u", "https://b.example/u"]}, "attributedTo"),
        (NOTE | {"inReplyTo": 5}, "inReplyTo"),
        (NOTE | {"quote": True}, "quote"),
        (NOTE | {"url": 5}, "url"),
        (NOTE | {"tag": ["#flood"]}, "tag"),
        (NOTE | {"tag": [{"type": "Hashtag", "name": 1}]}, "name"),
        (NOTE | {"attachment": 5}, "attachment"),
        (NOTE | {"likes": {"totalItems": "many"}}, "totalItems"),
        (NOTE | {"type": ["Note"]}, "type"),
        (CREATE | {"type": None}, "type"),
        (CREATE | {"object": None}, "object"),
        (CREATE | {"object": 5}, "object"),
        (CREATE | {"object": {}}, "object"),
        (CREATE | {"actor": 5}, "actor"),
        (CREATE | {"type": "Announce"}, "published"),
        (CREATE | {"type": "Announce", "actor": None}, "actor"),
        (CREATE | {"type": "Like", "object": None}, "object"),
        (CREATE | {"type": "Like", "published": "x"}, "published"),
        (CREATE | {"type": "Follow", "actor": None}, "actor"),
        (CREATE | {"type": "Follow", "object": ["a", "b"]}, "object"),
        ({"type": "OrderedCollection", "orderedItems": [5]}, "orderedItems"),
        ({"type": "OrderedCollection", "orderedItems": [{}]}, "type"),
        ({}, "id"),
    ],
)
def test_an_odd_field_of_an_activity_is_refused_by_name(record: dict[str, Any], field: str) -> None:
    with pytest.raises(EventFormatError) as refused:
        said(record)
    assert refused.value.field == field


def test_fields_that_are_null_are_fields_that_are_missing() -> None:
    def outcome(record: dict[str, Any]) -> Any:
        try:
            return said(record)
        except EventFormatError as error:
            return error.field

    for path in (API, ACTIVITIES):
        record = json.loads(path.read_text().splitlines()[0])
        record = record.get("object", record)
        for name in record:
            if name != "type":  # which tells what a record is
                assert outcome(record | {name: None}) == outcome({k: v for k, v in record.items() if k != name}), name


def test_quotes_within_quotes_may_be_deep() -> None:
    begin = b'{"id":1,"created_at":"2022-03-09T10:00:00Z","content":"x","account":{"id":2},"quote":{"quoted_status":'
    events = MastodonReader().events(begin * 450 + b"null" + b"}}" * 450)
    assert sum(isinstance(event, NodeRow) for event in events) == 450


def test_its_files_are_recognised_and_those_of_others_are_not() -> None:
    assert all(MastodonReader().recognises(sample_of(path)) for path in (API, ACTIVITIES))
    page = {"type": "OrderedCollectionPage", "orderedItems": []}
    assert MastodonReader().recognises(FileSample(API, "outbox.json", b"", (page,)))
    assert MastodonReader().recognises(FileSample(API, "notes.json", b"", (NOTE | {"attributedTo": "x"},)))
    others = [path for path in sorted(FIXTURES.iterdir()) if path.is_file() and not path.name.startswith("mastodon")]
    assert others
    assert [path.name for path in others if MastodonReader().recognises(sample_of(path))] == []
    for reader in (XV1Reader(), XV2Reader()):
        assert not any(reader.recognises(sample_of(path)) for path in (API, ACTIVITIES))
    for record in ({}, {"type": 1}, {"type": "Like"}, {"account": 1}, {"type": "post", "actor": 1, "object": 2}):
        assert not MastodonReader().recognises(FileSample(API, "x", b"", (record,)))


@given(changed(lines_of(API, ACTIVITIES)))
def test_a_changed_line_gives_events_or_is_refused(line: bytes) -> None:
    try:
        events = MastodonReader().events(line)
    except EventFormatError:
        return
    for event in events:
        assert isinstance(event, NodeRow | EdgeRow | Measurement | Skipped)
        if isinstance(event, EdgeRow):
            assert event.src.strip() and event.dst.strip()
            assert isinstance(event.time, int) or event.type[1] in ("like", "follow")
        elif isinstance(event, NodeRow):
            assert event.id and set(event.values) <= set(MastodonReader.schema.nodes[event.type])
