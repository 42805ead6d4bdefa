"""GraphML files: graphs that `export_graph`, NetworkX, igraph or Gephi wrote."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar
from xml.etree.ElementTree import Element

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.formats.graph_element import (
    NOT_READ,
    DeclaredAttribute,
    Description,
    GraphElement,
    GraphParts,
)
from graphsocial.ingest.formats.graph_file_reader import GraphFileReader
from graphsocial.ingest.formats.xml_events import local_name, xml_events

_DIRECTED = {"directed": True, "undirected": False}


def graphml_parts(path: Path) -> GraphParts:
    """Description, attributes, nodes and edges of a file in order.

    Raises:
        EventFormatError: As `xml_events`, or the file is no GraphML.
    """
    directed, of_graph = True, dict[str, str]()
    root = True
    for event, element in xml_events(path, ("node", "edge", "hyperedge", "key")):
        name = local_name(element)
        if event == "start":
            if root and name != "graphml":
                raise EventFormatError(f"got XML of <{name}>, expected <graphml>", str(path))
            root = False
            if name == "graph":
                default = element.get("edgedefault")
                if default not in _DIRECTED:
                    message = f"got edgedefault {shown(default)}, expected directed or undirected"
                    raise EventFormatError(message, str(path), field="edgedefault")
                directed = _DIRECTED[default]
        elif name == "key":
            key = _declared(element)
            of_graph[key.id] = key.title
            yield key
        elif name == "data" and of_graph.get(element.get("key", "")) == "graphsocial":
            yield Description(element.text or "")
        elif name in ("node", "edge", "hyperedge"):
            yield _parsed(element, name, directed)


class GraphMLReader(GraphFileReader):
    """Graphs in GraphML. What `export_graph` wrote is read back as it was; `for_file` takes the schema from the file.

    In files of other tools a node is a user unless data named `type` says otherwise, an edge is a follow unless data
    named `relation` does, and times are data named `start`, `timestamp` or `time`: in ISO 8601, or in seconds since
    1970-01-01 UTC. `name` or else `label` of a user is its name. Other data are counted.
    """

    format: ClassVar[str] = "graphml"
    documented: ClassVar[str] = "GraphML 1.0 with attributes (graphml.graphdrawing.org)"
    parts = staticmethod(graphml_parts)


def _declared(element: Element) -> DeclaredAttribute:
    name = element.get("id", "")
    title = element.get("attr.name") or element.get("yfiles.type") or name
    default = next((child.text or "" for child in element if local_name(child) == "default"), None)
    return DeclaredAttribute(element.get("for", "all"), name, title, default)


def _parsed(element: Element, kind: str, directed: bool) -> GraphElement | EventFormatError:
    if kind == "hyperedge":
        return GraphElement("hyperedge")
    values: dict[str, str] = {}
    skipped = [NOT_READ for child in element if local_name(child) == "port"]
    for child in element:
        if local_name(child) != "data":
            continue
        name = child.get("key", "")
        if len(child):
            skipped.append(NOT_READ)  # how yEd draws it
        elif name in values:
            return EventFormatError("the attribute has two values", field=name)
        else:
            values[name] = child.text or ""
    if kind == "node":
        return GraphElement("node", (element.get("id", ""),), values, skipped=tuple(skipped))
    says = element.get("directed")
    if says is not None:
        directed = says == "true"
    ends = (element.get("source", ""), element.get("target", ""))
    return GraphElement("edge", ends, values, directed, skipped=tuple(skipped))
