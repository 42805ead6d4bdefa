"""Observed sequences of events: when each began, what happened, and until when anyone looked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from graphsocial.diffusion.point_processes.event_checks import check_order, one_each, sequences_of, spread_ties
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet


@dataclass(frozen=True, eq=False)
class EventTimes:
    """Events of several sequences, one after the other, each on a clock of its own that begins at 0.

    Attributes:
        age: Seconds since the sequence's beginning, ascending within a sequence, float64 [event].
        offsets: First event of each sequence, int64 [sequence + 1].
        until: Seconds from the sequence's beginning to the end of its observation, float64 [sequence].
        root: Whether the first event of every sequence is its root: given, at age 0, not to be explained.
        order: Position of each event among what was handed in, int64 [event].
        began: When each sequence began, seconds UTC, float64 [sequence]; None where the clock is another.
        known_until: The events were read from what was known before this second; None for all there is.

    >>> events = EventTimes.of([[0.0, 3.0, 7.0], [0.0]], until=10.0, root=True)
    >>> events
    EventTimes of 2 sequences, 2 events to explain
    >>> events.cut(5.0).age.tolist()
    [0.0, 3.0, 0.0]
    """

    age: np.ndarray
    offsets: np.ndarray
    until: np.ndarray
    root: bool
    order: np.ndarray
    began: np.ndarray | None = None
    known_until: int | None = None

    def __post_init__(self) -> None:
        for name in ("age", "offsets", "until", "order", "began"):
            array = getattr(self, name)
            if array is not None:
                kind = np.int64 if name in ("offsets", "order") else np.float64
                array = np.ascontiguousarray(array, dtype=kind)
                array.setflags(write=False)
                object.__setattr__(self, name, array)

    @classmethod
    def of(
        cls,
        observed: EventTimes | CascadeSet | np.ndarray | Sequence[float] | Sequence[np.ndarray] | Sequence[list[float]],
        until: float | np.ndarray | None = None,
        *,
        root: bool | None = None,
        start: float | np.ndarray | None = None,
        resolution: float | None = None,
        known_until: int | None = None,
    ) -> EventTimes:
        """From ascending times, a list of them, or cascades.

        Members of a cascade are put in order of time; those before their root count at its time. Events that the
        clock puts at the same time are spread evenly over its step: a likelihood has no maximum where two events
        coincide.

        Args:
            observed: What happened. `EventTimes` pass through as they are.
            until: End of the observation on the clock of the times, one for all or [sequence]. None: observed cascades
                end where their `known_until` is.
            root: Whether the first event of each sequence is its root, at which its clock begins. None: True for
                cascades whose first member is one, False for plain times.
            start: Where the clock of sequences without roots begins, one for all or [sequence]. None: at 0.
            resolution: Step of the clock, seconds. None: 1 for whole-number times of cascades, 0 for others.
            known_until: They were read from what was known before this second; for times, and for cascades that do not
                say so themselves.

        Raises:
            SchemaError: Times that are not finite, not ascending, before the start or not before `until`; an event
                twice at one time; a sequence without its root; arguments that contradict each other.
        """
        if isinstance(observed, EventTimes):
            if any(value is not None for value in (until, root, start, resolution, known_until)):
                raise SchemaError("EventTimes say themselves until when they were observed and how: pass them alone")
            return observed
        if isinstance(observed, CascadeSet):
            if known_until is not None and observed.known_until is not None:
                raise SchemaError(
                    f"these cascades say themselves what they know, got known_until={known_until!r} beside"
                )
            events = _of_cascades(observed, until, root, start, resolution)
            return replace(events, known_until=known_until) if known_until is not None else events
        sequences = sequences_of(observed)
        size = [len(times) for times in sequences]
        time = np.concatenate([*sequences, np.zeros(0)])
        offsets = np.concatenate([[0], np.cumsum(size, dtype=np.int64)]).astype(np.int64)
        check_order(time, offsets)
        if until is None:
            raise SchemaError("got no until=, expected the end of the observation: what did not happen counts, too")
        order = np.arange(len(time))
        step = 0.0 if resolution is None else resolution
        events = _of_arrays(time, offsets, until, bool(root), start, step, order, known_until)
        return replace(events, began=None)

    def __len__(self) -> int:
        return len(self.until)

    def __repr__(self) -> str:
        return f"EventTimes of {len(self):,} sequences, {self.num_explained:,} events to explain"

    @property
    def size(self) -> np.ndarray:
        """Events of each sequence, roots included, int64 [sequence]."""
        return np.diff(self.offsets)

    @property
    def num_explained(self) -> int:
        """Events that are no roots."""
        return len(self.age) - (len(self) if self.root else 0)

    @property
    def sequence(self) -> np.ndarray:
        """Which sequence each event is of, int64 [event]."""
        return np.repeat(np.arange(len(self)), self.size)

    def cut(self, age: float | np.ndarray) -> EventTimes:
        """The same sequences, as they were known after some seconds, one number for all or [sequence].

        Raises:
            SchemaError: No age above 0.
        """
        until = np.minimum(np.broadcast_to(np.asarray(age, dtype=np.float64), self.until.shape), self.until)
        if not (until > 0).all():
            raise SchemaError(f"cut at {age!r}, expected seconds, more than 0")
        kept = self.age < until[self.sequence]
        offsets = np.concatenate([[0], np.cumsum(np.bincount(self.sequence[kept], minlength=len(self)))])
        return replace(self, age=self.age[kept], order=self.order[kept], offsets=offsets, until=until)

    def before(self, time: float) -> EventTimes:
        """What had happened before a time, in UTC; sequences that had not begun are left out.

        Args:
            time: Seconds UTC.

        Raises:
            SchemaError: The clock of the sequences is not UTC.
        """
        if self.began is None:
            raise SchemaError("these sequences have a clock of their own, not UTC: cut() shortens them by their age")
        begun = np.flatnonzero(self.began < time)
        kept = self._some(begun).cut(time - self.began[begun])
        known = int(time) if self.known_until is None else min(int(time), self.known_until)
        return replace(kept, known_until=known)

    def take(self, sequence: int) -> EventTimes:
        """One sequence alone."""
        return self._some(np.array([sequence]))

    def _some(self, chosen: np.ndarray) -> EventTimes:
        """Some sequences, int64 [sequence]."""
        size = self.size[chosen]
        offsets = np.concatenate([[0], np.cumsum(size)])
        event = np.arange(offsets[-1]) + np.repeat(self.offsets[:-1][chosen] - offsets[:-1], size)
        began = None if self.began is None else self.began[chosen]
        age, order = self.age[event], self.order[event]
        return replace(self, age=age, order=order, offsets=offsets, until=self.until[chosen], began=began)


def _of_cascades(
    cascades: CascadeSet,
    until: float | np.ndarray | None,
    root: bool | None,
    start: float | np.ndarray | None,
    resolution: float | None,
) -> EventTimes:
    whole = cascades.time.dtype.kind == "i"
    if until is None:
        if cascades.known_until is None or not whole:
            raise SchemaError("got no until=, expected the end of the observation: what did not happen counts, too")
        until = float(cascades.known_until)
    if root is None:
        root = start is None and bool(len(cascades)) and bool((cascades.size > 0).all())
        first = cascades.offsets[:-1]
        root = root and bool((whole or (cascades.time[first] == 0).all()) and (cascades.parent[first] == -1).all())
    if not root and start is None and whole:
        raise SchemaError("observed cascades without roots got no start=, expected when their observation began")
    sequence = np.repeat(np.arange(len(cascades)), cascades.size)
    time = cascades.time.astype(np.float64)
    if root:
        time = np.maximum(time, time[np.minimum(cascades.offsets[:-1], max(len(time) - 1, 0))][sequence])
    order = np.lexsort((time, sequence))
    step = (1.0 if whole else 0.0) if resolution is None else resolution
    events = _of_arrays(time[order], cascades.offsets, until, root, start, step, order, cascades.known_until)
    return events if whole else replace(events, began=None)


def _of_arrays(
    time: np.ndarray,
    offsets: np.ndarray,
    until: float | np.ndarray,
    root: bool,
    start: float | np.ndarray | None,
    resolution: float,
    order: np.ndarray,
    known_until: int | None,
) -> EventTimes:
    count, size = len(offsets) - 1, np.diff(offsets)
    if root and start is not None:
        raise SchemaError(f"got start={start!r} beside root=True: a clock begins at the root")
    if root and (size == 0).any():
        raise SchemaError(f"sequence {int(np.argmin(size))} has no event, expected its root first, or root=False")
    begin = time[offsets[:-1]] if root else one_each("start", 0.0 if start is None else start, count)
    end = one_each("until", until, count) - begin
    sequence = np.repeat(np.arange(count), size)
    wrong = np.flatnonzero(~(end > 0))
    if len(wrong):
        i = wrong[0]
        raise SchemaError(
            f"until of sequence {i} got {end[i] + begin[i]:g}, expected more than {begin[i]:g}, its start"
        )
    if not (isinstance(resolution, int | float) and math.isfinite(resolution) and resolution >= 0):
        raise SchemaError(f"got resolution={resolution!r}, expected seconds, at least 0")
    age = time - begin[sequence]
    for wrong, what in ((np.flatnonzero(age < 0), "start"), (np.flatnonzero(age >= end[sequence]), "until")):
        if len(wrong):
            i, s = wrong[0], sequence[wrong[0]]
            bound = (
                f"at least {begin[s]:g}, its start"
                if what == "start"
                else f"less than {end[s] + begin[s]:g}, its until"
            )
            raise SchemaError(
                f"event {i - offsets[s]} of sequence {s} got time {time[i]:g}, expected {bound}; "
                "EventTimes.cut() shortens an observation"
            )
    age = spread_ties(age, sequence, offsets, end, resolution)
    return EventTimes(age, offsets, end, root, order, begin, known_until)
