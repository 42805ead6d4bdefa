"""The pieces of components and PageRank that run in tasks, without Spark."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.scale.spark.components import _forest, _labels, _thinned
from graphsocial.scale.spark.pagerank import CHUNK_EDGES, _arriving, _leaving, _pack

EDGES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=30)


def brute_labels(count: int, edges: list[tuple[int, int]]) -> list[int]:
    label = list(range(count))
    for _ in range(count):
        for a, b in edges:
            label[a] = label[b] = min(label[a], label[b])
    return label


@given(EDGES)
def test_labels_are_the_smallest_node_of_a_component(edges: list[tuple[int, int]]) -> None:
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    assert _labels(13, ends[:, 0], ends[:, 1]).tolist() == brute_labels(13, edges)


@given(EDGES, st.integers(1, 5))
def test_thinning_parts_joins_the_same_nodes_with_fewer_edges(edges: list[tuple[int, int]], parts: int) -> None:
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    forest: list[tuple[int, int]] = []
    for part in range(parts):
        mine = ends[part::parts]
        halves = [mine[: len(mine) // 2], mine[len(mine) // 2 :]]
        batches = [pa.RecordBatch.from_pydict({"from": half[:, 0], "to": half[:, 1]}) for half in halves]
        (found,) = _thinned(iter(batches))
        assert found.num_rows <= len(mine)
        assert found.num_rows < max(len(np.unique(mine)), 1)
        forest += list(zip(*(found.column(name).to_pylist() for name in ("from", "to")), strict=True))
    assert brute_labels(13, forest) == brute_labels(13, edges)


def test_a_forest_is_stable() -> None:
    node, root = _forest(np.array([4, 2, 9]), np.array([2, 1, 9]))
    assert (node.tolist(), root.tolist()) == ([2, 4], [1, 1])
    assert [array.tolist() for array in _forest(node, root)] == [[2, 4], [1, 1]]


def unpacked(batch: pa.RecordBatch) -> list[np.ndarray]:
    row = batch.to_pylist()[0]
    return [np.frombuffer(row[name], dtype=np.int64) for name in ("target", "size", "source")]


def test_chunks_add_up_to_what_arrives_and_leaves() -> None:
    rng = np.random.default_rng(5)
    source, target = rng.integers(0, 50, 3_000), np.sort(rng.integers(0, 50, 3_000))
    cuts = [0, 1_000, 1_400, 3_000]
    batches = [pa.RecordBatch.from_pydict({"from": source[a:b], "to": target[a:b]}) for a, b in pairwise(cuts)]
    share = rng.random(50)
    arrived, left = np.zeros(50), np.zeros(50)
    for batch in batches:  # each a chunk of its own
        (chunk,) = _pack(iter([batch]))
        node, number = _arriving(*unpacked(chunk), share)
        arrived[node] += number
        node, number = _leaving(*unpacked(chunk), share)
        left[node] += number
    np.testing.assert_allclose(arrived, np.bincount(target, share[source], 50), rtol=1e-12)
    assert left.tolist() == np.bincount(source, minlength=50).tolist()
    (whole,) = _pack(iter(batches))
    assert unpacked(whole)[1].sum() == 3_000
    assert list(_pack(iter([]))) == []
    assert CHUNK_EDGES > 3_000
