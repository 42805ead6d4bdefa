"""What posts of the fediverse have in common, whether an API or an activity holds them."""

from __future__ import annotations

from collections.abc import Iterable

from graphsocial.errors import EventFormatError
from graphsocial.ingest.html_text import HtmlText, html_text
from graphsocial.ingest.json_fields import Json, text_at
from graphsocial.ingest.platforms.record_events import RecordEvents


def add_names(
    name: str, known: int, mentions: Iterable[str], tags: Iterable[str], links: Iterable[str], out: RecordEvents
) -> None:
    """Adds whom and what a post names, each once."""
    for mention in dict.fromkeys(mentions):
        out.mention(name, mention, known)
    for tag in dict.fromkeys(tag.lstrip("#").casefold() for tag in tags):
        out.tag(name, tag, known)
    for link in dict.fromkeys(links):
        out.link(name, link, known)


def said_at(record: Json, field: str) -> HtmlText:
    """What the HTML of a field says.

    Raises:
        EventFormatError: There is no text, or it cannot be read.
    """
    markup = text_at(record, field)
    if markup is None:
        raise EventFormatError("missing text", field=field)
    try:
        return html_text(markup)
    except EventFormatError as error:
        raise EventFormatError(str(error), field=field) from error


def below_warning(warning: str | None, text: str) -> str:
    """A text below its content warning, if it has one."""
    return "\n".join(part for part in ((warning or "").strip(), text) if part)


def links_beyond(said: HtmlText, named: set[str | None]) -> list[str]:
    """Addresses on the web to which a text links, without those of the users and hashtags that it names."""
    return [
        link.address
        for link in said.links
        if link.address.lower().startswith(("http://", "https://"))
        and link.address not in named
        and not link.marks & {"mention", "hashtag", "tag"}
    ]


def media_kind(kind: str | None) -> str | None:
    """Kind of a medium: Mastodon's images are photos to the other platforms.

    >>> media_kind("Image"), media_kind("gifv"), media_kind("unknown")
    ('photo', 'gifv', None)
    """
    known = (kind or "").lower()
    return "photo" if known == "image" else None if known in ("", "document", "unknown") else known
