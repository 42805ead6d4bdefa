"""What the posts and authors of 4CAT's mapped items are called: ids that are unique in the export."""

from __future__ import annotations

from typing import NamedTuple

from graphsocial.errors import EventFormatError
from graphsocial.ingest.json_fields import Json
from graphsocial.ingest.platforms.four_cat_cells import id_in, text_in

GONE = frozenset({"[deleted]", "[removed]"})
"""What stands for a text, or for an author, that was deleted."""

_NOBODY = frozenset({"anonymous", "redacted", *GONE})


class ItemIds(NamedTuple):
    """Which post an item is.

    Attributes:
        post: Its id.
        conversation: Id of the post that began the conversation.
        answered: Id of the post that it answers, where the item names it.
    """

    post: str
    conversation: str | None
    answered: str | None


def item_ids(item: Json) -> ItemIds:
    """Ids that are unique in the export, although some data sources number posts anew in every place."""
    post, thread = id_in(item, "id"), id_in(item, "thread_id")
    if post is None:
        raise EventFormatError("missing id", field="id")
    if "is_comment_on_comment" in item:  # TikTok: the thread is the video or the comment that was commented on
        return ItemIds(post, id_in(item, "post_id") or thread, thread)
    if is_reddit(item):
        parent = id_in(item, "parent")
        return ItemIds(f"t1_{post}" if parent else f"t3_{post}", thread and f"t3_{thread}", parent)
    answered = id_in(item, "reply_to", "in_reply_to_status_id", "parent_id")
    place = text_in(item, "chat", "board")
    if place is None:
        return ItemIds(post, thread, answered)
    post, thread, answered = (
        name if name is None or name.startswith(f"{place}-") else f"{place}-{name}" for name in (post, thread, answered)
    )
    return ItemIds(post or "", None if "chat" in item else thread, answered)


def is_reddit(item: Json) -> bool:
    """Whether an item is a submission or a comment of Reddit."""
    return "subreddit" in item and "parent" in item


def author_of(item: Json) -> str | None:
    """Id of the author; None where nobody is named."""
    user, name = id_in(item, "author_id", "account_id"), author_name(item)
    if "author_username" in item:  # Telegram: the author is a number
        user = id_in(item, "author")
    if user is not None and user.lower() not in _NOBODY:
        return user
    if name is None:
        return None
    return f"@{name}" if has_author_ids(item) else name.lower() if is_reddit(item) else name


def author_name(item: Json) -> str | None:
    """Name of the author by which others mention them."""
    name = id_in(item, "author_username") if "author_username" in item else id_in(item, "author", "account_username")
    return None if name is None or name.lower() in _NOBODY else name


def has_author_ids(item: Json) -> bool:
    """Whether authors have ids besides their names."""
    return any(name in item for name in ("author_id", "account_id", "author_username"))
