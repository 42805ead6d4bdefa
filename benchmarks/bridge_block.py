"""What is asked of each corpus of the bridge benchmark, and forecasts that share a graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.learn.activation.candidate_edges import CandidateEdges
from graphsocial.learn.activation.exposure_rows import Windows
from graphsocial.learn.cascade_size.duration import parse_duration

AGES = 12
"""Points of the growth curve, evenly spaced on a log scale up to the horizon."""


@dataclass(frozen=True)
class Asked:
    """How long a post is watched, and up to when its new adopters are counted.

    Attributes:
        observe: From its first event to the forecast.
        horizons: From the forecast on, ascending; the last is the main one.
    """

    observe: str
    horizons: tuple[str, ...]

    @property
    def seconds(self) -> np.ndarray:
        """The horizons, int64 seconds [horizon]."""
        return np.array([parse_duration(text) for text in self.horizons])

    @property
    def moments(self) -> np.ndarray:
        """The horizons, then the ages of the growth curve, float64 seconds after the forecast [moment]."""
        longest = self.seconds[-1]
        return np.append(self.seconds, np.geomspace(longest / 500, longest, AGES))


ASKED = {"android": Asked("1d", ("7d", "30d", "180d"))}
"""Corpora whose clock is slower than that of the others."""
USUAL = Asked("1h", ("6h", "1d", "7d"))


@dataclass(frozen=True, eq=False)
class Block:
    """Forecasts that share a graph.

    Attributes:
        edges: What is known as of a time that is not after any forecast.
        windows: From each forecast to its main horizon.
    """

    edges: CandidateEdges
    windows: Windows

    @property
    def users(self) -> int:
        """How many users are known; they have the lowest numbers."""
        return self.edges.spread.num_nodes - 1

    def part(self, rows: np.ndarray) -> Block:
        """Some of the forecasts, [example] or bool [example]."""
        windows = self.windows
        return Block(self.edges, Windows(windows.cascade[rows], windows.as_of[rows], windows.end[rows]))

    def by(self, time: int, horizon: int) -> Block:
        """Those whose outcome up to a horizon is known before a time."""
        return self.part(self.windows.as_of + horizon <= time)


def evenly(count: int, most: int | None) -> np.ndarray:
    """At most some of a number of places, evenly spread, int64 [place]."""
    return np.arange(count) if most is None else np.unique(np.linspace(0, count - 1, most).astype(np.int64))
