"""To PyTorch Geometric and back without losing anything a view knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from graphsocial.errors import SchemaError
from graphsocial.graph.columns import ARROW_TYPE
from graphsocial.graph.social_graph import SocialGraph
from graphsocial.schema import UNKNOWN_TIME, Column, Schema

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData

_FORMAT = "graphsocial_view"
_EMPTY = {"int": 0, "float": float("nan"), "bool": False}


def to_pyg(graph: SocialGraph) -> HeteroData:
    """The view as `HeteroData`.

    `data[node_type]` has `num_nodes`, `id` (list of str), `known_at` and `row_known_at` (int64 [node], seconds UTC),
    `data[edge_type]` has `edge_index` (int64 [2, edge]), `time` and `recorded` ([edge]). Columns keep their names:
    numbers are tensors, with a bool tensor `NAME_known` beside them, strings are lists in which None is a null. The
    order is the graph's: nodes by first known time, edges by time. `data.graphsocial_view` is the JSON text of what
    else `from_pyg` needs.

    >>> from graphsocial.schema import Schema
    >>> repost = ("user", "repost", "user")
    >>> edges = pa.table({"src": ["bob"], "dst": ["ann"], "time": [1]})
    >>> data = to_pyg(SocialGraph.build(Schema({"user": {}}, {repost: {}}), {}, {repost: edges}))
    >>> data["user"].id, data[repost].edge_index.tolist()
    (['ann', 'bob'], [[1], [0]])
    """
    from torch_geometric.data import HeteroData  # seconds at import, needed only here

    data = HeteroData()
    for node_type in graph.node_types:
        store = data[node_type]
        store["num_nodes"] = graph.num_nodes(node_type)
        store["id"] = graph.node_ids(node_type).tolist()
        store["known_at"] = torch.tensor(graph.known_at(node_type))
        store["row_known_at"] = torch.tensor(graph.row_known_at(node_type))
        for name, column in graph.schema.nodes[node_type].items():
            _put(store, node_type, name, column, graph.column(node_type, name))
    for edge_type in graph.edge_types:
        store, edges = data[edge_type], graph.edges(edge_type)
        store["edge_index"] = torch.tensor(np.stack([edges.src, edges.dst]))
        store["time"], store["recorded"] = torch.tensor(edges.time), torch.tensor(edges.recorded)
        for name, column in graph.schema.edges[edge_type].items():
            _put(store, " ".join(edge_type), name, column, graph.edge_column(edge_type, name))
    kept = {
        "name": graph.name,
        "media_root": graph.media_root,
        "schema": graph.schema.to_json(),
        "stated_assumptions": list(graph.stated_assumptions),
        "assumed_known": sorted(map(list, graph.assumed_known)),
        "start": graph.start,
        "end": graph.end,
    }
    data[_FORMAT] = json.dumps(kept)
    return data


def from_pyg(data: HeteroData) -> SocialGraph:
    """A graph from `HeteroData` laid out as by `to_pyg`, its inverse.

    Raises:
        SchemaError: Something that `to_pyg` writes is missing or does not fit the schema.
    """
    try:
        kept = json.loads(data[_FORMAT])
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise SchemaError(f"HeteroData without {_FORMAT!r}, expected what to_pyg gives") from error
    schema = Schema.from_json(kept["schema"])
    nodes, edges, ids = {}, {}, {}
    for node_type, columns in schema.nodes.items():
        store, label = _store(data, node_type), node_type
        ids[node_type] = np.array(_get(store, label, "id"), dtype=object)
        arrays = {
            "id": pa.array(ids[node_type], pa.large_string()),
            "first_known": _times(_get(store, label, "known_at")),
            "known_at": _times(_get(store, label, "row_known_at")),
        }
        nodes[node_type] = _table(arrays | {c: _take(store, label, c, column) for c, column in columns.items()}, label)
    for edge_type, columns in schema.edges.items():
        store, label = _store(data, edge_type), " ".join(edge_type)
        index = np.asarray(_get(store, label, "edge_index"))
        time = np.asarray(_get(store, label, "time"))
        recorded = np.asarray(_get(store, label, "recorded"))
        ends = zip(("src", "dst"), (edge_type[0], edge_type[2]), index, strict=True)
        arrays = {end: pa.array(_named(ids[node_type], row, label), pa.large_string()) for end, node_type, row in ends}
        arrays["time"] = pa.array(time, mask=~recorded)
        edges[edge_type] = _table(arrays | {c: _take(store, label, c, column) for c, column in columns.items()}, label)
    graph = SocialGraph.build(
        schema, nodes, edges, kept["name"], tuple(kept["stated_assumptions"]), kept["media_root"]
    )  # fmt: skip
    assumed = frozenset((t, c) for t, c in kept["assumed_known"])
    return graph.restored_view(assumed, kept["start"], kept["end"])


def _put(store, label: str, name: str, column: Column, values: pa.Array) -> None:  # type: ignore[no-untyped-def]
    for taken in (name, f"{name}_known"):
        if taken in store:
            raise SchemaError(f"{label}: column {name!r} cannot go to HeteroData, {taken!r} means something else there")
    if column.type == "string":
        store[name] = values.to_pylist()
        return
    filled = values.fill_null(_EMPTY[column.type])
    store[name] = torch.tensor(filled.to_numpy(zero_copy_only=False))
    store[f"{name}_known"] = torch.tensor(values.is_valid().to_numpy(zero_copy_only=False))


def _take(store, label: str, name: str, column: Column) -> pa.Array:  # type: ignore[no-untyped-def]
    values = _get(store, label, name)
    try:
        if column.type == "string":
            return pa.array(values, ARROW_TYPE["string"])
        missing = ~np.asarray(_get(store, label, f"{name}_known"))
        return pa.array(np.asarray(values), ARROW_TYPE[column.type], mask=missing)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise SchemaError(f"{label}: {name!r} does not fit type {column.type}: {error}") from error


def _store(data: HeteroData, key):  # type: ignore[no-untyped-def]
    if key not in data.node_types and key not in data.edge_types:
        raise SchemaError(f"HeteroData has no {key!r}, which its schema names")
    return data[key]


def _get(store, label: str, name: str):  # type: ignore[no-untyped-def]
    if name not in store:
        raise SchemaError(f"{label}: HeteroData has no {name!r}, expected what to_pyg gives")
    value = store[name]
    return value.cpu().numpy() if isinstance(value, Tensor) else value


def _times(time: np.ndarray) -> pa.Array:
    return pa.array(time, pa.int64(), mask=time == UNKNOWN_TIME)


def _named(ids: np.ndarray, row: np.ndarray, label: str) -> np.ndarray:
    if len(row) and (row.min() < 0 or row.max() >= len(ids)):
        raise SchemaError(f"{label}: edge_index reaches from {row.min()} to {row.max()}, expected 0 to {len(ids) - 1}")
    return ids[row]


def _table(arrays: dict[str, pa.Array], label: str) -> pa.Table:
    try:
        return pa.table(arrays)
    except (pa.ArrowException, ValueError) as error:
        raise SchemaError(f"{label}: columns of unequal length: {error}") from error
