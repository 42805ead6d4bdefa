"""What a cascade says: a post, its author, and who passed it on when."""

from __future__ import annotations

from graphsocial.schema import Column, EdgeType, Schema
from graphsocial.store.events import EdgeRow, Event, NodeRow

AUTHOR: EdgeType = ("user", "author", "post")
REPOST: EdgeType = ("user", "repost", "post")

CASCADE_SCHEMA = Schema(
    nodes={"user": {}, "post": {}},
    edges={AUTHOR: {}, REPOST: {"parent": Column("string", note="user from whom it was passed on, where known")}},
)


def post_by(author: str | None, post: str, time: int) -> list[Event]:
    """The post that a cascade stands for, and who wrote it, where that is known."""
    written = [] if author is None else [EdgeRow(AUTHOR, author, post, time, {})]
    return [NodeRow("post", post, time, {}), *written]


def repost_by(user: str, post: str, time: int, parent: str | None = None) -> EdgeRow:
    """A user passed the post on, from `parent` where that is known."""
    return EdgeRow(REPOST, user, post, time, {"parent": parent})


def cascade_events(post: str, joined: list[tuple[str, int]], root: str | None = None) -> list[Event]:
    """Events of a cascade that says when each user joined.

    Users are taken in order of time, those of one time in the order of the list. A `root` was there before them all
    but has no time: its post counts as known from the first time on, when somebody passed it on.

    Args:
        post: Id of the post.
        joined: Users and times, at least one.
        root: Who wrote the post; None: the first of those who joined.

    >>> [event[1:4] for event in cascade_events("p", [("bob", 20), ("ann", 10)])[1:]]
    [('ann', 'p', 10), ('bob', 'p', 20)]
    """
    ordered = sorted(joined, key=lambda pair: pair[1])
    start = ordered[0][1]
    if root is None:
        root = ordered.pop(0)[0]
    return [*post_by(root, post, start), *(repost_by(user, post, time) for user, time in ordered)]
