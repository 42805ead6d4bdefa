"""X (Twitter) API v2 posts, as twarc2 writes them: pages of responses, or one post per line."""

from __future__ import annotations

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
    iso_time_at,
    object_at,
    objects_at,
    required_id,
    required_iso_time,
    text_at,
)
from graphsocial.ingest.json_lines import json_lines, json_object
from graphsocial.ingest.platforms.account_created import account_created
from graphsocial.ingest.platforms.platform_schema import PLATFORM_SCHEMA
from graphsocial.ingest.platforms.record_events import RecordEvents
from graphsocial.schema import Schema
from graphsocial.store.events import Event


@dataclass
class XV2Reader:
    """Posts of the X API v2 as JSON lines, whole responses (`data`, `includes`) or flattened by `twarc2 flatten`.

    A repost is an edge from the user to the post that was reposted; its own id is kept on the edge. Counts and profiles
    are measured at `__twarc.retrieved_at`, else at `collected_at`.

    Attributes:
        collected_at: When the export was made, int64 seconds UTC, for records that do not say.
    """

    collected_at: int | None = None

    format: ClassVar[str] = "x_v2"
    documented: ClassVar[str] = "X API v2 post, user and media objects (docs.x.com/x-api, data dictionary), twarc 2.x"
    assumptions: ClassVar[tuple[str, ...]] = (
        "The API writes &amp;, &lt; and &gt; for &, < and > in texts; the graph holds the characters themselves.",
    )
    schema: ClassVar[Schema] = PLATFORM_SCHEMA

    def recognises(self, sample: FileSample) -> bool:
        """Whether the first object is a response with posts in `data`, or a post."""
        return any(_is_post(first) or _holds_posts(first) for first in sample.first)

    def records(self, path: Path) -> Records:
        """Lines of the file."""
        return json_lines(path)

    def events(self, record: bytes) -> list[Event]:
        """Posts of a line, with the users, media and posts that it includes."""
        content = json_object(record)
        out = RecordEvents()
        at = iso_time_at(object_at(content, "__twarc"), "retrieved_at")
        at = self.collected_at if at is None else at
        if "data" in content or "includes" in content:
            posts, includes = _data(content), object_at(content, "includes")
        elif "errors" in content and "id" not in content:
            out.skip("responses that hold errors only")
            return out.events
        else:
            posts, includes = [content], {}
        media: dict[str, Json] = {}
        for item in objects_at(includes, "media"):
            media[required_id(item, "media_key")] = item
        for user in objects_at(includes, "users"):
            _user(user, at, out)
        for post in (*posts, *objects_at(includes, "tweets")):
            _post(post, media, at, out)
        return out.events


def _data(content: Json) -> list[Any]:
    found = content.get("data")
    if isinstance(found, dict):
        return [found]
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise EventFormatError("got something else than posts, expected an object or a list of objects", field="data")
    return found


def _holds_posts(content: Json) -> bool:
    try:
        return any(map(_is_post, _data(content)))
    except EventFormatError:
        return False


def _is_post(record: Any) -> bool:
    return isinstance(record, dict) and "id" in record and "text" in record and "user" not in record and (
        "author_id" in record or "edit_history_tweet_ids" in record or "public_metrics" in record
    )  # fmt: skip


def _user(user: Json, at: int | None, out: RecordEvents) -> None:
    counts = object_at(user, "public_metrics")
    out.user(
        required_id(user, "id"),
        at,
        handle=text_at(user, "username"),
        name=text_at(user, "name"),
        description=text_at(user, "description"),
        location=text_at(user, "location"),
        followers=count_at(counts, "followers_count"),
        following=count_at(counts, "following_count"),
        posts=count_at(counts, "tweet_count"),
        verified=flag_at(user, "verified"),
        created=account_created(iso_time_at(user, "created_at", any_year=True), out),
    )


def _post(post: Json, media: dict[str, Json], at: int | None, out: RecordEvents) -> None:
    name, time = required_id(post, "id"), required_iso_time(post, "created_at")
    author = id_at(post, "author_id")
    if isinstance(post.get("author"), dict):  # flattened: the user stands inside the post
        _user(post["author"], at, out)
        author = author or id_at(post["author"], "id")
    references = [(text_at(r, "type"), required_id(r, "id")) for r in objects_at(post, "referenced_tweets")]
    for reference in objects_at(post, "referenced_tweets"):
        if "text" in reference and "created_at" in reference:  # flattened: so does the post referred to
            _post(reference, media, at, out)
    reposted = next((target for kind, target in references if kind == "retweeted"), None)
    if reposted is not None:
        if author is None:
            raise EventFormatError("a repost without its user", field="author_id")
        out.repost(author, reposted, time, name)
        return
    text = text_at(object_at(post, "note_tweet"), "text") or text_at(post, "text")
    out.post(
        name,
        time,
        author=author,
        text=text and unescaped(text),
        language=text_at(post, "lang"),
        conversation=id_at(post, "conversation_id"),
        sensitive=flag_at(post, "possibly_sensitive"),
    )
    counts = object_at(post, "public_metrics")
    out.post_counts(
        name,
        at,
        likes=count_at(counts, "like_count"),
        reposts=count_at(counts, "retweet_count"),
        replies=count_at(counts, "reply_count"),
        quotes=count_at(counts, "quote_count"),
        views=count_at(counts, "impression_count"),
    )
    for kind, target in references:
        if kind == "replied_to":
            out.reply(name, target, time)
        elif kind == "quoted":
            out.quote(name, target, time)
    _entities(post, name, time, media, out)


def _entities(post: Json, name: str, time: int, media: dict[str, Json], out: RecordEvents) -> None:
    entities = object_at(post, "entities")
    for tag in objects_at(entities, "hashtags"):
        out.tag(name, text_at(tag, "tag") or "", time)
    for mention in objects_at(entities, "mentions"):
        user, handle = id_at(mention, "id"), text_at(mention, "username")
        if user is not None:
            out.mention(name, user, time)
        elif handle:
            out.mention(name, f"@{handle}", time)
    for url in objects_at(entities, "urls"):
        if id_at(url, "media_key") is None:
            out.link(
                name, text_at(url, "unwound_url") or text_at(url, "expanded_url") or text_at(url, "url") or "", time
            )
    attachments = object_at(post, "attachments")
    listed = attachments.get("media_keys") or [required_id(m, "media_key") for m in objects_at(attachments, "media")]
    inline = {required_id(m, "media_key"): m for m in objects_at(attachments, "media")}
    if not isinstance(listed, list) or not all(isinstance(key, str) and key.strip() for key in listed):
        raise EventFormatError("got no list of ids", field="attachments.media_keys")
    for key in dict.fromkeys(listed):
        item = inline.get(key) or media.get(key)
        if item is not None:
            out.media(
                key,
                kind=text_at(item, "type"),
                address=text_at(item, "url") or text_at(item, "preview_image_url"),
                alt=text_at(item, "alt_text"),
            )
        out.show(name, key, time)
