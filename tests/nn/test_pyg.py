from __future__ import annotations

import pyarrow as pa
import pytest
import torch

import graphsocial as gs
from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph, to_networkx
from graphsocial.nn import from_pyg, to_pyg
from graphsocial.schema import Column, Schema

AUTHOR, FOLLOW = ("user", "author", "post"), ("user", "follow", "user")


@pytest.fixture
def graph() -> SocialGraph:
    schema = Schema(
        {
            "user": {"followers": Column("int", known_at=500), "verified": Column("bool")},
            "post": {"text": Column("string"), "score": Column("float"), "label": Column("int", known_at=900)},
        },
        {AUTHOR: {"client": Column("string"), "rank": Column("int")}, FOLLOW: {}},
        crawled_at={FOLLOW: 400},
    )
    users = pa.table(
        {"id": ["ann", "bob"], "known_at": [10, None], "followers": [2**60 + 1, None], "verified": [True, None]}
    )
    posts = pa.table(
        {"id": ["p1", "p2", "p3"], "known_at": [20, 30, 100], "text": ["yes 🙂", None, ""], "score": [0.5, None, 2.0],
         "label": [1, None, 0]}
    )  # fmt: skip
    author = pa.table(
        {"src": ["ann", "bob", "cyd"], "dst": ["p1", "p2", "p9"], "time": [20, 30, 40], "client": ["web", None, "app"],
         "rank": [None, 3, 4]}
    )  # fmt: skip
    follow = pa.table({"src": ["ann", "cyd"], "dst": ["bob", "ann"], "time": pa.array([15, None], pa.int64())})
    return SocialGraph.build(
        schema, {"user": users, "post": posts}, {AUTHOR: author, FOLLOW: follow}, "tiny", ("said so",), "media"
    )


VIEWS = [
    lambda g: g,
    lambda g: g.as_of(35),
    lambda g: g.as_of(1000),
    lambda g: g.window(25, 450),
    lambda g: g.as_of(450).assume_known("post", "label"),
    lambda g: g.as_of(0),
]


@pytest.mark.parametrize("view", VIEWS)
def test_round_trip_loses_nothing_the_view_knows(graph, view):
    before = view(graph)
    after = from_pyg(to_pyg(before))
    assert repr(after) == repr(before)
    assert after.schema.to_json() == before.schema.to_json()
    assert (after.start, after.end, after.media_root) == (before.start, before.end, before.media_root)
    assert after.assumptions == before.assumptions
    for t in before.node_types:
        assert after.node_ids(t).tolist() == before.node_ids(t).tolist()
        assert after.known_at(t).tolist() == before.known_at(t).tolist()
        assert after.row_known_at(t).tolist() == before.row_known_at(t).tolist()
        for c in before.schema.nodes[t]:
            assert after.column(t, c).equals(before.column(t, c))
    for e in before.edge_types:
        for part in ("src", "dst", "time", "recorded"):
            assert getattr(after.edges(e), part).tolist() == getattr(before.edges(e), part).tolist()
        for c in before.schema.edges[e]:
            assert after.edge_column(e, c).equals(before.edge_column(e, c))
    left, right = to_networkx(before), to_networkx(after)
    assert dict(left.nodes(data=True)) == dict(right.nodes(data=True))


def test_layout(graph):
    data = gs.to_pyg(graph)
    assert data.validate(raise_on_error=True)
    assert data["user"].num_nodes == 3
    assert data["user"].id == ["ann", "bob", "cyd"]
    assert data["user"].followers.dtype == torch.int64
    assert data["user"].followers[0] == 2**60 + 1
    assert data["user"].followers_known.tolist() == [True, False, False]
    assert data["post"].score.dtype == torch.float64
    assert data["post"].text[0] == "yes 🙂"
    assert data[AUTHOR].edge_index.shape == (2, 3)
    assert data[AUTHOR].time.tolist() == [20, 30, 40]
    early = to_pyg(graph.as_of(35))
    assert early["user"].id == ["ann", "bob"]
    assert not early["user"].followers_known.any()


def test_survives_a_clone_and_a_device(graph):
    assert repr(from_pyg(to_pyg(graph).clone().to("cpu"))) == repr(graph)


def test_damage_is_named(graph):
    from torch_geometric.data import HeteroData

    with pytest.raises(SchemaError, match="to_pyg"):
        from_pyg(HeteroData())
    data = to_pyg(graph)
    del data["post"].text
    with pytest.raises(SchemaError, match="post: HeteroData has no 'text'"):
        from_pyg(data)
    data = to_pyg(graph)
    data[AUTHOR].edge_index[0, 0] = 99
    with pytest.raises(SchemaError, match="edge_index reaches"):
        from_pyg(data)
    data = to_pyg(graph)
    data["user"].verified = torch.zeros(1, dtype=torch.bool)
    with pytest.raises(SchemaError, match="verified"):
        from_pyg(data)
    data = to_pyg(graph)
    data["post"].id = data["post"].id[:2]
    with pytest.raises(SchemaError):
        from_pyg(data)
