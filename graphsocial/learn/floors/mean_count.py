"""The mean of log1p of the training counts, for everyone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors.floor import check_trained


@dataclass(frozen=True)
class MeanCount:
    """The constant with the least squared log error on the training counts."""

    name: str = "mean"

    def predict(self, graph: SocialGraph, train: Examples, test: Examples) -> np.ndarray:
        """Mean of log1p of the training targets (raw counts), float64 [example]."""
        check_trained(self.name, train)
        return np.full(len(test), np.log1p(train.target.astype(np.float64)).mean())
