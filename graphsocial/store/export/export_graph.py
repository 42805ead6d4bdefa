"""The one way out of the store to the files of other tools."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, get_args

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.graph import SocialGraph
from graphsocial.schema import EdgeType
from graphsocial.store.export.cascades_tsv import write_cascades
from graphsocial.store.export.export_report import ExportContent, ExportReport
from graphsocial.store.export.gexf import write_gexf
from graphsocial.store.export.graphml import write_graphml
from graphsocial.store.export.new_target import new_file, new_folder
from graphsocial.store.export.parquet import write_parquet
from graphsocial.store.export.raphtory import is_raphtory_file, write_raphtory
from graphsocial.store.export.tgb import FILES, write_tgb

ExportFormat = Literal["gexf", "graphml", "parquet", "raphtory", "tgb", "cascades_tsv"]
FORMATS: tuple[str, ...] = get_args(ExportFormat)

_COMPRESSED = (".gz", ".zst", ".bz2", ".xz", ".zip")


def export_graph(
    graph: SocialGraph,
    path: str | os.PathLike[str],
    format: str,
    *,
    relation: EdgeType | str | None = None,
) -> ExportReport:
    """Writes a graph in a format that other tools read; of a view, only what the view knows.

    Everything is written beside `path` and renamed, so that an interrupted export leaves nothing half-written there.

    Args:
        graph: Graph or any view of it.
        path: File (`gexf`, `graphml`, `cascades_tsv`) or folder (`parquet`, `raphtory`, `tgb`) to write; an earlier
            export there is replaced.
        format: `gexf` for Gephi, `graphml` for NetworkX, igraph and others, `parquet` for tables and `open_graph`,
            `raphtory` for its CSV loaders, `tgb` for edge lists as in the Temporal Graph Benchmark, `cascades_tsv` for
            lines of cascades.
        relation: For `tgb` and `cascades_tsv`, the edge type to write, or its relation where only one edge type has it;
            None: the only edge type.

    Raises:
        SchemaError: No such format, or no such relation, or a relation where the format writes all of them.
        DataIntegrityError: Something other than an earlier export stands at `path`.
        OSError: The disk is full or the folder cannot be written; what stood at `path` stays.

    >>> import tempfile
    >>> import pyarrow as pa
    >>> from graphsocial.schema import Schema
    >>> follow = ("user", "follow", "user")
    >>> edges = pa.table({"src": ["ann"], "dst": ["bob"], "time": [1351987200]})
    >>> graph = SocialGraph.build(Schema({"user": {}}, {follow: {}}), {}, {follow: edges})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = export_graph(graph, f"{folder}/friends.gexf", "gexf")
    >>> report.written, report.lost
    ({'user': 2, ('user', 'follow', 'user'): 1}, ())
    >>> export_graph(graph, "friends.gefx", "gefx")
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: unknown export format 'gefx', expected one of gexf, graphml, parquet, … 'gexf'?
    """
    if format not in FORMATS:
        known = ", ".join(FORMATS)
        raise SchemaError(f"unknown export format {format!r}, expected one of {known}.{did_you_mean(format, FORMATS)}")
    target = Path(os.path.abspath(path))
    if target.suffix.lower() in _COMPRESSED:
        raise SchemaError(f"{target.name} ends like a compressed file, which exports are not; expected another name")
    content = _write(graph, target, format, _edge_type(graph, format, relation))
    return ExportReport(target, format, content.files, content.written, content.lost)


def _write(graph: SocialGraph, target: Path, format: str, edge_type: EdgeType | None) -> ExportContent:
    if format == "parquet":
        return write_parquet(graph, target)
    if format == "raphtory":
        with new_folder(target, is_raphtory_file) as folder:
            return write_raphtory(graph, folder)
    if edge_type is not None and format == "tgb":
        with new_folder(target, FILES.__contains__) as folder:
            return write_tgb(graph, edge_type, folder)
    with new_file(target) as file:
        if edge_type is not None:
            return write_cascades(graph, edge_type, file, target.name)
        return write_gexf(graph, file, target.name) if format == "gexf" else write_graphml(graph, file, target.name)


def _edge_type(graph: SocialGraph, format: str, relation: EdgeType | str | None) -> EdgeType | None:
    """The edge type to write, None for formats that write all."""
    if format not in ("tgb", "cascades_tsv"):
        if relation is not None:
            raise SchemaError(f"format {format!r} writes all relations, got relation={relation!r}")
        return None
    if isinstance(relation, tuple):
        return graph.schema.check_edge_type(relation)
    fitting = [edge_type for edge_type in graph.edge_types if relation in (None, edge_type[1])]
    if len(fitting) == 1:
        return fitting[0]
    names = {edge_type[1] for edge_type in graph.edge_types}
    if relation is not None and not fitting:
        raise SchemaError(
            f"unknown relation {relation!r}, expected one of {', '.join(sorted(names)) or '(none)'}."
            f"{did_you_mean(str(relation), names)}"
        )
    raise SchemaError(
        f"format {format!r} writes one relation, got relation={relation!r}, "
        f"expected one of {', '.join(map(str, fitting)) or '(none)'}"
    )
