"""Bluesky as Jetstream streams it: posts, reposts, likes, follows, profiles and handles, one JSON object per line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.json_fields import Json, object_at, objects_at, text_at, unix_time_at
from graphsocial.ingest.json_lines import json_lines, json_object
from graphsocial.ingest.platforms.platform_schema import PLATFORM_SCHEMA
from graphsocial.ingest.platforms.record_events import RecordEvents
from graphsocial.schema import Schema
from graphsocial.store.events import Event

_POST = "app.bsky.feed.post"
_REPOST = "app.bsky.feed.repost"
_LIKE = "app.bsky.feed.like"
_FOLLOW = "app.bsky.graph.follow"
_PROFILE = "app.bsky.actor.profile"
_PLURAL = {_POST: "posts", _REPOST: "reposts", _LIKE: "likes", _FOLLOW: "follows", _PROFILE: "profiles"}

_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]")
_COLLECTION = re.compile(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z0-9-]+){2,}")
_KEY = re.compile(r"[A-Za-z0-9._~:-]{1,512}")
_ADULT = {"porn", "sexual", "nudity", "graphic-media", "gore", "nsfw"}


@dataclass
class BlueskyReader:
    """Events of a Jetstream `/subscribe` stream, saved as JSON lines.

    A post is named by its `at://` address, a user by the DID. Nothing is known before the stream showed it, so all that
    a record says has the time at which it was seen; what `createdAt` claims may be years off and is not read. A new
    version of a post is a row that is known from then on. Deletions are skipped, as are collections other than posts,
    reposts, likes, follows and profiles, each by its name. Every record says when it was seen, so there is nothing to
    state about the file.
    """

    format: ClassVar[str] = "bluesky"
    documented: ClassVar[str] = (
        "Jetstream 1 and 2, /subscribe (github.com/bluesky-social/jetstream), "
        "app.bsky lexicons (github.com/bluesky-social/atproto, lexicons)"
    )
    assumptions: ClassVar[tuple[str, ...]] = (
        "Posts, reposts, likes and follows happened when Jetstream saw them (`time_us`); the time that their clients "
        "claim (`createdAt`) is not used, so what was backdated or imported stands where it arrived.",
        "Follows, likes and reposts that were taken back later still stand, because deletions are skipped.",
    )
    schema: ClassVar[Schema] = PLATFORM_SCHEMA

    def recognises(self, sample: FileSample) -> bool:
        """Whether the first objects are of a stream: a DID, a time in microseconds, and a kind."""
        return any("did" in first and "time_us" in first and "kind" in first for first in sample.first)

    def records(self, path: Path) -> Records:
        """Lines of the file."""
        return json_lines(path)

    def events(self, record: bytes) -> list[Event]:
        """What a line of the stream says."""
        content = json_object(record)
        out = RecordEvents()
        user, time = _did(content, "did"), unix_time_at(content, "time_us", per_second=1_000_000)
        if time is None:
            raise EventFormatError("missing time", field="time_us")
        kind = text_at(content, "kind")
        if kind == "commit":
            _commit(user, time, object_at(content, "commit"), out)
        elif kind == "identity":
            handle = text_at(object_at(content, "identity"), "handle")
            if handle and handle != "handle.invalid":  # what stands for a handle that leads nowhere
                out.user(user, time, handle=handle)
            else:
                out.skip("identities without a handle")
        elif kind == "account":
            out.skip("changes in the status of accounts")
        else:
            raise EventFormatError(f"got {shown(kind)}, expected commit, identity or account", field="kind")
        return out.events


class _Address(NamedTuple):
    uri: str
    collection: str


def _commit(user: str, time: int, commit: Json, out: RecordEvents) -> None:
    collection, key = text_at(commit, "collection") or "", text_at(commit, "rkey") or ""
    operation = text_at(commit, "operation")
    if not _COLLECTION.fullmatch(collection):
        raise EventFormatError(f"got {shown(collection)}, expected a name such as {_POST}", field="collection")
    if not _KEY.fullmatch(key):
        raise EventFormatError(f"got {shown(key)}, expected the key of a record", field="rkey")
    if operation not in ("create", "update", "delete"):
        raise EventFormatError(f"got {shown(operation)}, expected create, update or delete", field="operation")
    if collection not in _PLURAL:
        out.skip(f"{collection} records")
        return
    if operation == "delete":
        out.skip(f"deleted {_PLURAL[collection]}")
        return
    if commit.get("record") is None:
        raise EventFormatError("missing record", field="record")
    record = object_at(commit, "record")
    uri = f"at://{user}/{collection}/{key}"
    if collection == _POST:
        _post(uri, user, time, record, out)
    elif collection == _PROFILE:  # a record is the whole profile: what is not in it was left empty or emptied
        name, description = text_at(record, "displayName") or "", text_at(record, "description") or ""
        out.user(user, time, name=name, description=description)
    elif operation == "update":  # the old subject would have to be taken back
        out.skip(f"changed {_PLURAL[collection]}")
    elif collection == _FOLLOW:
        out.follow(user, _did(record, "subject"), time)
    else:
        subject = _address(record, "subject")
        if subject.collection != _POST:
            out.skip(f"{_PLURAL[collection]} of something else than posts")
        elif collection == _REPOST:
            out.repost(user, subject.uri, time, uri)
        else:
            out.like(user, subject.uri, time)


def _post(uri: str, user: str, time: int, record: Json, out: RecordEvents) -> None:
    root = parent = None
    if record.get("reply") is not None:
        root, parent = _address(object_at(record, "reply"), "root"), _address(object_at(record, "reply"), "parent")
    labels = {text_at(label, "val") for label in objects_at(object_at(record, "labels"), "values")}
    languages = _texts(record, "langs")
    out.post(
        uri,
        time,
        author=user,
        text=text_at(record, "text"),
        language=languages[0] if languages else None,
        conversation=uri if root is None else root.uri,
        sensitive=True if labels & _ADULT else None,
    )
    if parent is not None:
        if parent.collection == _POST:
            out.reply(uri, parent.uri, time)
        else:
            out.skip("replies to something else than posts")
    mentions: dict[str, None] = {}  # each once, although a card often repeats a link of the text
    links: dict[str, None] = {}
    tags = dict.fromkeys(tag.casefold() for tag in _texts(record, "tags"))
    for facet in objects_at(record, "facets"):
        for feature in objects_at(facet, "features"):
            kind = text_at(feature, "$type")
            if kind == "app.bsky.richtext.facet#mention":
                mentions[_did(feature, "did")] = None
            elif kind == "app.bsky.richtext.facet#link":
                links[_text(feature, "uri")] = None
            elif kind == "app.bsky.richtext.facet#tag":
                tags[_text(feature, "tag").casefold()] = None
    _embed(object_at(record, "embed"), uri, time, links, out)
    for mention in mentions:
        out.mention(uri, mention, time)
    for tag in tags:
        out.tag(uri, tag, time)
    for link in links:
        out.link(uri, link, time)


def _embed(embed: Json, uri: str, time: int, links: dict[str, None], out: RecordEvents) -> None:
    """What a post carries besides its text: pictures, a video, a card that leads elsewhere, a post that it quotes."""
    kind = text_at(embed, "$type")
    quoting = embed if kind == "app.bsky.embed.record" else None
    if kind == "app.bsky.embed.recordWithMedia":
        quoting, embed = object_at(embed, "record"), object_at(embed, "media")
        kind = text_at(embed, "$type")
    if quoting is not None:
        quoted = _address(quoting, "record")
        if quoted.collection == _POST:
            out.quote(uri, quoted.uri, time)
        else:
            out.skip("quotes of something else than posts")
    if kind == "app.bsky.embed.images":
        for image in objects_at(embed, "images"):
            _show(uri, image, "image", "photo", time, out)
    elif kind == "app.bsky.embed.video":
        _show(uri, embed, "video", "video", time, out)
    elif kind == "app.bsky.embed.external":
        links[_text(object_at(embed, "external"), "uri")] = None


def _show(uri: str, holder: Json, name: str, kind: str, time: int, out: RecordEvents) -> None:
    """A file is named by the hash of its content, `$link`; records of 2023 have it as `cid`."""
    blob = object_at(holder, name)
    media = text_at(object_at(blob, "ref"), "$link") or text_at(blob, "cid")
    if not media or not media.strip():
        raise EventFormatError("missing id of the file", field=name)
    out.media(media, kind=kind, alt=text_at(holder, "alt") or None)
    out.show(uri, media, time)


def _did(record: Json, name: str) -> str:
    value = text_at(record, name)
    if value is None or not _DID.fullmatch(value):
        raise EventFormatError(f"got {shown(value)}, expected a DID such as did:plc:abc", field=name)
    return value


def _address(record: Json, name: str) -> _Address:
    """The address in a strong reference."""
    uri = text_at(object_at(record, name), "uri")
    parts = (uri or "").split("/")
    if (
        uri is None
        or len(parts) != 5
        or parts[:2] != ["at:", ""]
        or not (_DID.fullmatch(parts[2]) and _COLLECTION.fullmatch(parts[3]) and _KEY.fullmatch(parts[4]))
    ):
        raise EventFormatError(f"got {shown(uri)}, expected an address such as at://did:plc:abc/{_POST}/1", field=name)
    return _Address(uri, parts[3])


def _text(record: Json, name: str) -> str:
    value = text_at(record, name)
    if value is None:
        raise EventFormatError("missing text", field=name)
    return value


def _texts(record: Json, name: str) -> list[str]:
    value = record.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise EventFormatError(f"got {shown(value)}, expected a list of texts", field=name)
    return value
