"""Quantiles from a forest: what the training examples that share its leaves answered."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor

GRID = 512
"""Values that a quantile can take."""


class QuantileForest:
    """Extra trees for the mean, and the leaves' answers for quantiles.

    Geurts, Ernst and Wehenkel, "Extremely randomized trees", Machine Learning 63, 2006; quantiles as in Meinshausen,
    "Quantile regression forests", JMLR 7, 2006, with trees grown on all examples.

    Args:
        x: Columns [example, column].
        y: Answers [example].
        trees: Number of trees.
        leaf: Least number of examples in a leaf.
        seed: Of the trees.
        weight: How much each example counts in growing the trees and for the mean [example]; None: all the same.

    >>> forest = QuantileForest(np.zeros((4, 1)), np.array([1.0, 2.0, 3.0, 4.0]), trees=3, leaf=4, seed=0)
    >>> forest.mean(np.zeros((1, 1))).tolist(), forest.quantiles(np.zeros((1, 1)), (0.25, 0.5, 1.0)).tolist()
    ([2.5], [[1.0, 2.0, 4.0]])
    """

    def __init__(
        self, x: np.ndarray, y: np.ndarray, trees: int, leaf: int, seed: int, weight: np.ndarray | None = None
    ):
        self._trees = ExtraTreesRegressor(
            trees, min_samples_leaf=leaf, max_features=0.5, random_state=np.random.RandomState(seed % 2**32)
        ).fit(x, y, sample_weight=weight)
        self._leaves = self._trees.apply(x)
        self._grid = np.unique(np.quantile(y, np.linspace(0, 1, GRID), method="inverted_cdf"))
        self._code = np.minimum(np.searchsorted(self._grid, y), len(self._grid) - 1)

    def mean(self, x: np.ndarray) -> np.ndarray:
        """Expected answer, float64 [example]."""
        return self._trees.predict(x).astype(np.float64)

    def quantiles(self, x: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
        """Smallest values of the grid whose share of answers reaches each level, float64 [example, quantile]."""
        share = np.zeros((len(x), len(self._grid)))
        for known, asked in zip(self._leaves.T, self._trees.apply(x).T, strict=True):
            leaves, row = np.unique(known, return_inverse=True)
            counts = np.bincount(row * len(self._grid) + self._code, minlength=len(leaves) * len(self._grid))
            counts = counts.reshape(len(leaves), len(self._grid)).cumsum(axis=1)
            share += (counts / counts[:, -1:])[np.searchsorted(leaves, asked)]
        share /= self._leaves.shape[1]
        places = [(share < level - 1e-9).sum(axis=1) for level in levels]
        return np.stack([self._grid[np.minimum(place, len(self._grid) - 1)] for place in places], axis=1)
