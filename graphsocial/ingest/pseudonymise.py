"""Takes direct identifiers out of events before anything stores them, by keyed pseudonyms.

What this is: ids of users, posts, media and addresses, handles, and the mentions, links, e-mail addresses and phone
numbers inside texts become pseudonyms, the same in every export that is read with the same key. What this is not:
anonymisation. Pseudonymised data are still personal data (GDPR art. 4(5) and recital 26): the key leads back, free
text may name or describe people, a text or the second of its time can be looked up on the platform, and a profile's
counts and a neighbourhood in a graph can be as telling as a name. Keep the key apart from the data.

What stays as it is: hashtags, which are words (also where the word is somebody's name); communities, apart from those
that are one user's page; languages; counts; and the times of what happened, which everything else is computed from.

What is dropped or made coarser: where users say they live, since few share a value and it points at a place; and the
time at which an account was made, to the day, since to the second it tells nearly every account from all others.

What is not found in a text: a name without a mark, a handle without its `@`, `ann (at) example (dot) org`, an address
without scheme or path under an ending that few use. Where it is unclear how far an identifier goes, more is hidden
rather than less: letters that follow a handle directly go with it, and seven or more digits that stand together are
taken for a phone number unless they are written as a date or a range of years. Texts should be plain: HTML between
the letters of a handle or an address hides it from here too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from graphsocial.errors import EventFormatError
from graphsocial.ingest.media_copy import media_name
from graphsocial.ingest.text_identifiers import replace_identifiers
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow, Skipped
from graphsocial.store.pseudonyms import Namespace, Pseudonyms

Treatment = Literal["keep", "drop", "day", "text", "community", "file", "post", "url", "handle", "name"]
"""What happens to a column: `keep` as it is, `drop` (None), `day` (the day's beginning), `text` (identifiers inside are
replaced), `community` (kept, apart from a user's own page), `file` (a file's pseudonymous name), else the namespace of
a pseudonym."""

NODE_IDS: Mapping[str, Namespace | None] = MappingProxyType(
    {"user": "user", "post": "post", "media": "media", "url": "url", "hashtag": None}
)
"""Namespace of a node type's ids; None where they stay, which holds for hashtags alone: they are words."""

NODE_COLUMNS: Mapping[tuple[str, str], Treatment] = MappingProxyType(
    {
        ("post", "text"): "text",
        ("post", "language"): "keep",
        ("post", "community"): "community",
        ("post", "conversation"): "post",  # the id of the post that began it
        ("post", "url"): "url",
        ("user", "handle"): "handle",
        ("user", "name"): "name",
        ("user", "description"): "text",
        # too few people share a value for a pseudonym to hide anything, and one could not be used as a place anyway
        ("user", "location"): "drop",
        ("user", "created"): "day",
        ("media", "kind"): "keep",
        ("media", "address"): "url",
        ("media", "alt"): "text",
        ("media", "path"): "file",
    }
)
"""Treatment by node type and column. In any other column text is treated as text, and numbers and flags stay."""

EDGE_COLUMNS: Mapping[tuple[str, str], Treatment] = MappingProxyType(
    {("repost", "event"): "post"}  # platforms number reposts and posts alike
)
"""Treatment by relation and column, likewise."""

DAY = 86_400


