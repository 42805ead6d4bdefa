"""GEXF 1.3, which Gephi and NetworkX read."""

from __future__ import annotations

from typing import TextIO

from graphsocial.graph import SocialGraph, format_time
from graphsocial.store.export.export_report import ExportContent, everything
from graphsocial.store.export.graph_header import header_text
from graphsocial.store.export.graph_keys import GraphKey, edge_keys, node_keys
from graphsocial.store.export.graph_rows import KeyValues, edge_rows, node_rows, value_text
from graphsocial.store.export.lost_parts import lost_bounds, lost_escapes, lost_measurements, lost_settings
from graphsocial.store.export.xml_writer import XmlWriter

NAMESPACE = "http://gexf.net/1.3"
TYPE = {"string": "string", "int": "long", "float": "double", "bool": "boolean"}


def write_gexf(graph: SocialGraph, file: TextIO, name: str) -> ExportContent:
    """Writes a view as a dynamic GEXF graph.

    Nodes are `type:id` and begin when they are first known, edges begin at their time; both say so in ISO 8601 for
    timelines. The same times in seconds, types, ids and columns are attributes. The `kind` of an edge is its relation.

    Args:
        graph: View to write.
        file: Where to write.
        name: Name that the file will have.
    """
    nodes, edges = node_keys(graph.schema), edge_keys(graph.schema)
    xml = XmlWriter(file)
    xml.open("gexf", {"xmlns": NAMESPACE, "version": "1.3"})
    xml.open("meta", {})
    xml.leaf("creator", {}, "graphsocial")
    xml.leaf("description", {}, header_text(graph))
    xml.close()
    # timeformat "date" covers times of day too, and unlike "dateTime" NetworkX knows it
    xml.open("graph", {"defaultedgetype": "directed", "mode": "dynamic", "timeformat": "date"})
    _write_keys(xml, "node", nodes)
    _write_keys(xml, "edge", edges)
    xml.open("nodes", {})
    for node in node_rows(graph, nodes):
        xml.open("node", {"id": f"{node.type}:{node.id}", "label": node.id, **_start(node.first_known)})
        _write_values(xml, node.values)
        xml.close()
    xml.close()
    xml.open("edges", {})
    for number, edge in enumerate(edge_rows(graph, graph.edge_types, edges)):
        source, relation, target = edge.type
        ends = {"source": f"{source}:{edge.src}", "target": f"{target}:{edge.dst}"}
        xml.open("edge", {"id": str(number), **ends, "kind": relation, **_start(edge.time)})
        _write_values(xml, edge.values)
        xml.close()
    xml.close()
    xml.close()
    xml.close()
    lost = lost_bounds(graph) + lost_settings(graph) + lost_measurements(graph) + lost_escapes(xml.escaped)
    return ExportContent((name,), everything(graph), tuple(lost))


def _write_keys(xml: XmlWriter, of: str, keys: list[GraphKey]) -> None:
    xml.open("attributes", {"class": of, "mode": "static"})
    for key in keys:
        xml.leaf("attribute", {"id": key.id, "title": key.title, "type": TYPE[key.kind]})
    xml.close()


def _write_values(xml: XmlWriter, values: KeyValues) -> None:
    xml.open("attvalues", {})
    for key, value in values:
        xml.leaf("attvalue", {"for": key.id, "value": value_text(value, key.kind)})
    xml.close()


def _start(time: int | None) -> dict[str, str]:
    return {} if time is None else {"start": format_time(time).replace(" ", "T")}
