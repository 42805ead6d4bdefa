"""The audit of PyTorch Geometric data: masks beside times."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from graphsocial.audit.audit_arrays import audit_arrays
from graphsocial.audit.finding import EXAMPLES
from graphsocial.audit.leak_report import LeakReport
from graphsocial.errors import SchemaError, did_you_mean

_MASKS = {"train": "train_mask", "valid": "val_mask", "test": "test_mask"}


def audit_pyg(
    data: Any,
    *,
    rows: Any = None,
    cut: float | None = None,
    time: str = "time",
    edge_time: str = "edge_time",
    label_time: str = "y_time",
    feature_time: str = "x_time",
    cascade: str = "cascade",
    group: str = "group",
    horizon: float = 0,
    selected_on: str | None = None,
    name: str = "PyG data",
    examples: int = EXAMPLES,
) -> LeakReport:
    """Lists what a model on `Data`, `HeteroData` or `TemporalData` could see and should not.

    The rows are what `train_mask`, `val_mask` and `test_mask` lie on: nodes, edges of one type, or the events of
    `TemporalData`. Everything else is looked for under the names below and listed as not checked when it is missing.
    Data from `to_pyg` also say when their columns were measured and which edges' times are recorded.

    Args:
        data: What the model was trained on.
        rows: Node type or edge type that has the masks, where several have.
        cut: Start of the test part; None = the earliest test row.
        time: Times of the rows, [row] (`known_at` of `to_pyg` and `t` of `TemporalData` are found as well).
        edge_time: Times of the edges, [edge] (`time` of an edge type is found as well).
        label_time: When each row's label was complete, [row].
        feature_time: When `x` was measured, one number or [channel].
        cascade: Which cascade each row belongs to, [row].
        group: What rows share, such as an image, [row].
        horizon: Seconds from a row's time to its complete label.
        selected_on: Part whose score chose the epoch.
        name: What is audited.
        examples: How many examples each finding names.

    Raises:
        SchemaError: No masks, or arrays that do not fit together.

    >>> import torch
    >>> from torch_geometric.data import Data
    >>> data = Data(x=torch.zeros(3, 1), edge_index=torch.tensor([[0, 1], [2, 2]]), time=torch.tensor([1, 9, 5]))
    >>> data.train_mask, data.test_mask = torch.tensor([True, True, False]), torch.tensor([False, False, True])
    >>> audit_pyg(data)["events_after_cut"].count
    1
    """
    key, store = _rows(data, rows)
    masks = {part: np.asarray(store[mask], dtype=bool) for part, mask in _MASKS.items() if mask in store}
    if any(mask.ndim != 1 for mask in masks.values()):
        raise SchemaError(f"masks have {masks['train'].ndim} axes, expected one: pick one split of several")
    count = len(masks["train"])
    when = _row_times(store, time, count)
    edges, edge_times = _edges(data, edge_time)
    groups = _ids(store, (group,), count)
    return audit_arrays(
        when,
        masks,
        user=_ids(store, ("src", "user"), count),
        cascade=_ids(store, (cascade,), count),
        cut=cut,
        edges=edges,
        edge_time=edge_times,
        label_time=_ids(store, (label_time,), count),
        horizon=horizon,
        columns_known_at=_columns(data, key, store, feature_time),
        groups=None if groups is None else {group: groups},
        selected_on=selected_on,
        name=name,
        examples=examples,
    )


def _rows(data: Any, wanted: Any) -> tuple[Any, Any]:
    """The store that has masks, with its node or edge type (None where there are no types)."""
    stores = dict(_stores(data))
    masked = {key: store for key, store in stores.items() if "train_mask" in store and "test_mask" in store}
    if wanted is not None:
        wanted = tuple(wanted) if isinstance(wanted, list) else wanted
        if wanted not in masked:
            raise SchemaError(
                f"{wanted!r} has no train_mask and test_mask, "
                f"expected one of {', '.join(map(str, masked)) or '(none)'}."
                f"{did_you_mean(str(wanted), map(str, masked))}"
            )
        return wanted, masked[wanted]
    if not masked:
        raise SchemaError(f"{type(data).__name__} has no train_mask and test_mask, expected them beside the rows")
    if len(masked) > 1:
        raise SchemaError(f"masks lie on {', '.join(map(str, masked))}; say which with rows=")
    return next(iter(masked.items()))


def _stores(data: Any) -> Iterator[tuple[Any, Any]]:
    if hasattr(data, "node_types"):
        yield from ((t, data[t]) for t in (*data.node_types, *data.edge_types))
    elif hasattr(data, "stores"):
        yield None, data.stores[0]
    else:
        raise SchemaError(f"got a {type(data).__name__}, expected PyG's Data, HeteroData or TemporalData")


def _edges(data: Any, edge_time: str) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Ends [2, edge] and times of all edges, nan where unknown; ids carry their node type when there are several."""
    ends, times = [], []
    for key, store in _stores(data):
        if "edge_index" not in store or (isinstance(key, str)):
            continue
        index = np.asarray(store["edge_index"])
        count = index.shape[1]
        if isinstance(key, tuple):
            index = np.stack([np.char.add(f"{t} ", index[i].astype(str)) for i, t in enumerate((key[0], key[2]))])
        found = next((store[n] for n in (edge_time, "time", "t") if n in store and len(store[n]) == count), None)
        if found is not None and not isinstance(key, tuple) and edge_time not in store and count == data.num_nodes:
            found = None  # as many nodes as edges: `time` is the nodes'
        when = np.full(count, np.nan) if found is None else np.asarray(found, dtype=np.float64).reshape(-1)
        if "recorded" in store:
            when = np.where(np.asarray(store["recorded"], dtype=bool), when, np.nan)
        ends.append(index)
        times.append(when)
    if not ends:
        return None, None
    return np.concatenate(ends, axis=1), np.concatenate(times)


def _row_times(store: Any, time: str, count: int) -> np.ndarray | None:
    found = _ids(store, (time, "known_at", "t"), count)
    if found is None:
        return None
    seconds = found.astype(np.float64)
    if (seconds <= -(2.0**62)).any():
        raise SchemaError(f"{int((seconds <= -(2.0**62)).sum())} rows have an unknown time, expected one in every row")
    return seconds


def _ids(store: Any, names: tuple[str, ...], count: int) -> np.ndarray | None:
    """The first of these attributes that has a value per row."""
    for name in names:
        if name in store and hasattr(store[name], "__len__") and len(store[name]) == count:
            return np.asarray(store[name]).reshape(-1)
    return None


def _columns(data: Any, key: Any, store: Any, feature_time: str) -> Mapping[str, float | None] | None:
    """When each input column was measured, None when nothing says so."""
    if feature_time in store:
        values = np.asarray(store[feature_time], dtype=np.float64).reshape(-1)
        named = {f"x[{i}]": float(v) for i, v in enumerate(values)} if len(values) > 1 else {"x": float(values[0])}
        return {column: None if not np.isfinite(v) or v <= -(2.0**62) else v for column, v in named.items()}
    described = next((s["graphsocial_view"] for s in data.stores if "graphsocial_view" in s), None)
    if described is None:
        return None
    view = json.loads(described)
    known = {
        f"{node_type}.{column}": None if at == "row" else at
        for node_type, columns in view["schema"]["nodes"].items()
        for column, (_, at, _) in columns.items()
    }
    hidden = view["end"]
    assumed = {".".join(pair) for pair in view["assumed_known"]}
    return {
        column: None if at is not None and hidden is not None and at >= hidden and column not in assumed else at
        for column, at in known.items()
    }
