"""A table of cascades: one row each, with its measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.measures.ages import durations
from graphsocial.diffusion.measures.breadth import breadth
from graphsocial.diffusion.measures.structural_virality import structural_virality
from graphsocial.diffusion.measures.time_to_share import time_to_share
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.query_result import Column, QueryResult


@dataclass(frozen=True, repr=False, eq=False)
class CascadeTable(QueryResult):
    """Measures of cascades.

    Attributes:
        name: What each is about, object [cascade].
        size: Members, int64 [cascade].
        depth: Largest number of steps from a root, int64 [cascade].
        breadth: Members of the largest generation, int64 [cascade].
        virality: Structural virality, nan without a pair of members, float64 [cascade].
        duration: From the start to the last member, in the unit of the times, float64 [cascade].
        time_to_half: From the start until half of the members were active, nan where censored, float64 [cascade].
        censored: True where it may have gone on: size, depth, breadth and duration are lower bounds, bool [cascade].
    """

    name: np.ndarray
    size: np.ndarray
    depth: np.ndarray
    breadth: np.ndarray
    virality: np.ndarray
    duration: np.ndarray
    time_to_half: np.ndarray
    censored: np.ndarray

    def title(self) -> str:
        """How many cascades and members, and how many may have gone on."""
        return f"{len(self):,} cascades of {self.size.sum():,} members, {self.censored.sum():,} of them censored"

    def columns(self) -> dict[str, Column]:
        """One row per cascade."""
        return {
            "name": self.name,
            "size": self.size,
            "depth": self.depth,
            "breadth": self.breadth,
            "virality": self.virality,
            "duration": self.duration,
            "time_to_half": self.time_to_half,
            "censored": self.censored,
        }


def cascade_table(cascades: CascadeSet) -> CascadeTable:
    """Size, depth, breadth, structural virality, duration and time to half of each cascade.

    >>> cascade_table(CascadeSet([*"abc"], [-1, 0, 0], [60, 90, 75], [0, 3], ["x"], [False]))
    1 cascades of 3 members, 0 of them censored
      name  size  depth  breadth  virality  duration  time_to_half  censored
      x     3     1      2        1.333     30        15            False
    """
    return CascadeTable(
        cascades.names,
        cascades.size,
        cascades.depth,
        breadth(cascades),
        structural_virality(cascades),
        durations(cascades),
        time_to_share(cascades),
        cascades.censored,
    )
