"""A linear model whose attributions, curves and Shapley values are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphsocial.explain import Piece


class LinearModel:
    """Output = start + sum of the weights of the pieces that stay."""

    task, as_of, output_name = "linear", None, "sum"

    def __init__(self, weights: Sequence[float], start: float = 0.0, shares: Sequence[float] | None = None):
        self.weights, self.start = np.array(weights, dtype=float), start
        self.shares = np.full(len(weights), np.nan) if shares is None else np.array(shares)
        self.pieces = tuple(Piece("word", f"w{number}") for number in range(len(weights)))
        self.subject = f"{len(weights)} words"
        self.asked = 0

    def output(self, kept: np.ndarray) -> np.ndarray:
        self.asked += len(kept)
        return self.start + kept @ self.weights

    def gradient(self, steps: int) -> np.ndarray:
        return self.weights.copy()

    def attention(self) -> np.ndarray:
        return self.shares
