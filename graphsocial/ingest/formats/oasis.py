"""OASIS: databases of simulated social networks, whose users are language models."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import read_text, read_value
from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.formats.sqlite_rows import sqlite_rows
from graphsocial.ingest.json_fields import (
    EARLIEST_POST,
    Json,
    id_at,
    iso_time_at,
    required_id,
    text_at,
)
from graphsocial.ingest.platforms.platform_schema import PLATFORM_SCHEMA
from graphsocial.ingest.platforms.record_events import RecordEvents
from graphsocial.ingest.stated_clock import check_stated_clock
from graphsocial.schema import Schema
from graphsocial.store.events import Event

Row = tuple[str, Json]
"""Name of a table, and a row of it by column."""

NOT_HELD = {
    "dislike": "dislikes of posts",
    "comment_dislike": "dislikes of comments",
    "mute": "mutes",
    "report": "reports of posts",
    "rec": "recommendations",
    "trace": "entries of the action log",
}
"""Tables of which a graph can hold nothing, with what their rows are."""

TABLES = ("user", "post", "comment", "follow", "like", "comment_like", *NOT_HELD)
"""Tables in the order in which they are read; a database may lack some."""

_STEP = re.compile(r"\s*[+-]?[0-9.]+\s*", re.ASCII)


@dataclass
class OasisReader:
    """SQLite database of an OASIS simulation: users, posts, reposts, quotes, comments, follows and likes.

    A comment is a post of its own, named `comment_` and its id, that answers the post it stands under. Simulations
    after the model of Reddit keep dates; those after X keep time steps, for which `epoch` and `step_seconds` must be
    said. Profiles and counts are those of the end of the simulation, measured at `collected_at`.

    Attributes:
        epoch: When time step 0 was, int64 seconds UTC.
        step_seconds: How long a time step lasts, in seconds.
        collected_at: When the simulation ended, in its own time, int64 seconds UTC.
    """

    epoch: int | None = None
    step_seconds: int | None = None
    collected_at: int | None = None

    format: ClassVar[str] = "oasis"
    documented: ClassVar[str] = "OASIS (github.com/camel-ai/oasis, oasis/social_platform/schema), 2025"
    assumptions: ClassVar[tuple[str, ...]] = (
        "Dates without a zone are UTC.",
        "num_shares, which counts reposts and quotes together, is kept as the number of reposts.",
        "Follows and likes that were taken back are not in the database.",
    )
    schema: ClassVar[Schema] = PLATFORM_SCHEMA

    def __post_init__(self) -> None:
        check_stated_clock(1, 1 if self.step_seconds is None else self.step_seconds, self.epoch)

    def recognises(self, sample: FileSample) -> bool:
        """Whether the file is an SQLite database whose definitions name columns of OASIS."""
        named = all(name in sample.head for name in (b"original_post_id", b"followee_id"))
        return sample.head.startswith(b"SQLite format 3\0") and named

    def records(self, path: Path) -> Records:
        """Rows of the tables, numbered through; one error stands for all that is damaged of a table.

        Raises:
            EventFormatError: No SQLite database, or one without any table of OASIS.
        """
        for number, (table, row) in enumerate(sqlite_rows(path, TABLES), start=1):
            yield number, row if isinstance(row, EventFormatError) else (table, row)

    def events(self, record: Row) -> list[Event]:
        """What a row says."""
        table, row = record
        out = RecordEvents()
        try:
            for name, value in row.items():
                if isinstance(value, str):
                    _check_text(value, name)
            self._row(table, row, out)
        except EventFormatError as error:
            field = table if error.field is None else f"{table}.{error.field}"
            raise EventFormatError(str(error), field=field) from error
        return out.events

    def _row(self, table: str, row: Json, out: RecordEvents) -> None:
        if table == "user":
            self._user(row, out)
        elif table == "post":
            self._post(row, out)
        elif table == "comment":
            self._comment(row, out)
        elif table == "follow":
            out.follow(required_id(row, "follower_id"), required_id(row, "followee_id"), self._time(row))
        elif table == "like":
            out.like(required_id(row, "user_id"), required_id(row, "post_id"), self._time(row))
        elif table == "comment_like":
            out.like(required_id(row, "user_id"), _comment_name(row), self._time(row))
        else:
            out.skip(NOT_HELD[table])

    def _user(self, row: Json, out: RecordEvents) -> None:
        out.user(
            required_id(row, "user_id"),
            self.collected_at,
            handle=text_at(row, "user_name"),
            name=text_at(row, "name"),
            description=text_at(row, "bio"),
            followers=_whole(row, "num_followers"),
            following=_whole(row, "num_followings"),
            created=self._time(row),
        )

    def _post(self, row: Json, out: RecordEvents) -> None:
        post, time, original = required_id(row, "post_id"), self._known_time(row), id_at(row, "original_post_id")
        quoting = text_at(row, "quote_content")
        if original is not None and quoting is None:
            out.repost(required_id(row, "user_id"), original, time, post)
            return
        # of a quote, `content` repeats the words of the post that is quoted
        text = text_at(row, "content") if original is None else quoting
        out.post(post, time, author=id_at(row, "user_id"), text=text)
        if original is not None:
            out.quote(post, original, time)
        out.post_counts(
            post, self.collected_at, likes=_whole(row, "num_likes"), reposts=_whole(row, "num_shares")
        )  # fmt: skip

    def _comment(self, row: Json, out: RecordEvents) -> None:
        comment, to, time = _comment_name(row), required_id(row, "post_id"), self._known_time(row)
        out.post(comment, time, author=id_at(row, "user_id"), text=text_at(row, "content"), conversation=to)
        out.reply(comment, to, time)
        out.post_counts(comment, self.collected_at, likes=_whole(row, "num_likes"))

    def _known_time(self, row: Json) -> int:
        time = self._time(row)
        if time is None:
            raise EventFormatError("missing time", field="created_at")
        return time

    def _time(self, row: Json) -> int | None:
        """When a row was written, None where it does not say."""
        value = row.get("created_at")
        if not isinstance(value, int | float) and not (isinstance(value, str) and _STEP.fullmatch(value)):
            return iso_time_at(row, "created_at")
        step = _whole(row, "created_at")
        if step is None:
            return None
        if self.epoch is None or self.step_seconds is None:
            needed = "epoch (when step 0 was, seconds since 1970-01-01 UTC) and step_seconds (how long a step lasts)"
            raise EventFormatError(f"got time step {step}, which is no time: say {needed}", field="created_at")
        seconds = step * self.step_seconds
        if not 0 <= seconds < EARLIEST_POST:
            message = f"got {step}, expected a time step: that is not within 20 years of its start"
            raise EventFormatError(message, field="created_at")
        return self.epoch + seconds


def _comment_name(row: Json) -> str:
    return f"comment_{required_id(row, 'comment_id')}"


def _whole(row: Json, name: str) -> int | None:
    """A whole number; columns of SQLite may hold anything, a number written as text among it."""
    try:
        value: int | None = read_value(row.get(name), "int")
    except EventFormatError as error:
        raise EventFormatError(str(error), field=name) from error
    return value


def _check_text(value: str, name: str) -> None:
    try:
        read_text(value)
    except EventFormatError as error:
        raise EventFormatError(str(error), field=name) from error
