"""Assortativity against networkx, and against leaving edges out one by one."""

from __future__ import annotations

from typing import Any

import matplotlib
import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.graph import SocialGraph
from graphsocial.graph.structure.assortativity import (
    attribute_assortativity,
    degree_assortativity,
    numeric_assortativity,
)
from graphsocial.schema import Column, Schema
from tests.graph.worlds import FOLLOW, MEASURED, REPOST, SHARE, random_world

REPLY = ("user", "reply", "user")
DIRECTED = (("both", False), ("out", True), ("in", True), ("flow", True))


def replies(pairs: list[tuple[int, int]], group: list[Any] | None = None, age: list[Any] | None = None) -> SocialGraph:
    count = max((max(pair) for pair in pairs), default=0) + 1
    ids = [f"{i:02d}" for i in range(count)]
    users = pa.table({"id": ids, "known_at": list(range(count)), "group": group or [None] * count})
    users = users.append_column("age", pa.array(age or [None] * count, pa.float64()))
    users = users.set_column(2, "group", users["group"].cast(pa.string()))
    edges = pa.table({"src": [ids[a] for a, _ in pairs], "dst": [ids[b] for _, b in pairs], "time": [99] * len(pairs)})
    schema = Schema({"user": {"group": Column("string"), "age": Column("float")}}, {REPLY: {}})
    return SocialGraph.build(schema, {"user": users}, {REPLY: edges})


def reference(pairs: list[tuple[int, int]], directed: bool, distinct: bool, group: Any, age: Any) -> Any:
    kind = {(False, False): nx.MultiGraph, (False, True): nx.Graph, (True, False): nx.MultiDiGraph}
    g = kind.get((directed, distinct), nx.DiGraph)()
    for i in range(max(max(pair) for pair in pairs) + 1):
        g.add_node(i, group=group[i], age=age[i])
    for a, b in pairs:
        if a != b and group[a] is not None and group[b] is not None:
            g.add_edge(a, b) if not distinct or not g.has_edge(a, b) else None
    return g


def newman(g: Any) -> list[float]:
    """Numbers by networkx: degrees, ages and groups."""
    ends = ("out", "in") if g.is_directed() else (None, None)
    degrees = [(x, y) for x, y in nx.node_degree_xy(g, *(e or "out" for e in ends))]
    found = [float(np.corrcoef(np.array(degrees, dtype=float).T)[0, 1])]
    ages = np.array(list(nx.node_attribute_xy(g, "age")), dtype=float)
    found.append(float(np.corrcoef(ages.T)[0, 1]))
    matrix = nx.attribute_mixing_matrix(g, "group")
    found.append(float((matrix.trace() - (matrix @ matrix).sum()) / (1 - (matrix @ matrix).sum())))
    return found


def random_case(seed: int, missing: bool = False) -> tuple[list[tuple[int, int]], list[Any], list[float]]:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(4, 12))
    pairs = [(int(a), int(b)) for a, b in rng.integers(0, count, (int(rng.integers(6, 30)), 2))]
    group: list[Any] = [None if missing and rng.random() < 0.3 else "abc"[i] for i in rng.integers(0, 3, count)]
    return [*pairs, (count - 1, 0)], group, [float(x) for x in rng.integers(0, 50, count)]


@pytest.mark.parametrize("distinct", [False, True])
@pytest.mark.parametrize(("walk", "directed"), DIRECTED)
def test_against_networkx(walk: Any, directed: bool, distinct: bool) -> None:
    for seed in range(25):
        pairs, group, age = random_case(seed)
        graph = replies(pairs, group, age)
        turned = walk == "in" or walk == "flow"  # replies flow back
        walked = [(b, a) for a, b in pairs] if turned else pairs
        known = reference(walked, directed, distinct, group, age)
        with np.errstate(invalid="ignore"):
            expected = newman(known)
        found = (
            degree_assortativity(graph, [REPLY], walk, distinct),
            numeric_assortativity(graph, "age", [REPLY], walk, distinct),
            attribute_assortativity(graph, "group", [REPLY], walk, distinct),
        )
        assert [f.coefficient for f in found] == pytest.approx(expected, abs=1e-9, nan_ok=True)
        assert all((f.directed, f.left_out, f.edges) == (directed, 0, known.number_of_edges()) for f in found)


@pytest.mark.parametrize(("walk", "directed"), DIRECTED[:2])
def test_errors_are_those_of_leaving_edges_out(walk: Any, directed: bool) -> None:
    for seed in range(15):
        pairs, group, age = random_case(seed, missing=True)
        graph = replies(pairs, group, age)
        kept = [(a, b) for a, b in pairs if a != b and group[a] is not None and group[b] is not None]
        labels = attribute_assortativity(graph, "group", walk=walk)
        loops = sum(a == b for a, b in pairs)
        assert labels.edges == len(kept) and labels.left_out == len(pairs) - loops - len(kept)
        if len(kept) < 4:
            continue
        masked = {"user": [a if g is not None else None for a, g in zip(age, group, strict=True)]}
        numbers = numeric_assortativity(graph, masked, walk=walk)
        with np.errstate(invalid="ignore"):
            whole = newman(reference([*kept, (len(age) - 1,) * 2], directed, False, group, age))
            without = np.array(
                [
                    newman(reference([*kept[:i], *kept[i + 1 :], (len(age) - 1,) * 2], directed, False, group, age))
                    for i in range(len(kept))
                ]
            )
        for place, found in ((1, numbers), (2, labels)):
            assert found.coefficient == pytest.approx(whole[place], abs=1e-9, nan_ok=True)
            error = np.sqrt(((without[:, place] - whole[place]) ** 2).sum())
            assert found.error == pytest.approx(error, abs=1e-9, nan_ok=True)


