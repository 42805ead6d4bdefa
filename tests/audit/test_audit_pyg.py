"""PyG data of others and our own."""

from __future__ import annotations

import pyarrow as pa
import pytest
import torch
from torch_geometric.data import Data, HeteroData, TemporalData

from graphsocial.audit import audit_pyg
from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.nn import to_pyg
from graphsocial.schema import Column, Schema


def masks(*parts: str) -> dict[str, torch.Tensor]:
    return {f"{name}_mask": torch.tensor([p == name for p in parts]) for name in ("train", "val", "test")}


def test_data_with_node_times() -> None:
    data = Data(
        x=torch.zeros(5, 2), edge_index=torch.tensor([[0, 1, 4], [1, 2, 0]]), time=torch.tensor([1, 2, 30, 15, 20])
    )
    data.edge_time = torch.tensor([3, 25, 40])
    data.y_time = torch.tensor([5, 100, 31, 0, 0])
    data.x_time = torch.tensor([0.0, 50.0])
    data.group = torch.tensor([7, 8, 9, 10, 7])
    data.update(masks("train", "train", "train", "val", "test"))
    report = audit_pyg(data, selected_on="test")
    counts = {found.name: (found.count, found.total) for found in report.leaks}
    assert counts == {
        "events_after_cut": (1, 3),
        "edges_from_test_events": (2, 3),
        "immature_labels": (2, 3),
        "columns_measured_later": (1, 2),
        "shared_groups": (1, 1),
        "selection_on_test": (1, 1),
    }
    assert report["columns_measured_later"].examples[0] == {"column": "x[1]", "known_at": 50.0}


def test_clean_data_is_clean() -> None:
    data = Data(edge_index=torch.tensor([[0], [1]]), time=torch.tensor([1, 2, 3]), edge_time=torch.tensor([2]))
    data.update(masks("train", "val", "test"))
    report = audit_pyg(data, selected_on="valid")
    assert report.leaks == () and report["edges_without_times"].total == 1


def test_data_without_times_says_what_it_cannot_check() -> None:
    data = Data(edge_index=torch.tensor([[0], [1]]), num_nodes=3)
    data.update(masks("train", "val", "test"))
    data.test_mask[0] = True
    report = audit_pyg(data)
    assert report["rows_in_several_parts"].count == 1 and report["edges_without_times"].share == 1.0
    assert "events_after_cut" in report.unchecked


def test_temporal_data() -> None:
    events = TemporalData(
        src=torch.tensor([1, 2, 3, 1]),
        dst=torch.tensor([9, 9, 8, 8]),
        t=torch.tensor([1, 50, 10, 20]),
        msg=torch.zeros(4, 1),
    )
    events.cascade = events.dst
    for name, mask in masks("train", "train", "test", "test").items():
        setattr(events, name, mask)
    report = audit_pyg(events)
    assert report["events_after_cut"].count == 1 and report.cut == 10
    assert report["cascades_across_cut"].share == 1.0
    assert (report["unseen_users"].count, report["unseen_users"].total) == (1, 2)


def hetero() -> HeteroData:
    repost = ("user", "repost", "post")
    schema = Schema(
        {"user": {}, "post": {"likes": Column("int", known_at=900), "text": Column()}},
        {repost: {}, ("user", "follow", "user"): {}},
        crawled_at={("user", "follow", "user"): 5},
    )
    graph = SocialGraph.build(
        schema,
        {"post": pa.table({"id": ["a", "b", "c"], "known_at": [10, 20, 30]})},
        {
            repost: pa.table({"src": ["u", "v"], "dst": ["a", "c"], "time": [12, 35]}),
            ("user", "follow", "user"): pa.table({"src": ["u"], "dst": ["v"], "time": pa.nulls(1, pa.int64())}),
        },
    )
    data = to_pyg(graph)
    for name, mask in masks("train", "val", "test").items():
        data["post"][name] = mask
    return data


def test_hetero_data_of_our_own() -> None:
    report = audit_pyg(hetero())
    counts = {found.name: (found.count, found.total) for found in report.leaks}
    assert counts == {
        "columns_measured_later": (1, 2),
        "edges_from_test_events": (1, 3),
        "edges_without_times": (1, 3),
    }
    assert report["edges_from_test_events"].examples[0]["dst"] == "post 2"


def test_masks_are_asked_for() -> None:
    with pytest.raises(SchemaError, match="no train_mask and test_mask"):
        audit_pyg(Data(edge_index=torch.zeros(2, 0, dtype=torch.long)))
    with pytest.raises(SchemaError, match="expected PyG's Data"):
        audit_pyg({"x": 1})
    data = hetero()
    with pytest.raises(SchemaError, match="Did you mean 'post'"):
        audit_pyg(data, rows="pots")
    data["user"].train_mask = data["user"].test_mask = torch.tensor([True, False])
    with pytest.raises(SchemaError, match="say which with rows="):
        audit_pyg(data)
    assert audit_pyg(data, rows="post").parts["test"] == 1
