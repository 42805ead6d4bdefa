"""Signed balance against every triangle, every arrangement of signs and every split."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import matplotlib
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.graph.structure.signed_balance import signed_balance
from graphsocial.schema import Column, Schema
from tests.graph.worlds import FOLLOW, MEASURED, REPOST, SHARE, random_world

REPLY = ("user", "reply", "user")
Rows = list[tuple[int, int, Any]]


def signed(rows: Rows, kind: str = "float") -> SocialGraph:
    schema = Schema({"user": {}}, {REPLY: {"sign": Column(kind)}})  # type: ignore[arg-type]
    signs = pa.array([s for _, _, s in rows], pa.bool_() if kind == "bool" else pa.float64())
    ends = [[f"{row[k]:02d}" for row in rows] for k in (0, 1)]
    edges = pa.table({"src": ends[0], "dst": ends[1], "time": list(range(len(rows))), "sign": signs})
    return SocialGraph.build(schema, {}, {REPLY: edges})


def pairs_of(rows: Rows) -> tuple[dict[frozenset[int], int], int, int]:
    """Sign of each decided pair, pairs that are undecided, edges without a sign."""
    total: dict[frozenset[int], int] = {}
    unsigned = 0
    for a, b, s in rows:
        if s is None or s == 0 or s != s:
            unsigned += 1
        elif a != b:
            total[frozenset((a, b))] = total.get(frozenset((a, b)), 0) + (1 if s > 0 else -1)
    return {p: 1 if s > 0 else -1 for p, s in total.items() if s}, sum(s == 0 for s in total.values()), unsigned


def triangles_of(pairs: dict[frozenset[int], int]) -> list[tuple[frozenset[int], ...]]:
    nodes = sorted({node for pair in pairs for node in pair})
    found = []
    for three in combinations(nodes, 3):
        sides = tuple(frozenset(two) for two in combinations(three, 2))
        if all(side in pairs for side in sides):
            found.append(sides)
    return found


def kinds_of(pairs: dict[frozenset[int], int]) -> list[int]:
    count = [0, 0, 0, 0]
    for sides in triangles_of(pairs):
        count[sum(pairs[side] < 0 for side in sides)] += 1
    return count


def frustration(pairs: dict[frozenset[int], int]) -> int:
    """Pairs at odds with the best of all splits."""
    nodes = sorted({node for pair in pairs for node in pair})
    fewest = len(pairs)
    for sides in product((0, 1), repeat=max(len(nodes) - 1, 0)):
        side = dict(zip(nodes, (0, *sides), strict=False))
        odds = sum((len({side[node] for node in pair}) == 2) != (sign < 0) for pair, sign in pairs.items())
        fewest = min(fewest, odds)
    return fewest


def random_rows(seed: int, nodes: int, edges: int) -> Rows:
    rng = np.random.default_rng(seed)
    signs = [1.0, -1.0, 3.0, -0.5, 0.0, float("nan"), None]
    return [
        (int(a), int(b), signs[int(rng.choice(7, p=[0.35, 0.2, 0.15, 0.15, 0.05, 0.05, 0.05]))])
        for a, b in rng.integers(0, nodes, (edges, 2))
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8), st.integers(1, 30))
def test_against_every_triangle_and_every_split(seed: int, nodes: int, edges: int) -> None:
    rows = random_rows(seed, nodes, edges)
    found = signed_balance(signed(rows), REPLY, "sign")
    pairs, undecided, unsigned = pairs_of(rows)
    assert found.count.tolist() == kinds_of(pairs)
    assert (found.undecided, found.unsigned) == (undecided, unsigned)
    assert (found.positive, found.negative) == (sum(s > 0 for s in pairs.values()), sum(s < 0 for s in pairs.values()))
    best = frustration(pairs)
    assert found.frustration_at_least <= best <= found.frustration_at_most
    odd = found.count[1] + found.count[3]
    assert (found.frustration_at_least > 0) == (odd > 0)
    assert found.frustration_at_most <= found.negative


def test_against_every_arrangement_of_the_signs() -> None:
    for seed in range(12):
        pairs, _, _ = pairs_of(random_rows(seed, 5, 14))
        keys = list(pairs)
        found = signed_balance(signed([(*sorted(p), s) for p, s in pairs.items()]), REPLY, "sign")
        drawn = []
        for minus in combinations(range(len(keys)), found.negative):
            drawn.append(kinds_of({key: -1 if i in minus else 1 for i, key in enumerate(keys)}))
        counts = np.array(drawn, dtype=float)
        assert found.expected == pytest.approx(counts.mean(axis=0), abs=1e-9)
        assert found.deviation == pytest.approx(counts.std(axis=0), abs=1e-6)
        balanced = counts[:, 0] + counts[:, 2]
        assert found.balanced_expected == pytest.approx(balanced.mean(), abs=1e-9)
        assert found.balanced_deviation == pytest.approx(balanced.std(), abs=1e-6)


def test_by_hand() -> None:
    # two groups of three, friends within and enemies across: all balanced, nothing frustrated
    rows: Rows = [(a, b, 1 if a // 3 == b // 3 else -1) for a, b in combinations(range(6), 2)]
    found = signed_balance(signed(rows), REPLY, "sign")
    assert found.count.tolist() == [2, 0, 18, 0] and found.balanced == 1 and found.balanced_z > 4
    assert (found.frustration_at_least, found.frustration_at_most) == (0, 0)
    assert (
        repr(found)
        .splitlines()[0]
        .startswith(
            "signed balance of user reply user: 6 positive and 9 negative pairs, 100.0% of 20 triangles balanced (z = "
        )
    )
    hostile = signed_balance(signed([(a, b, -1) for a, b in combinations(range(4), 2)]), REPLY, "sign")
    assert hostile.count.tolist() == [0, 0, 0, 4] and hostile.balanced == 0 and np.isnan(hostile.balanced_z)
    assert (hostile.frustration_at_least, hostile.frustration_at_most) == (1, 2)
    truths = signed_balance(signed([(0, 1, True), (1, 2, False), (2, 0, False), (2, 0, None)], "bool"), REPLY, "sign")
    assert truths.count.tolist() == [0, 0, 1, 0] and truths.unsigned == 1
    given_signs = signed_balance(signed([(0, 1, 1), (1, 2, 1), (2, 0, 1), (0, 2, 1)]), REPLY, [1, 2, -1, 9])
    assert given_signs.undecided == 1 and given_signs.triangles == 0 and "no triangle" in repr(given_signs)
    both = signed_balance(signed([(0, 1, 1), (1, 2, 1), (2, 0, 1)]), REPLY, np.array([False, True, True]))
    assert both.count.tolist() == [0, 1, 0, 0]


def test_a_planted_split_is_found_in_a_larger_graph() -> None:
    rng = np.random.default_rng(0)
    side = rng.integers(0, 2, 80)
    ends = [(a, b) for a, b in rng.integers(0, 80, (900, 2)).tolist() if a != b]
    rows: Rows = [(a, b, 1 if side[a] == side[b] else -1) for a, b in ends]
    found = signed_balance(signed(rows), REPLY, "sign")
    assert found.balanced == 1 and found.count.tolist() == kinds_of(pairs_of(rows)[0]) and found.balanced_z > 10
    assert found.frustration_at_most < 0.2 * (found.positive + found.negative)


@pytest.mark.parametrize("t", [0, 19, 45, MEASURED, 90])
def test_what_comes_later_changes_nothing(t: int) -> None:
    for seed in range(6):
        world = random_world(seed, users=5, edges=40)
        here, there = world.graph().as_of(t), world.erased(t).graph().as_of(t)
        for edge_type, column in ((REPOST, "weight"), (REPOST, "checked")):
            a, b = signed_balance(here, edge_type, column), signed_balance(there, edge_type, column)
            assert repr(a) == repr(b) and (a.undecided, a.unsigned) == (b.undecided, b.unsigned)
        if t <= MEASURED:
            assert signed_balance(here, REPOST, "checked").positive == 0
    every = random_world(1).graph()
    assert signed_balance(every, SHARE, [1] * every.num_edges(SHARE)).triangles == 0  # two node types: no triangle


def test_it_leaves_as_a_table_and_a_plot() -> None:
    matplotlib.use("Agg")
    found = signed_balance(signed([(0, 1, 1), (1, 2, -1), (2, 0, 1)]), REPLY, "sign")
    assert found.to_polars()["count"].to_list() == [0, 1, 0, 0]
    assert [bar.get_height() for bar in found.plot().patches] == [0, 1, 0, 0]


def test_bad_input_is_named() -> None:
    graph = signed([(0, 1, 1), (1, 2, -1), (2, 0, 1)])
    with pytest.raises(SchemaError, match=r"no column 'sing'.*Did you mean 'sign'"):
        signed_balance(graph, REPLY, "sing")
    with pytest.raises(SchemaError, match="got 2 signs for 3 edges user reply user of the view"):
        signed_balance(graph, REPLY, [1, -1])
    with pytest.raises(SchemaError, match="expected numbers or truth values"):
        signed_balance(graph, REPLY, ["plus", "minus", "plus"])
    with pytest.raises(SchemaError, match="expected the name of an edge column or a number for each edge"):
        signed_balance(graph, REPLY, 1)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="unknown edge type"):
        signed_balance(graph, ("user", "replies", "user"), "sign")
    with pytest.raises(SchemaError, match="expected numbers or truth values"):
        signed_balance(graph, REPLY, [[1], [2], [3]])  # type: ignore[list-item]
    assert signed_balance(graph.as_of(-5), REPLY, "sign").triangles == 0
    assert (
        signed_balance(random_world(2).graph(), FOLLOW, [1] * random_world(2).graph().num_edges(FOLLOW)).negative == 0
    )
