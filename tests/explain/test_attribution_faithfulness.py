"""Attributions, curves and stability on a linear model, where every number can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.explain import (
    Attribution,
    Piece,
    attribute,
    faithfulness_report,
    order_curves,
    seed_stability,
)
from tests.explain.linear_model import LinearModel


@pytest.mark.parametrize("method", ["deletion", "gradient_input", "integrated_gradients"])
def test_methods_agree_with_a_linear_model(method):
    found = attribute(LinearModel([3.0, -1.0, 0.5], start=2.0), method)
    assert found.value == 4.5 and found.method == method
    assert found.score == pytest.approx([3.0, -1.0, 0.5])
    assert [piece.what for piece in found.top(2).pieces] == ["w0", "w1"]
    assert found.to_polars()["score"].to_list() == found.score.tolist()


def test_attention_random_and_wrong_names():
    model = LinearModel([1.0, 2.0], shares=[0.3, 0.7])
    assert attribute(model, "attention").score.tolist() == [0.3, 0.7]
    one, same, other = (attribute(model, "random", rng=rng).score for rng in (1, 1, 2))
    assert np.array_equal(one, same) and not np.array_equal(one, other)
    with pytest.raises(SchemaError, match="Did you mean 'deletion'"):
        attribute(model, "deletoin")
    with pytest.raises(SchemaError, match="0 steps"):
        attribute(model, steps=0)
    with pytest.raises(SchemaError, match="Did you mean 'word'"):
        attribute(model).only("words")
    with pytest.raises(SchemaError, match="shape"):
        Attribution("t", "s", "o", 0.0, "random", (), np.zeros(1))
    empty = attribute(LinearModel([]))
    assert empty.score.shape == (0,) and empty.to_polars().height == 0 and empty.top(3).pieces == ()


def test_curves_by_hand():
    # everything 1 + 4 + 2 = 7; words go 4 first, then 2: 7, 3, 1; they come: 1, 5, 7
    curves = order_curves(LinearModel([2.0, 4.0], start=1.0), np.array([2.0, 4.0]), "word")
    assert curves.share.tolist() == [0, 0.5, 1]
    assert curves.deletion.tolist() == [7, 3, 1] and curves.insertion.tolist() == [1, 5, 7]
    assert curves.deletion_area == pytest.approx((7 + 2 * 3 + 1) / 4)
    assert curves.insertion_area == pytest.approx((1 + 2 * 5 + 7) / 4)
    assert curves.faithfulness == pytest.approx(1.0)
    backwards = order_curves(LinearModel([2.0, 4.0], start=1.0), np.array([4.0, 2.0]), "word")
    assert backwards.faithfulness == pytest.approx(-1.0)


def test_curves_in_fewer_steps_and_without_scores():
    model = LinearModel([1.0] * 20)
    curves = order_curves(model, np.full(20, np.nan), "word", steps=4)
    assert curves.share.tolist() == [0, 0.25, 0.5, 0.75, 1] and curves.deletion.tolist() == [20, 15, 10, 5, 0]
    assert model.asked == 10
    single = order_curves(LinearModel([3.0]), np.zeros(1), "word")
    assert single.deletion.tolist() == [3, 0] and single.faithfulness == 0
    for wrong in ({"kind": "region"}, {"steps": 0}, {"score": np.zeros(2)}):
        with pytest.raises(SchemaError, match="expected a piece, a step"):
            order_curves(model, **({"score": np.zeros(20), "kind": "word"} | wrong))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=9), st.randoms())
def test_the_true_order_is_the_most_faithful(weights, random):
    model = LinearModel(weights)
    other = list(range(len(weights)))
    random.shuffle(other)
    best = order_curves(model, np.array(weights), "word", steps=99).faithfulness
    assert best >= order_curves(model, np.array(other, dtype=float), "word", steps=99).faithfulness - 1e-9


def test_other_kinds_stay_in_place():
    model = LinearModel([1.0, 2.0, 4.0])
    model.pieces = (Piece("word", "a"), Piece("region", "b"), Piece("word", "c"))
    curves = order_curves(model, np.array([1.0, 9.0, 4.0]), "word")
    assert curves.deletion.tolist() == [7, 3, 2] and curves.insertion.tolist() == [2, 6, 7]


def test_report_finds_what_is_faithful():
    rng = np.random.default_rng(0)
    models = [LinearModel(rng.normal(size=6), shares=np.full(6, 1 / 6)) for _ in range(40)]
    attributions = {method: [attribute(m, method) for m in models] for method in ("deletion", "attention")}
    report = faithfulness_report(models, attributions, "word", orders=20)
    deletion, attention, random = report.rows
    assert [row.method for row in report.rows] == ["deletion", "attention", "random"]
    assert deletion.over_random.interval[0] > 0 and deletion.over_attention.interval[0] > 0
    assert random.over_random is None and attention.over_attention is None
    low, high = random.faithfulness.interval
    assert low < 0 < high
    exact = [order_curves(m, m.weights, "word").faithfulness for m in models]
    assert deletion.faithfulness.value == pytest.approx(np.mean(exact))
    assert deletion.deletion.value < random.deletion.value < random.insertion.value + 0.2
    assert report.to_polars().filter(method="deletion", measure="over_random")["low"][0] > 0
    assert "40 examples" in repr(report)
    again = faithfulness_report(models, attributions, "word", orders=20)
    assert again.to_polars().equals(report.to_polars())


def test_report_counts_what_has_no_order():
    models = [LinearModel([1.0]), LinearModel([1.0, 2.0])]
    attributions = {"deletion": [attribute(m) for m in models]}
    report = faithfulness_report(models, attributions, "word")
    assert (report.examples, report.left_out) == (1, 1)
    assert report.rows[0].over_attention is None and report.rows[0].faithfulness.interval is None
    with pytest.raises(SchemaError, match="there is no order"):
        faithfulness_report(models, attributions, "region")
    with pytest.raises(SchemaError, match="expected one length"):
        faithfulness_report(models, {"deletion": attributions["deletion"][:1]}, "word")
    with pytest.raises(SchemaError, match="expected one length"):
        faithfulness_report(models, attributions, "word", group=["a"])


def test_group_is_what_is_drawn():
    models = [LinearModel([1.0, float(number)]) for number in range(4)]
    attributions = {"deletion": [attribute(m) for m in models]}
    wide = faithfulness_report(models, attributions, "word", group=list("aabb")).rows[0].faithfulness
    assert wide.groups == 2
    assert faithfulness_report(models, attributions, "word", group=["a"] * 4).rows[0].faithfulness.interval is None


def test_stability_by_hand():
    def given_scores(*scores):
        return [attribute(LinearModel(score)) for score in scores]

    one = given_scores([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0], [1.0, 1.0, 1.0], [5.0, 1.0])
    two = given_scores([1.0, 2.0, 4.0, 3.0], [3.0, 2.0, 1.0], [1.0, 2.0, 3.0], [1.0, 2.0])
    found = seed_stability([one, two], "word")
    # Spearman 1 - 6 * 2 / (4 * 15) = 0.8 and -1; constant scores and two words do not count
    assert found.value == pytest.approx((0.8 - 1) / 2) and found.groups == 2
    assert seed_stability([one, one, one], "word").value == pytest.approx(1.0)
    third = given_scores([4.0, 3.0, 2.0, 1.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 2.0])
    # pairs (0.8, -1, -0.8) and (-1, 1, -1)
    assert seed_stability([one, two, third], "word").value == pytest.approx((-1 / 3 - 1 / 3) / 2)
    for wrong in ([one], [one, two[:1]], [one[:1], two[1:2]], [one[2:3], two[2:3]]):
        with pytest.raises(SchemaError):
            seed_stability(wrong, "word")
