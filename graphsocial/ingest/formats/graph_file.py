"""Header and records of a graph file, whatever its format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graphsocial.errors import EventFormatError, SchemaError
from graphsocial.ingest.cells import shown
from graphsocial.ingest.export_reader import Records
from graphsocial.ingest.formats.exported_graph import exported_node, is_exported
from graphsocial.ingest.formats.foreign_graph import ForeignNodes
from graphsocial.ingest.formats.graph_element import DeclaredAttribute, Description, GraphElement, GraphParts
from graphsocial.ingest.formats.xml_events import check_prolog
from graphsocial.store.export.graph_header import GraphHeader, read_header
from graphsocial.store.export.xml_text import plain_text

_READ_DEFAULTS = ("type", "relation", "time", "start", "timestamp")


def graph_header(path: Path, parts_of: Callable[[Path], GraphParts]) -> GraphHeader | None:
    """What a file that `export_graph` wrote says of its graph, None for files of other tools.

    Raises:
        EventFormatError: The header is damaged or of another release.
    """
    header: GraphHeader | None = None
    declared = []
    try:
        for part in parts_of(path):
            if isinstance(part, Description):
                header = read_header(plain_text(part.text)) or header
            elif isinstance(part, DeclaredAttribute):
                declared.append(part)
            else:
                break
    except SchemaError as error:
        raise EventFormatError(str(error), str(path)) from error
    except EventFormatError:
        return None  # damaged before the first node; reading the records says so
    return header if header is not None and is_exported(header.schema, declared) else None


def graph_records(path: Path, parts_of: Callable[[Path], GraphParts], exported: bool) -> Records:
    """Nodes and edges of a file by number, their ends looked up; where the file is damaged an error ends them.

    Args:
        path: The file.
        parts_of: Parts of a file of the format.
        exported: Whether `export_graph` wrote it; else attributes are named by their titles.

    Raises:
        EventFormatError: There is no such file, or it has a document type.
    """
    check_prolog(path)
    declared = _Declared()
    nodes: ForeignNodes | None = None
    number = 0
    try:
        for part in parts_of(path):
            if isinstance(part, DeclaredAttribute):
                declared.add(part)
            elif isinstance(part, EventFormatError):
                number += 1
                yield number, part
            elif isinstance(part, GraphElement):
                number += 1
                if exported:
                    yield number, part._replace(nodes=tuple(map(exported_node, part.ends)))
                    continue
                if nodes is None:
                    nodes = ForeignNodes("type" in declared.titles["node"].values())
                yield number, _titled(part, declared, nodes)
    except EventFormatError as error:
        yield number + 1, error


class _Declared:
    """Titles of attributes by id, and values of those that do not say, by title, of nodes and of edges."""

    def __init__(self) -> None:
        self.titles: dict[str, dict[str, str]] = {"node": {}, "edge": {}, "hyperedge": {}}
        self.defaults: dict[str, dict[str, str]] = {"node": {}, "edge": {}, "hyperedge": {}}

    def add(self, attribute: DeclaredAttribute) -> None:
        for kind in self.titles if attribute.of == "all" else {attribute.of} & self.titles.keys():
            self.titles[kind][attribute.id] = attribute.title
            if attribute.default is not None and attribute.title in _READ_DEFAULTS:
                self.defaults[kind][attribute.title] = attribute.default


def _titled(element: GraphElement, declared: _Declared, nodes: ForeignNodes) -> GraphElement | EventFormatError:
    """The element with its attributes by title and its ends looked up."""
    titles, values = declared.titles[element.kind], dict(declared.defaults[element.kind])
    for name, value in element.values.items():
        if name not in titles:
            return EventFormatError(f"attribute {shown(name)} is not declared before this {element.kind}", field=name)
        values[titles[name]] = value
    if element.kind == "node":
        return element._replace(values=values, nodes=(nodes.declare(element.ends[0], values),))
    return element._replace(values=values, nodes=tuple(map(nodes.find, element.ends)))
