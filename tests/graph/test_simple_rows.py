"""Rows of distinct neighbours against a counter."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.graph.simple_rows_kernel import simple_rows


@pytest.mark.parametrize("kind", [np.int32, np.int64])
@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(0, 60))
def test_against_a_counter(kind: type, seed: int, total: int, entries: int) -> None:
    row, neighbour = np.random.default_rng(seed).integers(0, total, (2, entries)).astype(kind)
    indptr, merged, count = simple_rows(row, neighbour, total)
    found = {(u, int(merged[j])): int(count[j]) for u in range(total) for j in range(indptr[u], indptr[u + 1])}
    expected = Counter((u, v) for u, v in zip(row.tolist(), neighbour.tolist(), strict=True) if u != v)
    assert found == expected and list(found) == sorted(found)
    assert merged.dtype == kind and len(merged) == len(count) == len(expected) == indptr[-1]


def test_nothing() -> None:
    indptr, merged, count = simple_rows(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32), 0)
    assert indptr.tolist() == [0] and len(merged) == len(count) == 0
