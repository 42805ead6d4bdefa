"""How many of each run's events had happened by given times."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def happened_by(offsets, when, times, count):  # type: ignore[no-untyped-def]
    """Counts events with `when <= times`.

    Args:
        offsets: First event of each run, [run + 1].
        when: When each event happened, infinite for never [event].
        times: Ascending, [time].
        count: Written; zeros before; the last column counts what happened later [run, time + 1].
    """
    for run in range(len(offsets) - 1):
        for i in range(offsets[run], offsets[run + 1]):
            place, rest = 0, len(times)
            while rest > 0:  # the first time that is not before the event
                half = rest >> 1
                later = times[place + half] < when[i]
                place = place + half + 1 if later else place
                rest = rest - half - 1 if later else half
            count[run, place] += 1
        total = np.int64(0)
        for k in range(len(times) + 1):
            total += count[run, k]
            count[run, k] = total
