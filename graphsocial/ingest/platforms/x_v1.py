"""X (Twitter) API v1.1 posts as JSON lines: of twarc 1, of the streaming API, and of the archive that users get."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from graphsocial.errors import EventFormatError
from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.html_text import unescaped
from graphsocial.ingest.json_fields import (
    Json,
    count_at,
    flag_at,
    id_at,
    mail_time_at,
    object_at,
    objects_at,
    required_id,
    text_at,
    unix_time_at,
)
from graphsocial.ingest.json_lines import json_lines, json_object
from graphsocial.ingest.platforms.account_created import account_created
from graphsocial.ingest.platforms.platform_schema import PLATFORM_SCHEMA
from graphsocial.ingest.platforms.record_events import RecordEvents
from graphsocial.ingest.platforms.x_v1_media import add_media
from graphsocial.schema import Schema
from graphsocial.store.events import Event

_NOTICES = {
    "delete": "deletions",
    "limit": "notices of posts that were not delivered",
    "scrub_geo": "deletions of places",
    "status_withheld": "notices of withheld posts",
    "user_withheld": "notices of withheld users",
    "disconnect": "notices of disconnection",
    "warning": "warnings",
}
"""Messages of the streaming API that are no posts."""

_MAIL_DAY = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? ")
_NO_ID = "-1"
"""What archives have as the id of a user who was gone when the archive was made."""


@dataclass
class XV1Reader:
    """Posts of the X API v1.1, in extended and in compatibility mode, and as the streaming API gave them.

    A repost is an edge from the user to the post that was reposted, with its own id on the edge; that post and those
    that are quoted are read where they stand. Counts and profiles are measured at `collected_at`. A record of the
    streaming API, which `timestamp_ms` gives away, was seen long before its file was finished, and nothing says when:
    what it measures has no time. A post that the API cut off keeps the text and entities that were left of it. Pictures
    and videos are named as in the X API v2, so exports of both versions join.

    Attributes:
        collected_at: When the export was made, int64 seconds UTC.
    """

    collected_at: int | None = None

    format: ClassVar[str] = "x_v1"
    documented: ClassVar[str] = (
        "X API v1.1 tweet, user and entities objects, standard streaming message types (developer.x.com/en/docs, data "
        "dictionary: standard v1.1), twarc 1.x"
    )
    assumptions: ClassVar[tuple[str, ...]] = (
        "In the archive that users get of their own posts, a text that begins with RT @ is a repost; which post it "
        "repeats is not said, so it is skipped.",
        "`&lt;`, `&gt;` and `&amp;` in texts are escapes of the X API and are undone.",
        "A medium's key in the X API v2 is its id after `3_` (photo), `7_` (video), `13_` (video whose address says "
        "`amplify_video`) or `16_` (animated_gif); without `extended_entities` it is a photo unless its address says "
        "something else.",
    )
    schema: ClassVar[Schema] = PLATFORM_SCHEMA

    def recognises(self, sample: FileSample) -> bool:
        """Whether one of the first objects is a post or a message of the streaming API."""
        return any(_is_post(first) or (len(first) == 1 and _notice(first) is not None) for first in sample.first)

    def records(self, path: Path) -> Records:
        """Lines of the file."""
        return json_lines(path)

    def events(self, record: bytes) -> list[Event]:
        """The post of a line, with its user and the posts that it reposts or quotes."""
        content: Json = json_object(record)
        out = RecordEvents()
        notice = _notice(content)
        if notice is not None:
            out.skip(notice)
            return out.events
        wrapped = _is_wrapped(content)
        if wrapped:
            content = object_at(content, "tweet")
            if content.get("retweeted_status") is None and (_text(content) or "").startswith("RT @"):
                out.skip("reposts that do not say of which post")
                return out.events
        at = self.collected_at if content.get("timestamp_ms") is None else None
        posts = [content]
        for post in posts:  # grows: a chain of posts within posts may be deeper than calls can go
            posts += _post(post, at, out)
        return out.events


def _notice(content: Json) -> str | None:
    if "id" in content or "id_str" in content:
        return None
    return next((what for name, what in _NOTICES.items() if isinstance(content.get(name), dict)), None)


def _is_wrapped(content: Json) -> bool:
    return "tweet" in content and "id" not in content and "id_str" not in content


def _is_post(record: Any) -> bool:
    wrapped = _is_wrapped(record)
    post = record["tweet"] if wrapped else record
    if not isinstance(post, dict) or "mid" in post:  # Weibo's posts look alike but for this second id
        return False
    created, has_id = post.get("created_at"), "id_str" in post or "id" in post
    has_text, has_user = "full_text" in post or "text" in post, wrapped or isinstance(post.get("user"), dict)
    return has_id and has_text and has_user and isinstance(created, str) and _MAIL_DAY.match(created) is not None


def _post(post: Json, at: int | None, out: RecordEvents) -> list[Json]:
    """Adds a post or a repost; what comes back are the posts that stand within it."""
    name, time, author = required_id(post, "id_str", "id"), _time(post), _user(post, at, out)
    within = [object_at(post, inner) for inner in ("retweeted_status", "quoted_status") if post.get(inner) is not None]
    if post.get("retweeted_status") is not None:
        if author is None:
            raise EventFormatError("a repost without its user", field="user")
        out.repost(author, required_id(within[0], "id_str", "id"), time, name)
        return within
    text = _text(post)
    if text is None:
        raise EventFormatError("missing text", field="text")
    out.post(
        name,
        time,
        author=author,
        text=text,
        language=text_at(post, "lang"),
        sensitive=flag_at(post, "possibly_sensitive"),
    )
    out.post_counts(
        name,
        at,
        likes=count_at(post, "favorite_count"),
        reposts=count_at(post, "retweet_count"),
        replies=count_at(post, "reply_count"),
        quotes=count_at(post, "quote_count"),
    )
    quoted = id_at(post, "quoted_status_id_str", "quoted_status_id")
    if quoted is None and within:
        quoted = required_id(within[0], "id_str", "id")
    if quoted is not None:
        out.quote(name, quoted, time)
    answered = id_at(post, "in_reply_to_status_id_str", "in_reply_to_status_id")
    if answered is not None:
        out.reply(name, answered, time)
    extended = object_at(post, "extended_tweet")
    entities = object_at(extended, "entities") or object_at(post, "entities")
    addressee = id_at(post, "in_reply_to_user_id_str", "in_reply_to_user_id") if answered is None else None
    _mentions(entities, addressee, name, time, out)
    _tags_and_links(entities, name, time, out)
    shown = object_at(extended, "extended_entities") or object_at(post, "extended_entities")
    add_media(objects_at(shown, "media") or objects_at(entities, "media"), name, time, out)
    return within


def _time(post: Json) -> int:
    """When a post was made; what says so twice must say the same."""
    said, stamp = mail_time_at(post, "created_at"), unix_time_at(post, "timestamp_ms", per_second=1_000)
    time = stamp if said is None else said
    if time is None:
        raise EventFormatError("missing time", field="created_at")
    if stamp is not None and abs(stamp - time) > 1:
        raise EventFormatError(f"is {abs(stamp - time):,} s away from created_at", field="timestamp_ms")
    return time


def _text(post: Json) -> str | None:
    extended = object_at(post, "extended_tweet")
    texts = (text_at(post, "full_text"), text_at(extended, "full_text"), text_at(post, "text"))
    found = next((text for text in texts if text is not None), None)
    return found and unescaped(found)


def _user(post: Json, at: int | None, out: RecordEvents) -> str | None:
    """The user's id; archives do not say whose they are."""
    if post.get("user") is None:
        return None
    user = object_at(post, "user")
    name = required_id(user, "id_str", "id")
    out.user(
        name,
        at,
        handle=text_at(user, "screen_name"),
        name=text_at(user, "name"),
        description=text_at(user, "description"),
        location=text_at(user, "location"),
        followers=count_at(user, "followers_count"),
        following=count_at(user, "friends_count"),
        posts=count_at(user, "statuses_count"),
        verified=flag_at(user, "verified"),
        created=account_created(mail_time_at(user, "created_at", any_year=True), out),
    )
    return name


def _mentions(entities: Json, addressee: str | None, name: str, time: int, out: RecordEvents) -> None:
    """Users who are named, and the one who is answered where no post of theirs is; each once."""
    users = [addressee] if addressee is not None and addressee != _NO_ID else []
    for mention in objects_at(entities, "user_mentions"):
        user, handle = id_at(mention, "id_str", "id"), text_at(mention, "screen_name")
        if user is not None and user != _NO_ID:
            users.append(user)
        elif handle:
            users.append(f"@{handle}")
    for user in dict.fromkeys(users):
        out.mention(name, user, time)


def _tags_and_links(entities: Json, name: str, time: int, out: RecordEvents) -> None:
    tags = [(text_at(tag, "text") or "").casefold() for tag in objects_at(entities, "hashtags")]
    for tag in dict.fromkeys(tags):
        out.tag(name, tag, time)
    links = [
        text_at(object_at(url, "unwound"), "url") or text_at(url, "expanded_url") or text_at(url, "url") or ""
        for url in objects_at(entities, "urls")
    ]
    for link in dict.fromkeys(links):
        if not link.endswith(f"/i/web/status/{name}"):  # a post that was cut off leads to the whole of itself
            out.link(name, link, time)
