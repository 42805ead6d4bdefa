"""Events of a graph file that another tool wrote: what says nothing else is a user, or follows one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from graphsocial.errors import EventFormatError, TimeWindowError, did_you_mean
from graphsocial.graph.time import parse_time
from graphsocial.ingest.cells import shown
from graphsocial.ingest.formats.edge_list import USER_RELATIONS
from graphsocial.ingest.formats.graph_element import NOT_READ, GraphElement
from graphsocial.ingest.json_fields import unix_time_at
from graphsocial.ingest.platforms.platform_schema import FOLLOW, PLATFORM_SCHEMA, USER_MEASURED
from graphsocial.schema import NODE_TYPES, EdgeType, NodeKey, Schema
from graphsocial.store.events import EdgeRow, Event, Measurement, NodeRow, Skipped

FOREIGN_EDGES: tuple[EdgeType, ...] = tuple(
    dict.fromkeys([*PLATFORM_SCHEMA.edges, *(("user", relation, "user") for relation in USER_RELATIONS)])
)
"""What an edge may say with its attribute `relation`."""

FOREIGN_ASSUMPTIONS = (
    "A node that does not say what it is counts as a user, an edge between users that does not as a follow.",
    "An edge without a direction counts as one each way.",
)

_TIMES = ("start", "timestamp", "time")


def foreign_schema(collected_at: int | None) -> Schema:
    """What such a file can say; edges without a time are known from `collected_at` on."""
    nodes = {node_type: {"name": USER_MEASURED["name"]} if node_type == "user" else {} for node_type in NODE_TYPES}
    crawled = {} if collected_at is None else dict.fromkeys(FOREIGN_EDGES, collected_at)
    return Schema(nodes, {edge_type: {} for edge_type in FOREIGN_EDGES}, crawled_at=crawled)


class ForeignNodes:
    """Which node each id in a file is.

    Args:
        typed: Whether nodes of the file may say what they are; if none does, nothing has to be remembered.
    """

    def __init__(self, typed: bool):
        self._known: dict[str, NodeKey] | None = {} if typed else None

    def declare(self, name: str, values: dict[str, str]) -> NodeKey:
        """A node that the file declares: a user with that id unless it says otherwise."""
        node = (values["type"], values.get("id", name)) if "type" in values else ("user", name)
        if self._known is not None:
            self._known[name] = node
        return node

    def find(self, name: str) -> NodeKey | None:
        """An end of an edge, None where no node before it has that id."""
        return ("user", name) if self._known is None else self._known.get(name)


def foreign_events(element: GraphElement) -> list[Event]:
    """What a node or an edge says, `values` being named by title.

    Raises:
        EventFormatError: It says that it is something unknown, a time cannot be read, or an edge leads nowhere.
    """
    if element.kind == "hyperedge":
        return [Skipped("hyperedges")]
    left = dict(element.values)
    time = _time(element, left)
    events = _node_events(element, left, time) if element.kind == "node" else _edge_events(element, left, time)
    return [*events, *map(Skipped, element.skipped), *(Skipped(NOT_READ) for _ in left)]


def _node_events(element: GraphElement, left: dict[str, str], time: int | None) -> list[Event]:
    node = element.nodes[0]
    if node is None or not node[1].strip():
        raise EventFormatError("missing id", field="id")
    if node[0] not in NODE_TYPES:
        raise EventFormatError(
            f"got {shown(node[0])}, expected one of {', '.join(NODE_TYPES)}.{did_you_mean(node[0], NODE_TYPES)}",
            field="type",
        )
    if left.pop("type", None) is not None:
        left.pop("id", None)
    events: list[Event] = [NodeRow(*node, time, {})]
    if element.label is not None:
        left.setdefault("label", element.label)
    if left.get("label") in ("", node[1], element.ends[0], left.get("name", "")):
        del left["label"]  # what tools write where there is no label of its own
    called = "name" if "name" in left else "label"
    if node[0] == "user" and left.get(called):
        events.append(Measurement(*node, None, {"name": left.pop(called)}))
    return events


def _edge_events(element: GraphElement, left: dict[str, str], time: int | None) -> list[Event]:
    ends = []
    for end, field in enumerate(("source", "target")):
        node = element.nodes[end]
        if node is None or not node[1].strip():
            raise EventFormatError(f"no node {shown(element.ends[end])} before this edge", field=field)
        ends.append(node)
    relation = left.pop("relation", None)
    if relation is None:
        if (ends[0][0], ends[1][0]) != ("user", "user"):
            message = f"missing relation of an edge from {ends[0][0]} to {ends[1][0]}"
            raise EventFormatError(message, field="relation")
        relation = FOLLOW[1]
    ways = [(ends[0], ends[1])]
    if not element.directed and ends[0] != ends[1]:
        ways.append((ends[1], ends[0]))
    edges = [((s[0], relation, t[0]), s[1], t[1]) for s, t in ways if (s[0], relation, t[0]) in FOREIGN_EDGES]
    if not edges:
        tried = f"({ends[0][0]}, {relation}, {ends[1][0]})"
        known = ", ".join(sorted({edge_type[1] for edge_type in FOREIGN_EDGES}))
        raise EventFormatError(
            f"got an edge {shown(tried)}, expected one of {known} between what it joins", field="relation"
        )
    return [EdgeRow(edge_type, source, target, time, {}) for edge_type, source, target in edges]


def _time(element: GraphElement, left: dict[str, str]) -> int | None:
    """When it began, from the first place that says so; later places that say the same are read with it."""
    found = [(name, element.moments[name]) for name in _TIMES if name in element.moments]
    found += [(name, left.pop(name)) for name in _TIMES if name in left]
    times = [_moment(text, name, element.zone) for name, text in found]
    return next((time for time in times if time is not None), None)


def _moment(text: str, name: str, zone: str | None) -> int | None:
    text = text.strip()
    if not text or text.lower() in ("-inf", "-infinity"):  # open to the past
        return None
    try:
        float(text)
    except ValueError:
        pass
    else:
        return unix_time_at({name: text if "e" not in text.lower() else repr(float(text))}, name)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None and zone is not None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        return parse_time(moment)
    except (ValueError, OverflowError, TimeWindowError, ZoneInfoNotFoundError, OSError) as error:
        expected = "a time such as 2022-03-01T12:00:00Z, or seconds since 1970-01-01 UTC"
        raise EventFormatError(f"got {shown(text)}, expected {expected}", field=name) from error
