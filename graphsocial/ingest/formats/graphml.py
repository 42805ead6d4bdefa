"""GraphML files: graphs that `export_graph`, NetworkX, igraph or Gephi wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from xml.etree.ElementTree import Element

from graphsocial.errors import EventFormatError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.formats.exported_graph import ExportedGraph
from graphsocial.ingest.formats.foreign_graph import FOREIGN_ASSUMPTIONS, foreign_events, foreign_schema
from graphsocial.ingest.formats.graph_element import (
    NOT_READ,
    DeclaredAttribute,
    Description,
    GraphElement,
    GraphParts,
)
from graphsocial.ingest.formats.graph_file import graph_header, graph_records
from graphsocial.ingest.formats.xml_events import local_name, xml_events
from graphsocial.schema import Schema
from graphsocial.store.events import Event
from graphsocial.store.export.graph_header import GraphHeader

_ROOT = re.compile(r"<(\w+:)?graphml[\s>]")
_DIRECTED = {"directed": True, "undirected": False}


@dataclass
class GraphMLReader:
    """Graphs in GraphML. What `export_graph` wrote is read back as it was; `for_file` takes the schema from the file.

    In files of other tools a node is a user unless data named `type` says otherwise, an edge is a follow unless data
    named `relation` does, and times are data named `start`, `timestamp` or `time`: in ISO 8601, or in seconds since
    1970-01-01 UTC. `name` or else `label` of a user is its name. Other data are counted.

    Attributes:
        collected_at: When a file of another tool was made, int64 seconds UTC: from then on edges without a time are
            known.
        header: What the file says of its graph, for files that `export_graph` wrote.
    """

    collected_at: int | None = None
    header: GraphHeader | None = None
    schema: Schema = field(init=False, repr=False)
    assumptions: tuple[str, ...] = field(init=False, repr=False)
    _exported: ExportedGraph | None = field(init=False, repr=False)

    format: ClassVar[str] = "graphml"
    documented: ClassVar[str] = "GraphML 1.0 with attributes (graphml.graphdrawing.org)"

    def __post_init__(self) -> None:
        self.schema = foreign_schema(self.collected_at) if self.header is None else self.header.schema
        self._exported = None if self.header is None else ExportedGraph(self.header.schema)
        self.assumptions = FOREIGN_ASSUMPTIONS if self.header is None else self.header.assumptions

    def for_file(self, path: Path) -> GraphMLReader:
        """The reader for one file, with the schema that the file itself states.

        Raises:
            EventFormatError: `export_graph` wrote the file, and its header is damaged or of another release.
        """
        return GraphMLReader(self.collected_at, graph_header(path, graphml_parts))

    def recognises(self, sample: FileSample) -> bool:
        """Whether the file is named so, or its root element is."""
        begins = sample.text.lstrip().startswith("<") and _ROOT.search(sample.text) is not None
        return begins or sample.name.endswith(".graphml")

    def records(self, path: Path) -> Records:
        """Nodes and edges by number.

        Raises:
            EventFormatError: There is no such file, or it has a document type.
        """
        return graph_records(path, graphml_parts, exported=self.header is not None)

    def events(self, record: GraphElement) -> list[Event]:
        """What a node or an edge says."""
        return foreign_events(record) if self._exported is None else self._exported.events(record)


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