def test_by_hand() -> None:
    star = degree_assortativity(replies([(0, 1), (0, 2), (0, 3)]))
    assert star.coefficient == pytest.approx(-1) and star.edges == 3
    ring = degree_assortativity(replies([(0, 1), (1, 2), (2, 0)]))
    assert np.isnan(ring.coefficient) and np.isnan(ring.error)
    apart = attribute_assortativity(replies([(0, 1), (2, 3)], ["a", "a", "b", "b"]), "group")
    assert apart.coefficient == 1 and apart.mixing.tolist() == [[2, 0], [0, 2]]
    across = attribute_assortativity(replies([(0, 1), (3, 2), (1, 1)], ["a", "b", "a", "b"]), "group", walk="out")
    assert across.coefficient == -1 and across.mixing.tolist() == [[0, 1], [1, 0]] and across.edges == 2
    assert repr(across).splitlines()[0] == "assortativity by group: -1 ± 1.4 over 2 directed edges"
    single = attribute_assortativity(replies([(0, 1), (1, 2)], ["a", "a", "a"]), "group")
    assert np.isnan(single.coefficient)
    nobody = numeric_assortativity(replies([(0, 1)], age=[None, 3.0]), "age")
    assert nobody.edges == 0 and nobody.left_out == 1 and np.isnan(nobody.coefficient)
    assert np.isnan(degree_assortativity(replies([(0, 1)]).as_of(50)).coefficient)
    huge = numeric_assortativity(replies([(0, 1), (2, 3)], age=[1e308, 1e308, -1e308, -1e308]), "age")
    assert huge.coefficient == pytest.approx(1)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(-1e6, 1e6), st.floats(1e-3, 1e3), st.sampled_from(["both", "out"]))
def test_neither_unit_nor_names_matter(seed: int, shift: float, scale: float, walk: Any) -> None:
    pairs, group, age = random_case(seed)
    plain, moved = replies(pairs, group, age), replies(pairs, group, [shift + scale * a for a in age])
    a, b = numeric_assortativity(plain, "age", walk=walk), numeric_assortativity(moved, "age", walk=walk)
    assert a.coefficient == pytest.approx(b.coefficient, abs=1e-4, nan_ok=True)
    assert np.isnan(a.coefficient) or -1 - 1e-9 <= a.coefficient <= 1 + 1e-9
    names = {"user": [{"a": 9, "b": 1, "c": 4}[g] for g in group]}
    c, d = attribute_assortativity(plain, "group", walk=walk), attribute_assortativity(plain, names, walk=walk)
    assert c.coefficient == pytest.approx(d.coefficient, nan_ok=True) and c.error == pytest.approx(d.error, nan_ok=True)
    turned = attribute_assortativity(replies([(v, u) for u, v in pairs], group), "group", walk=walk)
    assert turned.coefficient == pytest.approx(c.coefficient, nan_ok=True)


@pytest.mark.parametrize("t", [0, 19, 45, MEASURED, 81])
def test_what_comes_later_changes_nothing(t: int) -> None:
    for seed in range(6):
        world = random_world(seed)
        here, there = world.graph().as_of(t), world.erased(t).graph().as_of(t)
        for walk in ("both", "out"):
            for ask in (
                lambda v, w=walk: degree_assortativity(v, [REPOST, FOLLOW, SHARE], w),
                lambda v, w=walk: numeric_assortativity(v, "followers", [REPOST], w),
                lambda v, w=walk: attribute_assortativity(v, "name", [REPOST, FOLLOW], w, True),
            ):
                assert repr(ask(here)) == repr(ask(there))
        if t <= MEASURED:
            assert numeric_assortativity(here, "followers", [REPOST]).edges == 0


def test_it_leaves_as_a_table_and_a_plot() -> None:
    matplotlib.use("Agg")
    graph = replies([(0, 1), (2, 3), (1, 2)], ["a", "a", "b", "b"], [1.0, 2.0, 4.0, 8.0])
    labels, numbers = attribute_assortativity(graph, "group"), numeric_assortativity(graph, "age", walk="out")
    assert labels.to_polars().row(0)[0] == "group" and labels.to_polars()["edges"][0] == 3
    assert labels.plot().images[0].get_array().tolist() == [[2 / 6, 1 / 6], [1 / 6, 2 / 6]]
    assert numbers.plot().get_xlabel() == "age, head"


def test_bad_input_is_named() -> None:
    graph = replies([(0, 1), (1, 2)], ["a", "b", "a"], [1.0, 2.0, float("inf")])
    assert numeric_assortativity(graph, "age").left_out == 1
    with pytest.raises(SchemaError, match=r"no column 'grop'.*Did you mean 'group'"):
        attribute_assortativity(graph, "grop")
    with pytest.raises(SchemaError, match="group of user holds 'a', expected numbers"):
        numeric_assortativity(graph, "group")
    with pytest.raises(SchemaError, match="got 2 values for 3 user nodes"):
        attribute_assortativity(graph, {"user": ["a", "b"]})
    with pytest.raises(SchemaError, match="no values for user nodes, expected a column's name or values by node type"):
        numeric_assortativity(graph, {"post": [1]})
    with pytest.raises(SchemaError, match="no values for user nodes"):
        numeric_assortativity(graph, [1, 2, 3])  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="expected text, numbers or truth values"):
        attribute_assortativity(graph, {"user": [["a"], "b", "c"]})
    with pytest.raises(SchemaError, match="unknown walk 'up'"):
        degree_assortativity(graph, walk="up")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="got distinct='yes', expected True or False"):
        degree_assortativity(graph, distinct="yes")  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match="mixing is between labels"):
        _ = degree_assortativity(graph).mixing
