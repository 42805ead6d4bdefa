"""Activities as ActivityPub outboxes hold them: new and edited posts, reposts, likes and follows."""

from __future__ import annotations

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.json_fields import Json, id_at, iso_time_at, object_at, required_iso_time, text_at
from graphsocial.ingest.platforms.activity_pub_fields import reference_at, required_reference
from graphsocial.ingest.platforms.activity_pub_note import POSTS, add_note
from graphsocial.ingest.platforms.record_events import RecordEvents

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


def is_activity(record: Json) -> bool:
    """Whether a record is an activity, a collection of them, or a post that stands alone."""
    kind = record.get("type")
    if not isinstance(kind, str):
        return False
    if kind in POSTS:
        return "attributedTo" in record and "content" in record
    if kind in _COLLECTIONS:
        return "orderedItems" in record or "items" in record
    return (kind in _READ or kind in _SKIPPED) and "actor" in record and "object" in record


def add_activity(content: Json, at: int | None, out: RecordEvents) -> None:
    """Adds what an activity, a post that stands alone, or a collection of them says; counts are measured at `at`.

    Raises:
        EventFormatError: A field that is read holds something else than it should.
    """
    if text_at(content, "type") in _COLLECTIONS:
        _collection(content, at, out)
    else:
        _activity(content, at, out)


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
    if kind in POSTS:
        add_note(activity, None, None, iso_time_at(activity, "updated"), at, out)
    elif kind in _SKIPPED:
        out.skip(_SKIPPED[kind])
    elif kind in _OTHER_OBJECTS:
        out.skip(_NO_POSTS)
    elif kind == "Create" or kind == "Update":
        _create(activity, kind, at, out)
    elif kind == "Announce":
        _announce(activity, at, out)
    elif kind == "Like":
        actor, liked = required_reference(activity, "actor"), required_reference(activity, "object")
        out.like(actor, liked, iso_time_at(activity, "published"))
    elif kind == "Follow":
        actor, followed = required_reference(activity, "actor"), required_reference(activity, "object")
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
    if text_at(note, "type") not in POSTS:
        out.skip(_NO_POSTS)
        return
    actor, made, edited = (
        reference_at(activity, "actor"),
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
    add_note(note, actor, made, edited, at, out)


def _announce(activity: Json, at: int | None, out: RecordEvents) -> None:
    """A repost; servers put posts that are not public into it instead of naming them."""
    what = activity.get("object")
    if isinstance(what, dict) and what.get("type") is not None and text_at(what, "type") not in POSTS:
        out.skip("reposts of something else than posts")
        return
    actor, original = required_reference(activity, "actor"), required_reference(activity, "object")
    out.repost(actor, original, required_iso_time(activity, "published"), id_at(activity, "id"))
    if isinstance(what, dict) and what.get("content") is not None:
        add_note(what, None, None, iso_time_at(what, "updated"), at, out)
