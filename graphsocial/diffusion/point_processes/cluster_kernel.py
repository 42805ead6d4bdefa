"""Further events of self-exciting processes, counted in a compiled loop, tree by tree.

A process is a forest: each event begins direct answers of its own, a Poisson process with the memory kernel as its rate
(Hawkes and Oakes, "A cluster process representation of a self-exciting process", Journal of Applied Probability 11(3),
1974). Laid end to end, the expected answers of all events are a line that a Poisson process of rate 1 hits; a hit is
turned into a delay by the inverse of the kernel's mass. Nothing is looked back at: a tree costs as much as it has
events.
"""

from __future__ import annotations

import numba
import numpy as np

from graphsocial.diffusion.point_processes.memory_families_kernel import delay_of, mass_at
from graphsocial.diffusion.random_stream_kernel import exponential, stream_of

ENDLESS = -1
"""Stands for a count that passed the bound."""


@numba.njit
def _drawn(state):  # type: ignore[no-untyped-def]
    """As `exponential`, not copied into every place it is called from: that took seconds to compile."""
    return exponential(state)


@numba.njit(cache=True, nogil=True)
def further_counts(  # type: ignore[no-untyped-def]
    begin,
    end,
    key,
    runs,
    family,
    first,
    second,
    age,
    offsets,
    weight,
    infectiousness,
    branching,
    background,
    horizon,
    most,
    out,
):
    """Counts of further events, of some sequences.

    Args:
        begin: First sequence.
        end: One past the last sequence.
        key: Key of the streams.
        runs: Number of runs.
        family: Which memory kernel, see `memory_families_kernel`.
        first: Its first parameter.
        second: Its second parameter.
        age: Seconds since each event, now [event].
        offsets: First event of each sequence [sequence + 1].
        weight: Direct answers of each event per unit of infectiousness [event].
        infectiousness: Direct answers per unit of weight [sequence].
        branching: Direct answers per event that is still to come [sequence].
        background: Events per second that nothing triggers.
        horizon: Seconds from now; infinite only without a background.
        most: Counts beyond it become `ENDLESS`.
        out: Written [sequence, run].
    """
    waiting = np.empty(most + 1)  # seconds left to events whose answers have not been drawn
    for s in range(begin, end):
        low, high = offsets[s], offsets[s + 1]
        passed, expected = np.empty(high - low), np.empty(high - low)
        for i in range(low, high):
            passed[i - low] = mass_at(family, first, second, age[i])
            ahead = 1.0 if horizon == np.inf else mass_at(family, first, second, age[i] + horizon)
            expected[i - low] = infectiousness[s] * weight[i] * max(ahead - passed[i - low], 0.0)
        by_itself = background * horizon if background > 0.0 else 0.0
        stream = stream_of(key, s)
        for run in range(runs):
            state, left = _drawn(stream_of(stream, run))
            count, tail, endless = 0, 0, False
            for i in range(low, high + 1):
                total = expected[i - low] if i < high else by_itself
                while left < total and not endless:
                    if i == high:
                        delay = left / background
                    else:
                        share = passed[i - low] + left / (infectiousness[s] * weight[i])
                        delay = delay_of(family, first, second, min(share, 1.0)) - age[i]
                    waiting[tail] = max(horizon - delay, 0.0)
                    tail += 1
                    count += 1
                    endless = count > most
                    state, more = _drawn(state)
                    left += more
                left -= total
            while tail > 0 and not endless:
                tail -= 1
                rest = waiting[tail]
                ahead = 1.0 if rest == np.inf else mass_at(family, first, second, rest)
                total = branching[s] * ahead
                while left < total and not endless:
                    waiting[tail] = max(rest - delay_of(family, first, second, left / branching[s]), 0.0)
                    tail += 1
                    count += 1
                    endless = count > most
                    state, more = _drawn(state)
                    left += more
                left -= total
            out[s, run] = ENDLESS if endless else count
