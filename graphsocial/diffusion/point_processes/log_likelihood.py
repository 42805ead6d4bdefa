"""How likely a self-exciting process makes what happened."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphsocial.diffusion.point_processes.event_times import EventTimes
from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.threads import over_items

_SEQUENCES_PER_THREAD = 16


def log_likelihood(
    process: HawkesProcess,
    observed: EventTimes | CascadeSet | np.ndarray | Sequence[float] | Sequence[np.ndarray] | Sequence[list[float]],
    until: float | np.ndarray | None = None,
    *,
    root: bool | None = None,
    start: float | np.ndarray | None = None,
    resolution: float | None = None,
    threads: int | None = None,
) -> float:
    """Logarithm of the likelihood: the events' log intensities, less the expected events; times in seconds.

    Args:
        process: The process.
        observed: What happened.
        until: End of the observation, see `EventTimes.of`; finite where there is a background.
        root: Whether the first event of each sequence is its root, see `EventTimes.of`.
        start: Where the clock of sequences without roots begins, see `EventTimes.of`.
        resolution: Step of the clock, see `EventTimes.of`.
        threads: At most this many, over sequences; None: one per core.

    Raises:
        SchemaError: Times or arguments that make no sense.

    >>> from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
    >>> steady = HawkesProcess(background=1.0, branching=0.0, kernel=ExponentialKernel(1.0))
    >>> log_likelihood(steady, [2.0, 3.0], until=10.0)
    -10.0
    """
    if not isinstance(process, HawkesProcess):
        raise SchemaError(f"got {type(process).__name__}, expected a HawkesProcess; of a fit, its .process")
    events = EventTimes.of(observed, until, root=root, start=start, resolution=resolution)
    if process.background > 0 and not np.isfinite(events.until).all():
        raise SchemaError("until is infinite, but events come by themselves: expected a finite time")
    return log_likelihood_slopes(process, events, threads)[0]


def log_likelihood_slopes(
    process: HawkesProcess, events: EventTimes, threads: int | None = None
) -> tuple[float, np.ndarray]:
    """Log-likelihood, and its derivatives by background, branching and the kernel's two parameters, float64 [4]."""
    from graphsocial.diffusion.point_processes.likelihood_kernel import log_likelihoods

    out = np.empty((len(events), 5))
    rates = (process.background, process.branching, *process.kernel.compiled)
    data = (events.age, events.offsets, events.until, events.root)
    over_items(log_likelihoods, len(events), threads, *rates, *data, out, chunk=_SEQUENCES_PER_THREAD)
    total = out.sum(0)
    return float(total[0]), total[1:]
