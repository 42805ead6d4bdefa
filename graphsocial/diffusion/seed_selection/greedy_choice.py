"""What may be chosen as seeds, and the greedy choice on given sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Choice:
    """Nodes chosen on given sets.

    Attributes:
        nodes: Positions in the order chosen, int64 [seed].
        gain: Sets that each met first, [seed].
        bound: No permitted choice meets more sets than this.
    """

    nodes: np.ndarray
    gain: np.ndarray
    bound: float

    @property
    def met(self) -> int:
        """Sets that they meet."""
        return int(self.gain.sum())


@dataclass(frozen=True, eq=False)
class GreedyChoice:
    """k nodes, or nodes whose costs stay within a budget.

    Attributes:
        allowed: Whether a node may be chosen, bool [node].
        k: How many; None where a budget says.
        cost: Cost of each node, float64 [node]; None where a number says.
        budget: Largest sum of costs.
    """

    allowed: np.ndarray
    k: int | None = None
    cost: np.ndarray | None = None
    budget: float = 0.0

    @property
    def candidates(self) -> int:
        """How many may be chosen."""
        return int(self.allowed.sum())

    @property
    def most_seeds(self) -> int:
        """No permitted choice has more seeds."""
        if self.cost is None:
            assert self.k is not None
            return self.k
        return max(1, int((np.cumsum(np.sort(self.cost[self.allowed])) <= self.budget).sum()))

    def confined_to(self, nodes: np.ndarray) -> GreedyChoice:
        """All of some nodes, in the order in which they meet most."""
        allowed = np.zeros_like(self.allowed)
        allowed[nodes] = True
        return GreedyChoice(allowed, len(nodes))

    def on(self, node: np.ndarray, offsets: np.ndarray) -> Choice:
        """The greedy choice on sets."""
        from graphsocial.diffusion.seed_selection.max_coverage_kernel import greedy_budgeted_coverage, greedy_coverage

        if self.cost is None:
            chosen, gain = np.empty(self.most_seeds, dtype=np.int64), np.empty(self.most_seeds, dtype=np.int64)
            bound = greedy_coverage(node, offsets, self.most_seeds, self.allowed, chosen, gain)
            return Choice(chosen, gain, float(bound))
        chosen, gain = np.empty(len(self.allowed), dtype=np.int64), np.empty(len(self.allowed), dtype=np.int64)
        count, most = greedy_budgeted_coverage(node, offsets, self.cost, self.budget, self.allowed, chosen, gain)
        return Choice(chosen[:count], gain[:count], float(most))
