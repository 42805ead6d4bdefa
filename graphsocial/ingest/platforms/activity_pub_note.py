"""Posts as ActivityPub has them: notes, and questions with a poll."""

from __future__ import annotations

from graphsocial.ingest.json_fields import (
    Json,
    flag_at,
    object_at,
    required_id,
    required_iso_time,
    text_at,
)
from graphsocial.ingest.platforms.activity_pub_fields import address_at, one_or_more_at, reference_at, total_at
from graphsocial.ingest.platforms.fediverse_post import add_names, below_warning, links_beyond, media_kind, said_at
from graphsocial.ingest.platforms.record_events import RecordEvents

POSTS = frozenset({"Note", "Question"})
"""Types of objects that are posts."""

_QUOTED = ("quote", "quoteUri", "quoteUrl", "_misskey_quote")
"""How Mastodon and others name the post that a post quotes."""


def add_note(
    note: Json, actor: str | None, made: int | None, edited: int | None, at: int | None, out: RecordEvents
) -> None:
    """Adds a post, its counts and what it leads to.

    Args:
        note: The post.
        actor: Its author where it does not say who that is.
        made: Its time where it does not say when that was.
        edited: When it was edited last.
        at: When its counts were measured.
        out: Takes the events.

    Raises:
        EventFormatError: A field that is read holds something else than it should.
    """
    contents = object_at(note, "contentMap")
    if note.get("content") is None and note.get("name") is not None and not contents:
        out.skip("votes in polls")
        return
    name, author = required_id(note, "id"), reference_at(note, "attributedTo") or actor
    time = made if made is not None and note.get("published") is None else required_iso_time(note, "published")
    language = next(iter(contents)) if len(contents) == 1 else None
    if language is None or note.get("content") is not None:
        said = said_at(note, "content")
    else:
        said = said_at(contents, language)
    out.post(
        name,
        time,
        author=author,
        text=below_warning(text_at(note, "summary"), said.text),
        edited=edited,
        language=language,
        sensitive=flag_at(note, "sensitive"),
        url=address_at(note, "url"),
    )
    out.post_counts(name, at, likes=total_at(note, "likes"), reposts=total_at(note, "shares"))
    answered = reference_at(note, "inReplyTo")
    if answered is not None:
        out.reply(name, answered, time)
    quoted = next((found for found in (reference_at(note, field) for field in _QUOTED) if found is not None), None)
    if quoted is not None:
        out.quote(name, quoted, time)
    known = time if edited is None else max(time, edited)
    mentions: list[str] = []
    tags: list[str] = []
    named: set[str | None] = set()
    for tag in one_or_more_at(note, "tag"):
        kind, address, label = text_at(tag, "type"), address_at(tag, "href"), (text_at(tag, "name") or "").strip()
        if kind == "Mention" and (address or label):
            mentions.append(address or f"@{label.removeprefix('@')}")
        elif kind == "Hashtag":
            tags.append(label)
        named.add(address)
    links = links_beyond(said, named)
    for item in one_or_more_at(note, "attachment"):
        address = address_at(item, "url") or address_at(item, "href")
        if address is None:
            out.skip("attachments without an address")
        elif text_at(item, "type") == "Link":
            links.append(address)
        else:
            kind = (text_at(item, "mediaType") or "").partition("/")[0] or text_at(item, "type")
            out.media(address, kind=media_kind(kind), address=address, alt=text_at(item, "name"))
            out.show(name, address, known)
    add_names(name, known, mentions, tags, links, out)
