"""The coming window will be like the node's average one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.graph import SocialGraph
from graphsocial.learn.examples import Examples
from graphsocial.learn.floors.trend_quantiles import quantile_forecast
from graphsocial.learn.metrics import QUANTILE_LEVELS
from graphsocial.schema import EdgeType
from graphsocial.trends import historical_mean


@dataclass(frozen=True)
class HistoricalMean:
    """Mean count per window since the node's first edge, with the quantiles of its errors in training.

    Attributes:
        edge_type: Relation whose edges are counted at their target.
        width: Window and horizon in seconds.
        levels: Levels of the quantiles.
        windows: How many windows back the history begins.
        role: Role of the counted node.
        name: As it stands in reports.
    """

    edge_type: EdgeType
    width: int
    levels: tuple[float, ...] = QUANTILE_LEVELS
    windows: int = 672
    role: str = "node"
    name: str = "historical_mean"

    def predict(self, graph: SocialGraph, train: Examples, test: Examples) -> np.ndarray:
        """Quantiles of log1p of the coming count, float64 [example, quantile]."""
        return quantile_forecast(
            self.name,
            historical_mean,
            graph,
            self.edge_type,
            self.width,
            self.windows,
            self.levels,
            self.role,
            train,
            test,
        )
