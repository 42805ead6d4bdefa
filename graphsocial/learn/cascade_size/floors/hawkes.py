"""A self-exciting process with exponential memory, fitted to each cascade by maximum likelihood."""

from __future__ import annotations

import numpy as np
from numba import njit

from graphsocial.learn.cascade_size.examples import SizeExamples
from graphsocial.learn.cascade_size.floors.log_linear import least_squares
from graphsocial.learn.cascade_size.observed_events import observed_events

HALF_LIVES = tuple(60.0 * 2**k for k in range(11))
"""Half-lives of the memory that are tried, a minute to 17 hours, in seconds."""


class HawkesExponential:
    """Intensity k b sum(exp(-b (t - t_i))) over the root and the events so far (Hawkes 1971).

    For each b of a grid the best k is known: events / sum(1 - exp(-b (window - t_i))); the pair with the highest
    likelihood is kept. The expected further events up to the end are in closed form, and a log-linear correction is
    fitted on the training examples.
    """

    name = "hawkes"

    def predict(self, train: SizeExamples, test: SizeExamples) -> np.ndarray:
        """[example]."""
        return least_squares(log_expected_more(train)[:, None], train.target, log_expected_more(test)[:, None])


def log_expected_more(examples: SizeExamples) -> np.ndarray:
    """log2(1 + expected further events) of the fitted process, float64 [example]."""
    events = observed_events(examples)
    ahead = np.full(len(examples), float(examples.ahead))
    decays = np.log(2) / np.asarray(HALF_LIVES)
    return np.log2(
        1 + expected_more(events.age.astype(np.float64), events.offsets, float(examples.window), ahead, decays)
    )


@njit(cache=True)
def expected_more(
    age: np.ndarray, offsets: np.ndarray, window: float, ahead: np.ndarray, decays: np.ndarray
) -> np.ndarray:
    """Expected events in (window, window + ahead] of the fitted process, float64 [example].

    Args:
        age: Seconds since the root, ascending, without the root [event].
        offsets: First event of each example [example + 1].
        window: Length of the observation window, seconds.
        ahead: Seconds from the window's end to the end of what is counted [example].
        decays: Values of b that are tried, per second.

    >>> expected_more(np.zeros(0), np.array([0, 0]), 10.0, np.array([5.0]), np.array([0.1])).tolist()
    [0.0]
    """
    out = np.zeros(len(offsets) - 1)
    for example in range(len(out)):
        first, last = offsets[example], offsets[example + 1]
        if first == last:
            continue
        best, branching, memory, rate = -np.inf, 0.0, 0.0, 1.0
        for b in decays:
            excitement, exposure, log_sum, before = 1.0, 1 - np.exp(-b * window), 0.0, 0.0
            for e in range(first, last):
                excitement *= np.exp(-b * (age[e] - before))
                log_sum += np.log(excitement * b)
                excitement += 1.0
                before = age[e]
                exposure += 1 - np.exp(-b * (window - age[e]))
            count = last - first
            k = count / max(exposure, 1e-12)
            likelihood = log_sum + count * np.log(k) - count
            if likelihood > best:
                best, branching, rate = likelihood, k, b
                memory = excitement * np.exp(-b * (window - before))
        growth = rate * (branching - 1)
        # the mean intensity grows like exp(growth t); beyond e^20 nothing is worth telling apart
        span = ahead[example] if abs(growth) < 1e-12 else (np.exp(min(growth * ahead[example], 20.0)) - 1) / growth
        out[example] = branching * rate * memory * span
    return out
