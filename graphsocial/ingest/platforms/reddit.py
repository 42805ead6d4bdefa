"""Reddit submissions and comments as Pushshift archived them: RS and RC files, one JSON object per line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.html_text import unescaped
from graphsocial.ingest.json_fields import Json, count_at, flag_at, object_at, text_at, unix_time_at
from graphsocial.ingest.json_lines import json_lines, json_object
from graphsocial.ingest.platforms.platform_schema import PLATFORM_SCHEMA
from graphsocial.ingest.platforms.record_events import RecordEvents
from graphsocial.schema import Schema
from graphsocial.store.events import Event

_SITE = "https://www.reddit.com"
_GONE = {"", "[deleted]", "[removed]", "[deleted by user]", "[removed by reddit]", "[ removed by reddit ]"}
_ID = re.compile(r"[0-9a-z]+", re.ASCII)
_SUBMISSION = re.compile(r"t3_[0-9a-z]+", re.ASCII)
_EITHER = re.compile(r"t[13]_[0-9a-z]+", re.ASCII)
_MENTION = re.compile(r"(?<![\w/.-])/?[uU]/([A-Za-z0-9_-]{3,20})(?![\w-])")
_PICTURE = re.compile(r"https?://(?:i\.redd\.it|i\.imgur\.com)/[^?#]+\.(?:jpe?g|png|gif|webp)(?:[?#].*)?", re.I)
_RETRIEVED = ("retrieved_on", "retrieved_utc", "updated_on", "updated_utc")


@dataclass
class RedditReader:
    """Submissions and comments of Pushshift and of the archives that go on from it (Arctic Shift, the monthly dumps).

    Posts are named as Reddit names things: `t3_…` a submission, `t1_…` a comment. Users are named by their name in
    lower case, since Reddit does not tell names apart by case and mentions spell them as they like; as it was written
    it is the measured handle. Scores, numbers of comments and handles are measured when the record was last retrieved,
    else at `collected_at`. What its author or a moderator took away is a post without text; a deleted account is no
    author. A picture is shown, any other address of a submission is a link; addresses within texts are not read.

    Attributes:
        collected_at: When the export was made, int64 seconds UTC, for records that do not say.
    """

    collected_at: int | None = None

    format: ClassVar[str] = "reddit"
    documented: ClassVar[str] = (
        "Pushshift Reddit dataset, submissions (RS) and comments (RC) (Baumgartner et al. 2020, arXiv:2001.08435), "
        "Reddit API things t1 and t3 (reddit.com/dev/api)"
    )
    assumptions: ClassVar[tuple[str, ...]] = (
        "A text that is not marked as edited is the one that was posted.",
        "A crosspost quotes the submission that it copies.",
        "`&lt;`, `&gt;` and `&amp;` in texts and addresses are escapes of the Reddit API and are undone.",
    )
    schema: ClassVar[Schema] = PLATFORM_SCHEMA

    def recognises(self, sample: FileSample) -> bool:
        """Whether the first objects are submissions or comments."""
        return any(
            "created_utc" in first
            and "id" in first
            and (("title" in first and "subreddit" in first) or ("body" in first and "link_id" in first))
            for first in sample.first
        )

    def records(self, path: Path) -> Records:
        """Lines of the file."""
        return json_lines(path)

    def events(self, record: bytes) -> list[Event]:
        """A submission or a comment, with who wrote it, what it answers and whom it mentions."""
        content = json_object(record)
        is_comment = content.get("link_id") is not None or content.get("parent_id") is not None
        if not is_comment and content.get("title") is None:
            raise EventFormatError("neither a submission (title) nor a comment (link_id)", field="title")
        out = RecordEvents()
        time = unix_time_at(content, "created_utc")
        if time is None:
            raise EventFormatError("missing time", field="created_utc")
        at = _retrieved(content, self.collected_at)
        post = ("t1_" if is_comment else "t3_") + _matching(content, "id", _ID, "an id such as 1abc9z")
        text = _text(content, "body") if is_comment else _joined(_text(content, "title"), _text(content, "selftext"))
        edited = _edited(content, at)
        if edited is None and content.get("edited") is True and text is not None:
            text = None  # it is not known from when on these were the words
            out.skip("texts that were edited nobody knows when")
        author = _author(content)
        out.post(
            post,
            time,
            author=author and author.lower(),
            text=text,
            edited=edited,
            community=text_at(content, "subreddit"),
            conversation=_matching(content, "link_id", _SUBMISSION, "an id such as t3_1abc9z") if is_comment else post,
            sensitive=flag_at(content, "over_18"),
            url=_address(content, "permalink"),
        )
        out.post_counts(post, at, likes=count_at(content, "score"), replies=count_at(content, "num_comments"))
        if author is not None:
            out.user(author.lower(), at, handle=author)
        if is_comment:
            out.reply(post, _matching(content, "parent_id", _EITHER, "an id such as t1_1abc9z"), time)
        else:
            _submission(content, post, time, out)
        for name in dict.fromkeys(found.lower() for found in _MENTION.findall(text or "")):
            out.mention(post, name, max(time, edited or time))  # the edit may have added it
        return out.events


def _submission(content: Json, post: str, time: int, out: RecordEvents) -> None:
    """What only submissions have: an address that they lead to, or a submission that they copy."""
    if content.get("crosspost_parent") is not None:
        out.quote(post, _matching(content, "crosspost_parent", _SUBMISSION, "an id such as t3_1abc9z"), time)
    address, hint = _address(content, "url"), text_at(content, "post_hint")
    is_self = flag_at(content, "is_self")
    if is_self is None:  # the oldest files do not say, but these domains do
        is_self = (text_at(content, "domain") or "").startswith("self.")
    if is_self or not address:
        return
    if hint == "image" or _PICTURE.fullmatch(address):
        out.media(address, kind="photo", address=address)
        out.show(post, address, time)
    else:
        out.link(post, address, time)


def _retrieved(content: Json, collected_at: int | None) -> int | None:
    """When the counts were last looked at: archives come back to a post and overwrite them."""
    found = [unix_time_at(content, name) for name in _RETRIEVED]
    found.append(unix_time_at(object_at(content, "_meta"), "retrieved_2nd_on"))
    return max((time for time in found if time is not None), default=collected_at)


def _edited(content: Json, at: int | None) -> int | None:
    """When the text became what it is; of the oldest edits only that they were made before they were retrieved."""
    value = content.get("edited")
    if value is None or value is False:
        return None
    return at if value is True else unix_time_at(content, "edited")


def _author(content: Json) -> str | None:
    name = (text_at(content, "author") or "").strip()
    return None if name.lower() in _GONE else name


def _text(content: Json, name: str) -> str | None:
    found = unescaped(text_at(content, name) or "")
    return None if found.strip().lower() in _GONE else found


def _joined(title: str | None, body: str | None) -> str | None:
    return "\n\n".join(part for part in (title, body) if part is not None) or None


def _address(content: Json, name: str) -> str | None:
    found = unescaped(text_at(content, name) or "").strip()
    return f"{_SITE}{found}" if found.startswith("/") else found or None


def _matching(content: Json, name: str, pattern: re.Pattern[str], expected: str) -> str:
    value = content.get(name)
    if value is None:
        raise EventFormatError("missing id", field=name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise EventFormatError(f"got {shown(value)}, expected {expected}", field=name)
    return value
