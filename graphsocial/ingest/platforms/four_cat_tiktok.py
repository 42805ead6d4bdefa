"""Raw items of TikTok, as Zeeschuimer collects them for 4CAT."""

from __future__ import annotations

from graphsocial.errors import EventFormatError
from graphsocial.ingest.json_fields import (
    Json,
    count_at,
    flag_at,
    id_at,
    object_at,
    objects_at,
    required_id,
    text_at,
    unix_time_at,
)
from graphsocial.ingest.platforms.record_events import RecordEvents


def add_tiktok(item: Json, at: int | None, out: RecordEvents) -> None:
    """Adds a video as TikTok's own site gets it, with its author, its counts and what it leads to.

    Raises:
        EventFormatError: A field that is read holds something else than it should.
    """
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
