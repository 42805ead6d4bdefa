"""The counting rule with its settings picked on validation, as the published protocol does it."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.next_user.counting import Counting, CountingSettings
from graphsocial.learn.next_user.rank_metrics import METRICS, gains
from graphsocial.learn.next_user.split import NextUserSplit

GRID = tuple(
    CountingSettings(window, weighting, decay)
    for window in (10, 20)
    for weighting in ("inverse", "root")
    for decay in (0.7, 0.8, 0.9)
)
"""Twelve settings around the usual one (20, inverse, 0.9)."""


def best_on_validation(split: NextUserSplit, grid: tuple[CountingSettings, ...] = GRID) -> Counting:
    """The rule whose settings have the highest MAP@100 on the validation part; of equal ones the first.

    Args:
        split: The split; only its training and validation parts are looked at.
        grid: Settings to try.

    >>> from graphsocial.learn.next_user.tiny_world import tiny_split
    >>> best_on_validation(tiny_split("legacy")).settings
    CountingSettings(window=10, weighting='inverse', decay=0.7)
    """
    rules = [Counting(settings) for settings in grid]
    column = METRICS.index("map@100")
    return rules[int(np.argmax([gains(rule.ranks(split, "valid"))[:, column].mean() for rule in rules]))]
