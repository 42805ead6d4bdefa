"""Collects what one record of a platform says, as events of the shared schema."""

from __future__ import annotations

from typing import Any

from graphsocial.ingest.platforms.platform_schema import (
    AUTHOR,
    FOLLOW,
    LIKE,
    LINK,
    MENTION,
    QUOTE,
    REPLY,
    REPOST,
    SHOW,
    TAG,
)
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow, Skipped


class RecordEvents:
    """Events of one record, in the order in which they were added.

    >>> record = RecordEvents()
    >>> record.post("p1", 10, author="ann", text="hi #flood")
    >>> record.tag("p1", "#Flood", 10)
    >>> [event[:3] for event in record.events][-1]
    (('post', 'tag', 'hashtag'), 'p1', 'flood')
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._unseen: dict[str, int] = {}

    def post(
        self,
        post: str,
        time: int,
        *,
        author: str | None,
        text: str | None,
        edited: int | None = None,
        language: str | None = None,
        community: str | None = None,
        conversation: str | None = None,
        sensitive: bool | None = None,
        url: str | None = None,
    ) -> None:
        """A post and who wrote it; a text that was edited is known from the edit on, the post itself from the start."""
        values = {
            "text": text,
            "language": language,
            "community": community,
            "conversation": conversation,
            "sensitive": sensitive,
            "url": url,
        }
        later = edited is not None and edited > time
        self.events.append(NodeRow("post", post, edited if later else time, values, time if later else None))
        if author is not None:
            self.events.append(EdgeRow(AUTHOR, author, post, time, {}))

    def post_counts(
        self,
        post: str,
        at: int | None,
        *,
        likes: int | None = None,
        reposts: int | None = None,
        replies: int | None = None,
        quotes: int | None = None,
        views: int | None = None,
    ) -> None:
        """Counts of a post as measured at a time; nothing when there is none."""
        values: dict[str, Any] = {
            "likes": likes,
            "reposts": reposts,
            "replies": replies,
            "quotes": quotes,
            "views": views,
        }
        self._measured("post", post, at, values)

    def user(
        self,
        user: str,
        at: int | None,
        *,
        handle: str | None = None,
        name: str | None = None,
        description: str | None = None,
        location: str | None = None,
        followers: int | None = None,
        following: int | None = None,
        posts: int | None = None,
        verified: bool | None = None,
        created: int | None = None,
    ) -> None:
        """A profile as measured at a time; nothing when there is none."""
        values: dict[str, Any] = {
            "handle": handle,
            "name": name,
            "description": description,
            "location": location,
            "followers": followers,
            "following": following,
            "posts": posts,
            "verified": verified,
            "created": created,
        }
        self._measured("user", user, at, values)

    def media(
        self,
        media: str,
        *,
        kind: str | None = None,
        address: str | None = None,
        alt: str | None = None,
        path: str | None = None,
    ) -> None:
        """A picture or video; what is said of it is known once this record shows it, and not because others do."""
        values = {"kind": kind, "address": address, "alt": alt, "path": path}
        self._unseen[media] = len(self.events)
        self.events.append(NodeRow("media", media, None, values))

    def repost(self, user: str, post: str, time: int, event: str | None = None) -> None:
        """A user passed a post on; `event` is the id of the repost itself."""
        self.events.append(EdgeRow(REPOST, user, post, time, {"event": event}))

    def like(self, user: str, post: str, time: int | None) -> None:
        """A user liked a post."""
        self.events.append(EdgeRow(LIKE, user, post, time, {}))

    def follow(self, follower: str, followee: str, time: int | None) -> None:
        """A user began to follow another."""
        self.events.append(EdgeRow(FOLLOW, follower, followee, time, {}))

    def reply(self, post: str, to: str, time: int) -> None:
        """A post answers another."""
        self.events.append(EdgeRow(REPLY, post, to, time, {}))

    def quote(self, post: str, quoted: str, time: int) -> None:
        """A post quotes another."""
        self.events.append(EdgeRow(QUOTE, post, quoted, time, {}))

    def mention(self, post: str, user: str, time: int) -> None:
        """A post names a user."""
        self.events.append(EdgeRow(MENTION, post, user, time, {}))

    def tag(self, post: str, hashtag: str, time: int) -> None:
        """A post carries a hashtag; its `#` and the case of its letters do not count."""
        name = hashtag.strip().lstrip("#＃").casefold()
        if name:
            self.events.append(EdgeRow(TAG, post, name, time, {}))

    def link(self, post: str, url: str, time: int) -> None:
        """A post leads to an address."""
        if url.strip():
            self.events.append(EdgeRow(LINK, post, url.strip(), time, {}))

    def show(self, post: str, media: str, time: int) -> None:
        """A post shows a picture or video."""
        place = self._unseen.pop(media, None)
        if place is not None:
            described = self.events[place]
            assert isinstance(described, NodeRow)
            self.events[place] = described._replace(known_at=time)
        self.events.append(EdgeRow(SHOW, post, media, time, {}))

    def skip(self, what: str) -> None:
        """Something that is understood but that a graph cannot hold."""
        self.events.append(Skipped(what))

    def _measured(self, node_type: str, node: str, at: int | None, values: dict[str, Any]) -> None:
        for value in values.values():
            if value is not None:
                self.events.append(Measurement(node_type, node, at, values))
                return
