"""How infectious a post is at the moment, as SEISMIC estimates it."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.point_processes.event_times import EventTimes
from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel
from graphsocial.errors import SchemaError


def infectiousness(kernel: MemoryKernel, events: EventTimes, degree: np.ndarray | None = None) -> np.ndarray:
    """Direct answers per unit of degree near the end of the observation, float64 [sequence].

    Zhao et al., "SEISMIC", KDD 2015, eq. 6 and 8: answers weighted by a triangle that rises from 0 at half the
    observation to 1 at its end, over the exposure weighted likewise.

    Args:
        kernel: Memory kernel.
        events: Sequences with roots.
        degree: How many saw each event, roots included [event]; None: 1 each, so that the result is a branching ratio.

    Raises:
        SchemaError: Sequences without roots or without an end.

    >>> from graphsocial.diffusion.point_processes.seismic_kernel import SeismicKernel
    >>> events = EventTimes.of([[0.0, 450.0]], until=600.0, root=True)
    >>> infectiousness(SeismicKernel(), events).round(3).tolist()
    [3.956]
    """
    if not events.root:
        raise SchemaError(
            "infectiousness got sequences without roots, expected root=True: it is that of a root's cascade"
        )
    if not np.isfinite(events.until).all():
        raise SchemaError("infectiousness got until=inf, expected the time it is asked for")
    window, weight = events.until[events.sequence], np.ones(len(events.age)) if degree is None else degree
    answers = np.bincount(events.sequence, recency(events.age, window), len(events))
    exposed = np.bincount(events.sequence, weight * exposure(kernel, events.age, window), len(events))
    return np.divide(answers, exposed, out=np.zeros(len(events)), where=exposed > 0)


def recency(age: np.ndarray, window: np.ndarray | float) -> np.ndarray:
    """The triangle at some ages: 0 up to half the window, 1 at its end [event].

    >>> recency(np.array([2.0, 7.5, 10.0]), 10.0).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.maximum(2 * age - window, 0) / window


def exposure(kernel: MemoryKernel, age: np.ndarray, window: np.ndarray | float) -> np.ndarray:
    """Integral of triangle times kernel over the rest of the window, for events of some age [event]."""
    first, last = np.maximum(window / 2 - age, 0), window - age
    slope = kernel.moment(last) - kernel.moment(first)
    return (2 * slope + (2 * age - window) * (kernel.mass(last) - kernel.mass(first))) / window
