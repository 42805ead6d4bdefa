"""The class that was most frequent in training, for everyone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors.floor import check_trained, number_of_classes


@dataclass(frozen=True)
class MajorityClass:
    """Training frequencies of the classes for every example; the largest is the majority, ties go to the lower code."""

    name: str = "majority"

    def predict(self, graph: SocialGraph, train: Examples, test: Examples) -> np.ndarray:
        """Class frequencies of the training examples, float64 [example, class]."""
        check_trained(self.name, train)
        return np.tile(class_frequencies(train), (len(test), 1))


def class_frequencies(train: Examples) -> np.ndarray:
    """Share of each class among the training targets, float64 [class]."""
    return np.bincount(train.target.astype(np.int64), minlength=number_of_classes(train)) / len(train)
