"""Exports of 4CAT, as CSV or as NDJSON, and what the browser extension Zeeschuimer saves for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from graphsocial.errors import EventFormatError
from graphsocial.ingest.byte_stream import COMPRESSIONS, DAMAGE, open_bytes
from graphsocial.ingest.cells import read_id, read_text, read_value, shown
from graphsocial.ingest.csv_rows import CsvFile
from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.json_fields import (
    Json,
    check_time_unit,
    count_at,
    flag_at,
    id_at,
    iso_time_at,
    object_at,
    objects_at,
    required_id,
    text_at,
    unix_time_at,
)
from graphsocial.ingest.json_lines import json_lines, json_object
from graphsocial.ingest.platforms.platform_schema import PLATFORM_SCHEMA
from graphsocial.ingest.platforms.record_events import RecordEvents
from graphsocial.schema import ColumnType, Schema
from graphsocial.store.events import Event

_LIKES = ("likes", "like_count", "num_likes", "amount_likes")
_REPOSTS = ("reposts", "repost_count", "retweets", "retweet_count", "shares", "amount_shares", "reblogs_count")
_REPLIES = ("replies", "reply_count", "replies_count", "comments", "num_comments", "amount_comments")
_VIEWS = ("views", "view_count", "plays", "amount_plays", "impression_count")
_NAMES = ("author_fullname", "author_full", "author_name", "author_display_name", "account_display_name")

_UNIX = ("unix_timestamp", "timestamp_unix")
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]*)?", re.ASCII)
_BETWEEN_URLS = re.compile(r",\s*(?=https?://)")
_GONE = {"[deleted]", "[removed]"}
_NOBODY = {"anonymous", "redacted", *_GONE}
_NO_TITLE = {"Post", "Stream"}
"""What Douyin's items have as their `subject`: their kind."""


@dataclass
class FourCatReader:
    """Items as 4CAT maps them from its data sources (`id`, `thread_id`, `body`, `author`, `timestamp`, …).

    CSV and JSON lines of mapped items are read, whatever the platform. 4CAT's NDJSON and that of Zeeschuimer hold raw
    items: those of TikTok are read, all others are refused by the name of their platform, because CSV exports hold the
    same. A user is named by the author's id where the data source gives one, else by the name; mentions give names, so
    where authors have ids a mention is of `@name`. `Anonymous` and `REDACTED` are no authors. Messages of Telegram and
    posts of boards are numbered within their chat or board, which becomes part of their id; posts and users of Reddit
    are named as in Pushshift's files. Answers and quotes are made only where the item names the other post; a repost
    whose original is not named is skipped. Counts below zero stand for hidden ones and are none, except Reddit's score.

    Attributes:
        collected_at: When the export was made, int64 seconds UTC, for records that do not say.
    """

    collected_at: int | None = None

    format: ClassVar[str] = "4cat"
    documented: ClassVar[str] = (
        "4CAT 1.x, mapped items of its data sources (github.com/digitalmethodsinitiative/4cat, datasources), "
        "Zeeschuimer 1.x NDJSON (github.com/digitalmethodsinitiative/zeeschuimer)"
    )
    assumptions: ClassVar[tuple[str, ...]] = (
        "The 4CAT server ran on UTC, in which `timestamp` and `collected_at` are read; rows whose `timestamp` and "
        "`unix_timestamp` differ are refused.",
        "`thread_id` names the post that began the conversation, except on Telegram, where it is the chat.",
    )
    schema: ClassVar[Schema] = PLATFORM_SCHEMA

    def recognises(self, sample: FileSample) -> bool:
        """Whether the header or the first objects are of mapped items, or of what Zeeschuimer wraps around raw ones."""
        return _is_mapped(dict.fromkeys(sample.header())) or any(
            _is_mapped(first) or _is_raw(first) for first in sample.first
        )

    def records(self, path: Path) -> Records:
        """Rows of a CSV file or lines of an NDJSON file; the first character tells which."""
        return json_lines(path) if _holds_json(path) else _rows(path)

    def events(self, record: Any) -> list[Event]:
        """What an item says: a post, its author, its counts and what it leads to."""
        item: Json = json_object(record) if isinstance(record, bytes) else record
        out = RecordEvents()
        if not _is_raw(item):
            if not _is_mapped(item):
                raise EventFormatError("a raw item, which is not read; export CSV from 4CAT instead", field="thread_id")
            _mapped(item, self.collected_at, out)
            return out.events
        about, data = item, item
        if "__import_meta" in item:
            about = object_at(item, "__import_meta")
        else:
            data = object_at(item, "data")
        platform = text_at(about, "source_platform")
        if platform != "tiktok.com":
            message = f"4CAT's NDJSON of {platform or 'an unnamed platform'} is not read; export CSV from 4CAT instead"
            raise EventFormatError(message, field="source_platform")
        at = unix_time_at(about, "timestamp_collected", per_second=1_000)
        _tiktok(data, self.collected_at if at is None else at, out)
        return out.events


