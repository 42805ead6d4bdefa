"""Popularity early and late are linear on the log scale."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.cascade_size.examples import SizeExamples
from graphsocial.learn.cascade_size.simple_features import log_counts


def least_squares(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Ordinary least squares with an intercept, fitted on x [example, column] and y [example], evaluated at [row].

    >>> least_squares(np.array([[0.0], [1.0]]), np.array([1.0, 3.0]), np.array([[2.0]])).round(9).tolist()
    [5.0]
    """
    design = np.column_stack([np.ones(len(x)), x])
    weights = np.linalg.lstsq(design, y, rcond=None)[0]
    return np.column_stack([np.ones(len(at)), at]) @ weights


class LogLinear:
    """Least squares on log2(1 + observed events).

    Szabo and Huberman, "Predicting the popularity of online content", CACM 53(8), 2010, with a free slope.
    """

    name = "log_linear"

    def predict(self, train: SizeExamples, test: SizeExamples) -> np.ndarray:
        """[example]."""
        return least_squares(log_counts(train, (1.0,)), train.target, log_counts(test, (1.0,)))


class LogLinearCounts:
    """Least squares on log2(1 + events) in the first half and in the whole of the observation window.

    After the multivariate linear model of Pinto, Almeida and Gonçalves, "Using early view patterns to predict the
    popularity of YouTube videos", WSDM 2013, with logarithms.
    """

    name = "log_linear_counts"

    def predict(self, train: SizeExamples, test: SizeExamples) -> np.ndarray:
        """[example]."""
        return least_squares(log_counts(train, (0.5, 1.0)), train.target, log_counts(test, (0.5, 1.0)))
