"""F1 of a single class, and of the class that is predicted worst: what an average over posts hides."""

from __future__ import annotations

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.metrics import Metric, Sums, predicted_class


def class_f1(code: int) -> Metric:
    """F1 of one class; nan where it neither occurs nor is predicted.

    Raises:
        SchemaError: A code below 0.

    >>> likely = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]])
    >>> round(class_f1(1)(likely, np.array([0, 1, 0]), np.arange(3)), 3)
    0.667
    """
    if code < 0:
        raise SchemaError(f"class {code}, expected a code of 0 or more")

    def rows(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
        return _counts(prediction, target, np.array([code]))[:, 0]

    def value(sums: np.ndarray) -> np.ndarray:
        return _f1(sums)

    return Metric(f"f1/{code}", True, lambda p, t, q: float(value(rows(p, t, q).sum(axis=0))), Sums(rows, value))


def worst_class_f1(classes: int) -> Metric:
    """F1 of the class where it is lowest, among those that occur or are predicted.

    Raises:
        SchemaError: No class.

    >>> likely = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]])
    >>> worst_class_f1(2)(likely, np.array([1, 1, 1]), np.arange(3))
    0.0
    """
    if classes < 1:
        raise SchemaError(f"{classes} classes, expected at least one")
    codes = np.arange(classes)

    def rows(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> np.ndarray:
        return _counts(prediction, target, codes).reshape(len(target), 2 * classes)

    def value(sums: np.ndarray) -> np.ndarray:
        each = _f1(sums.reshape(*sums.shape[:-1], classes, 2))
        worst: np.ndarray = np.where(np.isnan(each), np.inf, each).min(axis=-1)
        return np.where(np.isinf(worst), np.nan, worst)

    return Metric("worst_f1", True, lambda p, t, q: float(value(rows(p, t, q).sum(axis=0))), Sums(rows, value))


def _counts(prediction: np.ndarray, target: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Twice a hit, and how often the class is there or predicted, float64 [example, class, 2]."""
    predicted, true = predicted_class(prediction)[:, None] == codes, target[:, None] == codes
    return np.stack([2.0 * (predicted & true), predicted.astype(np.float64) + true], axis=-1)


def _f1(sums: np.ndarray) -> np.ndarray:
    """[..., 2] to [...]."""
    either = sums[..., 1]
    return np.divide(sums[..., 0], either, out=np.full(either.shape, np.nan), where=either > 0)
