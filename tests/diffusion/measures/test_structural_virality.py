from __future__ import annotations

import time
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.diffusion.measures.structural_virality import structural_virality
from graphsocial.graph import CascadeSet, cascade_tree
from tests.diffusion.measures.forests import EMPTY, branching, cascades_of, forests, reordered


@pytest.mark.parametrize(
    ("parents", "expected"),
    [
        ([-1, 0, 0, 0], 1.5),  # star: 3 pairs at 1, 3 at 2
        ([-1, 0, 1, 2], 5 / 3),  # chain: 3 at 1, 2 at 2, 1 at 3
        ([-1, 0], 1.0),
        ([-1, 0, 0, 1, 1, 2, 2], 48 / 21),  # binary tree of 7: 6 at 1, 7 at 2, 4 at 3, 4 at 4
        ([-1], np.nan),
        ([-1, -1, 0, 0, 0], 1.5),  # a star and a seed alone: no pair spans both
        ([-1, -1, 0, 1, 3], (1 + 1 + 1 + 2) / 4),  # a pair, and a chain of three
        ([-1, -1, -1], np.nan),
    ],
)
def test_golden(parents: list[int], expected: float) -> None:
    assert structural_virality(cascades_of([parents])).tolist() == pytest.approx([expected], nan_ok=True)


@given(st.lists(forests(), min_size=1, max_size=5))
def test_equals_all_shortest_paths(parents: list[list[int]]) -> None:
    cascades = cascades_of(parents)
    found = structural_virality(cascades)
    for i in range(len(cascades)):
        tree = cascade_tree(cascades, i).to_undirected()
        length = dict(nx.all_pairs_shortest_path_length(tree))
        pairs = [length[a][b] for a, b in combinations(tree, 2) if b in length[a]]
        assert found[i] == pytest.approx(np.mean(pairs) if pairs else np.nan, nan_ok=True)


def test_neither_names_nor_order_matter() -> None:
    cascades = branching(np.random.default_rng(1), 0.9, 50)
    order = np.random.default_rng(2).permutation(50)
    np.testing.assert_array_equal(structural_virality(reordered(cascades, order)), structural_virality(cascades)[order])


def test_linear_in_the_members_and_beyond_int64() -> None:
    count = 4_000_000  # all distances of the chain add up to 1.1e19, beyond int64
    chain = CascadeSet(
        np.zeros(count), np.arange(-1, count - 1), np.zeros(count, dtype=np.int64), [0, count], ["chain"], [False]
    )
    structural_virality(cascades_of([[-1]]))  # compiled
    begin = time.process_time()
    assert structural_virality(chain).item() == pytest.approx((count + 1) / 3, rel=1e-9)
    assert time.process_time() - begin < 1


def test_no_cascade() -> None:
    assert structural_virality(EMPTY).shape == (0,)
