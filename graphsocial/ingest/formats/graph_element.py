"""A node or an edge of a graph file, as text, before anybody says what it means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from graphsocial.errors import EventFormatError
from graphsocial.schema import NodeKey

NOT_READ = "attributes that are not read"


class GraphElement(NamedTuple):
    """One element of a graph file.

    Attributes:
        kind: What it is.
        ends: Its id in the file if it is a node, those of its source and target if it is an edge.
        values: Attributes that the file declares, by their id, or by their title where the reader looks them up so.
        directed: False for an edge without a direction.
        label: What a node is called.
        moments: `start` and `timestamp` where the format has such attributes of its own.
        zone: Time zone of times that name none; None: UTC.
        skipped: What of it is passed over, plural nouns.
        nodes: Type and id of each end; None where the file does not declare it.
    """

    kind: Literal["node", "edge", "hyperedge"]
    ends: tuple[str, ...] = ()
    values: dict[str, str] = {}  # noqa: RUF012
    directed: bool = True
    label: str | None = None
    moments: dict[str, str] = {}  # noqa: RUF012
    zone: str | None = None
    skipped: tuple[str, ...] = ()
    nodes: tuple[NodeKey | None, ...] = ()


class DeclaredAttribute(NamedTuple):
    """That nodes or edges have an attribute: its id, what people see, and the value of those that do not say."""

    of: str
    id: str
    title: str
    default: str | None = None


class Description(NamedTuple):
    """What the file says of the graph as a whole."""

    text: str


GraphParts = Iterator[GraphElement | DeclaredAttribute | Description | EventFormatError]
"""Parts of a file in order; an EventFormatError stands for an element that is none."""
