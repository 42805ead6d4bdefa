"""The coming window will be like the last one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors.trend_quantiles import quantile_forecast
from graphsocial.learn.metrics import QUANTILE_LEVELS
from graphsocial.schema import EdgeType
from graphsocial.trends import last_window


@dataclass(frozen=True)
class Persistence:
    """Count of the last window again, with the quantiles of its errors in training.

    Attributes:
        edge_type: Relation whose edges are counted at their target.
        width: Window and horizon in seconds.
        levels: Levels of the quantiles.
        role: Role of the counted node.
        name: As it stands in reports.
    """

    edge_type: EdgeType
    width: int
    levels: tuple[float, ...] = QUANTILE_LEVELS
    role: str = "node"
    name: str = "persistence"

    def predict(self, graph: SocialGraph, train: Examples, test: Examples) -> np.ndarray:
        """Quantiles of log1p of the coming count, float64 [example, quantile]."""
        return quantile_forecast(
            self.name, last_window, graph, self.edge_type, self.width, 1, self.levels, self.role, train, test
        )
