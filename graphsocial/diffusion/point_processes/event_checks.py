"""What is asked of event times before anything is computed from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphsocial.errors import SchemaError


def spread_ties(
    age: np.ndarray, sequence: np.ndarray, offsets: np.ndarray, end: np.ndarray, resolution: float
) -> np.ndarray:
    """Ages with simultaneous events set apart, in their order, evenly over one step of the clock, float64 [event].

    Raises:
        SchemaError: Events are simultaneous, and the clock has no step.
    """
    if not len(age):
        return age.copy()
    fresh = np.ones(len(age), dtype=bool)
    fresh[1:] = (age[1:] != age[:-1]) | (sequence[1:] != sequence[:-1])
    first = np.flatnonzero(fresh)
    if len(first) == len(age):
        return age.copy()
    if resolution == 0:
        i = np.flatnonzero(~fresh)[0]
        raise SchemaError(
            f"events {i - 1 - offsets[sequence[i]]} and {i - offsets[sequence[i]]} of sequence {sequence[i]} got the "
            f"same time, {age[i]:g} after its start; expected distinct times, or resolution= the step of their clock"
        )
    tied = np.diff(np.append(first, len(age)))
    rank = np.arange(len(age)) - np.repeat(first, tied)
    step = np.minimum(resolution, end[sequence] - age)
    return age + step * rank / np.repeat(tied, tied)


def one_each(name: str, value: float | np.ndarray, count: int) -> np.ndarray:
    """A number that stands for all sequences, or one for each, float64 [sequence].

    Raises:
        SchemaError: Neither, or nan.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "iuf" or array.shape not in ((), (count,)) or np.isnan(array).any():
        raise SchemaError(f"got {name}={value!r}, expected a number, or {count} of them, one per sequence")
    return np.broadcast_to(array.astype(np.float64), (count,)).copy()


def sequences_of(observed: object) -> list[np.ndarray]:
    """Times of one sequence or of several, float64 [event] each.

    Raises:
        SchemaError: No numbers.
    """
    if isinstance(observed, np.ndarray) and observed.ndim == 1 and observed.dtype.kind in "iuf":
        return [observed.astype(np.float64)]
    if isinstance(observed, np.ndarray | Sequence) and not isinstance(observed, str | bytes):
        if not len(observed) or isinstance(observed[0], int | float | np.number):
            return [_times(observed, "")]
        return [_times(times, f"sequence {i} of ") for i, times in enumerate(observed)]
    raise SchemaError(f"got {type(observed).__name__}, expected times, a list of sequences of times, or a CascadeSet")


def _times(values: object, where: str) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.zeros((0, 0))
    if array.ndim != 1:
        raise SchemaError(f"{where}event times got {type(values).__name__} {values!r:.60}, expected numbers [event]")
    return array


def check_order(time: np.ndarray, offsets: np.ndarray) -> None:
    """Times are finite and ascend within each sequence.

    Raises:
        SchemaError: They do not; names the event.
    """
    sequence = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    wrong = np.flatnonzero(~np.isfinite(time))
    if len(wrong):
        i, s = wrong[0], sequence[wrong[0]]
        raise SchemaError(f"event {i - offsets[s]} of sequence {s} got time {time[i]}, expected a finite number")
    wrong = np.flatnonzero((np.diff(time) < 0) & (sequence[1:] == sequence[:-1])) + 1
    if len(wrong):
        i, s = wrong[0], sequence[wrong[0]]
        raise SchemaError(
            f"event {i - offsets[s]} of sequence {s} got time {time[i]:g} after {time[i - 1]:g}, "
            "expected ascending times"
        )
