"""Opinions of several runs over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
from graphsocial.errors import SchemaError

if TYPE_CHECKING:
    import polars as pl


CLOSE = 1e-6
"""Opinions that differ by no more are one opinion."""


@dataclass(frozen=True, eq=False)
class OpinionRuns:
    """What `simulate_opinions` makes.

    Attributes:
        node: Ids, object [node].
        step: Steps that were recorded, 0 first, int64 [record].
        time: The same; over contacts the time of the contacts heard last, nan at the beginning, float64 [record].
        opinions: float64 [run, record, node].
        converged: First step from which on nothing moves, -1 where that was not reached; over contacts always -1,
            because later contacts may move what stands still now, int64 [run].
    """

    node: np.ndarray
    step: np.ndarray
    time: np.ndarray
    opinions: np.ndarray
    converged: np.ndarray

    def __len__(self) -> int:
        return len(self.opinions)

    def __repr__(self) -> str:
        return (
            f"OpinionRuns of {len(self):,} runs, {len(self.node):,} nodes, {self.step[-1]:,} steps, "
            f"{(self.converged >= 0).sum():,} converged, {self.consensus_share():.3g} in consensus"
        )

    @property
    def final(self) -> np.ndarray:
        """Opinions at the last step, float64 [run, node]."""
        return self.opinions[:, -1]

    @property
    def mean(self) -> np.ndarray:
        """Mean opinion, float64 [run, record]."""
        return self.opinions.mean(axis=2)

    def consensus(self, within: float = CLOSE) -> np.ndarray:
        """Whether no two opinions at the last step differ by more than that, bool [run]."""
        return np.ptp(self.final, axis=1) <= within

    def consensus_share(self, within: float = CLOSE) -> float:
        """Share of the runs that end in consensus."""
        return float(self.consensus(within).mean())

    def clusters(self, gap: float = CLOSE) -> list[np.ndarray]:
        """Groups of like opinions at the last step: of each run mean opinion and share of nodes, float64 [cluster, 2].

        Args:
            gap: Neighbours on the line of opinions that differ by more than this are in two clusters.

        Raises:
            SchemaError: A gap below 0.
        """
        if not isinstance(gap, int | float | np.number) or not gap >= 0:
            raise SchemaError(f"got gap={gap!r}, expected a number, at least 0")
        found = []
        for line in np.sort(self.final, axis=1):
            first = np.flatnonzero(np.append(True, np.diff(line) > gap))
            size = np.diff(np.append(first, len(line)))
            found.append(np.stack([np.add.reduceat(line, first) / size, size / len(line)], axis=1))
        return found

    def to_polars(self) -> pl.DataFrame:
        """One row per run, record and node: run, step, time, node, opinion."""
        import polars as pl

        runs, records, nodes = self.opinions.shape
        return pl.DataFrame(
            {
                "run": np.repeat(np.arange(runs), records * nodes),
                "step": np.tile(np.repeat(self.step, nodes), runs),
                "time": np.tile(np.repeat(self.time, nodes), runs),
                "node": self.node.astype(str).tolist() * (runs * records),
                "opinion": self.opinions.ravel(),
            }
        )


def moments(contacts: TemporalSpread) -> np.ndarray:
    """First contact of each distinct time, and the number of contacts, int64 [moment + 1]."""
    fresh = np.flatnonzero(np.diff(contacts.time)) + 1
    return (
        np.concatenate([[0], fresh, [contacts.num_contacts]]) if contacts.num_contacts else np.zeros(1, dtype=np.int64)
    )
