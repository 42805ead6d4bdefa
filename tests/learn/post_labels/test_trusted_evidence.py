"""Which streams are believed: what misleads on held-out groups is not, and a big group has one voice."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError
from graphsocial.learn.post_labels.trusted_evidence import mean_evidence, trusted_evidence


def stream(says: np.ndarray, strength: float = 1.0) -> np.ndarray:
    return strength * (2 * np.eye(2)[says] - 1)


def test_a_stream_that_misleads_is_left_out_and_one_that_adds_is_taken():
    target = np.array([0, 0, 0, 1, 1, 1])
    text = stream(np.array([0, 0, 1, 1, 1, 0]))
    image = stream(np.array([0, 0, 0, 1, 1, 1]), 2.0) * np.array([0, 0, 1, 0, 0, 1])[:, None]
    wrong = stream(1 - target, 3.0)
    names, score = trusted_evidence({"text": text, "image": image, "wrong": wrong}, target, np.arange(6))
    assert names == ("image", "text") and score == 1.0


def test_many_posts_of_one_picture_count_once():
    target = np.array([0] * 98 + [1, 0, 1])
    group = np.array(["shared"] * 98 + ["a", "b", "c"])
    loud = stream(np.array([0] * 98 + [0, 1, 0]))  # right for the picture that everybody posted, and nowhere else
    quiet = stream(np.array([1] * 98 + [1, 0, 1]), 0.5)
    assert trusted_evidence({"loud": loud, "quiet": quiet}, target, group)[0] == ("quiet",)
    assert trusted_evidence({"loud": loud, "quiet": quiet}, target, np.arange(101))[0] == ("loud",)


def test_mean_is_over_those_that_speak():
    evidence = {"a": np.array([[2.0, -2.0], [0.0, 0.0]]), "b": np.array([[0.0, 0.0], [-1.0, 1.0]])}
    np.testing.assert_array_equal(mean_evidence(evidence, ("a", "b")), [[2.0, -2.0], [-1.0, 1.0]])
    with pytest.raises(SchemaError, match="no evidence"):
        trusted_evidence({}, np.zeros(0, dtype=int), np.zeros(0))
