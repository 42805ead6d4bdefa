"""Writes a graph folder that is either whole or not there."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graphsocial.errors import DataIntegrityError
from graphsocial.graph import SocialGraph
from graphsocial.graph.tables import EdgeTable, NodeTable
from graphsocial.graph.time import NEVER
from graphsocial.schema import UNKNOWN_TIME, EdgeType
from graphsocial.store.layout import (
    CARD,
    FORMAT,
    VERSION,
    card_checksum,
    edge_file,
    file_checksum,
    measured_file,
    node_file,
    previous,
)


def save_graph(graph: SocialGraph, path: str | os.PathLike[str]) -> None:
    """Saves the whole store that a graph or view stands on; a view's bounds are not saved.

    The files are written to a temporary folder beside `path`, flushed to disk and renamed. Interrupted at any moment,
    `open_graph` finds the old graph or the new one, whole.

    Args:
        graph: Graph or any view of it.
        path: Folder to write; a graph already there is replaced, anything else is left alone.

    Raises:
        DataIntegrityError: Something other than a graph folder stands at `path`.
        OSError: The disk is full or the folder cannot be written; the old graph stays.
    """
    target = Path(os.path.abspath(path))
    _check_replaceable(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.new-", dir=target.parent))
    try:
        _write(graph, folder, target)
        folder.chmod(0o755)  # mkdtemp makes it private to its owner
        _put_in_place(folder, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_replaceable(target: Path) -> None:
    if not target.exists() and not target.is_symlink():
        return
    if not target.is_dir() or (any(target.iterdir()) and not _is_graph_folder(target)):
        raise DataIntegrityError(f"{target} is not a graph folder, expected one or a path where nothing is yet")


def _is_graph_folder(target: Path) -> bool:
    # a damaged card still marks a graph folder when all else in it has the names that save_graph gives
    names = [entry.name for entry in target.iterdir()]
    return CARD in names and all(n == CARD or n.startswith(("nodes_", "edges_", "measured_")) for n in names)


def _write(graph: SocialGraph, folder: Path, target: Path) -> None:
    tables = graph.tables
    files: dict[str, str] = {}
    for node_type, node_table in tables.nodes.items():
        files[node_file(node_type)] = _write_parquet(_node_columns(node_table), folder / node_file(node_type))
        if node_table.measured:
            rows = measurement_rows(node_table)
            files[measured_file(node_type)] = _write_parquet(rows, folder / measured_file(node_type))
    for edge_type, edge_table in tables.edges.items():
        content = _edge_columns(edge_type, edge_table, tables.nodes)
        files[edge_file(edge_type)] = _write_parquet(content, folder / edge_file(edge_type))
    card: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "name": graph.name,
        # relative to the graph folder: moves with the project, and tells nobody where it stood
        "media_root": None if graph.media_root is None else os.path.relpath(graph.media_root, target),
        "assumptions": list(graph.stated_assumptions),
        "assumed_known": sorted(map(list, graph.assumed_known)),
        "schema": graph.schema.to_json(),
        "files": files,
    }
    card["checksum"] = card_checksum(card)
    with (folder / CARD).open("w", encoding="utf-8") as file:
        json.dump(card, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    _flush_folder(folder)


def _node_columns(table: NodeTable) -> pa.Table:
    """`id`, `known_at` of the row (2**63 - 1: only edges name the node), `first_known`, and the columns."""
    return pa.table(
        {
            "id": table.ids,
            "known_at": _nullable(table.row_known),
            "first_known": _nullable(table.first_known),
            **table.columns,
        }
    )


def measurement_rows(table: NodeTable) -> pa.Table:
    """`id`, `measured_at` (null: unknown), and one column of values filled per row."""
    parts = []
    for name, seen in table.measured.items():
        at = pa.array(seen.time, mask=seen.time == NEVER)
        parts.append(pa.table({"id": table.ids.take(pa.array(seen.node)), "measured_at": at, name: seen.values}))
    return pa.concat_tables(parts, promote_options="default")


def _edge_columns(edge_type: EdgeType, table: EdgeTable, nodes: dict[str, NodeTable]) -> pa.Table:
    """`src` and `dst` ids, `time` (null where not recorded), and the columns."""
    return pa.table(
        {
            "src": nodes[edge_type[0]].ids.take(pa.array(table.src)),
            "dst": nodes[edge_type[2]].ids.take(pa.array(table.dst)),
            "time": pc.if_else(pa.array(table.recorded), pa.array(table.time), pa.scalar(None, pa.int64())),
            **table.columns,
        }
    )


def _nullable(time: np.ndarray) -> pa.Array:
    return pa.array(time, mask=time == UNKNOWN_TIME)


def _write_parquet(table: pa.Table, path: Path) -> str:
    with path.open("wb") as file:
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    return file_checksum(path)


def _put_in_place(folder: Path, target: Path) -> None:
    """Renames the new folder to the target; a full folder cannot be replaced in one step, so the old one steps aside.

    Between the two renames `open_graph` reads the one that stepped aside.
    """
    aside = previous(target)
    if target.exists():
        if aside.exists():
            shutil.rmtree(aside)  # left by a save that was killed after its last rename
        os.replace(target, aside)
    try:
        os.replace(folder, target)
    except BaseException:
        if aside.exists():
            os.replace(aside, target)
        raise
    _flush_folder(target.parent)
    shutil.rmtree(aside, ignore_errors=True)


def _flush_folder(folder: Path) -> None:
    """Makes renames durable where folders can be flushed."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)
