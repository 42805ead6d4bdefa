"""What can be explained: an output of a trained model for one input, whose pieces can be taken away."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from graphsocial.explain.attribution import Piece


class Explained(Protocol):
    """One question put to one head.

    Attributes:
        task: Head that answers.
        subject: Readable name of what is asked about.
        output_name: What the output is, in words.
        as_of: Nothing at or after this time is used, int64 seconds UTC; None where the question has no time.
        pieces: What can be taken away.
    """

    @property
    def task(self) -> str: ...  # noqa: D102

    @property
    def subject(self) -> str: ...  # noqa: D102

    @property
    def output_name(self) -> str: ...  # noqa: D102

    @property
    def as_of(self) -> int | None: ...  # noqa: D102

    @property
    def pieces(self) -> tuple[Piece, ...]: ...  # noqa: D102

    def output(self, kept: np.ndarray) -> np.ndarray:
        """The model's output without some pieces, float64 [ask].

        Args:
            kept: Which pieces stay, bool [ask, piece].
        """
        ...

    def gradient(self, steps: int) -> np.ndarray:
        """What taking each piece away changes, to first order, float64 [piece].

        Args:
            steps: Points between nothing and the input over which the gradient is averaged; 0: at the input alone.
        """
        ...

    def attention(self) -> np.ndarray:
        """Share of the attention that each piece got, nan where the model attends to no such piece, float64 [piece]."""
        ...
