"""Flat candidate rows ⇄ one padded row per question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from graphsocial.learn.examples import Examples


@dataclass(frozen=True)
class RankingLayout:
    """Where each flat row stands in a [question, candidate] table.

    Attributes:
        first: First flat row of each question, int64 [question].
        question: Table row of each flat row, int64 [row].
        place: Table column of each flat row, int64 [row].
        width: Number of columns.
    """

    first: Tensor
    question: Tensor
    place: Tensor
    width: int

    @classmethod
    def of(cls, examples: Examples, device: torch.device) -> RankingLayout:
        """Reads the layout off examples whose rows of a question stand together."""
        _, first, inverse = np.unique(examples.query, return_index=True, return_inverse=True)
        place = np.arange(len(examples)) - first[inverse]
        first_row, question, column = (torch.from_numpy(a).to(device) for a in (first, inverse, place))
        return cls(first_row, question, column, int(place.max()) + 1)

    def softmax_loss(self, scores: Tensor, target: np.ndarray) -> Tensor:
        """Mean over questions of -log softmax of the true candidate among the question's candidates.

        Args:
            scores: [row].
            target: 1 for the true candidate, else 0 [row].
        """
        table = scores.new_full((len(self.first), self.width), float("-inf"))
        table = table.index_put((self.question, self.place), scores)
        true = torch.from_numpy(target > 0).to(scores.device)
        return (table.logsumexp(dim=1)[self.question[true]] - scores[true]).mean()
