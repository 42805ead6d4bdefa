from __future__ import annotations

import numpy as np
import pytest

from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph, simulate
from graphsocial.diffusion.measures.cascade_table import cascade_table
from graphsocial.diffusion.measures.comparable_cascades import comparable_cascades
from graphsocial.diffusion.measures.structural_virality import structural_virality
from graphsocial.diffusion.measures.summarise_cascades import MEASURES, summarise_cascades
from graphsocial.errors import SchemaError
from tests.diffusion.measures.forests import EMPTY, branching, cascades_of, reordered


def test_table_golden() -> None:
    cascades = cascades_of(
        [[-1, 0, 0, 0], [-1, 0, 1, 2], [-1]], [[0, 1, 2, 9], [5, 6, 8, 8], [3]], [False, True, False]
    )
    table = cascade_table(cascades).to_polars()
    assert table["name"].to_list() == ["c0", "c1", "c2"]
    assert table["size"].to_list() == [4, 4, 1]
    assert table["depth"].to_list() == [1, 3, 0]
    assert table["breadth"].to_list() == [3, 1, 1]
    assert table["virality"].to_list() == pytest.approx([1.5, 5 / 3, np.nan], nan_ok=True)
    assert table["duration"].to_list() == [9, 3, 0]
    assert table["time_to_half"].to_list() == pytest.approx([1, np.nan, 0], nan_ok=True)
    assert table["censored"].to_list() == [False, True, False]


def test_summary_golden() -> None:
    cascades = cascades_of([[-1, 0, 0, 0], [-1, 0, 1], [-1]], censored=[False, True, False])
    summary = summarise_cascades(cascades, rng=0)
    assert summary.mean.tolist() == pytest.approx([8 / 3, 1, 5 / 3, (1.5 + 4 / 3) / 2, 1, 0.5])
    assert summary.median.tolist() == pytest.approx([3, 1, 1, (1.5 + 4 / 3) / 2, 1, 0.5])
    assert summary.used.tolist() == [3, 3, 3, 2, 3, 2]
    assert summary.censored.tolist() == [1, 1, 1, 1, 1, 0]
    assert "1 are censored and count as far as they were seen" in summary.title()
    assert summary.to_polars()["measure"].to_list() == list(MEASURES)
    assert (summary.low <= summary.mean).all() and (summary.mean <= summary.high).all()


def test_neither_names_nor_order_matter() -> None:
    cascades = branching(np.random.default_rng(1), 0.9, 40)
    again = reordered(cascades, np.random.default_rng(2).permutation(40).tolist())
    one, two = (summarise_cascades(c, rng=3) for c in (cascades, again))
    np.testing.assert_allclose(one.mean, two.mean)
    np.testing.assert_array_equal(one.median, two.median)
    rows = {name: row for name, *row in zip(*cascade_table(again).columns().values(), strict=True)}
    for name, *row in zip(*cascade_table(cascades).columns().values(), strict=True):
        np.testing.assert_array_equal(np.array(rows[name], dtype=float), np.array(row, dtype=float))


def test_observed_and_simulated_are_one_type() -> None:
    chain = SpreadGraph.from_edges([0, 1, 2], [1, 2, 3])
    runs = simulate(IndependentCascade(Activation.uniform(chain, 1.0)), [0], runs=5, rng=7)
    assert cascade_table(runs).virality.tolist() == pytest.approx([5 / 3] * 5)
    summary = summarise_cascades(runs, rng=0)
    np.testing.assert_array_equal(summary.low, summary.high)
    short = simulate(IndependentCascade(Activation.uniform(chain, 1.0)), [0], runs=5, rng=7, horizon=2)
    assert summarise_cascades(short, rng=0).open_cascades == 5
    assert np.isnan(cascade_table(short).time_to_half).all()


def test_no_cascade() -> None:
    assert len(cascade_table(EMPTY)) == 0
    summary = summarise_cascades(EMPTY, rng=0)
    assert np.isnan(summary.mean).all() and summary.used.tolist() == [0] * 6


def test_comparable_cascades_are_whole() -> None:
    cascades = cascades_of([[-1, 0], [-1, 0, 1], [-1, 0, 0, 1]], censored=[False, True, False])
    found, left_out = comparable_cascades(cascades)
    assert (found.names.tolist(), left_out) == (["c0", "c2"], 1)
    assert found.parent.tolist() == [-1, 0, -1, 2, 2, 3] and not found.censored.any()
    assert structural_virality(found).tolist() == pytest.approx([1, 5 / 3])
    early, left_out = comparable_cascades(cascades, 1, 5.0)
    assert (early.size.tolist(), left_out) == ([2, 2, 3], 0)


@pytest.mark.parametrize(
    ("cascades", "age", "said"),
    [
        (EMPTY, None, "there are no cascades"),
        (EMPTY, 3.0, "there are no cascades"),
        (cascades_of([[-1]], censored=[True]), None, r"all 1 cascades are censored.*pass age="),
        (cascades_of([[-1]], [[5]], [True], known_until=8), 3.0, "none of 1 cascades was watched for 3"),
    ],
)
def test_nothing_comparable(cascades, age, said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        comparable_cascades(cascades, age)
