"""Mastodon: statuses as its API gives them, and activities as ActivityPub outboxes hold them, one per line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.json_fields import Json
from graphsocial.ingest.json_lines import json_lines, json_object
from graphsocial.ingest.platforms.activity_pub import add_activity, is_activity
from graphsocial.ingest.platforms.mastodon_status import add_status, is_status
from graphsocial.ingest.platforms.platform_schema import PLATFORM_SCHEMA
from graphsocial.ingest.platforms.record_events import RecordEvents
from graphsocial.ingest.platforms.server_ids import with_server
from graphsocial.ingest.platforms.server_name import server_name
from graphsocial.schema import Schema
from graphsocial.store.events import Event


@dataclass
class MastodonReader:
    """Statuses of the Mastodon API v1, and ActivityPub activities, as JSON lines.

    Ids are those by which the records refer to each other. A status of the API names what it answers by the id that its
    server gave (`in_reply_to_id`), and so do its mentions; hence posts and users of the API are named by these ids, not
    by `uri`, which only the post itself has. They mean something else on every server: a store that takes exports of
    several needs `server`, and then ids are `server/id` and handles of the server's own accounts `name@server`. A post
    that two servers showed stays two posts, one for each, as nothing says which post is meant where one server's is
    answered by its id; their `url` is the same. Activities refer to posts and users by their URIs, which are theirs
    everywhere; hence their ids are URIs, whatever `server` is. A store that takes both has a post twice, likewise.

    An edited post is there from the start, but its text, tags, mentions, links and media are known from the edit on.
    A content warning is the first line of the text. Counts and profiles are measured at `collected_at`. Posts whose
    visibility is `private` or `direct` are read like others: they are in an export only because whoever made it may see
    them, and whether they may be used is for that person to say.

    Attributes:
        collected_at: When the export was made, int64 seconds UTC.
        server: Server whose API was asked, such as `mastodon.social`, where a store takes exports of several.

    Raises:
        SchemaError: No server can have that name.

    >>> status = b'{"id": "5", "created_at": "2022-03-09", "content": "hi", "account": {"id": "7", "acct": "ann"}}'
    >>> MastodonReader(server="a.example").events(status)[-1][1:3]
    ('a.example/7', 'a.example/5')
    """

    collected_at: int | None = None
    server: str | None = None

    format: ClassVar[str] = "mastodon"
    documented: ClassVar[str] = (
        "Mastodon API v1 entities Status, Account, MediaAttachment, Quote as of 4.5 (docs.joinmastodon.org/entities), "
        "ActivityPub as Mastodon writes it (docs.joinmastodon.org/spec/activitypub, w3.org/TR/activitypub)"
    )
    schema: ClassVar[Schema] = PLATFORM_SCHEMA

    def __post_init__(self) -> None:
        if self.server is not None:
            self.server = server_name(self.server)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Whose ids the statuses are named by, without the server's name, which may have to be hidden."""
        server = (
            "Statuses of the API are all of one server, whose ids they are named by."
            if self.server is None
            else "Statuses of the API are of the server that was stated, whose name stands before their ids; one that "
            "several servers showed is a post for each of them, with the same `url`."
        )
        return server, "Likes, follows and reposts that were undone later still stand."

    def recognises(self, sample: FileSample) -> bool:
        """Whether one of the first objects is a status, an activity, or a collection of activities."""
        return any(is_status(first) or is_activity(first) for first in sample.first)

    def records(self, path: Path) -> Records:
        """Lines of the file."""
        return json_lines(path)

    def events(self, record: bytes) -> list[Event]:
        """What a status or an activity says."""
        return self.events_and_homes(record)[0]

    def events_and_homes(self, record: bytes) -> tuple[list[Event], set[str]]:
        """What a record says, and where the accounts in it live that are local to the server which was asked.

        Raises:
            EventFormatError: As for `events`.
        """
        content = json_object(record)
        out = RecordEvents()
        homes: set[str] = set()
        if "type" not in content or "account" in content:
            statuses: list[Json] = [content]
            for status in statuses:  # grows: a chain of quotes may be deeper than calls can go
                statuses += add_status(status, self.collected_at, self.server, out, homes)
            return out.events if self.server is None else with_server(out.events, self.server), homes
        add_activity(content, self.collected_at, out)
        return out.events, homes
