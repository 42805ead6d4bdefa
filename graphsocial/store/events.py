"""What a reader hands to the store: rows of nodes, edges, and measurements, one at a time."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphsocial.schema import EdgeType


class NodeRow(NamedTuple):
    """What is known of a node from one moment on, for good.

    Attributes:
        type: Node type.
        id: The source's own id.
        known_at: When the row became known, int64 seconds UTC; None where nobody recorded it.
        values: By column of the type that is known with its row.
        first_known: When the node existed, if before its row was known (a post edited later); None: with its row.
    """

    type: str
    id: str
    known_at: int | None
    values: dict[str, Any]
    first_known: int | None = None


class EdgeRow(NamedTuple):
    """One thing that passed between two nodes.

    Attributes:
        type: Edge type.
        src: Id of the source.
        dst: Id of the target.
        time: When, int64 seconds UTC; None where nobody recorded it.
        values: By column of the type.
    """

    type: EdgeType
    src: str
    dst: str
    time: int | None
    values: dict[str, Any]


class Measurement(NamedTuple):
    """Values that hold for a moment only, such as counts, with the time at which somebody looked.

    Attributes:
        type: Node type.
        id: Id of the node.
        at: When they were measured, int64 seconds UTC; None where nobody recorded it, and then no view as of a time
            shows them.
        values: By measured column of the type; those that are None were not looked at.
    """

    type: str
    id: str
    at: int | None
    values: dict[str, Any]


class Skipped(NamedTuple):
    """A record that is understood but that a graph cannot hold, such as a deletion; reports count it.

    Attributes:
        what: Plural noun, in few words.
    """

    what: str


Event = NodeRow | EdgeRow | Measurement | Skipped