def _is_mapped(item: Json) -> bool:
    return {"id", "thread_id", "body"} <= item.keys() and any(name in item for name in (*_UNIX, "timestamp"))


def _is_raw(item: Json) -> bool:
    return "__import_meta" in item or {"data", "source_platform", "timestamp_collected"} <= item.keys()


def _holds_json(path: Path) -> bool:
    with open_bytes(path) as stream:
        try:
            return stream.read(256).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")
        except DAMAGE:
            return True  # reading its lines says what is wrong with the file


def _rows(path: Path) -> Records:
    if path.suffix.lower() in COMPRESSIONS and path.suffix != ".gz":
        raise EventFormatError(f"{path}: CSV is read plain or as .gz, unpack it", str(path))
    file = CsvFile(path)
    names = file.header()
    for line, cells in file.rows(names):
        yield line, cells if isinstance(cells, EventFormatError) else dict(zip(names, cells, strict=True))


class _Ids(NamedTuple):
    post: str
    conversation: str | None
    answered: str | None


def _mapped(item: Json, collected_at: int | None, out: RecordEvents) -> None:
    if _value(item, "bool", "is_retweet"):
        out.skip("reposts whose original is not named")
        return
    ids, author, time = _ids(item), _author(item), _time(item)
    edited = _moment(item, "unix_timestamp_edited", "timestamp_edited")
    known = max(time, edited or time)  # the edit may have added what stands in the text
    at = _moment(item, "collected_at")
    at = collected_at if at is None else at
    language = next(iter(_list(item, "language", "language_guess", "languages")), None)
    address = _text(item, "link", "tiktok_url", "comment_url", "url")
    links = _urls(item, "urls", "links", "link_url", "link_attached")
    if _is_reddit(item) and address and not (_text(item, "domain") or "").startswith("self."):
        address, links = None, [address]
    out.post(
        ids.post,
        time,
        author=author,
        text=_words(item),
        edited=edited,
        language=None if language == "N/A" else language,
        community=_text(item, "subreddit", "chat", "board"),
        conversation=ids.conversation,
        sensitive=_value(item, "bool", "possibly_sensitive"),
        url=address,
    )
    out.post_counts(
        ids.post,
        at,
        likes=_value(item, "int", "score") if _is_reddit(item) else _count(item, *_LIKES),
        reposts=_count(item, *_REPOSTS),
        replies=_count(item, *_REPLIES),
        quotes=_count(item, "quotes", "quote_count"),
        views=_count(item, *_VIEWS),
    )
    if author is not None:
        out.user(
            author,
            at,
            handle=_name(item),
            name=_text(item, *_NAMES),
            followers=_count(item, "author_followers", "account_followers"),
            following=_count(item, "account_following"),
            verified=_value(item, "bool", "author_is_verified", "account_verified"),
            created=_moment(item, "author_created_at"),
        )
    if ids.answered is not None and ids.answered != ids.post:
        out.reply(ids.post, ids.answered, time)
    quoted = _id(item, "quote_tweet_id")
    if quoted is not None:
        out.quote(ids.post, quoted, time)
    for mention in _list(item, "mentions", "entities_mentioned"):
        mention = mention.removeprefix("@")
        by_name = _has_ids(item) and not mention.startswith("did:")
        out.mention(ids.post, f"@{mention}" if by_name else mention, known)
    for tag in dict.fromkeys(tag.casefold() for tag in _list(item, "hashtags", "tags")):
        out.tag(ids.post, tag, known)
    for link in links:
        out.link(ids.post, link, known)
    for kind, names in (("photo", ("images", "image_url", "image_urls")), ("video", ("videos", "video_url"))):
        for media in _urls(item, *names):
            out.media(media, kind=kind, address=media)
            out.show(ids.post, media, known)


