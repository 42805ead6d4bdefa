"""SEISMIC without follower counts: a self-exciting process whose events are answered after a power-law delay."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from graphsocial.learn.cascade_size.examples import SizeExamples
from graphsocial.learn.cascade_size.floors.log_linear import least_squares
from graphsocial.learn.cascade_size.observed_events import observed_events

PLATEAU = 300.0
"""Seconds before which every delay is equally likely (the paper's s0)."""
TAIL = 0.242
"""Exponent of the tail (the paper's theta): density ~ delay ** -(1 + TAIL)."""
_DENSITY = TAIL / (PLATEAU * (1 + TAIL))
_MOST = 0.95  # a branching ratio that reaches 1 has no expected size


def delay_mass(delay: np.ndarray) -> np.ndarray:
    """Share of answers within a delay, the integral of the memory kernel from 0 on [...].

    Zhao, Erdogdu, He, Rajaraman and Leskovec, "SEISMIC", KDD 2015, section 3.2: constant up to `PLATEAU`, then a power
    law; the constant is the one that makes the whole mass 1.

    >>> delay_mass(np.array([0.0, 300.0, 1e12])).round(3).tolist()
    [0.0, 0.195, 0.996]
    """
    delay = np.asarray(delay, dtype=np.float64)
    tail = PLATEAU / TAIL * (1 - (np.maximum(delay, PLATEAU) / PLATEAU) ** -TAIL)
    return _DENSITY * (np.clip(delay, 0, PLATEAU) + tail)


def delay_moment(delay: np.ndarray) -> np.ndarray:
    """Integral of delay times the memory kernel from 0 on [...]."""
    delay = np.asarray(delay, dtype=np.float64)
    tail = PLATEAU**2 / (1 - TAIL) * ((np.maximum(delay, PLATEAU) / PLATEAU) ** (1 - TAIL) - 1)
    return _DENSITY * (np.clip(delay, 0, PLATEAU) ** 2 / 2 + tail)


def infectiousness(age: np.ndarray, example: np.ndarray, examples: int, window: float) -> np.ndarray:
    """Answers per event near the end of the window, float64 [example].

    The paper's estimator (eq. 6 and 8) with every event of degree 1: answers weighted by a triangle that rises from 0
    at half the window to 1 at its end, over the exposure weighted likewise.

    Args:
        age: Seconds since the root of every observed event, without the root [event].
        example: Which example, int64 [event].
        examples: Number of examples.
        window: Length of the observation window in seconds.
    """
    answers = np.bincount(example, np.maximum(2 * age - window, 0) / window, examples)
    exposed = np.bincount(example, _exposure(age, window), examples) + _exposure(np.zeros(1), window)[0]
    return answers / exposed


def _exposure(age: np.ndarray, window: float) -> np.ndarray:
    """Integral of triangle times kernel over the rest of the window, for an event of some age [event]."""
    first, last = np.maximum(window / 2 - age, 0), window - age
    slope = delay_moment(last) - delay_moment(first)
    return (2 * slope + (2 * age - window) * (delay_mass(last) - delay_mass(first))) / window


class Seismic:
    """Expected further events of a power-law self-exciting process, in its degree-free variant.

    No follower counts are read (they are measured when a corpus is crawled), so every event has degree 1 and the
    infectiousness is a branching ratio. Further events are p (mass still to come before the end) / (1 - g p), the
    paper's eq. 7 with that mass cut at the horizon; g in (0, 1] and a log-linear correction take the place of its
    alpha and gamma and are fitted on the training examples.
    """

    name = "seismic"

    def predict(self, train: SizeExamples, test: SizeExamples) -> np.ndarray:
        """[example]."""
        rate, mass = rate_and_mass(train)

        def error(damping: float) -> float:
            x = log_expected(rate, mass, damping)[:, None]
            return float(np.mean((least_squares(x, train.target, x) - train.target) ** 2))

        damping = float(minimize_scalar(error, bounds=(0.01, 1.0), method="bounded", options={"xatol": 1e-3}).x)
        x = log_expected(rate, mass, damping)[:, None]
        return least_squares(x, train.target, log_expected(*rate_and_mass(test), damping)[:, None])


def rate_and_mass(examples: SizeExamples) -> tuple[np.ndarray, np.ndarray]:
    """Infectiousness, and the expected direct answers still to come per unit of it, each [example]."""
    events = observed_events(examples)
    window = float(max(examples.window, 1))  # 0 where there is no example
    rate = infectiousness(events.age, events.example, len(examples), window)
    ahead = float(examples.ahead)
    rest = delay_mass(window - events.age + ahead) - delay_mass(window - events.age)
    root = delay_mass(np.array(window + ahead)) - delay_mass(np.array(window))
    return rate, np.bincount(events.example, rest, len(examples)) + float(root)


def log_expected(rate: np.ndarray, mass: np.ndarray, damping: float) -> np.ndarray:
    """log2(1 + expected further events) when infectiousness p is damped by g: p mass / (1 - g p) [example].

    >>> log_expected(np.array([0.5]), np.array([2.0]), 0.0).tolist()
    [1.0]
    """
    return np.log2(1 + rate * mass / (1 - np.minimum(damping * rate, _MOST)))
