"""Every floor, in the order of the table."""

from __future__ import annotations

from graphsocial.learn.cascade_size.floors.floor import SizeFloor
from graphsocial.learn.cascade_size.floors.gradient_boosting import GradientBoosting
from graphsocial.learn.cascade_size.floors.hawkes import HawkesExponential
from graphsocial.learn.cascade_size.floors.log_linear import LogLinear, LogLinearCounts
from graphsocial.learn.cascade_size.floors.mean_size import MeanSize
from graphsocial.learn.cascade_size.floors.power_law_process import Seismic


def size_floors() -> tuple[SizeFloor, ...]:
    """All floors.

    >>> [floor.name for floor in size_floors()]
    ['mean', 'log_linear', 'log_linear_counts', 'gradient_boosting', 'seismic', 'hawkes']
    """
    return (MeanSize(), LogLinear(), LogLinearCounts(), GradientBoosting(), Seismic(), HawkesExponential())
