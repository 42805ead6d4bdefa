"""Shapley values: axioms, and a game worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphsocial.errors import SchemaError
from graphsocial.explain import coalitions, masked_coalitions, modality_value
from graphsocial.explain.modality_value import shapley_weights
from graphsocial.learn.metrics import ACCURACY, MACRO_F1, SPEARMAN, Metric

TRUE = Metric("mean", True, lambda p, t, q: float(p.mean()))


def game(worth):
    """Predictions whose mean is what a coalition is worth."""
    names = set().union(*worth)
    return {each: np.full(4, float(worth[each])) for each in coalitions(names)}


def values(worth, **options):
    found = modality_value(game(worth), TRUE, np.zeros(4), flavour="retrained", **options)
    return {name: each.value for name, each in found.value.items()}


def test_a_game_by_hand():
    worth = {frozenset(k): v for k, v in {"": 0, "a": 1, "b": 2, "c": 3, "ab": 4, "ac": 4, "bc": 6, "abc": 10}.items()}
    # orders of a: abc 1, acb 1, bac 2, cab 1, bca 4, cba 4
    found = values(worth)
    assert found["a"] == pytest.approx(13 / 6)
    # b: bac 2, bca 2, abc 3, cba 3, acb 6, cab 6
    assert found["b"] == pytest.approx(22 / 6)
    assert found["c"] == pytest.approx(10 - 35 / 6)


@settings(max_examples=20)
@given(st.lists(st.floats(-3, 3), min_size=8, max_size=8))
def test_axioms(numbers):
    worth = dict(zip(coalitions("abc"), numbers, strict=True))
    assert sum(values(worth, resamples=1).values()) == pytest.approx(worth[frozenset("abc")] - worth[frozenset()])
    # d adds nothing to anyone
    with_null = {each: worth[each - {"d"}] for each in coalitions("abcd")}
    assert values(with_null, resamples=1)["d"] == pytest.approx(0, abs=1e-9)
    assert values(with_null, resamples=1)["a"] == pytest.approx(values(worth, resamples=1)["a"])
    # a and b are the same to everyone
    twins = {each: numbers[len(each & set("ab"))] + ("c" in each) for each in coalitions("abc")}
    found = values(twins, resamples=1)
    assert found["a"] == pytest.approx(found["b"]) and found["c"] == pytest.approx(1)


def test_weights_of_a_modality_sum_to_zero_over_coalitions():
    for count in range(1, 6):
        names = list("abcde"[:count])
        weights = shapley_weights("a", names)
        assert sum(weights.values()) == pytest.approx(0)
        assert sum(w for each, w in weights.items() if "a" in each) == pytest.approx(1)


def test_metric_that_is_no_mean_and_its_interval():
    rng = np.random.default_rng(0)
    target = rng.integers(0, 3, 120)
    right = np.eye(3)[target]
    noise = rng.random((120, 3))
    half = np.where((np.arange(120) % 2 == 0)[:, None], right, noise)
    none, image, text, both = (frozenset(each) for each in ([], ["image"], ["text"], ["image", "text"]))
    said = {none: noise, image: noise, text: half, both: right}
    group = np.arange(120) // 4
    found = modality_value(said, MACRO_F1, target, flavour="masked", group=group, rng=1)
    worth = {each: MACRO_F1(p, target, np.arange(120)) for each, p in said.items()}
    assert found.coalitions == pytest.approx(worth)
    by_hand = ((worth[text] - worth[none]) + (worth[both] - worth[image])) / 2
    assert found.value["text"].value == pytest.approx(by_hand)
    low, high = found.value["text"].interval
    assert low < by_hand < high and low > 0.3 and found.value["text"].groups == 30
    slow = Metric("macro_f1", True, MACRO_F1.function)
    same = modality_value(said, slow, target, flavour="masked", group=group, rng=1, resamples=12)
    fast = modality_value(said, MACRO_F1, target, flavour="masked", group=group, rng=1, resamples=12)
    assert same.value["text"].interval == pytest.approx(fast.value["text"].interval)
    codes = {each: p.argmax(axis=1) for each, p in said.items()}
    assert modality_value(codes, ACCURACY, target, flavour="masked").value["text"].interval is not None
    assert "masked: macro_f1 1.000 with all" in repr(found)
    assert found.to_polars()["modality"].to_list() == ["image", "text"]


def test_masked_model_is_asked_once_for_each_coalition():
    asked = []

    def predict(given):
        asked.append(given)
        return np.arange(5.0) * ("text" in given) + np.array([0.0, 1, 0, 1, 0]) * ("image" in given)

    said = masked_coalitions(["text", "image"], predict)
    assert sorted(map(len, asked)) == [0, 1, 1, 2] and len(said) == 4
    ranked = {each: p + 1e-9 * np.array([0, 2, 1, 4, 3]) for each, p in said.items()}
    found = modality_value(ranked, SPEARMAN, np.arange(5.0), flavour="masked", resamples=9)
    none, image, text, both = (found.coalitions[each] for each in coalitions(["text", "image"]))
    assert found.value["text"].value == pytest.approx((text - none + both - image) / 2)


def test_coalitions_may_name_different_classes():
    target = np.zeros(20, dtype=np.int64)
    target[::2] = 1
    said = {frozenset(): np.full(20, 2), frozenset(["text"]): target}
    found = modality_value(said, MACRO_F1, target, flavour="masked", resamples=50)
    assert found.value["text"].value == 1 and found.value["text"].interval == (1, 1)


def test_wrong_games():
    none, text = frozenset(), frozenset(["text"])
    with pytest.raises(SchemaError, match=r"missing: \(none\)"):
        modality_value({text: np.zeros(2)}, ACCURACY, np.zeros(2), flavour="masked")
    with pytest.raises(SchemaError, match="different numbers of outputs"):
        modality_value({none: np.zeros((2, 3)), text: np.zeros((2, 2))}, ACCURACY, np.zeros(2), flavour="masked")
    nobody = {each: np.zeros((0, 2)) for each in (none, text)}
    with pytest.raises(SchemaError, match="no example"):
        modality_value(nobody, MACRO_F1, np.zeros(0, np.int64), flavour="masked")
    with pytest.raises(SchemaError, match="0 modalities"):
        masked_coalitions([], lambda given: np.zeros(1))
    with pytest.raises(SchemaError, match="9 modalities"):
        masked_coalitions(list("abcdefghi"), lambda given: np.zeros(1))