class Pseudonymiser:
    """Turns the events of any reader into pseudonymised ones, a record at a time; it remembers nothing.

    Attributes:
        pseudonyms: Gives the pseudonyms, by its key.

    >>> hidden = Pseudonymiser(Pseudonyms(bytes(range(32))))
    >>> hidden.text("hi @Ann, +49 151 2345678")
    'hi @handle_245im2mww53gqi6mipdc, phone_zru5mv4uaxn2sk4bfldg'
    """

    def __init__(self, pseudonyms: Pseudonyms):
        self.pseudonyms = pseudonyms

    def events(self, events: list[Event]) -> list[Event]:
        """The events with pseudonyms in place of identifiers, in the same order; times and types stay.

        Raises:
            EventFormatError: A value has another type than its treatment needs; `field` names the column, and the
                message does not show the value.
        """
        return [self._event(event) for event in events]

    def text(self, text: str) -> str:
        """A text with pseudonyms in place of the identifiers inside it.

        Mentions keep their `@` or `u/`, addresses their `https://` and e-mail addresses the look of one, so that what
        masks them by these marks later on, as the normalisation before text encoders does, still finds them. The part
        after the mark is the pseudonym that the same handle, address, user or post has elsewhere.
        """
        return replace_identifiers(text, self._said)

    def _event(self, event: Event) -> Event:
        if isinstance(event, Skipped):
            return event
        if isinstance(event, EdgeRow):
            source, relation, target = event.type
            values = self._values(event.values, EDGE_COLUMNS, relation)
            return event._replace(src=self._id(source, event.src), dst=self._id(target, event.dst), values=values)
        assert isinstance(event, NodeRow | Measurement)
        return event._replace(
            id=self._id(event.type, event.id), values=self._values(event.values, NODE_COLUMNS, event.type)
        )

    def _id(self, node_type: str, name: str) -> str:
        if node_type not in NODE_IDS:
            raise EventFormatError(f"no pseudonyms are known for ids of node type {node_type!r}", field="id")
        namespace = NODE_IDS[node_type]
        return name if namespace is None else self.pseudonyms.of(namespace, name)

    def _values(
        self, values: Mapping[str, Any], table: Mapping[tuple[str, str], Treatment], kind: str
    ) -> dict[str, Any]:
        return {name: self._value(value, table.get((kind, name)), name) for name, value in values.items()}

    def _value(self, value: Any, treatment: Treatment | None, column: str) -> Any:
        if value is None or treatment == "drop":
            return None
        number = isinstance(value, bool | int | float)
        if treatment == "day" and number and not isinstance(value, bool):
            return value - value % DAY
        if number and treatment in (None, "keep"):
            return value
        if not isinstance(value, str) or treatment == "day":
            wanted = "seconds since 1970-01-01 UTC" if treatment == "day" else "text"
            raise EventFormatError(
                f"got a value of type {type(value).__name__}, expected {wanted} to be pseudonymised", field=column
            )
        if treatment == "keep" or not value.strip():
            return value
        if treatment is None or treatment == "text":
            return self.text(value)
        if treatment == "community":
            return _OWN_PAGE.sub(lambda found: found[1] + self.pseudonyms.of("handle", found[2]), value)
        if treatment == "file":
            return media_name(value, self.pseudonyms)
        return self.pseudonyms.of(treatment, value)  # type: ignore[arg-type]  # all that is left are namespaces

    def _said(self, kind: str, found: str) -> str:
        """What takes the place of an identifier in a text; see `replace_identifiers` for the kinds."""
        if kind == "url":
            return f"https://{self.pseudonyms.of('url', found)}"
        if kind == "email":
            return f"{self.pseudonyms.of('email', found)}@mail.invalid"  # a domain that never exists (RFC 2606)
        if kind == "phone":
            return self.pseudonyms.of("phone", found)
        if kind == "did":
            return self.pseudonyms.of("user", found)
        if kind == "at":
            return self.pseudonyms.of(*_of_at_uri(found))
        mark, name = ("@", found) if kind == "mention" else _USER_MARK.match(found).groups()  # type: ignore[union-attr]
        return mark + self.pseudonyms.of("handle", name.replace("\\", ""))


_OWN_PAGE = re.compile(r"^((?:/?r/)?u[_/])(.+)$", re.IGNORECASE | re.DOTALL)
"""A community that is a user's page, as Reddit names it."""

_USER_MARK = re.compile(r"(/?(?:r/u_|u/|user/))(.+)", re.IGNORECASE | re.DOTALL)


def _of_at_uri(uri: str) -> tuple[Namespace, str]:
    """Namespace and value of an address of the AT protocol: a post, whoever it belongs to, or a record of another kind.

    >>> _of_at_uri("at://did:plc:abc/app.bsky.feed.post/3k"), _of_at_uri("at://ann.example")
    (('post', 'at://did:plc:abc/app.bsky.feed.post/3k'), ('handle', 'ann.example'))
    """
    owner, _, rest = uri[len("at://") :].partition("/")
    collection = rest.split("/", 1)[0]
    if collection == "app.bsky.feed.post":
        return "post", uri
    if collection in ("", "app.bsky.actor.profile"):
        return ("user" if owner.startswith("did:") else "handle"), owner
    return "url", uri
