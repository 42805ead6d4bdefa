"""What an assortativity says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.query_result import Column, QueryResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class Assortativity(QueryResult):
    """How alike the ends of edges are: 1 where all are, 0 as by chance, below where unlike ones join.

    Attributes:
        of: What was compared.
        coefficient: Newman's r; nan where there is no edge, or all ends are the same.
        error: Its jackknife standard error, edges being left out one by one; nan where that cannot be told.
        left_out: Edges left out because an end has no value.
        directed: Whether tails and heads were told apart.
        labels: What the ends' codes stand for, [label]; None where values are numbers.
        tail: Code or number at the end that is walked from, int64 or float64 [edge].
        head: Code or number at the other end, [edge].
    """

    of: str
    coefficient: float
    error: float
    left_out: int
    directed: bool
    labels: tuple[Any, ...] | None
    tail: np.ndarray
    head: np.ndarray

    @property
    def edges(self) -> int:
        """Number of edges compared."""
        return len(self.tail)

    @property
    def mixing(self) -> np.ndarray:
        """Edges between labels, int64 [tail label, head label]; symmetric, each edge both ways, where undirected.

        Raises:
            SchemaError: The values are numbers.
        """
        if self.labels is None:
            raise SchemaError(f"{self.of} was compared as numbers; mixing is between labels: attribute_assortativity")
        count = len(self.labels)
        mixing = np.bincount(self.tail * count + self.head, minlength=count * count).reshape(count, count)
        return mixing if self.directed else mixing + mixing.T

    def title(self) -> str:
        """What was compared, the coefficient and its error."""
        left_out = f", {self.left_out:,} without a value left out" if self.left_out else ""
        return (
            f"assortativity by {self.of}: {self.coefficient:.3g} ± {self.error:.2g} "
            f"over {self.edges:,} {'directed' if self.directed else 'undirected'} edges{left_out}"
        )

    def columns(self) -> dict[str, Column]:
        """One row: what was compared, coefficient, error, edges and those left out."""
        return {
            "of": [self.of],
            "coefficient": np.array([self.coefficient]),
            "error": np.array([self.error]),
            "edges": np.array([self.edges]),
            "left_out": np.array([self.left_out]),
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Share of edges between labels, or where the edges lie by the numbers at their ends; returns the axes."""
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.figure().add_subplot()
        if self.labels is None:
            tail, head = self.tail, self.head
            if not self.directed:
                tail, head = np.concatenate([tail, head]), np.concatenate([head, tail])
            ax.hexbin(tail, head, gridsize=30, bins="log", mincnt=1)
        else:
            ax.imshow(self.mixing / max(self.mixing.sum(), 1))
            ax.set_xticks(range(len(self.labels)), [str(label) for label in self.labels], rotation=90)
            ax.set_yticks(range(len(self.labels)), [str(label) for label in self.labels])
        ax.set_xlabel(f"{self.of}, {'head' if self.directed else 'one end'}")
        ax.set_ylabel(f"{self.of}, {'tail' if self.directed else 'other end'}")
        ax.set_title(f"r = {self.coefficient:.3g} ± {self.error:.2g}")
        return ax
