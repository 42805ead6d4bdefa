"""Pushshift's submissions and comments, written by hand after its published description."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given

from graphsocial.errors import EventFormatError
from graphsocial.ingest.export_reader import FileSample
from graphsocial.ingest.platforms.reddit import RedditReader
from graphsocial.store.events import Event, NodeRow, Skipped
from tests.ingest.platforms.reading import FIXTURES, Read, read
from tests.ingest.platforms.test_bluesky import changed, is_list_or_refused, sample

SUBMISSIONS, COMMENTS = FIXTURES / "reddit_submissions.jsonl", FIXTURES / "reddit_comments.jsonl"
TEN = 1546336800
"""2019-01-01T10:00:00Z."""
RETRIEVED = TEN + 864_000


def submission(**changed: Any) -> dict[str, Any]:
    return {
        "id": "abc1",
        "author": "ann",
        "created_utc": TEN,
        "title": "t",
        "subreddit": "s",
        "is_self": True,
    } | changed


def comment(**changed: Any) -> dict[str, Any]:
    content = {"id": "e1", "author": "ann", "created_utc": TEN, "body": "b", "link_id": "t3_a", "parent_id": "t3_a"}
    return content | changed


def said(record: dict[str, Any], collected_at: int | None = None) -> list[Event]:
    return RedditReader(collected_at).events(json.dumps(record).encode())


def edges(events: list[Event]) -> list[tuple[Any, ...]]:
    return [(event[0][1], *event[1:4]) for event in events if isinstance(event[0], tuple)]


@pytest.fixture(scope="module")
def submissions() -> Read:
    return read(RedditReader(), SUBMISSIONS)


@pytest.fixture(scope="module")
def comments() -> Read:
    return read(RedditReader(), COMMENTS)


def test_submissions_give_posts_and_what_they_lead_to(submissions: Read) -> None:
    assert submissions.edges == {
        ("author", "riverwatch", "t3_abc01", TEN): 1,
        ("mention", "t3_abc01", "bob_b", TEN): 1,
        ("mention", "t3_abc01", "anna-k", TEN): 1,
        ("show", "t3_abc02", "https://i.redd.it/abc.jpg", TEN + 10): 1,
        ("author", "riverwatch", "t3_abc03", TEN + 20): 1,
        ("link", "t3_abc03", "https://news.example/river?a=1&b=2", TEN + 20): 1,
        ("author", "bob_b", "t3_abc04", TEN + 30): 1,
        ("quote", "t3_abc04", "t3_abc01", TEN + 30): 1,
        ("link", "t3_abc04", "https://www.reddit.com/r/Floods/comments/abc01/x/", TEN + 30): 1,
        ("mention", "t3_abc04", "cy_c", TEN + 90): 1,
        ("author", "cy_c", "t3_abc05", TEN + 40): 1,
    }
    assert submissions.nodes["post", "t3_abc01"] == {
        "text": "River is rising\n\nStay away, says u/Bob_B & /u/anna-k. See reddit.com/u/nobody",
        "community": "Floods",
        "conversation": "t3_abc01",
        "sensitive": False,
        "url": "https://www.reddit.com/r/Floods/comments/abc01/x/",
        "known_at": TEN,
    }
    assert submissions.nodes["post", "t3_abc02"]["sensitive"] is True
    assert submissions.nodes["media", "https://i.redd.it/abc.jpg"] == {
        "kind": "photo",
        "address": "https://i.redd.it/abc.jpg",
        "known_at": 1546336810,
    }


def test_what_was_taken_away_is_no_text_and_no_author(submissions: Read, comments: Read) -> None:
    assert submissions.nodes["post", "t3_abc03"]["text"] == "News"
    assert "text" not in submissions.nodes["post", "t3_abc06"]
    assert "text" not in comments.nodes["post", "t1_e0002"]
    assert not [edge for edge in submissions.edges if edge[2] == "t3_abc06"], "a deleted account is no author"


def test_an_edited_text_is_known_from_its_edit_on(submissions: Read, comments: Read) -> None:
    edited = submissions.nodes["post", "t3_abc04"]
    assert (edited["text"], edited["known_at"], edited["first_known"]) == ("Copied\n\nu/cy_c look", TEN + 90, TEN + 30)
    assert "text" not in submissions.nodes["post", "t3_abc05"], "nobody knows when it was edited"
    assert submissions.skipped == {"texts that were edited nobody knows when": 1}
    old = comments.nodes["post", "t1_e0003"]
    assert (old["known_at"], old["first_known"]) == (RETRIEVED, TEN + 120), "edited before it was retrieved"
    known = said(submission(edited=True, selftext="x"), collected_at=TEN + 7)[0]
    assert isinstance(known, NodeRow)
    assert (known.known_at, known.first_known, known.values["text"]) == (TEN + 7, TEN, "t\n\nx")


def test_comments_answer_and_mention(comments: Read) -> None:
    assert comments.edges == {
        ("author", "bob_b", "t1_e0001", TEN + 100): 1,
        ("reply", "t1_e0001", "t3_abc01", TEN + 100): 1,
        ("mention", "t1_e0001", "riverwatch", TEN + 100): 1,
        ("author", "riverwatch", "t1_e0002", TEN + 110): 1,
        ("reply", "t1_e0002", "t1_e0001", TEN + 110): 1,
        ("author", "bob_b", "t1_e0003", TEN + 120): 1,
        ("reply", "t1_e0003", "t1_e0002", TEN + 120): 1,
    }
    assert comments.nodes["post", "t1_e0001"] == {
        "text": "> Stay away\n\nThanks U/riverwatch, (u/riverwatch)!",
        "community": "Floods",
        "conversation": "t3_abc01",
        "url": "https://www.reddit.com/r/Floods/comments/abc01/x/e0001/",
        "known_at": TEN + 100,
    }


def test_counts_and_names_are_measured_at_the_last_retrieval(submissions: Read, comments: Read) -> None:
    assert submissions.measured["post", "t3_abc01"] == {"likes": 12, "replies": 2, "at": RETRIEVED}
    assert submissions.measured["post", "t3_abc05"] == {"likes": 12, "replies": 7, "at": None}
    assert ("post", "t3_abc06") not in submissions.measured
    assert submissions.measured["user", "riverwatch"] == {"handle": "RiverWatch", "at": RETRIEVED}
    assert comments.measured["post", "t1_e0001"] == {"likes": -3, "at": RETRIEVED}
    assert comments.measured["post", "t1_e0002"] == {"likes": -3, "at": TEN + 900_000}
    assert ("post", "t1_e1", TEN + 7) in [event[:3] for event in said(comment(score=1), TEN + 7)]
    assert ("post", "t1_e1", TEN + 9) in [event[:3] for event in said(comment(score=1, retrieved_utc=TEN + 9), TEN + 7)]


def test_a_line_that_cannot_be_read_is_a_reject_with_its_field(submissions: Read, comments: Read) -> None:
    assert [(line, field) for line, field, _ in submissions.rejects] == [
        (7, "created_utc"),
        (8, "created_utc"),
        (9, "id"),
        (10, "crosspost_parent"),
        (11, None),
    ]
    assert "milliseconds" in submissions.rejects[1][2]
    assert [(line, field) for line, field, _ in comments.rejects] == [
        (4, "parent_id"),
        (5, "link_id"),
        (6, "body"),
        (7, "score"),
    ]


def test_pushshift_s_own_compression_is_read(tmp_path: Path, submissions: Read) -> None:
    file = tmp_path / "RS_2019-01.zst"
    file.write_bytes(zstandard.ZstdCompressor(level=3).compress(SUBMISSIONS.read_bytes()))
    assert read(RedditReader(), file) == submissions


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (submission(title=None), "title"),
        (submission(title=5), "title"),
        (submission(id=None), "id"),
        (submission(id=5), "id"),
        (submission(id="ab c"), "id"),
        (submission(author=["ann"]), "author"),
        (submission(created_utc="soon"), "created_utc"),
        (submission(created_utc=True), "created_utc"),
        (submission(selftext={}), "selftext"),
        (submission(subreddit=1), "subreddit"),
        (submission(is_self="true"), "is_self"),
        (submission(is_self=False, url=5), "url"),
        (submission(is_self=None, domain=5, url="https://a.example"), "domain"),
        (submission(post_hint=1), "post_hint"),
        (submission(over_18="no"), "over_18"),
        (submission(permalink=1), "permalink"),
        (submission(edited="yes"), "edited"),
        (submission(edited=TEN * 1000), "edited"),
        (submission(num_comments=1.5), "num_comments"),
        (submission(score=True), "score"),
        (submission(score="--5"), "score"),
        (submission(created_utc="9" * 400), "created_utc"),
        (submission(retrieved_on="x"), "retrieved_on"),
        (submission(_meta=[1]), "_meta"),
        (submission(_meta={"retrieved_2nd_on": "x"}), "retrieved_2nd_on"),
        (submission(crosspost_parent="t1_abc"), "crosspost_parent"),
        (comment(link_id=None), "link_id"),
        (comment(parent_id=None), "parent_id"),
        (comment(parent_id="t5_abc"), "parent_id"),
        (comment(id="t1_e1"), "id"),
    ],
)
def test_odd_values_are_refused_by_field(record: dict[str, Any], field: str) -> None:
    with pytest.raises(EventFormatError) as refused:
        said(record)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        ("u/ann", ["ann"]),
        ("/u/ann's", ["ann"]),
        ("(u/Ann_B) and u/ann_b", ["ann_b"]),
        ("https://www.reddit.com/u/ann", []),
        ("menu/ann", []),
        ("r/u/ann", []),
        ("u/ab", []),
        ("u/" + "a" * 21, []),
        ("u/" + "a" * 20, ["a" * 20]),
        ("u/é and *u/a-b*", ["a-b"]),
    ],
)
def test_mentions_are_names_behind_u(text: str, mentioned: list[str]) -> None:
    found = edges(said(comment(body=text)))
    assert [target for relation, _, target, _ in found if relation == "mention"] == mentioned


@pytest.mark.parametrize(
    ("changed_fields", "relation"),
    [
        ({"url": "https://i.imgur.com/a.PNG?1"}, "show"),
        ({"url": "https://i.imgur.com/a.gifv"}, "link"),
        ({"url": "https://pics.example/a.jpg", "post_hint": "image"}, "show"),
        ({"url": "https://pics.example/a.jpg"}, "link"),
        ({"url": "https://v.redd.it/abc"}, "link"),
        ({"url": "http://[x"}, "link"),
        ({"url": "https://a.example", "is_self": None, "domain": "a.example"}, "link"),
        ({"url": "https://a.example", "is_self": None, "domain": "self.s"}, None),
        ({"url": "https://a.example", "is_self": True}, None),
        ({"url": ""}, None),
        ({}, None),
    ],
)
def test_addresses_are_pictures_or_links(changed_fields: dict[str, Any], relation: str | None) -> None:
    found = [edge[0] for edge in edges(said(submission(is_self=False) | changed_fields)) if edge[0] != "author"]
    assert found == ([] if relation is None else [relation])


def test_missing_fields_are_left_out() -> None:
    bare = {"id": "a1", "created_utc": TEN, "title": "t"}
    assert [event for event in said(bare) if not isinstance(event, NodeRow)] == []
    assert Skipped("texts that were edited nobody knows when") not in said(comment(body="[deleted]", edited=True))


def test_only_submissions_and_comments_are_recognised() -> None:
    reader = RedditReader()
    for file in (SUBMISSIONS, COMMENTS):
        assert reader.recognises(sample(json.loads(file.read_text().splitlines()[0])))
    for other in (
        {"id_str": "1", "full_text": "x", "user": {"id_str": "2"}, "created_at": "x"},
        {"data": [{"id": "1", "author_id": "2", "text": "x"}]},
        {"id": "1", "author_id": "2", "text": "x", "public_metrics": {}},
        {"id": "1", "uri": "https://m.example/1", "account": {"id": "2"}, "content": "x"},
        {"did": "did:plc:a", "time_us": 1, "kind": "commit", "commit": {}},
        {
            "id": "1",
            "thread_id": "1",
            "body": "x",
            "subreddit": "s",
            "parent": "t3_1",
            "timestamp": "2024-09-09 10:00:00",
        },
        {"timestamp_collected": 1, "source_platform": "reddit.com", "data": {"id": "1"}},
    ):
        assert not reader.recognises(sample(other))
    assert not reader.recognises(FileSample(Path("x.csv"), "x.csv", b"id,title,subreddit,created_utc\n", ()))


LINES = [line.encode() for file in (SUBMISSIONS, COMMENTS) for line in file.read_text().splitlines()]
LINES = [line for line in LINES if line.endswith(b"}")]


@given(changed(LINES))
def test_any_change_is_read_or_refused(line: bytes) -> None:
    is_list_or_refused(RedditReader(TEN).events, line)


def test_most_lines_are_read_as_they_are() -> None:
    assert sum(is_list_or_refused(RedditReader().events, line) for line in LINES) == 9
