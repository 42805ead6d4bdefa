"""Words as vectors: fitted on some posts only, and the same whatever comes later."""

from __future__ import annotations

import numpy as np
import pytest

from graphsocial.errors import SchemaError
from graphsocial.learn.recommendation.words import character_vectors, narrowed

TEXTS = ["a red ship", "a red boat", "洪水 来了", "", "wholly different 猫", "red ships"]
FIT = np.array([True, True, True, True, False, False])


def test_like_words_have_like_vectors_and_no_words_none() -> None:
    made = character_vectors(TEXTS, FIT)
    assert np.linalg.norm(made, axis=1) == pytest.approx([1, 1, 1, 0, 1, 1], abs=1e-5)
    assert made[0] @ made[5] > made[0] @ made[2] and made[0] @ made[1] > made[0] @ made[2]


def test_posts_that_are_not_fitted_on_change_nothing() -> None:
    whole, front = character_vectors(TEXTS, FIT), character_vectors(TEXTS[:4], FIT[:4])
    assert whole[:4].tobytes() == front.tobytes()


def test_no_words_to_fit_on_is_said() -> None:
    with pytest.raises(SchemaError, match="no post with words"):
        character_vectors(["", "later words"], np.array([True, False]))
    with pytest.raises(SchemaError, match="no post with words"):
        narrowed(np.zeros((2, 3)), np.array([True, True]))


def test_one_post_with_one_character() -> None:
    assert character_vectors(["猫"], np.array([True])).shape[0] == 1


def test_the_main_axes_keep_what_the_vectors_have_in_common() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((50, 2)) @ rng.standard_normal((2, 30)) + 7
    made = narrowed(vectors, np.ones(50, dtype=bool))
    centred = vectors - vectors.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    assert made.shape[1] == 2 and made @ made.T == pytest.approx(centred @ centred.T, abs=1e-5)