def _tiktok(item: Json, at: int | None, out: RecordEvents) -> None:
    """A video as TikTok's own site gets it."""
    post, time = required_id(item, "id"), unix_time_at(item, "createTime")
    if time is None:
        raise EventFormatError("missing time", field="createTime")
    author: Json = {}
    if isinstance(item.get("author"), str):  # videos that came with a page have but the name there
        handle, name = text_at(item, "author"), text_at(item, "nickname")
    else:
        author = object_at(item, "author")
        handle, name = text_at(author, "uniqueId"), text_at(author, "nickname")
    user = id_at(author, "id") or (f"@{handle}" if handle else None)
    out.post(post, time, author=user, text=text_at(item, "desc"), conversation=post)
    stats, author_stats = object_at(item, "stats"), object_at(item, "authorStats")
    out.post_counts(
        post,
        at,
        likes=count_at(stats, "diggCount"),
        reposts=count_at(stats, "shareCount"),
        replies=count_at(stats, "commentCount"),
        views=count_at(stats, "playCount"),
    )
    if user is not None:
        out.user(
            user,
            at,
            handle=handle,
            name=name,
            description=text_at(author, "signature"),
            followers=count_at(author_stats, "followerCount"),
            following=count_at(author_stats, "followingCount"),
            posts=count_at(author_stats, "videoCount"),
            verified=flag_at(author, "verified"),
        )
    for extra in objects_at(item, "textExtra"):
        tag, mentioned = text_at(extra, "hashtagName"), text_at(extra, "userUniqueId")
        if tag:
            out.tag(post, tag, time)
        if mentioned:
            out.mention(post, id_at(extra, "userId") or f"@{mentioned}", time)
    video = object_at(item, "video")
    media = id_at(video, "id")
    if media is not None:
        out.media(media, kind="video", address=text_at(video, "downloadAddr") or text_at(video, "playAddr"))
        out.show(post, media, time)


def _ids(item: Json) -> _Ids:
    """Ids that are unique in the export, although some data sources number posts anew in every place."""
    post, thread = _id(item, "id"), _id(item, "thread_id")
    if post is None:
        raise EventFormatError("missing id", field="id")
    if "is_comment_on_comment" in item:  # TikTok: the thread is the video or the comment that was commented on
        return _Ids(post, _id(item, "post_id") or thread, thread)
    if _is_reddit(item):
        parent = _id(item, "parent")
        return _Ids(f"t1_{post}" if parent else f"t3_{post}", thread and f"t3_{thread}", parent)
    answered = _id(item, "reply_to", "in_reply_to_status_id", "parent_id")
    place = _text(item, "chat", "board")
    if place is None:
        return _Ids(post, thread, answered)
    post, thread, answered = (
        name if name is None or name.startswith(f"{place}-") else f"{place}-{name}" for name in (post, thread, answered)
    )
    return _Ids(post or "", None if "chat" in item else thread, answered)


