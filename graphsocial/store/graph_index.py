"""A built graph on disk, memory-mapped: a cache that is read only when every byte of it is what was written."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from graphsocial.graph import SocialGraph
from graphsocial.graph.csr import Csr
from graphsocial.graph.id_lookup import IdLookup
from graphsocial.graph.measurements import Measurements
from graphsocial.graph.tables import EdgeTable, NodeTable, Tables
from graphsocial.schema import EdgeType, Schema
from graphsocial.store.index_file import file_crc, read_manifest, write_manifest

MANIFEST = "graph.json"


class KeptGraph(NamedTuple):
    """A graph from disk.

    Attributes:
        version: Version of the store that it is of.
        graph: The graph.
        conflicts: Per node type, nodes of which two rows say different things.
    """

    version: int
    graph: SocialGraph
    conflicts: Mapping[str, int]


class GraphIndex:
    """Columns and compressed sparse rows of one version of a store, as files that are mapped, not read.

    Attributes:
        folder: Where they are; each saving makes a folder of its own in it, and the manifest names the one that counts.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def open(self) -> KeptGraph | None:
        """The graph that is kept, None where there is none or it is damaged."""
        found = read_manifest(self.folder / MANIFEST)
        if found is None:
            return None
        try:
            part = self.folder / found["part"]
            if any(file_crc(part / name) != crc for name, crc in found["files"].items()):
                return None
            return KeptGraph(found["version"], _opened(part, found), found["conflicts"])
        except (OSError, pa.ArrowException, KeyError, ValueError):
            return None

    def save(self, graph: SocialGraph, version: int, conflicts: Mapping[str, int]) -> None:
        """Writes the graph down, and the rows of every relation in both directions; a full disk leaves no index."""
        part = self.folder / uuid.uuid4().hex
        try:
            part.mkdir(parents=True)
            about = _written(graph, part)
            files = {path.name: file_crc(path) for path in sorted(part.iterdir())}
            content = {"version": version, "part": part.name, "files": files, "conflicts": dict(conflicts), **about}
            write_manifest(self.folder / MANIFEST, content)
        except OSError:  # a cache that cannot be written is no reason to fail
            shutil.rmtree(part, ignore_errors=True)
            return
        with suppress(OSError):  # somebody removes the folder at this moment
            for other in self.folder.iterdir():
                if other.is_dir() and other != part:
                    shutil.rmtree(other, ignore_errors=True)


def _written(graph: SocialGraph, part: Path) -> dict[str, Any]:
    tables = graph.tables
    for node_type, table in tables.nodes.items():
        times = {"#first": table.first_known, "#row": table.row_known}
        _write(part / f"nodes_{node_type}.arrow", {"#id": table.ids, **times, **table.columns})
        np.save(part / f"lookup_{node_type}.npy", IdLookup(table.ids).slots)
        for number, seen in enumerate(table.measured.values()):
            columns = {"node": seen.node, "time": seen.time, "value": seen.values}
            _write(part / f"measured_{node_type}_{number}.arrow", columns)
    epochs = {}
    for edge_type, edges in tables.edges.items():
        stem = "_".join(edge_type)
        columns = {"#src": edges.src, "#dst": edges.dst, "#time": edges.time, "#recorded": edges.recorded}
        _write(part / f"edges_{stem}.arrow", {**columns, **edges.columns})
        for direction in ("out", "in"):
            csr = tables.csr(edge_type, direction)  # type: ignore[arg-type]
            epochs[f"{stem} {direction}"] = csr.epoch
            still = csr.clock.strides == (0,)
            arrays = {"indptr": csr.indptr, "neighbour": csr.neighbour, "order": csr.order}
            arrays["clock"] = csr.clock[:1] if still else csr.clock
            for name, array in arrays.items():
                if array is not None:
                    np.save(part / f"csr_{stem}_{direction}_{name}.npy", array)
    return {
        "name": graph.name,
        "media_root": graph.media_root,
        "assumptions": list(graph.stated_assumptions),
        "schema": graph.schema.to_json(),
        "epochs": epochs,
    }


def _write(path: Path, columns: Mapping[str, Any]) -> None:
    arrays = {n: pa.array(values) if isinstance(values, np.ndarray) else values for n, values in columns.items()}
    table = pa.table(arrays)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())


def _read(path: Path) -> dict[str, pa.Array]:
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    arrays = {}
    for name in table.column_names:
        column = table.column(name)
        arrays[name] = column.chunk(0) if column.num_chunks == 1 else pa.array([], column.type)
    return arrays


def _opened(part: Path, about: Mapping[str, Any]) -> SocialGraph:
    schema = Schema.from_json(about["schema"])
    nodes = {}
    for node_type in schema.nodes:
        columns = _read(part / f"nodes_{node_type}.arrow")
        ids, first, row = columns.pop("#id"), columns.pop("#first").to_numpy(), columns.pop("#row").to_numpy()
        measured = {}
        for number, name in enumerate(schema.measured_columns(node_type)):
            seen = _read(part / f"measured_{node_type}_{number}.arrow")
            measured[name] = Measurements(seen["node"].to_numpy(), seen["time"].to_numpy(), seen["value"])
        slots = np.load(part / f"lookup_{node_type}.npy", mmap_mode="r", allow_pickle=False).view(np.ndarray)
        nodes[node_type] = NodeTable(ids, first, row, columns, measured, IdLookup(ids, slots))
    edges: dict[EdgeType, EdgeTable] = {}
    for edge_type in schema.edges:
        columns = _read(part / f"edges_{'_'.join(edge_type)}.arrow")
        src, dst, time = (columns.pop(name).to_numpy() for name in ("#src", "#dst", "#time"))
        recorded = columns.pop("#recorded").to_numpy(zero_copy_only=False)
        edges[edge_type] = EdgeTable(src, dst, time, recorded, columns)
    rows = {
        (e, direction): _csr(part, f"{'_'.join(e)}_{direction}", about["epochs"][f"{'_'.join(e)} {direction}"], len(t))
        for e, t in edges.items()
        for direction in ("out", "in")
    }
    tables = Tables(schema, nodes, edges, rows)
    return SocialGraph(tables, about["name"], about["media_root"], tuple(about["assumptions"]))


def _csr(part: Path, stem: str, epoch: int, count: int) -> Csr:
    def mapped(name: str) -> np.ndarray:
        return np.load(part / f"csr_{stem}_{name}.npy", mmap_mode="r", allow_pickle=False).view(np.ndarray)

    clock = mapped("clock")
    if len(clock) != count:
        clock = np.broadcast_to(clock[:1], count)
    order = mapped("order") if (part / f"csr_{stem}_order.npy").exists() else None
    return Csr(mapped("indptr"), mapped("neighbour"), clock, epoch, order)
