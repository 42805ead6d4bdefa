"""What every spread model has in common: a graph, and a way to run from a seed set."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from graphsocial.diffusion.run_buffer import Runner
from graphsocial.diffusion.spread_graph import SpreadGraph


class SpreadModel(Protocol):
    """How something spreads over a graph.

    Attributes:
        spread: The graph.
        continuous: Whether times are numbers in the unit of the model's rates; otherwise they are steps.
        marks: Names of what a run records of each member beside its time, such as when it recovered.
    """

    @property
    def spread(self) -> SpreadGraph:
        """The graph."""
        ...

    @property
    def continuous(self) -> bool:
        """Whether times are numbers, not steps."""
        ...

    @property
    def marks(self) -> tuple[str, ...]:
        """What is recorded of each member."""
        ...

    def runner(self, seeds: np.ndarray, horizon: float) -> Runner:
        """A runner from some seeds, int64 positions [seed], that stops after the horizon; inf for none."""
        ...

    def most_members(self, seeds: np.ndarray) -> int | None:
        """Most members that one run can have; None where nothing bounds them."""
        ...
