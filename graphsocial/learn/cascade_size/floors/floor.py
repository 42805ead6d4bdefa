"""What a floor of size prediction is."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from graphsocial.learn.cascade_size.examples import SizeExamples


class SizeFloor(Protocol):
    """Fitted on training examples, it answers log2(1 + further events)."""

    @property
    def name(self) -> str:
        """As it stands in tables."""

    def predict(self, train: SizeExamples, test: SizeExamples) -> np.ndarray:
        """Fits on the training examples and predicts the test examples, float64 [example]."""
