"""Databases of OASIS, built after its published tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import EventFormatError, TimeWindowError
from graphsocial.ingest.export_reader import FileSample
from graphsocial.ingest.formats.oasis import TABLES, OasisReader
from graphsocial.store.events import EdgeRow
from tests.ingest.formats.mutations import ODD, read_or_refused
from tests.ingest.platforms.reading import read

NOON = 1723032000
"""2024-08-07T12:00:00Z."""

DEFINITIONS = {
    "user": "user_id INTEGER PRIMARY KEY AUTOINCREMENT, agent_id INTEGER, user_name TEXT, name TEXT, bio TEXT, "
    "created_at DATETIME, num_followings INTEGER DEFAULT 0, num_followers INTEGER DEFAULT 0",
    "post": "post_id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER, original_post_id INTEGER, "
    "content TEXT DEFAULT '', quote_content TEXT, created_at DATETIME, num_likes INTEGER DEFAULT 0, "
    "num_dislikes INTEGER DEFAULT 0, num_shares INTEGER DEFAULT 0",
    "comment": "comment_id INTEGER PRIMARY KEY AUTOINCREMENT, post_id INTEGER, user_id INTEGER, content TEXT, "
    "created_at DATETIME DEFAULT CURRENT_TIMESTAMP, num_likes INTEGER DEFAULT 0, num_dislikes INTEGER DEFAULT 0",
    "follow": "follow_id INTEGER PRIMARY KEY AUTOINCREMENT, follower_id INTEGER, followee_id INTEGER, "
    "created_at DATETIME",
    "like": "like_id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER, post_id INTEGER, created_at DATETIME",
    "comment_like": "comment_like_id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER, comment_id INTEGER, "
    "created_at DATETIME",
    "dislike": "dislike_id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER, post_id INTEGER, created_at DATETIME",
    "comment_dislike": "comment_dislike_id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER, comment_id INTEGER, "
    "created_at DATETIME",
    "mute": "mute_id INTEGER PRIMARY KEY AUTOINCREMENT, muter_id INTEGER, mutee_id INTEGER, created_at DATETIME",
    "report": "report_id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER, post_id INTEGER, report_reason TEXT, "
    "created_at DATETIME",
    "rec": "user_id INTEGER, post_id INTEGER, PRIMARY KEY(user_id, post_id)",
    "trace": "user_id INTEGER, created_at DATETIME, action TEXT, info TEXT, "
    "PRIMARY KEY(user_id, created_at, action, info)",
    "product": "product_id INTEGER PRIMARY KEY, product_name TEXT, sales INTEGER DEFAULT 0",
}


def dated(minute: int) -> str:
    return f"2024-08-07 12:{minute:02}:00.250000"


def rows(when: Callable[[int], Any]) -> dict[str, list[dict[str, Any]]]:
    """A simulation of three users, with times as a kind of simulation writes them."""
    return {
        "user": [
            {"user_id": 0, "agent_id": 0, "user_name": "ann", "name": "Ann", "bio": "rivers", "created_at": when(0),
             "num_followings": 1, "num_followers": 2},
            {"user_id": 1, "agent_id": 1, "user_name": "bob", "name": None, "bio": None, "created_at": when(0)},
        ],
        "post": [
            {"post_id": 1, "user_id": 0, "content": "River is rising", "created_at": when(1), "num_likes": 1,
             "num_dislikes": 1, "num_shares": 2},
            {"post_id": 2, "user_id": 1, "original_post_id": 1, "created_at": when(2)},
            {"post_id": 3, "user_id": 2, "original_post_id": 1, "content": "River is rising",
             "quote_content": "Not here", "created_at": when(3)},
        ],
        "comment": [
            {"comment_id": 1, "post_id": 1, "user_id": 1, "content": "Where?", "created_at": when(4), "num_likes": 1}
        ],
        "follow": [{"follow_id": 1, "follower_id": 1, "followee_id": 0, "created_at": when(5)}],
        "like": [{"like_id": 1, "user_id": 2, "post_id": 1, "created_at": when(6)}],
        "comment_like": [{"comment_like_id": 1, "user_id": 0, "comment_id": 1, "created_at": when(7)}],
        "dislike": [{"dislike_id": 1, "user_id": 1, "post_id": 1, "created_at": when(8)}],
        "mute": [{"mute_id": 1, "muter_id": 0, "mutee_id": 2, "created_at": when(8)}],
        "rec": [{"user_id": 0, "post_id": 1}, {"user_id": 1, "post_id": 1}],
        "trace": [{"user_id": 0, "created_at": when(0), "action": "sign_up", "info": "{}"}],
        "product": [{"product_id": 1, "product_name": "umbrella"}],
    }  # fmt: skip


def database(path: Path, tables: dict[str, list[dict[str, Any]]], lacking: tuple[str, ...] = ()) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for table, columns in DEFINITIONS.items():
            if table in lacking:
                continue
            connection.execute(f'CREATE TABLE "{table}" ({columns})')
            for row in tables.get(table, []):
                marks = ", ".join("?" * len(row))
                names = ", ".join(row)
                connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(row.values()))
        connection.commit()
    return path


@pytest.fixture
def simulated(tmp_path: Path) -> Path:
    return database(tmp_path / "a simulation #1?.db", rows(dated))


def edges(minute: Callable[[int], int]) -> dict[tuple[str, str, str, int], int]:
    return {
        ("author", "0", "1", minute(1)): 1,
        ("repost", "1", "1", minute(2)): 1,
        ("author", "2", "3", minute(3)): 1,
        ("quote", "3", "1", minute(3)): 1,
        ("author", "1", "comment_1", minute(4)): 1,
        ("reply", "comment_1", "1", minute(4)): 1,
        ("follow", "1", "0", minute(5)): 1,
        ("like", "2", "1", minute(6)): 1,
        ("like", "0", "comment_1", minute(7)): 1,
    }


def test_dates_give_posts_reposts_quotes_comments_follows_and_likes(simulated: Path) -> None:
    found = read(OasisReader(), simulated)
    assert found.edges == edges(lambda minute: NOON + 60 * minute)
    assert found.nodes == {
        ("post", "1"): {"text": "River is rising", "known_at": NOON + 60},
        ("post", "3"): {"text": "Not here", "known_at": NOON + 180},
        ("post", "comment_1"): {"text": "Where?", "conversation": "1", "known_at": NOON + 240},
    }
    assert [event.values for event in found.events if isinstance(event, EdgeRow) and event.type[1] == "repost"] == [
        {"event": "2"}
    ]
    assert found.skipped == {
        "dislikes of posts": 1, "mutes": 1, "recommendations": 2, "entries of the action log": 1
    }  # fmt: skip
    assert found.rejects == []


def test_profiles_and_counts_are_measured_when_the_simulation_ended(simulated: Path) -> None:
    measured = read(OasisReader(collected_at=NOON + 9000), simulated).measured
    assert measured == {
        ("user", "0"): {"handle": "ann", "name": "Ann", "description": "rivers", "followers": 2, "following": 1,
                        "created": NOON, "at": NOON + 9000},
        ("user", "1"): {"handle": "bob", "followers": 0, "following": 0, "created": NOON, "at": NOON + 9000},
        ("post", "1"): {"likes": 1, "reposts": 2, "at": NOON + 9000},
        ("post", "3"): {"likes": 0, "reposts": 0, "at": NOON + 9000},
        ("post", "comment_1"): {"likes": 1, "at": NOON + 9000},
    }  # fmt: skip
    assert read(OasisReader(), simulated).measured["user", "0"]["at"] is None


def test_time_steps_need_their_start_and_length(tmp_path: Path) -> None:
    file = database(tmp_path / "x.db", rows(str))
    for reader in (OasisReader(), OasisReader(epoch=NOON), OasisReader(step_seconds=180)):
        refused = read(reader, file)
        assert not refused.edges
        assert {field for _, field, _ in refused.rejects} == {
            "user.created_at", "post.created_at", "comment.created_at", "follow.created_at", "like.created_at",
            "comment_like.created_at",
        }  # fmt: skip
        assert refused.rejects[0][2].startswith("got time step 0, which is no time: say epoch")
    found = read(OasisReader(epoch=NOON, step_seconds=180), file)
    assert found.edges == edges(lambda step: NOON + 180 * step)
    assert found.measured["user", "0"]["created"] == NOON


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("-1", "not within 20 years"),
        (NOON, "not within 20 years"),
        (1.5, "expected a whole number"),
        ("yesterday", "cannot read 'yesterday' as a time"),
        (b"2024", "expected a time"),
        (None, "missing time"),
    ],
)
def test_times_that_are_none_are_refused(value: Any, message: str) -> None:
    record = ("post", {"post_id": 1, "user_id": 2, "content": "x", "created_at": value})
    with pytest.raises(EventFormatError, match=message) as error:
        OasisReader(epoch=NOON, step_seconds=60).events(record)
    assert error.value.field == "post.created_at"


@pytest.mark.parametrize(
    ("table", "row", "field"),
    [
        ("user", {"user_name": "x"}, "user.user_id"),
        ("user", {"user_id": 1, "bio": 5}, "user.bio"),
        ("post", {"created_at": dated(1)}, "post.post_id"),
        ("post", {"post_id": 1, "original_post_id": 2, "created_at": dated(1)}, "post.user_id"),
        ("post", {"post_id": 1, "original_post_id": 1.5, "created_at": dated(1)}, "post.original_post_id"),
        ("post", {"post_id": 1, "content": "\udc80", "created_at": dated(1)}, "post.content"),
        ("post", {"post_id": 1, "num_likes": "many", "created_at": dated(1)}, "post.num_likes"),
        ("post", {"post_id": 1, "num_likes": "--5", "created_at": dated(1)}, "post.num_likes"),
        ("post", {"post_id": 1, "num_likes": "9" * 5000, "created_at": dated(1)}, "post.num_likes"),
        ("post", {"post_id": 1, "num_likes": [], "created_at": dated(1)}, "post.num_likes"),
        ("post", {"post_id": 1, "num_shares": 0.5, "created_at": dated(1)}, "post.num_shares"),
        ("comment", {"comment_id": 1, "created_at": dated(1)}, "comment.post_id"),
        ("comment", {"post_id": 1, "created_at": dated(1)}, "comment.comment_id"),
        ("follow", {"follower_id": 1, "created_at": dated(1)}, "follow.followee_id"),
        ("follow", {"followee_id": 1, "created_at": dated(1)}, "follow.follower_id"),
        ("like", {"user_id": 1, "created_at": dated(1)}, "like.post_id"),
        ("like", {"post_id": 1, "created_at": dated(1)}, "like.user_id"),
        ("comment_like", {"user_id": 1, "created_at": dated(1)}, "comment_like.comment_id"),
    ],
)
def test_fields_that_are_missing_or_odd_are_named(table: str, row: dict[str, Any], field: str) -> None:
    with pytest.raises(EventFormatError) as error:
        OasisReader().events((table, row))
    assert error.value.field == field


def test_a_post_without_its_user_and_a_follow_without_its_time_are_kept() -> None:
    assert len(OasisReader().events(("post", {"post_id": 1, "created_at": dated(1)}))) == 1
    (follow,) = OasisReader().events(("follow", {"follower_id": 1, "followee_id": 2}))
    assert follow.time is None


def test_an_empty_quote_is_a_quote() -> None:
    row = {"post_id": 3, "user_id": 1, "original_post_id": 1, "quote_content": "", "created_at": dated(3)}
    assert [event.type for event in OasisReader().events(("post", row))][-1] == ("post", "quote", "post")


def test_a_table_may_be_missing(tmp_path: Path) -> None:
    file = database(tmp_path / "x.db", rows(dated), lacking=("comment", "comment_like", "user"))
    found = read(OasisReader(), file)
    assert ("post", "1") in found.nodes
    assert ("post", "comment_1") not in found.nodes
    assert found.rejects == []


def test_text_that_is_no_utf8_costs_its_row(tmp_path: Path) -> None:
    file = database(tmp_path / "x.db", rows(dated))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE post SET content = CAST(x'ff41' AS TEXT) WHERE post_id = 1")
        connection.commit()
    found = read(OasisReader(), file)
    assert [(line, field) for line, field, _ in found.rejects] == [(3, "post.content")]
    assert ("post", "3") in found.nodes


def test_damage_costs_the_rest_of_its_table(tmp_path: Path) -> None:
    tables = rows(dated)
    tables["post"] = [
        {"post_id": n, "user_id": 0, "content": "x" * 400, "created_at": dated(1)} for n in range(1, 101)
    ]  # fmt: skip
    file = database(tmp_path / "x.db", tables)
    raw = bytearray(file.read_bytes())
    with closing(sqlite3.connect(file)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'post'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    child = int.from_bytes(raw[size * (root - 1) + 8 : size * (root - 1) + 12], "big")  # the root's rightmost child
    raw[size * (child - 1)] = 0xEE
    file.write_bytes(raw)
    found = read(OasisReader(), file)
    assert [field for _, field, _ in found.rejects] == ["post"]
    assert "the rest of table post cannot be read" in found.rejects[0][2]
    assert 0 < sum(kind == "post" for kind, _ in found.nodes) < 100
    assert found.edges["follow", "1", "0", NOON + 300] == 1, "tables after it are read"


def test_what_is_no_database_of_oasis_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EventFormatError, match="is not a file"):
        list(OasisReader().records(tmp_path / "none.db"))
    (tmp_path / "text.db").write_text("post_id,user_id\n" * 100)
    with pytest.raises(EventFormatError, match="cannot be read as an SQLite database"):
        list(OasisReader().records(tmp_path / "text.db"))
    (tmp_path / "empty.db").write_bytes(b"")
    with pytest.raises(EventFormatError, match="has no table user or post"):
        list(OasisReader().records(tmp_path / "empty.db"))
    with closing(sqlite3.connect(tmp_path / "view.db")) as connection:
        connection.execute("CREATE VIEW user AS SELECT 1 AS user_id")
    with pytest.raises(EventFormatError, match="its tables: none"):
        list(OasisReader().records(tmp_path / "view.db"))


@pytest.mark.parametrize("length", [16, 100, 5000])
def test_a_database_that_is_cut_off_gives_errors_only(simulated: Path, length: int) -> None:
    simulated.write_bytes(simulated.read_bytes()[:length])
    try:
        assert read(OasisReader(), simulated).rejects
    except EventFormatError as error:
        assert "cannot be read" in str(error)


def test_reading_writes_nothing(simulated: Path) -> None:
    before = simulated.read_bytes()
    read(OasisReader(), simulated)
    assert simulated.read_bytes() == before
    assert [path.name for path in simulated.parent.iterdir()] == [simulated.name]


def test_recognising(simulated: Path, tmp_path: Path) -> None:
    head = simulated.read_bytes()
    assert OasisReader().recognises(FileSample(simulated, simulated.name, head, ()))
    assert not OasisReader().recognises(FileSample(simulated, simulated.name, b"x" + head, ()))
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE post (post_id)")
    assert not OasisReader().recognises(FileSample(simulated, "x", (tmp_path / "other.db").read_bytes(), ()))


def test_settings_that_mean_nothing_are_refused() -> None:
    with pytest.raises(TimeWindowError, match="step_seconds=0"):
        OasisReader(step_seconds=0)
    with pytest.raises(TimeWindowError, match="expected seconds since 1970"):
        OasisReader(epoch=NOON * 1000)


@st.composite
def changed_rows(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    tables = rows(draw(st.sampled_from([dated, str, int])))
    table = draw(st.sampled_from([table for table in TABLES if tables.get(table)]))
    row = dict(draw(st.sampled_from(tables[table])))
    for name in draw(st.lists(st.sampled_from(sorted(row)), max_size=3)):
        if draw(st.booleans()):
            row.pop(name, None)
        else:
            row[name] = draw(ODD)
    return table, row


@settings(deadline=None)
@given(changed_rows(), st.sampled_from([{}, {"epoch": NOON, "step_seconds": 60, "collected_at": NOON}]))
def test_a_changed_row_is_read_or_refused(record: tuple[str, dict[str, Any]], said: dict[str, int]) -> None:
    read_or_refused(OasisReader(**said).events, record)
