"""SEISMIC without follower counts: a self-exciting process whose events are answered after a power-law delay."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from graphsocial.diffusion.point_processes.infectiousness import exposure, recency
from graphsocial.diffusion.point_processes.seismic_kernel import SeismicKernel
from graphsocial.learn.cascade_size.examples import SizeExamples
from graphsocial.learn.cascade_size.floors.log_linear import least_squares
from graphsocial.learn.cascade_size.observed_events import observed_events

KERNEL = SeismicKernel()
"""How long an answer takes: the paper's kernel, with its parameters for Twitter."""
_MOST = 0.95  # a branching ratio that reaches 1 has no expected size


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
    answers = np.bincount(example, recency(age, window), examples)
    exposed = np.bincount(example, exposure(KERNEL, age, window), examples) + exposure(KERNEL, np.zeros(1), window)[0]
    return answers / exposed


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
    rest = KERNEL.mass(window - events.age + ahead) - KERNEL.mass(window - events.age)
    root = KERNEL.mass(np.array(window + ahead)) - KERNEL.mass(np.array(window))
    return rate, np.bincount(events.example, rest, len(examples)) + float(root)


def log_expected(rate: np.ndarray, mass: np.ndarray, damping: float) -> np.ndarray:
    """log2(1 + expected further events) when infectiousness p is damped by g: p mass / (1 - g p) [example].

    >>> log_expected(np.array([0.5]), np.array([2.0]), 0.0).tolist()
    [1.0]
    """
    return np.log2(1 + rate * mass / (1 - np.minimum(damping * rate, _MOST)))
