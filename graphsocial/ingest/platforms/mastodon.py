"""Mastodon: statuses as its API gives them, and activities as ActivityPub outboxes hold them, one per line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.html_text import HtmlText, html_text
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
from graphsocial.ingest.platforms.platform_schema import PLATFORM_SCHEMA
from graphsocial.ingest.platforms.record_events import RecordEvents
from graphsocial.schema import Schema
from graphsocial.store.events import Event

_POSTS = frozenset({"Note", "Question"})
_COLLECTIONS = frozenset({"Collection", "CollectionPage", "OrderedCollection", "OrderedCollectionPage"})
_READ = frozenset({"Create", "Update", "Announce", "Like", "Follow"})
_OTHER_OBJECTS = frozenset(
    "Application Article Audio Document Event Group Image Organization Page Person Place Profile Relationship Service "
    "Tombstone Video".split()
)
_SKIPPED = {"Delete": "deletions", "Undo": "activities that were undone"} | dict.fromkeys(
    "Accept Add Arrive Block Dislike EmojiReact Flag Ignore Invite Join Leave Listen Move Offer QuoteRequest Read "
    "Reject Remove TentativeAccept TentativeReject Travel View".split(),
    "activities that are neither posts, reposts, likes nor follows",
)
_NO_POSTS = "objects that are no posts"
_QUOTED = ("quote", "quoteUri", "quoteUrl", "_misskey_quote")
"""How Mastodon and others name the post that a post quotes."""


@dataclass
class MastodonReader:
    """Statuses of the Mastodon API v1, and ActivityPub activities, as JSON lines.

    Ids are those by which the records refer to each other. A status of the API names what it answers by the id that its
    server gave (`in_reply_to_id`), and so do its mentions; hence posts and users of the API are named by these ids, not
    by `uri`, which only the post itself has. They mean something else on every server: a store should take exports
    of one. Activities refer to posts and users by their URIs, which are theirs everywhere; hence their ids are URIs.
    A store that takes both has a post twice; its `url` is the same.

    An edited post is there from the start, but its text, tags, mentions, links and media are known from the edit on.
    A content warning is the first line of the text. Counts and profiles are measured at `collected_at`. Posts whose
    visibility is `private` or `direct` are read like others: they are in an export only because whoever made it may see
    them, and whether they may be used is for that person to say.

    Attributes:
        collected_at: When the export was made, int64 seconds UTC.
    """

    collected_at: int | None = None

    format: ClassVar[str] = "mastodon"
    documented: ClassVar[str] = (
        "Mastodon API v1 entities Status, Account, MediaAttachment, Quote as of 4.5 (docs.joinmastodon.org/entities), "
        "ActivityPub as Mastodon writes it (docs.joinmastodon.org/spec/activitypub, w3.org/TR/activitypub)"
    )
    assumptions: ClassVar[tuple[str, ...]] = (
        "Statuses of the API are all of one server, whose ids they are named by.",
        "Likes, follows and reposts that were undone later still stand.",
    )
    schema: ClassVar[Schema] = PLATFORM_SCHEMA

    def recognises(self, sample: FileSample) -> bool:
        """Whether one of the first objects is a status, an activity, or a collection of activities."""
        return any(_is_status(first) or _is_activity(first) for first in sample.first)

    def records(self, path: Path) -> Records:
        """Lines of the file."""
        return json_lines(path)

    def events(self, record: bytes) -> list[Event]:
        """What a status or an activity says."""
        content = json_object(record)
        out = RecordEvents()
        if "type" not in content or "account" in content:
            statuses: list[Json] = [content]
            for status in statuses:  # grows: a chain of quotes may be deeper than calls can go
                statuses += _status(status, self.collected_at, out)
        elif text_at(content, "type") in _COLLECTIONS:
            _collection(content, self.collected_at, out)
        else:
            _activity(content, self.collected_at, out)
        return out.events


def _is_status(record: Json) -> bool:
    account = record.get("account")
    return "id" in record and "content" in record and "created_at" in record and (
        isinstance(account, dict) and "acct" in account
    )  # fmt: skip


def _is_activity(record: Json) -> bool:
    kind = record.get("type")
    if not isinstance(kind, str):
        return False
    if kind in _POSTS:
        return "attributedTo" in record and "content" in record
    if kind in _COLLECTIONS:
        return "orderedItems" in record or "items" in record
    return (kind in _READ or kind in _SKIPPED) and "actor" in record and "object" in record


def _status(status: Json, at: int | None, out: RecordEvents) -> list[Json]:
    """Adds a status; what comes back are the statuses that stand within it."""
    name, time, author = required_id(status, "id"), required_iso_time(status, "created_at"), _account(status, at, out)
    if status.get("reblog") is not None:
        original = object_at(status, "reblog")
        out.repost(author, required_id(original, "id"), time, name)
        return [original]
    edited = iso_time_at(status, "edited_at")
    said = _said(status, "content")
    out.post(
        name,
        time,
        author=author,
        text=_below_warning(text_at(status, "spoiler_text"), said.text),
        edited=edited,
        language=text_at(status, "language"),
        sensitive=flag_at(status, "sensitive"),
        url=text_at(status, "url") or text_at(status, "uri"),
    )
    out.post_counts(
        name,
        at,
        likes=count_at(status, "favourites_count"),
        reposts=count_at(status, "reblogs_count"),
        replies=count_at(status, "replies_count"),
        quotes=count_at(status, "quotes_count"),
    )
    answered = id_at(status, "in_reply_to_id")
    if answered is not None:
        out.reply(name, answered, time)
    quote = object_at(status, "quote")
    within = [object_at(quote, "quoted_status")] if quote.get("quoted_status") is not None else []
    quoted = required_id(within[0], "id") if within else id_at(quote, "quoted_status_id")
    if quoted is not None:
        out.quote(name, quoted, time)
    mentions, tags = objects_at(status, "mentions"), objects_at(status, "tags")
    named = {text_at(item, "url") for item in (*mentions, *tags)}
    card = text_at(object_at(status, "card"), "url")
    _rest(
        name,
        time if edited is None else max(time, edited),
        [required_id(mention, "id") for mention in mentions],
        [text_at(tag, "name") or "" for tag in tags],
        [*_links(said, named), *([card] if card else [])],
        out,
    )
    for item in objects_at(status, "media_attachments"):
        out.media(
            required_id(item, "id"),
            kind=_media_kind(text_at(item, "type")),
            address=text_at(item, "url") or text_at(item, "remote_url"),
            alt=text_at(item, "description"),
        )
        out.show(name, required_id(item, "id"), time if edited is None else max(time, edited))
    return within


def _account(status: Json, at: int | None, out: RecordEvents) -> str:
    """The author's id; counts below zero stand for hidden ones."""
    account = object_at(status, "account")
    name = required_id(account, "id")
    followers, following = count_at(account, "followers_count"), count_at(account, "following_count")
    out.user(
        name,
        at,
        handle=text_at(account, "acct") or text_at(account, "username"),
        name=text_at(account, "display_name"),
        description=None if account.get("note") is None else _said(account, "note").text,
        followers=None if followers is None or followers < 0 else followers,
        following=None if following is None or following < 0 else following,
        posts=count_at(account, "statuses_count"),
        created=iso_time_at(account, "created_at"),
    )
    return name


