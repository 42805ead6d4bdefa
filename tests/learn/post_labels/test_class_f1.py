"""F1 by class against scikit-learn, and that the worst one is the worst."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from graphsocial.errors import SchemaError
from graphsocial.learn.bootstrap import bootstrap_interval
from graphsocial.learn.post_labels.class_f1 import class_f1, worst_class_f1


def test_against_scikit_learn():
    rng = np.random.default_rng(0)
    likely, target = rng.random((200, 4)), rng.integers(0, 4, 200)
    each = f1_score(target, likely.argmax(axis=1), average=None)
    for code in range(4):
        assert class_f1(code)(likely, target, np.arange(200)) == pytest.approx(each[code])
    assert worst_class_f1(4)(likely, target, np.arange(200)) == pytest.approx(each.min())


def test_a_class_that_is_nowhere_is_no_worst_one():
    likely, target = np.eye(3)[[0, 1, 1]], np.array([0, 1, 0])
    assert np.isnan(class_f1(2)(likely, target, np.arange(3)))
    assert worst_class_f1(3)(likely, target, np.arange(3)) == pytest.approx(2 / 3)
    assert worst_class_f1(3)(likely, np.array([0, 2, 0]), np.arange(3)) == 0.0


def test_intervals_and_refusals():
    rng = np.random.default_rng(1)
    target = rng.integers(0, 2, 300)
    likely = np.eye(2)[np.where(rng.random(300) < 0.8, target, 1 - target)]
    found = bootstrap_interval(worst_class_f1(2), likely, target, np.arange(300), np.arange(300), 0, 200)
    assert found.interval[0] < found.value < found.interval[1] and found.value > 0.6
    for wrong in (lambda: class_f1(-1), lambda: worst_class_f1(0)):
        with pytest.raises(SchemaError):
            wrong()
