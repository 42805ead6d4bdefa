"""What a size model answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.learn.cascade_size.group_conformal import GroupConformal


@dataclass(frozen=True, eq=False)
class SizePrediction:
    """Answers on the scale log2(1 + further events).

    Attributes:
        mean: Expected answer, float64 [example].
        raw_ends: Lower and upper end of the 90 % interval before calibration, float64 [example, 2].
        ends: The same after calibration, float64 [example, 2].
        calibration: What made one of the other.
    """

    mean: np.ndarray
    raw_ends: np.ndarray
    ends: np.ndarray
    calibration: GroupConformal