def _collection(content: Json, at: int | None, out: RecordEvents) -> None:
    """A page of an outbox, or a whole one."""
    items = content.get("orderedItems", content.get("items"))
    if items is None:
        out.skip("collections whose items are elsewhere")
        return
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, dict):
            _activity(item, at, out)
        elif isinstance(item, str):
            out.skip("items of collections that are only named")
        else:
            raise EventFormatError(f"got {shown(item)}, expected an activity", field="orderedItems")


def _activity(activity: Json, at: int | None, out: RecordEvents) -> None:
    kind = text_at(activity, "type") or ""
    if kind in _POSTS:
        _note(activity, None, None, iso_time_at(activity, "updated"), at, out)
    elif kind in _SKIPPED:
        out.skip(_SKIPPED[kind])
    elif kind in _OTHER_OBJECTS:
        out.skip(_NO_POSTS)
    elif kind == "Create" or kind == "Update":
        _create(activity, kind, at, out)
    elif kind == "Announce":
        _announce(activity, at, out)
    elif kind == "Like":
        actor, liked = _required(activity, "actor"), _required(activity, "object")
        out.like(actor, liked, iso_time_at(activity, "published"))
    elif kind == "Follow":
        actor, followed = _required(activity, "actor"), _required(activity, "object")
        out.follow(actor, followed, iso_time_at(activity, "published"))
    else:
        raise EventFormatError(f"got {shown(kind)}, expected a type of ActivityStreams", field="type")


def _create(activity: Json, kind: str, at: int | None, out: RecordEvents) -> None:
    """A new post, or, as `Update`, an edited one."""
    if isinstance(activity.get("object"), str):
        out.skip("posts that are only named")
        return
    note = object_at(activity, "object")
    if text_at(note, "type") is None:
        raise EventFormatError("missing object", field="object")
    if text_at(note, "type") not in _POSTS:
        out.skip(_NO_POSTS)
        return
    actor, made, edited = (
        _reference(activity, "actor"),
        iso_time_at(activity, "published"),
        iso_time_at(note, "updated"),
    )
    if kind == "Update":
        edited, made = edited or made, None  # an activity has its own time: that of the edit, not that of the post
        if edited is None and text_at(note, "type") == "Question":
            out.skip("new counts of votes")
            return
        if edited is None:
            raise EventFormatError("an edit without its time", field="updated")
    _note(note, actor, made, edited, at, out)


def _announce(activity: Json, at: int | None, out: RecordEvents) -> None:
    """A repost; servers put posts that are not public into it instead of naming them."""
    what = activity.get("object")
    if isinstance(what, dict) and what.get("type") is not None and text_at(what, "type") not in _POSTS:
        out.skip("reposts of something else than posts")
        return
    actor, original = _required(activity, "actor"), _required(activity, "object")
    out.repost(actor, original, required_iso_time(activity, "published"), id_at(activity, "id"))
    if isinstance(what, dict) and what.get("content") is not None:
        _note(what, None, None, iso_time_at(what, "updated"), at, out)


