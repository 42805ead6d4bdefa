"""Posts of the X API v1.1: of the streaming API, of twarc 1 and of the archive that users get; written by hand."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.errors import EventFormatError
from graphsocial.ingest.byte_stream import plain_name
from graphsocial.ingest.export_reader import ExportReader, FileSample
from graphsocial.ingest.platforms.bluesky import BlueskyReader
from graphsocial.ingest.platforms.four_cat import FourCatReader
from graphsocial.ingest.platforms.mastodon import MastodonReader
from graphsocial.ingest.platforms.reddit import RedditReader
from graphsocial.ingest.platforms.x_v1 import XV1Reader
from graphsocial.ingest.platforms.x_v2 import XV2Reader
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow, Skipped
from tests.ingest.platforms.reading import FIXTURES, Read, read

STREAM = FIXTURES / "x_v1_stream.jsonl"
TWARC = FIXTURES / "x_v1_twarc.jsonl"
ARCHIVE = FIXTURES / "x_v1_archive.jsonl"
TEN = 1646820000
"""2022-03-09T10:00:00Z."""
YESTERDAY = 1646730000
COLLECTED = 1646900000
MINIMAL = {"id_str": "1", "created_at": "Wed Mar 09 10:00:00 +0000 2022", "text": "x", "user": {"id_str": "9"}}


def said(record: Any, collected_at: int | None = None) -> list[Event]:
    return XV1Reader(collected_at).events(json.dumps(record).encode())


def edges(events: list[Event]) -> list[tuple[Any, ...]]:
    return [(event.type[1], event.src, event.dst, event.time) for event in events if isinstance(event, EdgeRow)]


def sample_of(path: Path) -> FileSample:
    """The beginning of a file; lines that are no JSON objects count for nothing."""
    head = path.read_bytes()
    first = []
    for line in head.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            first.append(record)
    return FileSample(path, plain_name(path), head, tuple(first[:3]))


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**66), 2**66), st.floats(allow_nan=False), st.text(max_size=4),
    st.sampled_from(["", " ", "-1", "0", "-5", "RT @", "&#1;", "<p>", "<a href='http://a.example'>", "2022-13-01"]),
    st.sampled_from([[], {}, [{}], [None], ["a", "b"], [[]], {"id": 1}, {"id": "a", "type": "Note"}, [{"href": 1}]]),
)  # fmt: skip


@st.composite
def changed(draw: st.DrawFn, lines: list[bytes]) -> bytes:
    """A line in which up to four values were dropped or became others, or which was cut off."""
    record = json.loads(draw(st.sampled_from(lines)))
    for _ in range(draw(st.integers(0, 4))):
        places: list[tuple[Any, Any]] = []
        waiting = [record]
        for holder in waiting:
            keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else []
            places += [(holder, key) for key in keys]
            waiting += [holder[key] for key in keys]
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        if draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = deepcopy(draw(ODD))
    line = json.dumps(record).encode()
    return line[: draw(st.integers(0, len(line)))] if draw(st.integers(0, 5)) == 0 else line


def lines_of(*paths: Path) -> list[bytes]:
    """Lines that hold whole JSON."""
    return [line for path in paths for line in path.read_bytes().splitlines() if line.endswith(b"}")]


@pytest.fixture(scope="module")
def stream() -> Read:
    return read(XV1Reader(), STREAM)


@pytest.fixture(scope="module")
def twarc() -> Read:
    return read(XV1Reader(COLLECTED), TWARC)


def test_a_stream_gives_posts_reposts_and_what_joins_them(stream: Read) -> None:
    assert stream.edges == {
        # once as it was streamed and once within its repost
        ("author", "21", "2501", TEN): 2,
        ("tag", "2501", "flood", TEN): 2,
        ("tag", "2501", "brücke", TEN): 2,
        ("mention", "2501", "22", TEN): 2,
        ("mention", "2501", "@eve", TEN): 2,
        ("link", "2501", "https://news.example/river", TEN): 2,
        ("show", "2501", "3_77", TEN): 2,
        ("show", "2501", "3_78", TEN): 2,
        ("repost", "22", "2501", TEN + 330): 1,
        ("author", "23", "2503", TEN + 420): 1,
        ("reply", "2503", "2501", TEN + 420): 1,
        ("quote", "2503", "2400", TEN + 420): 1,
        ("mention", "2503", "21", TEN + 420): 1,
        ("author", "24", "2400", YESTERDAY): 1,
    }
    assert {name for kind, name in stream.nodes if kind == "post"} == {"2501", "2503", "2400"}, "a repost is no post"
    assert [event.values for event in stream.events if isinstance(event, EdgeRow) and event.type[1] == "repost"] == [
        {"event": "2502"}
    ]


def test_the_whole_text_of_a_post_counts_not_the_part_that_older_programs_got(stream: Read) -> None:
    assert stream.nodes["post", "2501"] == {
        "text": "River is rising & the bridge is closed <3 #Flood #flood #Brücke @bob @eve https://t.co/a https://t.co/p",
        "language": "en",
        "sensitive": False,
        "known_at": TEN,
    }


def test_each_picture_and_video_is_shown(stream: Read, twarc: Read) -> None:
    assert stream.nodes["media", "3_77"] == {
        "kind": "photo",
        "address": "https://pbs.example/77.jpg",
        "alt": "a river",
        "known_at": 1646820000,
    }
    assert stream.nodes["media", "3_78"] == {
        "kind": "photo",
        "address": "https://pbs.example/78.jpg",
        "known_at": 1646820000,
    }
    assert {name: values["kind"] for (kind, name), values in twarc.nodes.items() if kind == "media"} == {
        "7_91": "video",
        "16_92": "animated_gif",
        "3_93": "photo",
    }
    assert twarc.nodes["media", "3_93"]["address"] == "http://pbs.example/93.jpg"


def test_what_a_stream_measured_has_no_time_even_if_the_file_was_collected_at_one(stream: Read) -> None:
    assert stream.measured["post", "2501"] == {"likes": 4, "reposts": 3, "replies": 2, "quotes": 1, "at": None}
    assert stream.measured["user", "21"] == {
        "handle": "ann",
        "name": "Ann",
        "description": "water levels",
        "location": "by the river",
        "followers": 100,
        "following": 50,
        "posts": 900,
        "verified": True,
        "created": 1420070400,
        "at": None,
    }
    later = read(XV1Reader(COLLECTED), STREAM)
    assert {values["at"] for values in later.measured.values()} == {None}


def test_what_else_was_measured_has_the_stated_time(twarc: Read) -> None:
    assert twarc.measured["post", "2601"] == {"likes": 9, "reposts": 8, "at": COLLECTED}
    assert twarc.measured["user", "24"]["at"] == COLLECTED
    assert twarc.measured["post", "2400"]["likes"] == 7, "a post within a post is measured as well"
    assert ("user", "26") not in twarc.measured, "of a trimmed user nothing is known but the id"
    assert read(XV1Reader(), TWARC).measured["post", "2601"]["at"] is None


def test_messages_of_the_streaming_api_are_skipped_by_kind(stream: Read) -> None:
    assert stream.skipped == {
        "notices of posts that were not delivered": 1,
        "deletions": 1,
        "deletions of places": 1,
        "notices of withheld posts": 1,
        "notices of withheld users": 1,
        "notices of disconnection": 1,
        "warnings": 1,
    }


def test_lines_that_cannot_be_read_are_rejects_with_their_field(stream: Read, twarc: Read) -> None:
    assert [(line, field) for line, field, _ in stream.rejects] == [
        (12, "created_at"),
        (13, "timestamp_ms"),
        (14, "timestamp_ms"),
        (15, None),
    ]
    assert "expected milliseconds: that would be a time in seconds" in stream.rejects[1][2]
    assert "3,600 s away from created_at" in stream.rejects[2][2]
    assert twarc.rejects == []


def test_extended_compatible_and_numeric_records_are_read(twarc: Read) -> None:
    eleven = TEN + 3600
    assert twarc.edges == {
        ("author", "24", "2601", eleven): 1,
        ("show", "2601", "7_91", eleven): 1,
        ("show", "2601", "16_92", eleven): 1,
        ("author", "23", "2602", eleven + 60): 1,
        ("mention", "2602", "21", eleven + 60): 1,  # named, and addressed without a post; that is one mention
        ("mention", "2602", "22", eleven + 60): 1,
        ("repost", "22", "2603", eleven + 120): 1,
        ("author", "23", "2603", eleven + 90): 1,
        ("quote", "2603", "2400", eleven + 90): 1,  # by the post that was reposted, not by the repost
        ("link", "2603", "https://news.example/quay", eleven + 90): 1,
        ("author", "24", "2400", YESTERDAY): 1,
        ("author", "26", "1501234567890123456", eleven + 180): 1,
        ("reply", "1501234567890123456", "2601", eleven + 180): 1,
        ("tag", "1501234567890123456", "numbers", eleven + 180): 1,
        ("mention", "1501234567890123456", "24", eleven + 180): 1,
        ("link", "1501234567890123456", "https://bare.example/", eleven + 180): 1,
        ("show", "1501234567890123456", "3_93", eleven + 180): 1,
    }
    assert twarc.nodes["post", "2601"]["sensitive"] is True
    assert twarc.nodes["post", "2602"]["text"].endswith("… https://t.co/d"), "what was cut off stays so"


def test_an_archive_gives_posts_without_author(tmp_path: Path) -> None:
    found = read(XV1Reader(COLLECTED), ARCHIVE)
    noon = TEN + 7200
    assert found.nodes == {
        ("post", "2701"): {"text": "#Harbour @gone is under water", "language": "en", "known_at": noon}
    }
    assert found.edges == {
        ("reply", "2701", "2601", noon): 1,
        ("tag", "2701", "harbour", noon): 1,
        ("mention", "2701", "@gone", noon): 1,
    }
    assert found.measured == {("post", "2701"): {"likes": 12, "reposts": 2, "at": COLLECTED}}
    assert found.skipped == {"reposts that do not say of which post": 1}
    assert found.rejects == []


def test_whom_a_reply_addresses_is_mentioned_if_no_post_is_named() -> None:
    assert edges(said(MINIMAL | {"in_reply_to_user_id_str": "8"}))[1:] == [("mention", "1", "8", TEN)]
    assert edges(said(MINIMAL | {"in_reply_to_user_id": 8}))[1:] == [("mention", "1", "8", TEN)]
    both = MINIMAL | {"in_reply_to_user_id_str": "8", "in_reply_to_status_id_str": "7"}
    assert edges(said(both))[1:] == [("reply", "1", "7", TEN)]


def test_a_quoted_post_is_named_by_its_id_or_by_standing_there() -> None:
    quoted = MINIMAL | {"id_str": "5"}
    assert ("quote", "1", "5", TEN) in edges(said(MINIMAL | {"quoted_status": quoted}))
    assert ("quote", "1", "6", TEN) in edges(said(MINIMAL | {"quoted_status_id": 6}))
    assert edges(said(MINIMAL | {"is_quote_status": True, "quoted_status": None})) == [("author", "9", "1", TEN)]


def test_a_user_may_repost_their_own_post() -> None:
    assert ("repost", "9", "1", TEN) in edges(said(MINIMAL | {"id_str": "2", "retweeted_status": MINIMAL}))


def test_the_time_may_stand_in_milliseconds_alone() -> None:
    record = {name: value for name, value in MINIMAL.items() if name != "created_at"} | {"timestamp_ms": 1646820000999}
    assert edges(said(record)) == [("author", "9", "1", TEN)]


def test_order_of_the_texts() -> None:
    def text(**fields: Any) -> Any:
        record = {name: value for name, value in MINIMAL.items() if name != "text"} | fields
        return next(event.values["text"] for event in said(record) if isinstance(event, NodeRow))

    extended = {"full_text": "extended"}
    assert text(full_text="full", extended_tweet=extended, text="cut") == "full"
    assert text(extended_tweet=extended, text="cut") == "extended"
    assert text(text="cut") == "cut"
    assert text(text="&amp;lt; is &lt; and &#39; stays") == "&lt; is < and &#39; stays"
    assert text(full_text="", text="cut") == ""


def test_the_entities_of_the_whole_post_come_before_those_of_its_beginning() -> None:
    cut = {"hashtags": [{"text": "cut"}], "media": [{"id_str": "m1"}]}
    whole = {"hashtags": [{"text": "whole"}], "media": [{"id_str": "m2"}]}
    record = MINIMAL | {"entities": cut, "extended_tweet": {"full_text": "x", "entities": whole}}
    assert edges(said(record))[1:] == [("tag", "1", "whole", TEN), ("show", "1", "m2", TEN)]
    assert edges(said(MINIMAL | {"entities": cut}))[1:] == [("tag", "1", "cut", TEN), ("show", "1", "m1", TEN)]


def test_media_have_the_keys_that_the_second_version_of_the_api_gives_them() -> None:
    media = [{"id_str": "5", "type": "photo"}, {"id": 6, "type": "video"}, {"id_str": "7", "type": "animated_gif"}]
    first = said(MINIMAL | {"extended_entities": {"media": media}})
    post = {"id": "1", "created_at": "2022-03-09T10:00:00Z", "text": "x", "author_id": "9"}
    keys = {"attachments": {"media_keys": ["3_5", "7_6", "16_7"]}}
    second = XV2Reader().events(json.dumps(post | keys).encode())
    assert edges(first) == edges(second)
    assert len(edges(first)) == 4


@pytest.mark.parametrize(
    ("item", "key", "kind"),
    [
        ({"type": "photo", "media_url_https": "https://pbs.example/media/a.jpg"}, "3_5", "photo"),
        # in `entities`, which is all that old programs kept, whatever is shown has the type of a photo
        ({"type": "photo", "media_url": "http://pbs.example/ext_tw_video_thumb/5/pu/img/a.jpg"}, "7_5", "video"),
        ({"type": "photo", "media_url_https": "https://pbs.example/tweet_video_thumb/a.jpg"}, "16_5", "animated_gif"),
        ({"type": "video", "media_url_https": "https://pbs.example/amplify_video_thumb/5/img/a.jpg"}, "13_5", "video"),
        # the still picture of a video may be one that was uploaded, so that only the video itself says where it lies
        (
            {
                "type": "video",
                "media_url_https": "https://pbs.example/media/a.jpg",
                "video_info": {"variants": [{"url": None}, {"url": "https://video.example/amplify_video/5/vid/a.mp4"}]},
            },
            "13_5",
            "video",
        ),
        ({"type": "video", "media_key": "13_5"}, "13_5", "video"),
        ({"type": "model3d"}, "5", "model3d"),
        ({"type": None}, "5", None),
        ({}, "5", None),
    ],
)
def test_the_key_of_a_medium(item: dict[str, Any], key: str, kind: str | None) -> None:
    events = said(MINIMAL | {"entities": {"media": [{"id_str": "5"} | item]}})
    assert edges(events)[1:] == [("show", "1", key, TEN)]
    assert [(event.id, event.values["kind"]) for event in events if event.type == "media"] == [(key, kind)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id_str": None}, "id_str"),
        ({"id_str": True}, "id_str"),
        ({"id_str": [1]}, "id_str"),
        ({"created_at": None}, "created_at"),
        ({"created_at": 1646820000}, "created_at"),
        ({"created_at": "2022-03-09 10:00:00"}, "created_at"),
        ({"created_at": "Thu Jan 01 00:00:00 +0000 1970"}, "created_at"),
        ({"timestamp_ms": "1646820000"}, "timestamp_ms"),
        ({"timestamp_ms": "1646820000000000"}, "timestamp_ms"),
        ({"timestamp_ms": "1646820005000"}, "timestamp_ms"),
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"full_text": ["x"]}, "full_text"),
        ({"extended_tweet": "x"}, "extended_tweet"),
        ({"user": "ann"}, "user"),
        ({"user": {}}, "id_str"),
        ({"user": {"id_str": "9", "followers_count": "many"}}, "followers_count"),
        ({"user": {"id_str": "9", "verified": "yes"}}, "verified"),
        ({"user": {"id_str": "9", "created_at": "2015"}}, "created_at"),
        ({"retweeted_status": {}}, "id_str"),
        ({"retweeted_status": "5"}, "retweeted_status"),
        ({"retweeted_status": MINIMAL, "user": None}, "user"),
        ({"quoted_status": MINIMAL | {"text": None}}, "text"),
        ({"quoted_status_id_str": 1.5}, "quoted_status_id_str"),
        ({"in_reply_to_status_id_str": {}}, "in_reply_to_status_id_str"),
        ({"favorite_count": 1.5}, "favorite_count"),
        ({"favorite_count": "--5"}, "favorite_count"),
        ({"timestamp_ms": "9" * 400}, "timestamp_ms"),
        ({"possibly_sensitive": "no"}, "possibly_sensitive"),
        ({"lang": 1}, "lang"),
        ({"entities": []}, "entities"),
        ({"entities": {"hashtags": ["flood"]}}, "hashtags"),
        ({"entities": {"hashtags": [{"text": 1}]}}, "text"),
        ({"entities": {"urls": [{"expanded_url": 1}]}}, "expanded_url"),
        ({"entities": {"user_mentions": [{"id_str": [], "screen_name": "a"}]}}, "id_str"),
        ({"extended_entities": {"media": [{"type": "photo"}]}}, "id_str"),
        ({"extended_entities": {"media": [{"id_str": "1", "ext_alt_text": 1}]}}, "ext_alt_text"),
        ({"extended_entities": {"media": [{"id_str": "1", "type": 3}]}}, "type"),
        ({"extended_entities": {"media": [{"id_str": "1", "media_key": 1.5}]}}, "media_key"),
        ({"extended_entities": {"media": [{"id_str": "1", "media_url": 1}]}}, "media_url"),
        ({"extended_entities": {"media": [{"id_str": "1", "video_info": "x"}]}}, "video_info"),
        ({"extended_entities": {"media": [{"id_str": "1", "video_info": {"variants": {}}}]}}, "variants"),
    ],
)
def test_an_odd_field_is_refused_by_name(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(EventFormatError) as refused:
        said(MINIMAL | fields)
    assert refused.value.field == field


@pytest.mark.parametrize("name", [name for name in json.loads(TWARC.read_text().splitlines()[0]) if name != "user"])
def test_fields_that_are_null_are_fields_that_are_missing(name: str) -> None:
    def outcome(record: dict[str, Any]) -> Any:
        try:
            return said(record)
        except EventFormatError as error:
            return error.field

    record = json.loads(TWARC.read_text().splitlines()[0])
    assert outcome(record | {name: None}) == outcome({key: record[key] for key in record if key != name})


def test_what_is_no_post_is_refused() -> None:
    for record in ({}, {"delete": None}, {"delete": 3}, {"tweet": {}}, {"tweet": 1}, {"user": {"id_str": "9"}}):
        with pytest.raises(EventFormatError):
            said(record)
    profile = {"id_str": "9", "screen_name": "ann", "created_at": MINIMAL["created_at"], "status": MINIMAL}
    with pytest.raises(EventFormatError) as refused:
        said(profile)
    assert refused.value.field == "text", "a user is not taken for a post"


def test_posts_within_posts_may_be_deep() -> None:
    record = b'{"id":1,"created_at":"Wed Mar 09 10:00:00 +0000 2022","text":"x","quoted_status":'
    events = XV1Reader().events(record * 900 + b"null" + b"}" * 900)
    assert len(events) == 900 + 899, "a post each, and the quotes between them"


def test_its_files_are_recognised() -> None:
    assert all(XV1Reader().recognises(sample_of(path)) for path in (STREAM, TWARC, ARCHIVE))
    notices = [json.loads(line) for line in STREAM.read_text().splitlines()[3:6]]
    assert XV1Reader().recognises(FileSample(STREAM, "x.json", b"", tuple(notices)))


@pytest.mark.parametrize("path", sorted(path for path in FIXTURES.iterdir() if path.is_file()), ids=lambda p: p.name)
def test_each_file_is_of_one_platform(path: Path) -> None:
    readers: list[ExportReader] = [
        XV1Reader(),
        XV2Reader(),
        MastodonReader(),
        BlueskyReader(),
        RedditReader(),
        FourCatReader(),
    ]
    recognised = [reader.format for reader in readers if reader.recognises(sample_of(path))]
    assert len(recognised) <= 1
    known = [reader.format for reader in readers if path.name.startswith(reader.format.replace("4cat", "four_cat"))]
    assert recognised == known, "files of platforms that are not in this list are nobody's"


def test_files_of_others_are_not_recognised() -> None:
    others = [path for path in sorted(FIXTURES.iterdir()) if path.is_file() and not path.name.startswith("x_v1")]
    assert others
    assert [path.name for path in others if XV1Reader().recognises(sample_of(path))] == []
    assert not any(XV2Reader().recognises(sample_of(path)) for path in (STREAM, TWARC, ARCHIVE))
    weibo = {"id": 1, "mid": "1", "idstr": "1", "text": "x", "user": {"id": 2}, "created_at": MINIMAL["created_at"]}
    of_another_time = MINIMAL | {"created_at": "2022-03-09T10:00:00Z"}
    for record in (
        weibo,
        of_another_time,
        {},
        {"tweet": 1},
        {"warning": "x"},
        {"id": 1, "text": 1, "user": 1, "created_at": 1},
    ):
        assert not XV1Reader().recognises(FileSample(STREAM, "x", b"", (record,)))


@given(changed(lines_of(STREAM, TWARC, ARCHIVE)))
def test_a_changed_line_gives_events_or_is_refused(line: bytes) -> None:
    try:
        events = XV1Reader().events(line)
    except EventFormatError:
        return
    for event in events:
        assert isinstance(event, NodeRow | EdgeRow | Measurement | Skipped)
        if isinstance(event, EdgeRow):
            assert event.src.strip() and event.dst.strip() and isinstance(event.time, int)
        elif isinstance(event, NodeRow):
            assert event.id and set(event.values) <= set(XV1Reader.schema.nodes[event.type])
