"""What the learned model reads: summary columns, and the observation window in slices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.learn.cascade_size.examples import SizeExamples
from graphsocial.learn.cascade_size.observed_events import observed_events
from graphsocial.learn.cascade_size.rich_features import rich_features
from graphsocial.learn.cascade_size.user_history import earlier_participations

SLICES = 60
"""Of an hour: minutes. The cost of reading them does not grow with the number of events."""


@dataclass(frozen=True, eq=False)
class SizeInputs:
    """Examples and what is read of them.

    Attributes:
        examples: The questions.
        summary: Columns, float64 [example, column].
        slices: Slices of the window in order, float32 [example, slice, column].
    """

    examples: SizeExamples
    summary: np.ndarray
    slices: np.ndarray

    def __len__(self) -> int:
        return len(self.examples)

    def then(self, newer: SizeInputs) -> SizeInputs:
        """These examples and newer ones of the same record.

        Raises:
            SchemaError: They are of different records.
        """
        if self.examples.record is not newer.examples.record:
            raise SchemaError("got examples of two records, expected one: user codes would not agree")
        return SizeInputs(
            self.examples.then(newer.examples),
            np.concatenate([self.summary, newer.summary]),
            np.concatenate([self.slices, newer.slices]),
        )


def size_inputs(examples: SizeExamples) -> SizeInputs:
    """Reads the examples; nothing at or after `as_of` of a question is looked at."""
    return SizeInputs(examples, rich_features(examples), window_slices(examples))


def window_slices(examples: SizeExamples) -> np.ndarray:
    """Events per slice of the window, and means over them, float32 [example, `SLICES`, column].

    Columns: log events, log events so far, mean depth, share from the root, mean log of the users' earlier
    participations, mean log text length, and where in the window the slice is.
    """
    events, n = observed_events(examples), len(examples)
    at = events.example * SLICES + np.minimum(events.age * SLICES // max(examples.window, 1), SLICES - 1)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(at, values, n * SLICES).reshape(n, SLICES)

    count = total(np.ones(len(at)))
    some = np.maximum(count, 1)
    before = earlier_participations(examples, events)
    columns = [
        np.log1p(count),
        np.log1p(np.cumsum(count, axis=1)) / 3,
        total(events.depth.astype(float)) / some / 3,
        total((events.parent < 0).astype(float)) / some,
        total(np.log1p(before)) / some,
        total(np.log1p(np.maximum(events.text_length, 0))) / some / 4,
        np.broadcast_to(np.arange(SLICES) / SLICES, (n, SLICES)),
    ]
    return np.stack(columns, axis=-1).astype(np.float32)
