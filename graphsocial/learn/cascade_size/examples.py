"""What is asked about a cascade's size: how many more events, seen from the end of an observation window."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from graphsocial.learn.cascade_size.record import SizeRecord

FOREVER = 10 * 365 * 86400
_COLUMNS = ("cascade", "as_of", "observed", "target", "end", "known_before")


@dataclass(frozen=True, eq=False)
class SizeExamples:
    """Cascades seen at the end of their observation window, one question each.

    Attributes:
        record: All cascades; only what lies before `as_of` (and `known_before`) may be looked at.
        cascade: Which cascade, int64 [example].
        as_of: End of its observation window: its own events with `time < as_of` are observed, int64 seconds [example].
        observed: How many they are, int64 [example].
        target: log2(1 + events in [as_of, end)), float64 [example].
        end: When the answer is complete, int64 seconds [example].
        known_before: Events of other cascades may be looked at when they are earlier than this and than `as_of`,
            int64 seconds [example].
        horizon: Seconds from the root to `end`, None when the answer counts to the end of the record.
    """

    record: SizeRecord
    cascade: np.ndarray
    as_of: np.ndarray
    observed: np.ndarray
    target: np.ndarray
    end: np.ndarray
    known_before: np.ndarray
    horizon: int | None

    def __len__(self) -> int:
        return len(self.cascade)

    @property
    def window(self) -> int:
        """Length of the observation window in seconds."""
        return int(self.as_of[0] - self.record.start[self.cascade[0]]) if len(self) else 0

    @property
    def ahead(self) -> int:
        """Seconds from the end of the window to the horizon; ten years where there is none."""
        return FOREVER if self.horizon is None else self.horizon - self.window

    def take(self, rows: np.ndarray) -> SizeExamples:
        """The examples of some rows or of a mask."""
        return self._with({name: getattr(self, name)[rows] for name in _COLUMNS})

    def then(self, newer: SizeExamples) -> SizeExamples:
        """These questions and others of the same record."""
        pairs = {name: (getattr(self, name), getattr(newer, name)) for name in _COLUMNS}
        return self._with({name: np.concatenate(pair) for name, pair in pairs.items()})

    def _with(self, columns: dict[str, np.ndarray]) -> SizeExamples:
        return SizeExamples(record=self.record, horizon=self.horizon, **columns)

    def with_known_before(self, time: int) -> SizeExamples:
        """The same questions, asked by someone who saw nothing of other cascades from `time` on."""
        return replace(self, known_before=np.minimum(self.as_of, time))


def size_examples(record: SizeRecord, observe: int, horizon: int | None) -> SizeExamples:
    """One question per cascade.

    Args:
        record: The cascades.
        observe: Length of the observation window from the root on, seconds.
        horizon: The answer counts events in [start + observe, start + horizon); None counts to the end of the record.

    >>> from graphsocial.graph import CascadeSet
    >>> ids = np.array(list("abcde"), dtype=object)
    >>> record = SizeRecord.of(CascadeSet(ids, [-1] * 5, [0, 5, 10, 15, 99], [0, 5], ["x"], [False]))
    >>> size_examples(record, 10, None).target.tolist(), size_examples(record, 10, 50).observed.tolist()
    ([2.0], [1])
    """
    as_of = record.start + observe
    end = np.full(len(record), record.until + 1) if horizon is None else record.start + horizon
    observed = record.events_before(as_of)
    later = record.events_before(end) - observed
    rows = np.arange(len(record))
    return SizeExamples(record, rows, as_of, observed, np.log2(1 + np.maximum(later, 0)), end, as_of, horizon)
