"""The least surprising bipartite graph with given degrees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError

_STEPS = 300
_GOOD_ENOUGH = 1e-7


@dataclass(frozen=True, eq=False)
class BipartiteNull:
    """Chance of every edge, told by the degrees of its two ends.

    Attributes:
        degree: Distinct degrees on the left, ascending, int64 [class].
        count: Nodes on the left of each degree, int64 [class].
        other_degree: Distinct degrees on the right, ascending, int64 [other class].
        other_count: Nodes on the right of each degree, int64 [other class].
        probability: Chance of an edge, float64 [class, other class].
        error: Largest difference between a degree and its expectation, as a share of the degree.
    """

    degree: np.ndarray
    count: np.ndarray
    other_degree: np.ndarray
    other_count: np.ndarray
    probability: np.ndarray
    error: float


def bipartite_null(degree: np.ndarray, other_degree: np.ndarray) -> BipartiteNull:
    """The bipartite configuration model: edges as random as they can be with every node's degree kept on average.

    Saracco, Di Clemente, Gabrielli and Squartini, Scientific Reports 5:10595 (2015): maximum entropy gives
    independent edges of chance `x y / (1 + x y)`, one x for each degree on the left and one y for each on the right.
    m edges have at most sqrt(2 m) distinct degrees a side, so the likelihood, which is concave in log x and log y, is
    climbed by Newton's method on a few hundred numbers, however many the nodes are.

    Args:
        degree: Edges of each node on the left, at least 1, int64 [node].
        other_degree: Edges of each node on the right, at least 1, int64 [other node].

    Raises:
        SchemaError: The two sides do not add up to the same number of edges, or no simple graph has such degrees.

    >>> null = bipartite_null(np.array([1, 1, 2]), np.array([2, 1, 1]))
    >>> null.degree.tolist(), null.other_degree.tolist()
    ([1, 2], [1, 2])
    >>> (null.probability * null.other_count).sum(axis=1).round(6).tolist()
    [1.0, 2.0]
    """
    degree, other_degree = np.asarray(degree), np.asarray(other_degree)
    if degree.sum() != other_degree.sum():
        raise SchemaError(
            f"got {degree.sum()} edges on the left and {other_degree.sum()} on the right, expected one sum"
        )
    if len(degree) and (min(degree.min(), other_degree.min()) < 1 or not _exists(degree, other_degree)):
        raise SchemaError("no bipartite graph without parallel edges has these degrees, all of them at least 1")
    left, count = np.unique(degree, return_counts=True)
    right, other_count = np.unique(other_degree, return_counts=True)
    probability, error = _fit(left, count.astype(float), right, other_count.astype(float))
    return BipartiteNull(left, count, right, other_count, probability, error)


def _exists(degree: np.ndarray, other_degree: np.ndarray) -> bool:
    """Gale and Ryser, 1957: the k largest of one side never need more than the other side can give them."""
    largest = np.cumsum(np.sort(degree)[::-1])
    kept = np.sort(other_degree)
    k = np.arange(1, len(degree) + 1)
    small = np.searchsorted(kept, k, side="right")
    below = np.concatenate([[0], np.cumsum(kept)])[small]
    return bool((largest <= below + k * (len(kept) - small)).all())


def _fit(left: np.ndarray, count: np.ndarray, right: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, float]:
    edges = max(float((left * count).sum()), 1.0)
    log_x, log_y = np.log(left) - 0.5 * np.log(edges), np.log(right) - 0.5 * np.log(edges)
    best, error = np.zeros((len(left), len(right))), 0.0
    value = np.inf
    for _ in range(_STEPS if len(left) else 0):
        best = _chance(log_x, log_y)
        missing, missing_right = left - best @ other, right - count @ best
        error = float(max(np.abs(missing / left).max(), np.abs(missing_right / right).max()))
        if error < _GOOD_ENOUGH:
            break
        step, step_right = _newton(best, count, other, count * missing, other * missing_right)
        slope = float((count * missing) @ step + (other * missing_right) @ step_right)
        value = _loss(log_x, log_y, left, count, right, other)
        size = 1.0
        while size > 1e-6:
            new_x, new_y = log_x + size * step, log_y + size * step_right
            if _loss(new_x, new_y, left, count, right, other) <= value - 1e-4 * size * slope + 1e-12 * abs(value):
                break
            size /= 2
        log_x, log_y = new_x, new_y
    return best, error


def _chance(log_x: np.ndarray, log_y: np.ndarray) -> np.ndarray:
    from scipy.special import expit

    return expit(log_x[:, None] + log_y)


def _loss(
    log_x: np.ndarray, log_y: np.ndarray, left: np.ndarray, count: np.ndarray, right: np.ndarray, other: np.ndarray
) -> float:
    """Minus the log likelihood of the degrees."""
    free = count @ np.logaddexp(0.0, log_x[:, None] + log_y) @ other
    return float(free - (count * left) @ log_x - (other * right) @ log_y)


def _newton(
    chance: np.ndarray, count: np.ndarray, other: np.ndarray, gradient: np.ndarray, gradient_right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Step that solves [[A, B], [B', C]] step = gradient, A and C diagonal, through the smaller side."""
    if len(count) < len(other):
        step_right, step = _newton(chance.T, other, count, gradient_right, gradient)
        return step, step_right
    mixed = chance * (1 - chance) * count[:, None] * other
    # the sum of log x and log y alone matters, and full rows go to infinity: a pinch on the diagonal keeps it solvable
    rows, columns = mixed.sum(axis=1) * (1 + 1e-9) + 1e-300, mixed.sum(axis=0) * (1 + 1e-9) + 1e-300
    small = np.diag(columns) - mixed.T @ (mixed / rows[:, None])
    scale = 1 / np.sqrt(columns)
    solved = np.linalg.solve(
        small * scale[:, None] * scale + 1e-10 * np.eye(len(columns)),
        scale * (gradient_right - mixed.T @ (gradient / rows)),
    )
    step_right = scale * solved
    step = (gradient - mixed @ step_right) / rows
    longest = max(np.abs(step).max(), np.abs(step_right).max())
    shrink = min(1.0, 4.0 / longest) if longest > 0 else 1.0
    return step * shrink, step_right * shrink
