"""Pictures and videos of posts of the X API v1.1, named as the X API v2 names them."""

from __future__ import annotations

from graphsocial.ingest.json_fields import Json, id_at, object_at, objects_at, required_id, text_at
from graphsocial.ingest.platforms.record_events import RecordEvents

_OF_TYPE = {"photo": "3_", "video": "7_", "animated_gif": "16_"}
"""What stands before the id in the `media_key` of the X API v2."""

_OF_FOLDER = {
    "/amplify_video": ("13_", "video"),
    "/ext_tw_video": ("7_", "video"),
    "/tweet_video": ("16_", "animated_gif"),
}
"""The same, with the type, by the folder in which X keeps a medium or its still picture.

It is asked first: videos of two kinds have one type, and in `entities` everything has the type `photo`.
"""


def add_media(items: list[Json], post: str, time: int, out: RecordEvents) -> None:
    """Adds what a post shows, each medium once.

    Raises:
        EventFormatError: A field that is read holds something else than it should.
    """
    for item in {required_id(item, "id_str", "id"): item for item in items}.values():
        media, kind = _key_and_kind(item)
        out.media(
            media,
            kind=kind,
            address=text_at(item, "media_url_https") or text_at(item, "media_url"),
            alt=text_at(item, "ext_alt_text"),
        )
        out.show(post, media, time)


def _key_and_kind(item: Json) -> tuple[str, str | None]:
    """The key of the X API v2, and the type; a medium of unknown type keeps its bare id.

    >>> _key_and_kind({"id": 5, "type": "photo"}), _key_and_kind({"id": 5, "type": "model3d"})
    (('3_5', 'photo'), ('5', 'model3d'))
    >>> _key_and_kind({"id": 5, "type": "photo", "media_url": "http://pbs.example/ext_tw_video_thumb/5/a.jpg"})
    ('7_5', 'video')
    """
    kind = text_at(item, "type")
    prefix = _OF_TYPE.get(kind or "", "")
    addresses = [text_at(item, name) or "" for name in ("media_url_https", "media_url")]
    addresses += [text_at(variant, "url") or "" for variant in objects_at(object_at(item, "video_info"), "variants")]
    for folder, (before, its_kind) in _OF_FOLDER.items():
        if any(folder in address for address in addresses):
            prefix, kind = before, its_kind
    return id_at(item, "media_key") or prefix + required_id(item, "id_str", "id"), kind
