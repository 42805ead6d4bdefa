"""Ids that are strings, whole numbers or UUIDs."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.errors import SchemaError, UnknownNodeError
from graphsocial.graph import SocialGraph
from graphsocial.graph.ids import id_text, is_uuid, uuid_texts
from graphsocial.schema import Schema

FOLLOW = ("user", "follow", "user")
SCHEMA = Schema({"user": {}}, {FOLLOW: {}})
UUIDS = [uuid5(UUID(int=0), str(i)) for i in range(4)]


def uuid_columns(names: list[UUID]) -> dict[str, Any]:
    """The same UUIDs in every form in which tables hold them."""
    raw = [name.bytes for name in names]
    columns: dict[str, Any] = {
        "text": pa.array([str(name) for name in names]),
        "fixed": pa.array(raw, pa.binary(16)),
        "binary": pa.array(raw, pa.binary()),
        "large": pa.array(raw, pa.large_binary()),
        "chunks": pa.chunked_array([pa.array(raw[:2], pa.binary(16)), pa.array(raw[2:], pa.binary(16))]),
        "sliced": pa.array([b"x" * 16, *raw], pa.binary(16)).slice(1),
        "no chunk": pa.chunked_array([], pa.binary(16)) if not raw else pa.array(raw, pa.binary(16)),
    }
    if hasattr(pa, "uuid"):  # newer versions of pyarrow
        columns["arrow"] = pa.ExtensionArray.from_storage(pa.uuid(), pa.array(raw, pa.binary(16)))
    return columns


@pytest.mark.parametrize("form", uuid_columns(UUIDS))
def test_uuids_are_their_canonical_text(form: str) -> None:
    ends = uuid_columns(UUIDS)[form]
    edges = pa.table({"src": ends, "dst": pa.array(["ann"] * 4), "time": [1, 2, 3, 4]})
    graph = SocialGraph.build(SCHEMA, {"user": pa.table({"id": ends})}, {FOLLOW: edges})
    assert set(graph.node_ids("user")) == {"ann", *map(str, UUIDS)}
    for name in UUIDS:
        assert graph.index_of(("user", name)) == graph.index_of(("user", str(name)))  # type: ignore[arg-type]
        assert graph.has_node(("user", name))  # type: ignore[arg-type]
    assert graph.index("user", UUIDS).tolist() == graph.index("user", [str(name) for name in UUIDS]).tolist()
    assert not graph.has_node(("user", UUID(int=5)))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", uuid_columns([]))
def test_no_uuids(form: str) -> None:
    ends = uuid_columns([])[form]
    graph = SocialGraph.build(SCHEMA, {"user": pa.table({"id": ends})}, {FOLLOW: pa.table({"src": ends, "dst": ends})})
    assert graph.num_nodes("user") == 0


@given(st.lists(st.uuids()), st.integers(0, 3))
def test_text_of_uuids_is_pythons(names: list[UUID], cut: int) -> None:
    column = pa.chunked_array([pa.array([name.bytes for name in names], pa.binary(16)).slice(min(cut, len(names)))])
    assert uuid_texts(column).to_pylist() == [str(name) for name in names[cut:]]  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", [pa.int8(), pa.int32(), pa.int64(), pa.uint64()])
def test_whole_numbers(kind: pa.DataType) -> None:
    edges = pa.table({"src": pa.array([17, 5], kind), "dst": pa.array([5, 100], kind), "time": [1, 2]})
    graph = SocialGraph.build(SCHEMA, {}, {FOLLOW: edges})
    assert graph.node_ids("user").tolist() == ["17", "5", "100"]
    for name in (17, "17", np.int32(17), np.uint64(17)):
        assert graph.index_of(("user", name)) == 0 and graph.has_node(("user", name))  # type: ignore[arg-type]
    assert graph.index("user", [100, "5", np.int8(17)]).tolist() == [2, 1, 0]
    early = graph.as_of(2)
    with pytest.raises(UnknownNodeError, match=r"no user 100 as of .*it exists only later"):
        early.index_of(("user", 100))  # type: ignore[arg-type]
    with pytest.raises(UnknownNodeError, match=r"no user 175, .*near ones: '17'"):
        graph.index("user", [5, 175])
    big = SocialGraph.build(SCHEMA, {"user": pa.table({"id": pa.array([2**64 - 1, 0], pa.uint64())})}, {})
    assert big.has_node(("user", 2**64 - 1)) and not big.has_node(("user", -1))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [None, 1.0, True, b"17", ("17",), ["17"], float("nan"), object()])
def test_what_is_no_id_finds_nothing(name: Any) -> None:
    graph = SocialGraph.build(SCHEMA, {"user": pa.table({"id": ["17", "1", "True", "None", "nan", "1.0"]})}, {})
    assert id_text(name) is None and not graph.has_node(("user", name))
    with pytest.raises(UnknownNodeError, match="no user"):
        graph.index_of(("user", name))
    with pytest.raises(UnknownNodeError, match="no user"):
        graph.index("user", ["17", name])


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pa.array([b"short"]), "type binary, expected UUIDs, of 16 bytes each"),
        (pa.array([b"x" * 17], pa.large_binary()), "expected UUIDs, of 16 bytes each"),
        (
            pa.array([b"x" * 8], pa.binary(8)),
            r"type fixed_size_binary\[8\], expected string ids, whole numbers or UUIDs",
        ),
        (pa.array([1.5]), "type double, expected string ids, whole numbers or UUIDs"),
        (pa.array([True]), "type bool, expected string ids"),
        (pa.array([["a"]]), "type list"),
        (pa.array([{"a": 1}]), "type struct"),
        (pa.array([None, b"x" * 16], pa.binary(16)), "1 missing ids"),
        (pa.array([None], pa.int64()), "1 missing ids"),
    ],
)
@pytest.mark.parametrize("place", ["id", "src", "dst"])
def test_columns_that_hold_no_ids_are_refused(column: pa.Array, message: str, place: str) -> None:
    nodes = {"user": pa.table({"id": column})} if place == "id" else {}
    ends = {"src": pa.array(["a"] * len(column)), "dst": pa.array(["a"] * len(column)), "time": [1] * len(column)}
    edges = {} if place == "id" else {FOLLOW: pa.table({**ends, place: column})}
    with pytest.raises(SchemaError, match=f"column '{place}' has .*{message}"):
        SocialGraph.build(SCHEMA, nodes, edges)


def test_the_same_uuid_in_two_forms_is_one_node() -> None:
    both = pa.array([UUIDS[0].bytes], pa.binary(16)), pa.array([str(UUIDS[0])])
    assert is_uuid(both[0].type) and not is_uuid(both[1].type)
    graph = SocialGraph.build(SCHEMA, {}, {FOLLOW: pa.table({"src": both[0], "dst": both[1], "time": [1]})})
    assert graph.node_ids("user").tolist() == [str(UUIDS[0])]
