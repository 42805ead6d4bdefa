"""Events to come, the earliest first: a heap whose nodes have four children, for compiled loops."""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.random_stream_kernel import exponential


@numba.njit
def sift_in(due, what, count, when, item):  # type: ignore[no-untyped-def]
    """Adds an event to a heap of `count` that has room for it.

    Args:
        due: When each event is due, [event].
        what: What it is, [event].
        count: Number of events before.
        when: When the new one is due.
        item: What it is.
    """
    place = count
    while place > 0:
        above = (place - 1) >> 2
        if due[above] <= when:
            break
        due[place], what[place] = due[above], what[above]
        place = above
    due[place], what[place] = when, item


@numba.njit
def drop_first(due, what, count):  # type: ignore[no-untyped-def]
    """Takes the earliest event, entry 0, out of a heap of `count`.

    Args:
        due: When each event is due, [event].
        what: What it is, [event].
        count: Number of events before.
    """
    last = count - 1
    when, item = due[last], what[last]
    place = 0
    while True:
        first = 4 * place + 1
        if first >= last:
            break
        least = first
        if first + 3 < last:  # without a branch: the processor could not guess it
            left = first + int(due[first + 1] < due[first])
            right = first + 2 + int(due[first + 3] < due[first + 2])
            least = right if due[right] < due[left] else left
        else:
            for child in range(first + 1, last):
                if due[child] < due[least]:
                    least = child
        if due[least] >= when:
            break
        due[place], what[place] = due[least], what[least]
        place = least
    due[place], what[place] = when, item


@numba.njit
def grown(array):  # type: ignore[no-untyped-def]
    """A copy with room for twice as many."""
    larger = np.empty(2 * len(array), dtype=array.dtype)
    larger[: len(array)] = array
    return larger


@numba.njit
def waiting_time(state, mean, steps):  # type: ignore[no-untyped-def]
    """The next state of a stream, and how long a phase lasts: exponential, or in steps geometric, at least 1.

    Args:
        state: State of the stream.
        mean: Mean of the exponential time; in steps 1 / -log(1 - p).
        steps: Whether time goes in steps.
    """
    state, drawn = exponential(state)
    drawn *= mean
    return state, np.floor(drawn) + 1.0 if steps else drawn
