"""Expected events of self-exciting processes: in closed form where there is one."""

from __future__ import annotations

import math

import numpy as np

from graphsocial.diffusion.point_processes.cluster_growth import ClusterGrowth
from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel
from graphsocial.errors import SchemaError

_CELLS = 2**21  # event x point weights held at once


def expected_events(process: HawkesProcess, until: float, root: bool = False) -> float:
    """Expected events before a time, the root included where there is one; infinite where nothing bounds them.

    Args:
        process: The process.
        until: Seconds, infinity allowed.
        root: Whether it begins with an event at 0; otherwise with nothing.

    Raises:
        SchemaError: No time of at least 0.

    >>> process = HawkesProcess(background=0.0, branching=0.75, kernel=ExponentialKernel(rate=0.1))
    >>> expected_events(process, math.inf, root=True)
    4.0
    """
    if isinstance(until, bool) or not isinstance(until, int | float | np.number) or not until >= 0:
        raise SchemaError(f"got until={until!r}, expected seconds, at least 0")
    age, offsets = np.zeros(int(root)), np.array([0, int(root)])
    branching = np.array([process.branching])
    more = expected_further(
        process.kernel, age, offsets, np.ones(len(age)), branching, branching, process.background, float(until)
    )
    return float(more[0]) + root


def expected_further(
    kernel: MemoryKernel,
    age: np.ndarray,
    offsets: np.ndarray,
    weight: np.ndarray,
    infectiousness: np.ndarray,
    branching: np.ndarray,
    background: float,
    horizon: float,
) -> np.ndarray:
    """Expected events between now and a horizon, given what has happened, float64 [sequence].

    Closed form for an infinite horizon, and for the exponential kernel, whose mean intensity grows like
    exp(rate (branching - 1) t) (Hawkes and Oakes 1974; Dassios and Zhao, "Exact simulation of Hawkes process with
    exponentially decaying intensity", ECP 18, 2013); otherwise by `ClusterGrowth`.

    Args:
        kernel: Memory kernel.
        age: Seconds since each event, now [event].
        offsets: First event of each sequence [sequence + 1].
        weight: Direct answers of each event per unit of infectiousness: its degree, or 1 [event].
        infectiousness: Direct answers per unit of weight [sequence].
        branching: Direct answers per event that is still to come [sequence].
        background: Events per second that nothing triggers.
        horizon: Seconds from now, infinity allowed.
    """
    if horizon == 0:
        return np.zeros(len(branching))
    if math.isinf(horizon):
        direct = infectiousness * _sums(weight * (1 - kernel.mass(age)), offsets)
        with np.errstate(divide="ignore", invalid="ignore"):
            whole = np.where(branching < 1, direct / (1 - branching), np.inf)
        return np.where((direct > 0) | (background > 0), np.where(background > 0, np.inf, whole), 0.0)
    if isinstance(kernel, ExponentialKernel):
        intensity = infectiousness * _sums(weight * kernel.density(age), offsets)
        growth = kernel.rate * (branching - 1)
        # both integrals, of exp(growth t) and of the background's own growth, have a limit where growth is 0
        x = growth * horizon
        small = np.abs(x) < 1e-6
        safe = np.where(small, 1.0, x)
        with np.errstate(over="ignore"):
            once = np.where(small, 1 + x / 2, np.expm1(x) / safe) * horizon
            twice = np.where(small, 0.5 + x / 6, (np.expm1(safe) - safe) / safe**2) * horizon**2
        return intensity * once + background * (horizon + kernel.rate * branching * twice)
    growth_of = ClusterGrowth.until(kernel, horizon)
    step = max(1, _CELLS // len(growth_of.age))
    arrivals = np.convolve(np.diff(growth_of.age), [0.5, 0.5]) * background
    out = np.empty(len(branching))
    for i in range(len(branching)):
        answers = np.zeros(len(arrivals))
        for first in range(offsets[i], offsets[i + 1], step):
            part = slice(first, min(first + step, offsets[i + 1]))
            answers += weight[part] @ growth_of.answers(age[part])
        out[i] = (infectiousness[i] * answers + arrivals) @ growth_of.size(branching[i])
    return out


def _sums(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Sum over each sequence, float64 [sequence]."""
    return np.bincount(np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)), values, len(offsets) - 1)