def _note(
    note: Json, actor: str | None, made: int | None, edited: int | None, at: int | None, out: RecordEvents
) -> None:
    """A post; `actor` and `made` are its author and time where it does not say them itself."""
    contents = object_at(note, "contentMap")
    if note.get("content") is None and note.get("name") is not None and not contents:
        out.skip("votes in polls")
        return
    name, author = required_id(note, "id"), _reference(note, "attributedTo") or actor
    time = made if made is not None and note.get("published") is None else required_iso_time(note, "published")
    language = next(iter(contents)) if len(contents) == 1 else None
    said = _said(note, "content") if language is None or note.get("content") is not None else _said(contents, language)
    out.post(
        name,
        time,
        author=author,
        text=_below_warning(text_at(note, "summary"), said.text),
        edited=edited,
        language=language,
        sensitive=flag_at(note, "sensitive"),
        url=_address(note, "url"),
    )
    out.post_counts(name, at, likes=_total(note, "likes"), reposts=_total(note, "shares"))
    answered = _reference(note, "inReplyTo")
    if answered is not None:
        out.reply(name, answered, time)
    quoted = next((found for found in (_reference(note, field) for field in _QUOTED) if found is not None), None)
    if quoted is not None:
        out.quote(name, quoted, time)
    known = time if edited is None else max(time, edited)
    mentions: list[str] = []
    tags: list[str] = []
    named: set[str | None] = set()
    for tag in _objects(note, "tag"):
        kind, address, label = text_at(tag, "type"), _address(tag, "href"), (text_at(tag, "name") or "").strip()
        if kind == "Mention" and (address or label):
            mentions.append(address or f"@{label.removeprefix('@')}")
        elif kind == "Hashtag":
            tags.append(label)
        named.add(address)
    links = _links(said, named)
    for item in _objects(note, "attachment"):
        address = _address(item, "url") or _address(item, "href")
        if address is None:
            out.skip("attachments without an address")
        elif text_at(item, "type") == "Link":
            links.append(address)
        else:
            kind = (text_at(item, "mediaType") or "").partition("/")[0] or text_at(item, "type")
            out.media(address, kind=_media_kind(kind), address=address, alt=text_at(item, "name"))
            out.show(name, address, known)
    _rest(name, known, mentions, tags, links, out)


def _rest(
    name: str, known: int, mentions: Iterable[str], tags: Iterable[str], links: Iterable[str], out: RecordEvents
) -> None:
    """Whom and what a post names, each once."""
    for mention in dict.fromkeys(mentions):
        out.mention(name, mention, known)
    for tag in dict.fromkeys(tag.lstrip("#").casefold() for tag in tags):
        out.tag(name, tag, known)
    for link in dict.fromkeys(links):
        out.link(name, link, known)


def _said(record: Json, field: str) -> HtmlText:
    markup = text_at(record, field)
    if markup is None:
        raise EventFormatError("missing text", field=field)
    try:
        return html_text(markup)
    except EventFormatError as error:
        raise EventFormatError(str(error), field=field) from error


def _below_warning(warning: str | None, text: str) -> str:
    return "\n".join(part for part in ((warning or "").strip(), text) if part)


def _links(said: HtmlText, named: set[str | None]) -> list[str]:
    """Addresses on the web to which a text links, without those of the users and hashtags that it names."""
    return [
        link.address
        for link in said.links
        if link.address.lower().startswith(("http://", "https://"))
        and link.address not in named
        and not link.marks & {"mention", "hashtag", "tag"}
    ]


def _media_kind(kind: str | None) -> str | None:
    """Mastodon's images are photos to the other platforms."""
    known = (kind or "").lower()
    return "photo" if known == "image" else None if known in ("", "document", "unknown") else known


def _reference(record: Json, field: str) -> str | None:
    """URI of the one thing that is named, or that stands there itself."""
    value = record.get(field)
    if isinstance(value, list) and len(value) > 1:
        raise EventFormatError(f"got {shown(value)}, expected one address or object", field=field)
    return _address(record, field)


def _address(record: Json, field: str) -> str | None:
    """The first of the addresses in a field: text, an object, a link, or, as JSON-LD has it, a list of them."""
    value = record.get(field)
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        return id_at(value, "id", "href")
    if value is not None and not isinstance(value, str):
        raise EventFormatError(f"got {shown(value)}, expected an address or an object", field=field)
    return (value or "").strip() or None


def _required(record: Json, field: str) -> str:
    found = _reference(record, field)
    if found is None:
        raise EventFormatError("missing address", field=field)
    return found


def _objects(record: Json, field: str) -> list[Json]:
    """A list of objects, which JSON-LD also writes as the object alone."""
    return [object_at(record, field)] if isinstance(record.get(field), dict) else objects_at(record, field)


def _total(note: Json, field: str) -> int | None:
    """How many things a collection holds, if it stands there."""
    return count_at(object_at(note, field), "totalItems") if isinstance(note.get(field), dict) else None
