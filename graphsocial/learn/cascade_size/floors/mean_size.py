"""The same answer for everyone."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.cascade_size.examples import SizeExamples


class MeanSize:
    """Mean of the training answers on the log scale."""

    name = "mean"

    def predict(self, train: SizeExamples, test: SizeExamples) -> np.ndarray:
        """[example]."""
        return np.full(len(test), train.target.mean())
