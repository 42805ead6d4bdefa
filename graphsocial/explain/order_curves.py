"""Deletion and insertion curves: what happens to the output when pieces go, or come, in the order of their scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.explain.attribution import of_kind
from graphsocial.explain.evidence import Kind
from graphsocial.explain.explained import Explained

STEPS = 8
"""Steps in which a curve goes from everything to nothing, or as many as there are pieces."""


@dataclass(frozen=True, eq=False)
class OrderCurves:
    """Both curves of one order (Petsiuk et al. 2018, RISE, arXiv 1806.07421).

    Attributes:
        share: Share of the pieces that have gone, or come, from 0 to 1, float64 [point].
        deletion: Output when the pieces of the highest scores have gone, float64 [point].
        insertion: Output when only the pieces of the highest scores are there, float64 [point].

    >>> straight = np.linspace(0, 1, 3)
    >>> curves = OrderCurves(straight, deletion=1 - straight, insertion=straight)
    >>> curves.deletion_area, curves.insertion_area, curves.faithfulness
    (0.5, 0.5, 0.0)
    """

    share: np.ndarray
    deletion: np.ndarray
    insertion: np.ndarray

    @property
    def deletion_area(self) -> float:
        """Area under the deletion curve: low when what goes first mattered."""
        return float(np.trapezoid(self.deletion, self.share))

    @property
    def insertion_area(self) -> float:
        """Area under the insertion curve: high when what comes first mattered."""
        return float(np.trapezoid(self.insertion, self.share))

    @property
    def faithfulness(self) -> float:
        """Insertion area minus deletion area: an order without sense has about zero, whatever the model."""
        return self.insertion_area - self.deletion_area


def order_curves(question: Explained, score: np.ndarray, kind: Kind, steps: int = STEPS) -> OrderCurves:
    """Curves of one order of the pieces of one kind; pieces of other kinds stay in place throughout.

    Args:
        question: What is explained.
        score: Highest first; nan comes last, ties in the order of the pieces, [piece].
        kind: Which pieces go and come.
        steps: At most this many steps.

    Raises:
        SchemaError: No piece of that kind, fewer than one step, or scores of another number of pieces.
    """
    own = np.flatnonzero(of_kind(question.pieces, kind))
    if not len(own) or steps < 1 or np.shape(score) != (len(question.pieces),):
        raise SchemaError(
            f"curves over {len(own)} pieces of kind {kind!r} in {steps} steps with scores of shape {np.shape(score)}; "
            f"expected a piece, a step and {len(question.pieces)} scores"
        )
    ranked = own[np.argsort(-np.nan_to_num(score[own], nan=-np.inf), kind="stable")]
    count = np.unique(np.round(np.linspace(0, len(own), min(steps, len(own)) + 1)).astype(np.int64))
    kept = np.ones((2, len(count), len(question.pieces)), dtype=bool)
    kept[1][:, own] = False
    for point, first in enumerate(count):
        kept[0, point, ranked[:first]] = False
        kept[1, point, ranked[:first]] = True
    value = question.output(kept.reshape(2 * len(count), -1)).reshape(2, len(count))
    return OrderCurves(count / len(own), value[0], value[1])
