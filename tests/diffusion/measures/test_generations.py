from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.diffusion.measures.breadth import breadth
from graphsocial.diffusion.measures.generation_sizes import generation_sizes
from graphsocial.diffusion.measures.reproduction_numbers import reproduction_numbers
from graphsocial.diffusion.measures.split_trees import split_trees
from graphsocial.errors import SchemaError
from graphsocial.graph import cascade_tree
from tests.diffusion.measures.forests import EMPTY, branching, cascades_of, forests, reordered


@given(st.lists(forests(), min_size=1, max_size=5))
def test_sizes_and_breadth_equal_layers_of_networkx(parents: list[list[int]]) -> None:
    cascades = cascades_of(parents)
    sizes, widest = generation_sizes(cascades), breadth(cascades)
    for i in range(len(cascades)):
        tree = cascade_tree(cascades, i)
        roots = [node for node, degree in tree.in_degree() if degree == 0]
        layers = [len(layer) for layer in nx.bfs_layers(tree, roots)]
        assert sizes[i].tolist() == layers + [0] * (sizes.shape[1] - len(layers))
        assert widest[i] == max(layers)


def test_breadth_golden() -> None:
    assert breadth(cascades_of([[-1, 0, 0, 0], [-1, 0, 1, 2], [-1], [-1, -1, 0], []])).tolist() == [3, 1, 1, 2, 0]


def test_only_the_first_generations() -> None:
    cascades = cascades_of([[-1, 0, 1, 2], [-1, 0, 0]])
    assert generation_sizes(cascades, 2).tolist() == [[1, 1], [1, 2]]
    assert generation_sizes(cascades, 5).tolist() == [[1, 1, 1, 1, 0], [1, 2, 0, 0, 0]]
    found = reproduction_numbers(cascades, rng=0, generations=2)
    assert found.value.tolist() == [1.5, 1 / 3]
    assert reproduction_numbers(cascades, rng=0, generations=9).value.tolist() == [1.5, 1 / 3, 1.0, 0.0]


def test_reproduction_is_pooled_over_cascades_not_averaged() -> None:
    found = reproduction_numbers(cascades_of([[-1, 0, 0, 0, 0, 1], [-1]]), rng=0)
    assert found.value.tolist() == [4 / 2, 1 / 4, 0.0]
    assert found.members.tolist() == [2, 4, 1]
    assert np.isnan(found.low[1:]).all() and np.isfinite(found.low[0]), "one cascade alone says nothing of others"


def test_reproduction_of_a_branching_process() -> None:
    mean, cascades = 0.8, branching(np.random.default_rng(3), 0.8, 4_000)
    found = reproduction_numbers(cascades, rng=1)
    for generation in range(6):
        error = np.sqrt(mean / found.members[generation])  # Poisson children
        assert abs(found.value[generation] - mean) < 4.5 * error
        half = (found.high[generation] - found.low[generation]) / 2
        assert half == pytest.approx(1.96 * error, rel=0.15)


def test_censored_members_are_counted() -> None:
    found = reproduction_numbers(cascades_of([[-1, 0], [-1, 0, 0]], censored=[True, False]), rng=0)
    assert found.censored.tolist() == [1, 1]
    assert "lower bounds where members are censored" in found.title()
    assert "lower" not in reproduction_numbers(cascades_of([[-1, 0]]), rng=0).title()


def test_same_rng_same_intervals_and_the_global_one_is_left_alone() -> None:
    cascades = branching(np.random.default_rng(0), 0.9, 60)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one, two = (reproduction_numbers(cascades, rng=5) for _ in range(2))
    np.testing.assert_array_equal(one.low, two.low)
    assert not np.array_equal(one.low, reproduction_numbers(cascades, rng=6).low)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_split_trees() -> None:
    forest = cascades_of([[-1, -1, 0, 1, 2], [-1]], censored=[True, False])
    trees = split_trees(forest)
    assert trees.size.tolist() == [3, 2, 1]
    assert trees.censored.tolist() == [True, True, False]
    assert [name for name in trees.names] == ["n0", "n1", "n5"]
    assert trees.node.tolist() == ["n0", "n2", "n4", "n1", "n3", "n5"]
    assert trees.generation.tolist() == [0, 1, 2, 0, 1, 0]
    assert len(split_trees(EMPTY)) == 0


@given(forests())
def test_split_trees_keeps_every_edge(parents: list[int]) -> None:
    forest = cascades_of([parents])
    trees = split_trees(forest)
    assert (trees.size > 0).all() and len(trees) == parents.count(-1)

    def edges(cascades) -> set[tuple[str, str]]:
        child = cascades.parent >= 0
        return set(zip(cascades.node[cascades.parent[child]], cascades.node[child], strict=True))

    assert edges(trees) == edges(forest)
    assert sorted(trees.node) == sorted(forest.node)


def test_order_does_not_matter() -> None:
    cascades = branching(np.random.default_rng(1), 0.9, 40)
    order = np.random.default_rng(2).permutation(40)
    np.testing.assert_array_equal(generation_sizes(reordered(cascades, order)), generation_sizes(cascades)[order])
    np.testing.assert_array_equal(breadth(reordered(cascades, order)), breadth(cascades)[order])


def test_no_cascade() -> None:
    assert generation_sizes(EMPTY).shape == (0, 0)
    assert breadth(EMPTY).shape == (0,)
    assert len(reproduction_numbers(EMPTY, rng=0)) == 0


@pytest.mark.parametrize("generations", [0, -1, 1.5, "3", True])
def test_generations_that_make_no_sense(generations: object) -> None:
    with pytest.raises(SchemaError, match="expected a whole number, at least 1"):
        generation_sizes(cascades_of([[-1]]), generations)  # type: ignore[arg-type]


@pytest.mark.parametrize(("field", "value"), [("resamples", 0), ("resamples", 2.5), ("level", 1.0), ("level", 95)])
def test_resamples_and_levels_that_make_no_sense(field: str, value: object) -> None:
    with pytest.raises(SchemaError, match=f"got {field}="):
        reproduction_numbers(cascades_of([[-1]]), rng=0, **{field: value})  # type: ignore[arg-type]
