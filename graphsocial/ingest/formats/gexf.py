"""GEXF files: graphs that `export_graph`, Gephi or NetworkX wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from xml.etree.ElementTree import Element

from graphsocial.errors import EventFormatError
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

ENDS_SKIPPED = "ends of nodes and edges, which a graph does not hold"
SPELLS_SKIPPED = "spells and lists of times that are not read"

_ROOT = re.compile(r"<(\w+:)?gexf[\s>]")
_MOMENTS = frozenset({"start", "end", "timestamp", "startopen", "endopen"})
_SPELLS = frozenset({"spells", "slices", "intervals", "timestamps"})


@dataclass
class GexfReader:
    """Graphs in GEXF. What `export_graph` wrote is read back as it was; `for_file` takes the schema from the file.

    In files of other tools a node is a user unless an attribute `type` says otherwise, an edge is a follow unless one
    named `relation` does, and times are `start`, `timestamp` or an attribute `time`: in ISO 8601, or in seconds since
    1970-01-01 UTC. `name` or else the label of a user is its name. How things are drawn is passed over, other
    attributes are counted.

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

    format: ClassVar[str] = "gexf"
    documented: ClassVar[str] = "GEXF 1.3 (gexf.net), and 1.2draft as NetworkX writes it"

    def __post_init__(self) -> None:
        self.schema = foreign_schema(self.collected_at) if self.header is None else self.header.schema
        self._exported = None if self.header is None else ExportedGraph(self.header.schema)
        self.assumptions = FOREIGN_ASSUMPTIONS if self.header is None else self.header.assumptions

    def for_file(self, path: Path) -> GexfReader:
        """The reader for one file, with the schema that the file itself states.

        Raises:
            EventFormatError: `export_graph` wrote the file, and its header is damaged or of another release.
        """
        return GexfReader(self.collected_at, graph_header(path, gexf_parts))

    def recognises(self, sample: FileSample) -> bool:
        """Whether the file is named so, or its root element is."""
        begins = sample.text.lstrip().startswith("<") and _ROOT.search(sample.text) is not None
        return begins or sample.name.endswith(".gexf")

    def records(self, path: Path) -> Records:
        """Nodes and edges by number.

        Raises:
            EventFormatError: There is no such file, or it has a document type.
        """
        return graph_records(path, gexf_parts, exported=self.header is not None)

    def events(self, record: GraphElement) -> list[Event]:
        """What a node or an edge says."""
        return foreign_events(record) if self._exported is None else self._exported.events(record)


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
