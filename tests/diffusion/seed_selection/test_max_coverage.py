"""Greedy coverage against plain greedy and against trying everything."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.diffusion.seed_selection.greedy_choice import GreedyChoice

NODES = 8


def flat(sets: list[set[int]]) -> tuple[np.ndarray, np.ndarray]:
    node = np.array(list(chain.from_iterable(sorted(s) for s in sets)), dtype=np.int32)
    return node, np.concatenate([[0], np.cumsum([len(s) for s in sets])])


def met(sets: list[set[int]], nodes: tuple[int, ...]) -> int:
    return sum(bool(s & set(nodes)) for s in sets)


some_sets = st.lists(st.sets(st.integers(0, NODES - 1), min_size=1, max_size=5), min_size=1, max_size=40)


@settings(max_examples=150, deadline=None)
@given(some_sets, st.integers(1, 4), st.sets(st.integers(0, NODES - 1), max_size=4))
def test_greedy_is_plain_greedy_and_its_bound_holds(sets: list[set[int]], k: int, barred: set[int]) -> None:
    allowed = np.array([v not in barred for v in range(NODES)])
    found = GreedyChoice(allowed, k).on(*flat(sets))
    plain: list[int] = []
    gains = []
    for _ in range(k):
        gain = [
            met(sets, (*plain, v)) - met(sets, tuple(plain)) if v not in plain and allowed[v] else -1
            for v in range(NODES)
        ]
        plain.append(int(np.argmax(gain)))
        gains.append(max(gain))
    assert found.nodes.tolist() == plain and found.gain.tolist() == gains
    best = max(met(sets, choice) for choice in combinations(np.flatnonzero(allowed).tolist(), k))
    assert best <= found.bound <= len(sets)
    assert found.met >= (1 - 1 / np.e) * found.bound


@settings(max_examples=150, deadline=None)
@given(
    some_sets,
    st.lists(st.sampled_from([0.5, 1.0, 2.0, 3.5]), min_size=NODES, max_size=NODES),
    st.sampled_from([0.5, 1.0, 2.5, 4.0, 100.0]),
)
def test_budgets_are_kept_and_half_of_the_best_is_sure(sets: list[set[int]], cost: list[float], budget: float) -> None:
    allowed = np.array(cost) <= budget
    if not allowed.any():
        return
    found = GreedyChoice(allowed, None, np.array(cost), budget).on(*flat(sets))
    nodes = found.nodes.tolist()
    assert len(set(nodes)) == len(nodes) and allowed[nodes].all() and sum(cost[v] for v in nodes) <= budget
    assert found.met == met(sets, tuple(nodes))
    best = max(
        met(sets, choice)
        for size in range(NODES + 1)
        for choice in combinations(range(NODES), size)
        if sum(cost[v] for v in choice) <= budget
    )
    assert best <= found.bound + 1e-9 and found.bound <= len(sets)
    assert found.met >= (1 - 1 / np.e) / 2 * found.bound


def test_the_best_node_alone_where_cheap_ones_mislead() -> None:
    # 0 meets one set per cost .1, 1 meets nine sets per cost 1; by ratio 0 comes first and 1 no longer fits
    sets = [{0}] + [{1} for _ in range(9)]
    found = GreedyChoice(np.array([True, True]), None, np.array([0.1, 1.0]), 1.0).on(*flat(sets))
    assert found.nodes.tolist() == [1] and found.met == 9


def test_many_nodes_beyond_the_list_that_is_looked_through() -> None:
    rng = np.random.default_rng(2)
    weight = rng.pareto(2.5, 3_000) + 0.5
    sets = [set(rng.choice(3_000, 4, p=weight / weight.sum()).tolist()) for _ in range(3_000)]
    found = GreedyChoice(np.ones(3_000, dtype=bool), 400).on(*flat(sets))
    left, plain = [set(s) for s in sets], []
    for _ in range(400):
        count = np.bincount(np.fromiter(chain.from_iterable(left), dtype=np.int64), minlength=3_000)
        plain.append(int(np.argmax(count)))
        assert count[plain[-1]] > 0
        left = [s for s in left if plain[-1] not in s]
    assert found.nodes.tolist() == plain
