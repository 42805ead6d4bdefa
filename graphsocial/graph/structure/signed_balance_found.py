"""What triangles of signed pairs say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.schema import EdgeType

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = ("+++", "++-", "+--", "---")
"""Triangles with 0, 1, 2 and 3 negative pairs; those with an even number are balanced."""


@dataclass(frozen=True, repr=False, eq=False)
class SignedBalance(QueryResult):
    """Triangles of a signed graph by kind, against the same pairs with their signs shuffled.

    Attributes:
        edge_type: The relation.
        count: Triangles of each kind, in the order of `KINDS`, int64 [4].
        expected: Their mean over all arrangements of the signs, float64 [4].
        deviation: Their standard deviation over all arrangements, float64 [4].
        balanced_expected: Mean of the balanced triangles over all arrangements.
        balanced_deviation: Their standard deviation.
        positive: Number of positive pairs.
        negative: Number of negative pairs.
        undecided: Pairs left out, whose positive and negative edges are equally many.
        unsigned: Edges left out, whose sign is null, nan or 0.
        frustration_at_least: Fewest pairs that would have to change sign for all cycles to be balanced are no fewer.
        frustration_at_most: And no more.
    """

    edge_type: EdgeType
    count: np.ndarray
    expected: np.ndarray
    deviation: np.ndarray
    balanced_expected: float
    balanced_deviation: float
    positive: int
    negative: int
    undecided: int
    unsigned: int
    frustration_at_least: int
    frustration_at_most: int

    @property
    def triangles(self) -> int:
        """Number of triangles."""
        return int(self.count.sum())

    @property
    def balanced(self) -> float:
        """Share of triangles that are balanced; nan without triangles."""
        return int(self.count[0] + self.count[2]) / self.triangles if self.triangles else np.nan

    @property
    def balanced_z(self) -> float:
        """Standard deviations by which the balanced triangles exceed their mean; nan where no arrangement differs."""
        over = int(self.count[0] + self.count[2]) - self.balanced_expected
        return over / self.balanced_deviation if self.balanced_deviation > 0 else np.nan

    @property
    def z(self) -> np.ndarray:
        """Standard deviations by which each kind exceeds its mean, float64 [4]; nan where no arrangement differs."""
        spread = np.where(self.deviation > 0, self.deviation, np.nan)
        return (self.count - self.expected) / spread

    def title(self) -> str:
        """Pairs, triangles, how many are balanced and how far that is from chance."""
        pairs = f"{self.positive:,} positive and {self.negative:,} negative pairs"
        if not self.triangles:
            return f"signed balance of {' '.join(self.edge_type)}: {pairs}, no triangle"
        return (
            f"signed balance of {' '.join(self.edge_type)}: {pairs}, {self.balanced:.1%} of {self.triangles:,} "
            f"triangles balanced (z = {self.balanced_z:.1f}), frustration "
            f"{self.frustration_at_least:,} to {self.frustration_at_most:,}"
        )

    def columns(self) -> dict[str, Column]:
        """Kind, whether it is balanced, count, mean and standard deviation under shuffled signs, z."""
        return {
            "kind": list(KINDS),
            "balanced": np.array([True, False, True, False]),
            "count": self.count,
            "expected": self.expected,
            "deviation": self.deviation,
            "z": self.z,
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Triangles of each kind beside what shuffled signs give, two standard deviations either way; the axes."""
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.figure().add_subplot()
        place = np.arange(4)
        ax.bar(place, self.count, width=0.6, label="observed")
        ax.errorbar(place, self.expected, 2 * self.deviation, fmt="o", color="black", label="signs shuffled")
        ax.set_xticks(place, KINDS)
        ax.set_ylabel("triangles")
        ax.legend()
        return ax
