"""GEXF files: graphs that `export_graph`, Gephi or NetworkX wrote."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar
from xml.etree.ElementTree import Element

from graphsocial.errors import EventFormatError
from graphsocial.ingest.formats.graph_element import (
    NOT_READ,
    DeclaredAttribute,
    Description,
    GraphElement,
    GraphParts,
)
from graphsocial.ingest.formats.graph_file_reader import GraphFileReader
from graphsocial.ingest.formats.xml_events import local_name, xml_events

ENDS_SKIPPED = "ends of nodes and edges, which a graph does not hold"
SPELLS_SKIPPED = "spells and lists of times that are not read"

_MOMENTS = frozenset({"start", "end", "timestamp", "startopen", "endopen"})
_SPELLS = frozenset({"spells", "slices", "intervals", "timestamps"})


def gexf_parts(path: Path) -> GraphParts:
    """Description, attributes, nodes and edges of a file in order.

    Raises:
        EventFormatError: As `xml_events`, or the file is no GEXF.
    """
    of, zone, direction = "node", None, "undirected"
    root = True
    for event, element in xml_events(path, ("node", "edge", "attribute")):
        name = local_name(element)
        if event == "start":
            if root and name != "gexf":
                raise EventFormatError(f"got XML of <{name}>, expected <gexf>", str(path))
            root = False
            if name == "graph":
                zone, direction = element.get("timezone"), element.get("defaultedgetype", direction)
            elif name == "attributes":
                of = element.get("class", "node")
        elif name == "description":
            yield Description(element.text or "")
        elif name == "attribute":
            default = next((child.text for child in element if local_name(child) == "default"), None)
            title = element.get("title") or element.get("id") or ""
            yield DeclaredAttribute(of, element.get("id", ""), title, default)
        elif name in ("node", "edge"):
            yield _parsed(element, name, zone, direction)


class GexfReader(GraphFileReader):
    """Graphs in GEXF. What `export_graph` wrote is read back as it was; `for_file` takes the schema from the file.

    In files of other tools a node is a user unless an attribute `type` says otherwise, an edge is a follow unless one
    named `relation` does, and times are `start`, `timestamp` or an attribute `time`: in ISO 8601, or in seconds since
    1970-01-01 UTC. `name` or else the label of a user is its name. How things are drawn is passed over, other
    attributes are counted.
    """

    format: ClassVar[str] = "gexf"
    documented: ClassVar[str] = "GEXF 1.3 (gexf.net), and 1.2draft as NetworkX writes it"
    parts = staticmethod(gexf_parts)


def _parsed(element: Element, kind: str, zone: str | None, direction: str) -> GraphElement | EventFormatError:
    values: dict[str, str] = {}
    skipped = [SPELLS_SKIPPED for name in element.keys() if name in _SPELLS]
    skipped += [ENDS_SKIPPED for name in ("end", "endopen") if name in element.keys()]
    skipped += [NOT_READ for name in ("pid", "weight", "kind") if name in element.keys()]
    for child in element:
        part = local_name(child)
        skipped += [SPELLS_SKIPPED] * (part in _SPELLS) + [NOT_READ] * (part == "parents")
        for value in child if part == "attvalues" else ():
            name = value.get("for") or value.get("id") or ""
            if not _MOMENTS.isdisjoint(value.keys()):
                skipped.append(NOT_READ)  # a value that changes
            elif name in values:
                return EventFormatError("the attribute has two values", field=name)
            else:
                values[name] = value.get("value", value.text or "")
    start = element.get("start") or element.get("startopen")
    moments = {name: at for name, at in (("start", start), ("timestamp", element.get("timestamp"))) if at}
    if kind == "node":
        name, label = element.get("id", ""), element.get("label")
        return GraphElement("node", (name,), values, True, label, moments, zone, tuple(skipped))
    ends = (element.get("source", ""), element.get("target", ""))
    skipped += [NOT_READ] * (element.get("label") is not None)
    directed = element.get("type", direction) == "directed"
    return GraphElement("edge", ends, values, directed, None, moments, zone, tuple(skipped))
