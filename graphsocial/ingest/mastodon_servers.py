"""Which servers the statuses in a store came from, and what to say where their ids may have been mixed up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphsocial.ingest.platforms.mastodon import MastodonReader

MIXED = (
    "Statuses of several servers{names} were read as if they were of one: ids that mean different posts or users on "
    "each may have been taken for the same. Read every server's exports into a new store, with --server."
)
BOTH_WAYS = (
    "Statuses were read with --server and without: one that was read both ways stands for two posts. "
    "Read all of them with it, into a new store."
)

MOST_SEEN = 8
"""Servers of a file that are remembered: one is as it should be, and two are enough to say that it is not."""


class MastodonServers:
    """Servers by the way in which their statuses were read: with the same one stated, or with none.

    The notes on files that were read carry what was seen in them as `servers`, so a store remembers.

    >>> servers = MastodonServers([{"format": "mastodon", "servers": ["a.example"]}])
    >>> servers.warnings()
    ()
    >>> servers.add({"format": "mastodon", "servers": ["b.example"]})
    >>> servers.warnings(named=True)[0][:52]
    'Statuses of several servers (a.example, b.example) w'
    """

    def __init__(self, notes: Iterable[Mapping[str, Any]]):
        """From the notes in a store."""
        self._seen: dict[str, set[str]] = {}
        for note in notes:
            self.add(note)

    def add(self, note: Mapping[str, Any]) -> None:
        """Takes the note on one more file; those of other formats, and of older releases, say nothing."""
        if note.get("servers"):
            self._seen.setdefault(note["format"], set()).update(note["servers"])

    def warnings(self, named: bool = False) -> tuple[str, ...]:
        """What has to be said, with the servers' names where they may be shown."""
        found = []
        for seen in self._seen.values():
            if len(seen) > 1:
                found.append(MIXED.format(names=f" ({', '.join(sorted(seen))})" if named else ""))
        if MastodonReader.format in self._seen and len(self._seen) > 1:
            found.append(BOTH_WAYS)
        return tuple(dict.fromkeys(found))


def stated_otherwise(server: str, homes: Iterable[str]) -> str:
    """What to say of a file whose own accounts live on other servers than the one that was stated; else nothing.

    A server may have its handles under one name and its pages under a longer one.

    >>> stated_otherwise("example.social", ["web.example.social"])
    ''
    >>> stated_otherwise("exmaple.social", ["example.social"])
    'its own accounts live on example.social, not on exmaple.social as stated'
    """
    found, stated = sorted(homes), f".{server.partition(':')[0]}"
    names = [f".{home.partition(':')[0]}" for home in found]
    if not found or any(name.endswith(stated) or stated.endswith(name) for name in names):
        return ""
    return f"its own accounts live on {', '.join(found)}, not on {server} as stated"
