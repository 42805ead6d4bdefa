"""GraphML, which NetworkX, igraph, Gephi and yEd read."""

from __future__ import annotations

from typing import TextIO

from graphsocial.graph import SocialGraph
from graphsocial.store.export.export_report import ExportContent, everything
from graphsocial.store.export.graph_header import header_text
from graphsocial.store.export.graph_keys import edge_keys, node_keys
from graphsocial.store.export.graph_rows import KeyValues, edge_rows, node_rows, value_text
from graphsocial.store.export.lost_parts import lost_bounds, lost_escapes, lost_measurements, lost_settings
from graphsocial.store.export.xml_writer import XmlWriter

NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
TYPE = {"string": "string", "int": "long", "float": "double", "bool": "boolean"}
HEADER_KEY = "graph_header"


def write_graphml(graph: SocialGraph, file: TextIO, name: str) -> ExportContent:
    """Writes a view as a directed GraphML graph.

    Nodes are `type:id`; types, ids, times in seconds since 1970-01-01 UTC and columns are typed data.

    Args:
        graph: View to write.
        file: Where to write.
        name: Name that the file will have.
    """
    nodes, edges = node_keys(graph.schema), edge_keys(graph.schema)
    xml = XmlWriter(file)
    xml.open("graphml", {"xmlns": NAMESPACE})
    xml.leaf("key", {"id": HEADER_KEY, "for": "graph", "attr.name": "graphsocial", "attr.type": "string"})
    for of, keys in (("node", nodes), ("edge", edges)):
        for key in keys:
            xml.leaf("key", {"id": key.id, "for": of, "attr.name": key.title, "attr.type": TYPE[key.kind]})
    xml.open("graph", {"edgedefault": "directed"})
    xml.leaf("data", {"key": HEADER_KEY}, header_text(graph))
    for node in node_rows(graph, nodes):
        xml.open("node", {"id": f"{node.type}:{node.id}"})
        _write_values(xml, node.values)
        xml.close()
    for number, edge in enumerate(edge_rows(graph, graph.edge_types, edges)):
        source, _, target = edge.type
        xml.open("edge", {"id": str(number), "source": f"{source}:{edge.src}", "target": f"{target}:{edge.dst}"})
        _write_values(xml, edge.values)
        xml.close()
    xml.close()
    xml.close()
    lost = lost_bounds(graph) + lost_settings(graph) + lost_measurements(graph) + lost_escapes(xml.escaped)
    return ExportContent((name,), everything(graph), tuple(lost))


def _write_values(xml: XmlWriter, values: KeyValues) -> None:
    for key, value in values:
        xml.leaf("data", {"key": key.id}, value_text(value, key.kind))
