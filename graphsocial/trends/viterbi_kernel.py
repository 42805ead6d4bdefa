"""The cheapest sequence of burst states."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def cheapest_states(cost: np.ndarray, up: float) -> np.ndarray:
    """States with the least total cost, where rising by a level costs `up` and falling costs nothing, int64 [step].

    The sequence starts from state 0 before the first step. Of equally cheap sequences, the lower state is taken.

    Args:
        cost: Cost of what was seen at each step in each state, float64 [step, state].
        up: Cost of one level upwards.
    """
    steps, states = cost.shape
    came = np.zeros((steps, states), dtype=np.int16)
    total = np.empty(states)
    for state in range(states):
        total[state] = up * state
    before = np.empty(states)
    for step in range(steps):
        if step > 0:
            before[:] = total
            # falling is free: the best of all states at or above; rising: the best below, one level at a time
            best, at = np.inf, 0
            for state in range(states - 1, -1, -1):
                if before[state] <= best:
                    best, at = before[state], state
                total[state], came[step, state] = best, at
            best, at = np.inf, 0
            for state in range(states):
                if state > 0:
                    best += up
                if before[state] < best:
                    best, at = before[state], state
                if best < total[state] or (best == total[state] and at < came[step, state]):
                    total[state], came[step, state] = best, at
        for state in range(states):
            total[state] += cost[step, state]
    found = np.zeros(steps, dtype=np.int64)
    if steps == 0:
        return found
    last = 0
    for state in range(states):
        if total[state] < total[last]:
            last = state
    for step in range(steps - 1, -1, -1):
        found[step] = last
        last = came[step, last]
    return found
