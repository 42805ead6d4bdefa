"""Items as 4CAT maps them from its data sources, with the columns that these have for the same thing."""

from __future__ import annotations

from graphsocial.errors import EventFormatError
from graphsocial.ingest.json_fields import Json
from graphsocial.ingest.platforms.account_created import account_created
from graphsocial.ingest.platforms.four_cat_cells import (
    count_in,
    id_in,
    list_in,
    moment_in,
    text_in,
    urls_in,
    value_in,
)
from graphsocial.ingest.platforms.four_cat_names import (
    GONE,
    author_name,
    author_of,
    has_author_ids,
    is_reddit,
    item_ids,
)
from graphsocial.ingest.platforms.record_events import RecordEvents

_LIKES = ("likes", "like_count", "num_likes", "amount_likes")
_REPOSTS = ("reposts", "repost_count", "retweets", "retweet_count", "shares", "amount_shares", "reblogs_count")
_REPLIES = ("replies", "reply_count", "replies_count", "comments", "num_comments", "amount_comments")
_VIEWS = ("views", "view_count", "plays", "amount_plays", "impression_count")
_NAMES = ("author_fullname", "author_full", "author_name", "author_display_name", "account_display_name")
_UNIX = ("unix_timestamp", "timestamp_unix")
_NO_TITLE = {"Post", "Stream"}
"""What Douyin's items have as their `subject`: their kind."""


def is_mapped(item: Json) -> bool:
    """Whether a record is a mapped item of any data source."""
    return {"id", "thread_id", "body"} <= item.keys() and any(name in item for name in (*_UNIX, "timestamp"))


def add_item(item: Json, collected_at: int | None, out: RecordEvents) -> None:
    """Adds a mapped item: a post, its author, its counts and what it leads to.

    Raises:
        EventFormatError: A column that is read holds something else than it should.
    """
    if value_in(item, "bool", "is_retweet"):
        out.skip("reposts whose original is not named")
        return
    ids, author, time = item_ids(item), author_of(item), _time(item)
    edited = moment_in(item, "unix_timestamp_edited", "timestamp_edited")
    known = max(time, edited or time)  # the edit may have added what stands in the text
    at = moment_in(item, "collected_at")
    at = collected_at if at is None else at
    language = next(iter(list_in(item, "language", "language_guess", "languages")), None)
    address = text_in(item, "link", "tiktok_url", "comment_url", "url")
    links = urls_in(item, "urls", "links", "link_url", "link_attached")
    if is_reddit(item) and address and not (text_in(item, "domain") or "").startswith("self."):
        links, address = [address], None
    out.post(
        ids.post,
        time,
        author=author,
        text=_words(item),
        edited=edited,
        language=None if language == "N/A" else language,
        community=text_in(item, "subreddit", "chat", "board"),
        conversation=ids.conversation,
        sensitive=value_in(item, "bool", "possibly_sensitive"),
        url=address,
    )
    out.post_counts(
        ids.post,
        at,
        likes=value_in(item, "int", "score") if is_reddit(item) else count_in(item, *_LIKES),
        reposts=count_in(item, *_REPOSTS),
        replies=count_in(item, *_REPLIES),
        quotes=count_in(item, "quotes", "quote_count"),
        views=count_in(item, *_VIEWS),
    )
    if author is not None:
        out.user(
            author,
            at,
            handle=author_name(item),
            name=text_in(item, *_NAMES),
            followers=count_in(item, "author_followers", "account_followers"),
            following=count_in(item, "account_following"),
            verified=value_in(item, "bool", "author_is_verified", "account_verified"),
            created=account_created(moment_in(item, "author_created_at", any_year=True), out),
        )
    if ids.answered is not None and ids.answered != ids.post:
        out.reply(ids.post, ids.answered, time)
    quoted = id_in(item, "quote_tweet_id")
    if quoted is not None:
        out.quote(ids.post, quoted, time)
    for mention in list_in(item, "mentions", "entities_mentioned"):
        mention = mention.removeprefix("@")
        if not mention:
            continue
        by_name = has_author_ids(item) and not mention.startswith("did:")
        out.mention(ids.post, f"@{mention}" if by_name else mention, known)
    for tag in dict.fromkeys(tag.casefold() for tag in list_in(item, "hashtags", "tags")):
        out.tag(ids.post, tag, known)
    for link in links:
        out.link(ids.post, link, known)
    for kind, names in (("photo", ("images", "image_url", "image_urls")), ("video", ("videos", "video_url"))):
        for media in urls_in(item, *names):
            out.media(media, kind=kind, address=media)
            out.show(ids.post, media, known)


def _words(item: Json) -> str | None:
    """Subject and body, as far as there are any; what was deleted is no text."""
    found = [text_in(item, "subject"), text_in(item, "body")]
    if found[0] in _NO_TITLE:
        found[0] = None
    return "\n\n".join(text for text in found if text is not None and text not in GONE) or None


def _time(item: Json) -> int:
    unix, said = moment_in(item, *_UNIX), moment_in(item, "timestamp", "created_at")
    if unix is not None and said is not None and abs(unix - said) >= 60:  # spreadsheets cut the seconds off
        raise EventFormatError(
            f"{said - unix:+,} s from the unix timestamp: 4CAT did not run on UTC, keep only the column that is right",
            field="timestamp",
        )
    time = said if unix is None else unix
    if time is None:
        raise EventFormatError("missing time", field="timestamp")
    return time