def _is_reddit(item: Json) -> bool:
    return "subreddit" in item and "parent" in item


def _author(item: Json) -> str | None:
    user, name = _id(item, "author_id", "account_id"), _name(item)
    if "author_username" in item:  # Telegram: the author is a number
        user = _id(item, "author")
    if user is not None and user.lower() not in _NOBODY:
        return user
    if name is None:
        return None
    return f"@{name}" if _has_ids(item) else name.lower() if _is_reddit(item) else name


def _name(item: Json) -> str | None:
    """Name of the author by which others mention them."""
    name = _id(item, "author_username") if "author_username" in item else _id(item, "author", "account_username")
    return None if name is None or name.lower() in _NOBODY else name


def _has_ids(item: Json) -> bool:
    return any(name in item for name in ("author_id", "account_id", "author_username"))


def _words(item: Json) -> str | None:
    """Subject and body, as far as there are any; what was deleted is no text."""
    found = [_text(item, "subject"), _text(item, "body")]
    if found[0] in _NO_TITLE:
        found[0] = None
    return "\n\n".join(text for text in found if text is not None and text not in _GONE) or None


def _time(item: Json) -> int:
    unix, said = _moment(item, *_UNIX), _moment(item, "timestamp", "created_at")
    if unix is not None and said is not None and abs(unix - said) >= 60:  # spreadsheets cut the seconds off
        raise EventFormatError(
            f"{said - unix:+,} s from the unix timestamp: 4CAT did not run on UTC, keep only the column that is right",
            field="timestamp",
        )
    time = said if unix is None else unix
    if time is None:
        raise EventFormatError("missing time", field="timestamp")
    return time


def _moment(item: Json, *names: str) -> int | None:
    """The first time that is given: seconds, or a date and time in UTC."""
    for name in names:
        value = item.get(name)
        if _is_empty(value) or value == "undefined":
            continue
        if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
            time = iso_time_at(item, name)
            if time is not None:
                check_time_unit(time, 1, name)
            return time
        return unix_time_at(item, name)
    return None


def _value(item: Json, kind: ColumnType, *names: str) -> Any:
    """The first of several columns that holds anything, read as a cell."""
    for name in names:
        value = item.get(name)
        if _is_empty(value):
            continue
        if isinstance(value, list | dict):
            raise EventFormatError(f"got {shown(value)}, expected one value", field=name)
        try:
            return read_value(value, kind)
        except EventFormatError as error:
            raise EventFormatError(str(error), field=name) from error
    return None


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _count(item: Json, *names: str) -> int | None:
    found: int | None = _value(item, "int", *names)
    return None if found is None or found < 0 else found


def _text(item: Json, *names: str) -> str | None:
    for name in names:
        text_at(item, name)  # refuses numbers, of which a cell would make text
    found: str | None = _value(item, "string", *names)
    return found


def _id(item: Json, *names: str) -> str | None:
    for name in names:
        if not _is_empty(item.get(name)):
            try:
                return read_id(item[name])
            except EventFormatError as error:
                raise EventFormatError(str(error), field=name) from error
    return None


def _list(item: Json, *names: str) -> list[str]:
    """Several values of one cell, between commas, or of a JSON list; each once."""
    return _parts(item, names, re.compile(","))


def _urls(item: Json, *names: str) -> list[str]:
    """Several addresses of one cell; a comma within one does not end it."""
    return _parts(item, names, _BETWEEN_URLS)


def _parts(item: Json, names: tuple[str, ...], between: re.Pattern[str]) -> list[str]:
    for name in names:
        value = item.get(name)
        if _is_empty(value):
            continue
        if isinstance(value, str):
            value = between.split(value)
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise EventFormatError(f"got {shown(value)}, expected values between commas", field=name)
        try:
            return list(dict.fromkeys(text.strip() for text in map(read_text, value) if text.strip()))
        except EventFormatError as error:
            raise EventFormatError(str(error), field=name) from error
    return []
