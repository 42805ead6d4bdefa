"""Statuses as the Mastodon API gives them."""

from __future__ import annotations

from collections.abc import Iterable

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
from graphsocial.ingest.platforms.account_created import account_created
from graphsocial.ingest.platforms.fediverse_post import add_names, below_warning, links_beyond, media_kind, said_at
from graphsocial.ingest.platforms.record_events import RecordEvents
from graphsocial.ingest.platforms.server_name import home_server


def is_status(record: Json) -> bool:
    """Whether a record is a status."""
    account = record.get("account")
    return "id" in record and "content" in record and "created_at" in record and (
        isinstance(account, dict) and "acct" in account
    )  # fmt: skip


def add_status(status: Json, at: int | None, server: str | None, out: RecordEvents, homes: set[str]) -> list[Json]:
    """Adds a status, with its author, counts and what it leads to; gives back the statuses that stand within it.

    Args:
        status: The status.
        at: When its counts and its author's profile were measured.
        server: The server that was asked, where somebody stated it.
        out: Takes the events.
        homes: Takes the servers that the accounts say they live on which are local to the one that was asked.

    Raises:
        EventFormatError: A field that is read holds something else than it should.
    """
    name, time = required_id(status, "id"), required_iso_time(status, "created_at")
    author = _account(status, at, server, out)
    _add_homes([object_at(status, "account")], homes)
    if status.get("reblog") is not None:
        original = object_at(status, "reblog")
        out.repost(author, required_id(original, "id"), time, name)
        return [original]
    edited = iso_time_at(status, "edited_at")
    said = said_at(status, "content")
    out.post(
        name,
        time,
        author=author,
        text=below_warning(text_at(status, "spoiler_text"), said.text),
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
    _add_homes(mentions, homes)
    named = {text_at(item, "url") for item in (*mentions, *tags)}
    card = text_at(object_at(status, "card"), "url")
    add_names(
        name,
        time if edited is None else max(time, edited),
        [required_id(mention, "id") for mention in mentions],
        [text_at(tag, "name") or "" for tag in tags],
        [*links_beyond(said, named), *([card] if card else [])],
        out,
    )
    for item in objects_at(status, "media_attachments"):
        out.media(
            required_id(item, "id"),
            kind=media_kind(text_at(item, "type")),
            address=text_at(item, "url") or text_at(item, "remote_url"),
            alt=text_at(item, "description"),
        )
        out.show(name, required_id(item, "id"), time if edited is None else max(time, edited))
    return within


def _account(status: Json, at: int | None, server: str | None, out: RecordEvents) -> str:
    """The author's id; counts below zero stand for hidden ones."""
    account = object_at(status, "account")
    name = required_id(account, "id")
    followers, following = count_at(account, "followers_count"), count_at(account, "following_count")
    out.user(
        name,
        at,
        handle=_handle(account, server),
        name=text_at(account, "display_name"),
        description=None if account.get("note") is None else said_at(account, "note").text,
        followers=None if followers is None or followers < 0 else followers,
        following=None if following is None or following < 0 else following,
        posts=count_at(account, "statuses_count"),
        created=account_created(iso_time_at(account, "created_at", any_year=True), out),
    )
    return name


def _add_homes(accounts: Iterable[Json], homes: set[str]) -> None:
    homes.update(home for home in map(home_server, accounts) if home is not None)


def _handle(account: Json, server: str | None) -> str | None:
    """What mentions use; of accounts local to a stated server, what they use everywhere else."""
    handle = text_at(account, "acct")
    if not handle:
        return text_at(account, "username")
    return handle if server is None or "@" in handle else f"{handle}@{server}"
