"""Pages and flattened posts of the X API v2, written by hand after its data dictionary."""

from __future__ import annotations

import json
from pathlib import Path

from graphsocial.ingest.platforms.x_v2 import XV2Reader
from tests.ingest.platforms.reading import FIXTURES, read

PAGE = FIXTURES / "x_v2_page.jsonl"
TEN = 1646820000
"""2022-03-09T10:00:00Z."""
RETRIEVED = 1646870400


def test_a_page_gives_posts_users_media_and_what_joins_them() -> None:
    found = read(XV2Reader(), PAGE)
    assert found.edges == {
        ("author", "11", "1501", TEN): 1,
        ("tag", "1501", "flood", TEN): 1,
        ("mention", "1501", "12", TEN): 1,
        ("link", "1501", "https://news.example/river", TEN): 1,
        ("show", "1501", "3_77", TEN): 1,
        ("repost", "12", "1501", TEN + 330): 1,
        ("author", "13", "1503", TEN + 420): 1,
        ("reply", "1503", "1501", TEN + 420): 1,
        ("quote", "1503", "1400", TEN + 420): 1,
        ("author", "14", "1400", 1646730000): 1,
    }
    assert found.nodes["post", "1501"] == {
        "text": "River is rising #Flood @bob https://t.co/a",
        "language": "en",
        "conversation": "1501",
        "sensitive": False,
        "known_at": TEN,
    }
    assert ("post", "1502") not in found.nodes, "a repost is no post of its own"
    assert found.nodes["media", "3_77"]["alt"] == "a river"


def test_counts_and_profiles_keep_the_time_of_their_measurement() -> None:
    measured = read(XV2Reader(), PAGE).measured
    assert measured["post", "1501"] == {
        "likes": 5, "reposts": 2, "replies": 1, "quotes": 1, "views": 90, "at": RETRIEVED
    }  # fmt: skip
    assert measured["user", "11"]["followers"] == 100
    assert measured["user", "11"]["created"] == 1420070400


def test_a_line_that_cannot_be_read_is_a_reject_with_its_field(tmp_path: Path) -> None:
    found = read(XV2Reader(), PAGE)
    assert [(line, field) for line, field, _ in found.rejects] == [(3, "created_at"), (4, None)]
    assert found.skipped == {"responses that hold errors only": 1}


def test_flattened_posts_say_the_same(tmp_path: Path) -> None:
    page = json.loads(PAGE.read_text().splitlines()[0])
    users = {user["id"]: user for user in page["includes"]["users"]}
    lines = []
    for post in page["data"]:
        post["author"] = users.get(post["author_id"], {"id": post["author_id"]})
        post["__twarc"] = page["__twarc"]
        for reference in post.get("referenced_tweets", []):
            if reference["id"] == "1400":
                reference |= page["includes"]["tweets"][0]
        if "attachments" in post:
            post["attachments"]["media"] = page["includes"]["media"]
        lines.append(json.dumps(post))
    flat = tmp_path / "flat.jsonl"
    flat.write_text("\n".join(lines))
    pages, flattened = read(XV2Reader(), PAGE), read(XV2Reader(), flat)
    assert flattened.edges == pages.edges
    assert flattened.nodes == pages.nodes
    assert flattened.measured == pages.measured


def test_without_a_time_of_retrieval_the_stated_one_counts(tmp_path: Path) -> None:
    post = {"id": "1", "author_id": "2", "created_at": "2022-03-09T10:00:00Z", "text": "x"}
    file = tmp_path / "p.jsonl"
    file.write_text(json.dumps(post | {"public_metrics": {"like_count": 3}}))
    assert read(XV2Reader(), file).measured["post", "1"] == {"likes": 3, "at": None}
    assert read(XV2Reader(collected_at=TEN), file).measured["post", "1"] == {"likes": 3, "at": TEN}
