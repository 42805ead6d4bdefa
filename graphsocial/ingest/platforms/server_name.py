"""The name of a server of the fediverse, as somebody states it or as the address of an account gives it away."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from graphsocial.errors import SchemaError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.json_fields import Json

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:localhost|{_LABEL}(?:\.{_LABEL})+)(?::[1-9][0-9]{{0,4}})?")
_LONGEST = 253


def server_name(stated: str) -> str:
    """A stated server in the one way in which it is written here: lower case, and ASCII where its name is not.

    Its address will do, `https://mastodon.social/`; what else stands before or after the name is refused, since the
    name of a person or a page may have been meant.

    Raises:
        SchemaError: That is no name of a server.

    >>> server_name("https://Mastodon.social/"), server_name("münchen.social")
    ('mastodon.social', 'xn--mnchen-3ya.social')
    >>> server_name("mastodon.social/@ann")
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: got server 'mastodon.social/@ann', expected a name such as mastodon.social. \
Did you mean 'mastodon.social'?
    """
    if isinstance(stated, str):
        name = _plain(re.sub("^https?://", "", stated.strip(), flags=re.IGNORECASE).removesuffix("/"))
        if name is not None:
            return name
        # of a page or a person, the server is what was meant at best
        meant = _plain(re.split(r"[/?#\s]", re.sub("^[^/]*://", "", stated.strip()), maxsplit=1)[0].rpartition("@")[2])
    else:
        meant = None
    hint = f". Did you mean {meant!r}?" if meant else ""
    raise SchemaError(f"got server {shown(stated)}, expected a name such as mastodon.social{hint}")


def home_server(account: Json) -> str | None:
    """The server on which an account lives that is local to the server which was asked; None for those of others.

    An API names accounts of its own server without one (`acct`) and gives their address, so this is the server that was
    asked. What is missing or odd says nothing.

    >>> home_server({"acct": "ann", "url": "https://a.example/@ann"})
    'a.example'
    >>> home_server({"acct": "bob@b.example", "url": "https://b.example/@bob"}) is None
    True
    """
    handle, address = account.get("acct"), account.get("url")
    if not isinstance(handle, str) or not handle or "@" in handle or not isinstance(address, str):
        return None
    try:
        parts = urlsplit(address)
        return _plain(parts.netloc) if parts.scheme in ("https", "http") else None
    except ValueError:
        return None


def _plain(name: str) -> str | None:
    """A name in lower case and ASCII; None where it can be none."""
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    name = name.lower()
    return name if len(name) <= _LONGEST and _HOST.fullmatch(name) else None
