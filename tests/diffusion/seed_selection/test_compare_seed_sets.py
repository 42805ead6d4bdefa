"""Seed sets compared in common runs, against exact spreads."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
from graphsocial.diffusion.seed_selection.compare_seed_sets import compare_seed_sets
from graphsocial.errors import SchemaError, UnknownNodeError
from tests.diffusion.seed_selection.exact_reach import ExactReach, small_model


@pytest.mark.parametrize("kind", ["even", "uneven", "threshold"])
def test_means_and_differences_are_right_and_pairing_sharpens(kind: str) -> None:
    model = small_model(kind, 2)
    exact, sets = ExactReach(model), {"one": [0], "two": [0, 3], "other": [5]}
    found = compare_seed_sets(model, sets, 20_000, rng=3, against="two", level=0.999993)  # 4.5 sigma
    assert set(found.names) == set(sets) and (np.diff(found.spread) <= 0).all()
    for i, name in enumerate(found.names):
        true, two = exact.spread(sets[name]), exact.spread(sets["two"])
        assert found.interval[i, 0] - 1e-6 <= true <= found.interval[i, 1] + 1e-6
        assert found.difference_interval[i, 0] - 1e-6 <= true - two <= found.difference_interval[i, 1] + 1e-6
    width = dict(zip(found.names, np.diff(found.difference_interval)[:, 0], strict=True))
    single = dict(zip(found.names, np.diff(found.interval)[:, 0], strict=True))
    assert width["two"] == 0 and width["one"] < np.hypot(single["one"], single["two"])
    assert found.difference_interval[found.names.index("one"), 1] <= 1e-9  # a larger set never reaches less in a run


def test_deadline_threads_and_table() -> None:
    chain = SpreadGraph.from_edges([0, 1, 2], [1, 2, 3])
    model = IndependentCascade(Activation.uniform(chain, 1.0))
    found = compare_seed_sets(model, {"first": [0], "last": [3]}, 10, rng=1, deadline=2)
    assert found.spread.tolist() == [3.0, 1.0] and found.difference.tolist() == [0.0, -2.0]
    assert found.to_polars().columns[5] == "minus first" and len(found) == 2
    half = IndependentCascade(Activation.uniform(chain, 0.5))
    one, three = (compare_seed_sets(half, {"a": [0]}, 9_000, rng=1, threads=threads) for threads in (1, 3))
    assert one.spread.tolist() == three.spread.tolist()
    import matplotlib

    matplotlib.use("Agg")
    axes = found.plot()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["first", "last"]


def test_bad_input() -> None:
    model = small_model("even", 1)
    for wrong, message in (
        ({"seed_sets": {}}, "got no seed sets"),
        ({"seed_sets": {"a": []}}, "seed set is empty"),
        ({"runs": 1}, "got runs=1, expected a whole number, at least 2"),
        ({"level": 1.0}, "got level=1.0"),
        ({"against": "aa"}, "no seed set 'aa' to compare with. Did you mean 'a'?"),
    ):
        with pytest.raises(SchemaError, match=message):
            compare_seed_sets(model, **{"seed_sets": {"a": [0]}, "rng": 1, **wrong})  # type: ignore[arg-type]
    with pytest.raises(UnknownNodeError):
        compare_seed_sets(model, {"a": [77]}, rng=1)
