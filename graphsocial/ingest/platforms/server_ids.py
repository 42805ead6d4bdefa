"""Ids that mean something on one server only, with the server's name before them."""

from __future__ import annotations

from collections.abc import Iterable

from graphsocial.store.events import EdgeRow, Event, Skipped

_LOCAL = frozenset({"user", "post", "media"})
"""Node types that a server numbers; hashtags and addresses are the same everywhere."""


def with_server(events: Iterable[Event], server: str) -> list[Event]:
    """Events of one server's API, with every id that the server gave as `server/id`, those of reposts included.

    >>> like = EdgeRow(("user", "like", "post"), "11", "1001", 10, {})
    >>> with_server([like], "a.example")[0][1:3]
    ('a.example/11', 'a.example/1001')
    """

    def named(node_type: str, name: str) -> str:
        return f"{server}/{name}" if node_type in _LOCAL else name

    found: list[Event] = []
    for event in events:
        if isinstance(event, EdgeRow):
            source, _, target = event.type
            values = event.values
            if values.get("event") is not None:
                values = {**values, "event": named("post", values["event"])}
            found.append(event._replace(src=named(source, event.src), dst=named(target, event.dst), values=values))
        elif isinstance(event, Skipped):
            found.append(event)
        else:
            found.append(event._replace(id=named(event.type, event.id)))
    return found
