"""The one schema that the readers of platform exports share, so that exports of several kinds fit into one store."""

from __future__ import annotations

from collections.abc import Mapping

from graphsocial.schema import MEASURED, Column, EdgeType, Schema

AUTHOR: EdgeType = ("user", "author", "post")
REPOST: EdgeType = ("user", "repost", "post")
LIKE: EdgeType = ("user", "like", "post")
FOLLOW: EdgeType = ("user", "follow", "user")
REPLY: EdgeType = ("post", "reply", "post")
QUOTE: EdgeType = ("post", "quote", "post")
MENTION: EdgeType = ("post", "mention", "user")
TAG: EdgeType = ("post", "tag", "hashtag")
LINK: EdgeType = ("post", "link", "url")
SHOW: EdgeType = ("post", "show", "media")

POST_ROW: Mapping[str, Column] = {
    "text": Column("string", note="words of the post"),
    "language": Column("string", note="language code that the platform gave"),
    "community": Column("string", note="subreddit, group or channel"),
    "conversation": Column("string", note="id of the post that began the conversation"),
    "sensitive": Column("bool", note="marked as sensitive"),
    "url": Column("string", note="address of the post"),
}
"""Columns of a post that are known with it."""

POST_MEASURED: Mapping[str, Column] = {
    name: Column("int", MEASURED, note)
    for name, note in {
        "likes": "likes, favourites or score",
        "reposts": "reposts",
        "replies": "replies or comments",
        "quotes": "quotes",
        "views": "views",
    }.items()
}
"""Counts of a post, with the time at which somebody looked."""

USER_MEASURED: Mapping[str, Column] = {
    "handle": Column("string", MEASURED, "name that mentions use"),
    "name": Column("string", MEASURED, "name shown"),
    "description": Column("string", MEASURED, "what users say of themselves"),
    "location": Column("string", MEASURED, "where they say they are"),
    "followers": Column("int", MEASURED, "followers"),
    "following": Column("int", MEASURED, "accounts followed"),
    "posts": Column("int", MEASURED, "posts"),
    "verified": Column("bool", MEASURED, "verified"),
    "created": Column("int", MEASURED, "when the account was made, seconds since 1970-01-01 UTC"),
}
"""A profile as it was when somebody looked: handles, names and counts change."""

MEDIA_ROW: Mapping[str, Column] = {
    "kind": Column("string", note="photo, video, …"),
    "address": Column("string", note="where the file was"),
    "alt": Column("string", note="description for those who cannot see it"),
    "path": Column("string", note="file under the media root, if there is one"),
}
"""Columns of a picture or video."""

PLATFORM_SCHEMA = Schema(
    nodes={
        "user": USER_MEASURED,
        "post": {**POST_ROW, **POST_MEASURED},
        "hashtag": {},
        "media": MEDIA_ROW,
        "url": {},
    },
    edges={
        AUTHOR: {},
        REPOST: {"event": Column("string", note="id of the repost itself")},
        LIKE: {},
        FOLLOW: {},
        REPLY: {},
        QUOTE: {},
        MENTION: {},
        TAG: {},
        LINK: {},
        SHOW: {},
    },
)
