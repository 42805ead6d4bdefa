"""The columns gradient boosting gets: what any analyst would count first."""

from __future__ import annotations

import numpy as np

from graphsocial.learn.cascade_size.examples import SizeExamples
from graphsocial.learn.cascade_size.observed_events import observed_events

WINDOW_SHARES = (1 / 12, 1 / 4, 1 / 2)
"""Of an hour: the first 5, 15 and 30 minutes."""

SIMPLE_COLUMNS = (
    "log observed",
    "log observed in 1/12",
    "log observed in 1/4",
    "log observed in 1/2",
    "share from the root",
    "log from the root",
    "text length",
    "hour of day",
    "mean text length of events",
)


def log_counts(examples: SizeExamples, shares: tuple[float, ...]) -> np.ndarray:
    """log2(1 + events in the first part of the observation window), float64 [example, share]."""
    events = observed_events(examples)
    early = events.age[:, None] < examples.window * np.asarray(shares)[None, :]
    return np.log2(1 + _sums(early.astype(np.float64), events.example, len(examples)))


def simple_features(examples: SizeExamples) -> np.ndarray:
    """Columns `SIMPLE_COLUMNS` [example, column]; the hour is local (`SizeRecord.zone`), unknown lengths count 0."""
    events, record = observed_events(examples), examples.record
    count = np.maximum(examples.observed, 1)
    direct = _sums((events.parent < 0).astype(np.float64)[:, None], events.example, len(examples))[:, 0]
    length = _sums(np.maximum(events.text_length, 0).astype(np.float64)[:, None], events.example, len(examples))[:, 0]
    hour = (record.start[examples.cascade] + record.zone) // 3600 % 24
    return np.column_stack(
        [
            np.log2(1 + examples.observed),
            log_counts(examples, WINDOW_SHARES),
            direct / count,
            np.log2(1 + direct),
            [len(text) for text in record.text[examples.cascade]],
            hour,
            length / count,
        ]
    )


def _sums(rows: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Sum of rows [row, column] per group [group, column]."""
    return np.stack([np.bincount(group, column, groups) for column in rows.T], axis=1)
