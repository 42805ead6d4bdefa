"""Reader of graph files in XML; what is of one format is how its elements are cut into nodes and edges."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

from graphsocial.ingest.export_reader import FileSample, Records
from graphsocial.ingest.formats.exported_graph import ExportedGraph
from graphsocial.ingest.formats.foreign_graph import FOREIGN_ASSUMPTIONS, foreign_events, foreign_schema
from graphsocial.ingest.formats.graph_element import GraphElement, GraphParts
from graphsocial.ingest.formats.graph_file import graph_header, graph_records
from graphsocial.schema import Schema
from graphsocial.store.events import Event
from graphsocial.store.export.graph_header import GraphHeader


@dataclass
class GraphFileReader:
    """Graphs in an XML format, the name of which is that of its root element and the ending of its files.

    What `export_graph` wrote is read back as it was; `for_file` takes the schema from the file.

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

    format: ClassVar[str]
    documented: ClassVar[str]

    def __post_init__(self) -> None:
        self.schema = foreign_schema(self.collected_at) if self.header is None else self.header.schema
        self._exported = None if self.header is None else ExportedGraph(self.header.schema)
        self.assumptions = FOREIGN_ASSUMPTIONS if self.header is None else self.header.assumptions

    @staticmethod
    def parts(path: Path) -> GraphParts:
        """Description, attributes, nodes and edges of a file in order.

        Raises:
            EventFormatError: As `xml_events`, or the file is of another format.
        """
        raise NotImplementedError

    def for_file(self, path: Path) -> Self:
        """The reader for one file, with the schema that the file itself states.

        Raises:
            EventFormatError: `export_graph` wrote the file, and its header is damaged or of another release.
        """
        return type(self)(self.collected_at, graph_header(path, self.parts))

    def recognises(self, sample: FileSample) -> bool:
        """Whether the file is named so, or its root element is."""
        root = re.compile(rf"<(\w+:)?{self.format}[\s>]")
        begins = sample.text.lstrip().startswith("<") and root.search(sample.text) is not None
        return begins or sample.name.endswith(f".{self.format}")

    def records(self, path: Path) -> Records:
        """Nodes and edges by number.

        Raises:
            EventFormatError: There is no such file, or it has a document type.
        """
        return graph_records(path, self.parts, exported=self.header is not None)

    def events(self, record: GraphElement) -> list[Event]:
        """What a node or an edge says."""
        return foreign_events(record) if self._exported is None else self._exported.events(record)
