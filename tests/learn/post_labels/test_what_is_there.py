"""Which model answers a post hangs on what of it is there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from graphsocial.errors import SchemaError
from graphsocial.learn.post_labels.post_inputs import PostInputs
from graphsocial.learn.post_labels.what_is_there import by_what_is_there


class Says:
    """Answers with a number of its own and with what is known of the post, and keeps which posts it was asked."""

    def __init__(self, number: float):
        self.number = number

    def probability(self, inputs: PostInputs, evidence: Mapping[str, np.ndarray]) -> np.ndarray:
        assert all(len(each) == len(inputs) for each in evidence.values())
        return np.column_stack([np.full(len(inputs), self.number), evidence["text"]])


def posts() -> PostInputs:
    """Both, text alone, picture alone (its first token is missing, its second is there), nothing, both."""
    mask = np.array([[1, 1], [0, 0], [0, 1], [0, 0], [1, 0]], bool)
    return PostInputs(
        {"image": np.ones((5, 2, 3))}, {"image": mask}, {"text": np.array(["a", "b", "", "", "c"], object)}
    )


def test_each_post_is_answered_by_what_learned_from_what_it_has() -> None:
    known = {"text": np.arange(5.0)[:, None]}
    whole, text, image = Says(1), Says(2), Says(3)
    found = by_what_is_there(whole, {"text": text, "image": image}, posts(), known)  # type: ignore[arg-type,dict-item]
    assert found[:, 0].tolist() == [1, 2, 3, 1, 1]
    assert found[:, 1].tolist() == [0, 1, 2, 3, 4], "in the order of the posts"
    some = by_what_is_there(whole, {"image": image}, posts(), known)  # type: ignore[arg-type,dict-item]
    assert some[:, 0].tolist() == [1, 1, 3, 1, 1]
    none = by_what_is_there(whole, {}, posts(), known)  # type: ignore[arg-type]
    assert none[:, 0].tolist() == [1] * 5


def test_nobody_left_for_the_whole() -> None:
    gone = posts().without("image", np.ones(5, bool)).take(np.array([0, 1, 4]))
    known = {"text": np.arange(3.0)[:, None]}
    assert by_what_is_there(Says(1), {"text": Says(2)}, gone, known)[:, 0].tolist() == [2, 2, 2]  # type: ignore[arg-type,dict-item]


def test_what_posts_have() -> None:
    assert posts().has("image").tolist() == [True, False, True, False, True]
    assert posts().has("text").tolist() == [True, True, False, False, True]
    both = PostInputs(posts().tokens | {"text": np.ones((5, 1, 3))}, posts().mask | {"text": np.ones((5, 1), bool)}, {})
    assert both.has("text").all()
    with pytest.raises(SchemaError, match=r"unknown modality .imagen., expected one of image, text"):
        posts().has("imagen")
