"""Exports of 4CAT and files of Zeeschuimer, written by hand after what their data sources map."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.errors import EventFormatError
from graphsocial.ingest.byte_stream import open_bytes
from graphsocial.ingest.detect_format import detect_format, export_readers
from graphsocial.ingest.export_reader import FileSample
from graphsocial.ingest.platforms.four_cat import FourCatReader
from graphsocial.store.events import EdgeRow, Event, NodeRow
from tests.ingest.platforms.reading import FIXTURES, Read, read
from tests.ingest.platforms.test_bluesky import ODD, changed, is_list_or_refused, sample

X, ZEESCHUIMER = FIXTURES / "four_cat_x.csv", FIXTURES / "four_cat_zeeschuimer.ndjson"
TEN = 1646820000
"""2022-03-09T10:00:00Z."""
COLLECTED = TEN + 86_400


def item(**changed: Any) -> dict[str, Any]:
    return {"id": "1", "thread_id": "1", "body": "b", "author": "ann", "unix_timestamp": str(TEN)} | changed


def said(record: dict[str, Any], collected_at: int | None = None) -> list[Event]:
    return FourCatReader(collected_at).events(record)


def post(events: list[Event]) -> NodeRow:
    return next(event for event in events if isinstance(event, NodeRow) and event.type == "post")


def edges(events: list[Event]) -> set[tuple[Any, ...]]:
    return {(event.type[1], event.src, event.dst, event.time) for event in events if isinstance(event, EdgeRow)}


@pytest.fixture(scope="module")
def x() -> Read:
    return read(FourCatReader(COLLECTED), X)


@pytest.fixture(scope="module")
def zeeschuimer() -> Read:
    return read(FourCatReader(), ZEESCHUIMER)


def test_a_csv_export_gives_posts_and_what_they_name(x: Read) -> None:
    assert x.edges == {
        ("author", "11", "1501", TEN): 1,
        ("tag", "1501", "flood", TEN): 1,
        ("tag", "1501", "rain", TEN): 1,
        ("link", "1501", "https://news.example/a,b", TEN): 1,
        ("link", "1501", "https://news.example/c", TEN): 1,
        ("show", "1501", "https://pics.example/77.jpg", TEN): 1,
        ("mention", "1501", "@bob", TEN): 1,
        ("mention", "1501", "@cy", TEN): 1,
        ("author", "@cy", "1503", TEN + 420): 1,
        ("quote", "1503", "1400", TEN + 420): 1,
        ("show", "1503", "https://pics.example/78.mp4", TEN + 420): 1,
    }
    assert x.nodes["post", "1501"] == {
        "text": 'River is rising #Flood\n@bob, they say "now"',
        "language": "en",
        "conversation": "1501",
        "sensitive": False,
        "url": "https://x.com/ann/status/1501",
        "known_at": TEN,
    }
    assert x.nodes["post", "1503"]["conversation"] == "1501"
    assert x.nodes["post", "1503"]["sensitive"] is True
    assert x.nodes["media", "https://pics.example/78.mp4"]["kind"] == "video"
    assert x.skipped == {"reposts whose original is not named": 1}
    assert not [edge for edge in x.edges if edge[0] == "reply"], "the export does not say which post was answered"


def test_counts_and_names_are_measured_when_the_export_was_made(x: Read) -> None:
    assert x.measured["post", "1501"] == {
        "likes": 5, "reposts": 2, "replies": 1, "quotes": 1, "views": 90, "at": COLLECTED
    }  # fmt: skip
    assert "views" not in x.measured["post", "1503"]
    assert x.measured["user", "11"] == {"handle": "ann", "name": "Ann", "at": COLLECTED}
    assert x.measured["user", "@cy"] == {"handle": "cy", "name": "Cy", "at": COLLECTED}
    assert read(FourCatReader(), X).measured["post", "1501"]["at"] is None


def test_a_row_that_cannot_be_read_is_a_reject_with_its_line_and_field(x: Read) -> None:
    assert [(line, field) for line, field, _ in x.rejects] == [
        (6, "timestamp"),
        (7, "timestamp"),
        (8, "unix_timestamp"),
        (9, "id"),
        (10, "like_count"),
        (11, None),
    ], "the first post stands on two lines"
    assert "-3,600 s" in x.rejects[1][2]
    assert "milliseconds" in x.rejects[2][2]


def test_zeeschuimer_s_tiktok_videos_are_read(zeeschuimer: Read) -> None:
    assert zeeschuimer.edges == {
        ("author", "6801", "7001", TEN): 1,
        ("tag", "7001", "flood", TEN): 1,
        ("mention", "7001", "6802", TEN): 1,
        ("show", "7001", "7001", TEN): 1,
        ("author", "@cy.tok", "7002", TEN + 10): 1,
        ("mention", "7002", "@ann.tok", TEN + 10): 1,
        ("author", "6801", "7003", TEN + 20): 1,
        ("tag", "7003", "flood", TEN + 20): 1,
        ("mention", "7003", "6802", TEN + 20): 1,
        ("show", "7003", "7003", TEN + 20): 1,
        ("author", "dee", "p1", TEN + 50): 1,
        ("tag", "p1", "flood", TEN + 50): 1,
    }
    assert zeeschuimer.nodes["post", "7001"] == {
        "text": "Water everywhere #Flood @bob_b",
        "conversation": "7001",
        "known_at": TEN,
    }
    assert zeeschuimer.nodes["media", "7001"] == {
        "kind": "video",
        "address": "https://cdn.example/d.mp4",
        "known_at": 1646820000,
    }
    assert zeeschuimer.measured["post", "7001"] == {
        "likes": 7, "reposts": 2, "replies": 1, "views": 400, "at": COLLECTED
    }  # fmt: skip
    assert zeeschuimer.measured["post", "7003"]["at"] == TEN + 90_000
    assert zeeschuimer.measured["user", "6801"] == {
        "handle": "ann.tok", "name": "Ann", "description": "by the river", "followers": 100, "following": 50,
        "posts": 12, "verified": False, "at": TEN + 90_000,
    }  # fmt: skip
    assert zeeschuimer.measured["user", "@cy.tok"] == {"handle": "cy.tok", "name": "Cy", "at": COLLECTED}
    assert zeeschuimer.measured["post", "p1"] == {"likes": 3, "at": None}


def test_raw_items_of_other_platforms_are_refused_by_name(zeeschuimer: Read) -> None:
    assert [(line, field) for line, field, _ in zeeschuimer.rejects] == [
        (4, "source_platform"),
        (5, "source_platform"),
        (6, "timestamp_collected"),
        (7, "createTime"),
        (8, "thread_id"),
        (10, None),
    ]
    reasons = [reason for _, _, reason in zeeschuimer.rejects]
    assert reasons[0] == "4CAT's NDJSON of twitter.com is not read; export CSV from 4CAT instead"
    assert "threads.net" in reasons[1]
    assert "seconds" in reasons[2]


def test_messages_of_telegram_are_numbered_within_their_chat() -> None:
    message = item(
        id="7", thread_id="floods", chat="floods", author="99", author_username="ann", author_name="Ann A",
        reply_to="6", views="40", timestamp_edited="2022-03-09 10:05:00", unix_timestamp_edited=str(TEN + 300),
        entities_mentioned="bob", link_attached="https://a.example",
    )  # fmt: skip
    found = said(message, COLLECTED)
    assert edges(found) == {
        ("author", "99", "floods-7", TEN),
        ("reply", "floods-7", "floods-6", TEN),
        ("mention", "floods-7", "@bob", TEN + 300),
        ("link", "floods-7", "https://a.example", TEN + 300),
    }
    row = post(found)
    assert (row.known_at, row.first_known, row.values["conversation"], row.values["community"]) == (
        TEN + 300, TEN, None, "floods"
    )  # fmt: skip
    assert post(said(message | {"id": "floods-7"})).id == "floods-7", "newer versions write it so"
    assert [event.values["handle"] for event in found if event[:2] == ("user", "99")] == ["ann"]
    assert [event[1] for event in said(message | {"author": ""}) if event[0] == ("user", "author", "post")] == ["@ann"]


def test_posts_of_boards_are_numbered_within_their_board_and_nobody_wrote_them() -> None:
    found = said(item(id="12", thread_id="11", board="pol", author="Anonymous", subject="News"))
    assert edges(found) == set()
    row = post(found)
    assert (row.id, row.values["conversation"], row.values["community"], row.values["text"]) == (
        "pol-12", "pol-11", "pol", "News\n\nb"
    )  # fmt: skip


def test_reddit_is_named_as_in_pushshift_s_files() -> None:
    top = item(
        id="abc", thread_id="abc", author="Ann", subject="River", body="", domain="news.example", parent="",
        url="https://news.example/a", subreddit="Floods", score="-4",
    )  # fmt: skip
    found = said(top, COLLECTED)
    assert edges(found) == {("author", "ann", "t3_abc", TEN), ("link", "t3_abc", "https://news.example/a", TEN)}
    assert post(found).values["text"] == "River"
    assert post(found).values["url"] is None
    assert [event.values["likes"] for event in found if event[:3] == ("post", "t3_abc", COLLECTED)] == [-4]
    comment = said(
        top | {"id": "e1", "body": "[deleted]", "subject": "", "parent": "t3_abc", "url": "", "author": "[deleted]"}
    )
    assert edges(comment) == {("reply", "t1_e1", "t3_abc", TEN)}
    assert post(comment).values["conversation"] == "t3_abc"
    assert post(comment).values["text"] is None
    own = said(top | {"domain": "self.Floods"})
    assert post(own).values["url"] == "https://news.example/a"
    assert ("link", "t3_abc", "https://news.example/a", TEN) not in edges(own)


def test_comments_on_tiktok_answer_their_thread() -> None:
    found = said(item(id="5", thread_id="4", post_id="3", is_comment_on_comment="yes", comment_url="https://t.example"))
    assert ("reply", "5", "4", TEN) in edges(found)
    assert post(found).values["conversation"] == "3"


def test_bluesky_s_items_name_users_by_did_and_say_when_they_were_collected() -> None:
    found = said(
        item(
            unix_timestamp="", timestamp=f"{TEN}.0", created_at="2022-03-09T10:00:00+00:00",
            collected_at="2022-03-10T10:00:00.5", author="ann.example", author_id="did:plc:a", tags="Flood",
            mentions="did:plc:b,cy.example", links="https://a.example", languages="N/A", like_count="3",
            author_display_name="Ann", author_created_at="2021-01-01T00:00:00+00:00",
        )
    )  # fmt: skip
    assert edges(found) == {
        ("author", "did:plc:a", "1", TEN),
        ("mention", "1", "did:plc:b", TEN),
        ("mention", "1", "@cy.example", TEN),
        ("tag", "1", "flood", TEN),
        ("link", "1", "https://a.example", TEN),
    }
    assert post(found).values["language"] is None
    assert [event[2] for event in found if event[:2] == ("user", "did:plc:a")] == [COLLECTED]
    assert [event.values["created"] for event in found if event[:2] == ("user", "did:plc:a")] == [1609459200]


def test_where_authors_have_no_ids_names_are_their_ids() -> None:
    found = said(item(mentions="@bob", parent_id="1", num_comments="-1", num_likes="2", author_is_verified="yes"), TEN)
    assert edges(found) == {("author", "ann", "1", TEN), ("mention", "1", "bob", TEN)}, "a post is no answer to itself"
    counts = next(event.values for event in found if event[0] == "post" and not isinstance(event, NodeRow))
    assert (counts["likes"], counts["replies"]) == (2, None)
    assert edges(said(item(author="REDACTED", author_id="REDACTED"))) == set()
    assert edges(said(item(reply_to="9"))) == {("author", "ann", "1", TEN), ("reply", "1", "9", TEN)}


@pytest.mark.parametrize(
    ("given", "time"),
    [
        ({"unix_timestamp": TEN}, TEN),
        ({"unix_timestamp": "", "timestamp_unix": str(TEN)}, TEN),
        ({"unix_timestamp": "", "timestamp": "2022-03-09 10:00:00"}, TEN),
        ({"unix_timestamp": "", "timestamp": str(TEN)}, TEN),
        ({"unix_timestamp": "", "timestamp": "2022-03-09T11:00:00+01:00"}, TEN),
        ({"unix_timestamp": str(TEN + 59), "timestamp": "2022-03-09 10:00"}, TEN + 59),
        ({"unix_timestamp": "undefined", "created_at": "2022-03-09T10:00:00Z"}, TEN),
    ],
)
def test_a_time_is_seconds_or_a_date(given: dict[str, Any], time: int) -> None:
    assert post(said(item(**given))).known_at == time


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"unix_timestamp": TEN * 1000}, "unix_timestamp"),
        ({"unix_timestamp": "", "timestamp": str(TEN * 1_000_000)}, "timestamp"),
        ({"unix_timestamp": "", "timestamp": "1970-01-01 00:00:00"}, "timestamp"),
        ({"unix_timestamp": "", "timestamp": "09/03/2022"}, "timestamp"),
        ({"unix_timestamp": "9" * 400}, "unix_timestamp"),
        ({"unix_timestamp": None}, "timestamp"),
        ({"timestamp": "2022-03-09 12:00:00"}, "timestamp"),
        ({"unix_timestamp": [TEN]}, "unix_timestamp"),
        ({"collected_at": "soon"}, "collected_at"),
        ({"unix_timestamp_edited": "x"}, "unix_timestamp_edited"),
        ({"id": " "}, "id"),
        ({"id": 1.5}, "id"),
        ({"thread_id": {"a": 1}}, "thread_id"),
        ({"body": 5}, "body"),
        ({"body": "\udcff"}, "body"),
        ({"author": "\udcff"}, "author"),
        ({"author_id": True}, "author_id"),
        ({"subject": ["x"]}, "subject"),
        ({"likes": "1,000"}, "likes"),
        ({"likes": "--5"}, "likes"),
        ({"likes": [1]}, "likes"),
        ({"views": 1.5}, "views"),
        ({"is_retweet": "perhaps"}, "is_retweet"),
        ({"possibly_sensitive": "2"}, "possibly_sensitive"),
        ({"author_followers": "many"}, "author_followers"),
        ({"hashtags": {"a": 1}}, "hashtags"),
        ({"hashtags": [1]}, "hashtags"),
        ({"urls": 5}, "urls"),
        ({"images": "https://\udcff"}, "images"),
        ({"mentions": [None]}, "mentions"),
        ({"reply_to": {}}, "reply_to"),
        ({"quote_tweet_id": 1.5}, "quote_tweet_id"),
        ({"link": 5}, "link"),
    ],
)
def test_odd_values_are_refused_by_field(given: dict[str, Any], field: str) -> None:
    with pytest.raises(EventFormatError) as refused:
        said(item(**given))
    assert refused.value.field == field


def test_the_kind_of_an_item_is_no_title_of_it() -> None:
    assert post(said(item(subject="Stream"))).values["text"] == "b"
    assert post(said(item(body="", subject=""))).values["text"] is None


def test_compressed_files(tmp_path: Path, x: Read, zeeschuimer: Read) -> None:
    packed = tmp_path / "x.csv.gz"
    packed.write_bytes(gzip.compress(X.read_bytes()))
    assert read(FourCatReader(COLLECTED), packed) == x
    lines = tmp_path / "z.ndjson.zst"
    lines.write_bytes(zstandard.ZstdCompressor().compress(ZEESCHUIMER.read_bytes()))
    assert read(FourCatReader(), lines) == zeeschuimer
    other = tmp_path / "x.csv.zst"
    other.write_bytes(zstandard.ZstdCompressor().compress(X.read_bytes()))
    with pytest.raises(EventFormatError, match="unpack it"):
        list(FourCatReader().records(other))
    broken = tmp_path / "z.gz"
    broken.write_bytes(gzip.compress(ZEESCHUIMER.read_bytes())[:30])
    assert "damaged" in read(FourCatReader(), broken).rejects[0][2]
    with pytest.raises(EventFormatError):
        list(FourCatReader().records(tmp_path / "none.csv"))


def test_only_exports_of_4cat_are_recognised() -> None:
    reader = FourCatReader()
    with open_bytes(X) as stream:
        assert reader.recognises(FileSample(X, X.name, stream.read(), ()))
    lines = [json.loads(line) for line in ZEESCHUIMER.read_text().splitlines()[:9]]
    assert [reader.recognises(sample(line)) for line in lines] == [True] * 7 + [False, True]
    assert reader.recognises(sample(lines[7], lines[8]))
    for other in (
        {"id_str": "1", "full_text": "x", "user": {"id_str": "2"}, "created_at": "x"},
        {"data": [{"id": "1", "author_id": "2", "text": "x"}], "meta": {}},
        {"id": "1", "author_id": "2", "text": "x", "public_metrics": {}},
        {"id": "1", "uri": "https://m.example/1", "account": {"id": "2"}, "content": "x", "created_at": "x"},
        {"did": "did:plc:a", "time_us": 1, "kind": "commit", "commit": {}},
        {"id": "a", "title": "x", "subreddit": "s", "created_utc": 1, "selftext": "b"},
        {"id": "e", "body": "x", "link_id": "t3_a", "parent_id": "t3_a", "created_utc": 1},
    ):
        assert not reader.recognises(sample(other))
    for header in (b"post,user,time,text\n", b"id,thread_id,body\n", b"id,body,timestamp\n"):
        assert not reader.recognises(FileSample(Path("x.csv"), "x.csv", header, ()))
    quoted = b'\xef\xbb\xbf"id","thread_id","body","author","timestamp"\n'
    assert reader.recognises(FileSample(Path("x.csv"), "x.csv", quoted, ()))
    assert reader.recognises(FileSample(Path("x.csv"), "x.csv", quoted, ({"a": "line of a post"},)))


ROWS = [content for _, content in FourCatReader().records(X) if isinstance(content, dict)]
LINES = [line.encode() for line in ZEESCHUIMER.read_text().splitlines()[:9]]
CELLS = st.one_of(st.text(max_size=6), st.sampled_from(["--5", "9" * 400, "\udcff", " ", "-1", "nan", "yes", "12:00"]))


@given(changed(LINES))
def test_any_change_of_a_line_is_read_or_refused(line: bytes) -> None:
    is_list_or_refused(FourCatReader(COLLECTED).events, line)


@given(
    st.sampled_from(ROWS), st.dictionaries(st.sampled_from([*ROWS[0], "chat", "subreddit", "parent", "score"]), CELLS)
)
def test_any_change_of_a_row_is_read_or_refused(row: dict[str, str], cells: dict[str, str]) -> None:
    is_list_or_refused(FourCatReader(COLLECTED).events, row | cells)


@given(st.sampled_from(ROWS), st.dictionaries(st.sampled_from([*ROWS[0], "chat", "board", "post_id"]), ODD))
def test_any_value_in_a_mapped_item_is_read_or_refused(row: dict[str, str], values: dict[str, Any]) -> None:
    is_list_or_refused(FourCatReader(COLLECTED).events, row | values)


def test_most_rows_and_lines_are_read_as_they_are() -> None:
    reader = FourCatReader()
    assert sum(is_list_or_refused(reader.events, row) for row in ROWS) == 3
    assert sum(is_list_or_refused(reader.events, line) for line in LINES) == 4


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("damage", [b"", b"\xff", b"#", b"[", b'"'])
def test_ndjson_whose_first_line_is_damaged_loses_that_line_only(damage: bytes, ending: str, tmp_path: Path) -> None:
    lines = [json.dumps(item(id=str(number))).encode() for number in range(3)]
    content = b"\n".join([damage + lines[0][1:], *lines[1:]])
    file = tmp_path / f"items.ndjson{ending}"
    file.write_bytes(gzip.compress(content) if ending else content)
    assert detect_format(file, export_readers()).format == "4cat"
    found = read(FourCatReader(), file)
    assert [(line, field) for line, field, _ in found.rejects] == [(1, None)]
    assert {name for kind, name in found.nodes if kind == "post"} == {"1", "2"}


def test_two_lines_of_ndjson_are_enough(tmp_path: Path) -> None:
    line = json.dumps(item()).encode()
    (tmp_path / "items.ndjson").write_bytes(b"\xff" + line[1:] + b"\n" + line)
    found = read(FourCatReader(), tmp_path / "items.ndjson")
    assert len(found.rejects) == 1 and ("post", "1") in found.nodes


def test_json_in_the_texts_of_a_csv_file_does_not_make_it_ndjson(tmp_path: Path) -> None:
    code = "\n".join('{""a"": 1}' for _ in range(60))
    (tmp_path / "items.csv").write_text(f'id,thread_id,body,author,unix_timestamp\n1,1,"\n{code}",ann,{TEN}\n')
    plain = "\n".join("{}" for _ in range(60))
    (tmp_path / "plain.csv").write_text(f'id,thread_id,body,author,unix_timestamp\n1,1,"\n{plain}",ann,{TEN}\n')
    for name in ("items.csv", "plain.csv"):
        found = read(FourCatReader(), tmp_path / name)
        assert list(found.nodes) == [("post", "1")] and not found.rejects


def test_a_csv_file_that_ends_in_damage_is_csv_up_to_there(tmp_path: Path) -> None:
    rows = "".join(f"{n},1,{n * 7919 % 10007:x},ann,{TEN}\n" for n in range(20_000))
    packed = gzip.compress(f"id,thread_id,body,author,unix_timestamp\n{rows}".encode())
    (tmp_path / "items.csv.gz").write_bytes(packed[: len(packed) // 2])
    found = read(FourCatReader(), tmp_path / "items.csv.gz")
    assert len(found.nodes) > 1000 and "damaged" in found.rejects[-1][2]
