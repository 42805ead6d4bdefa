"""Whether a self-exciting process fits: on its own clock, events come evenly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.point_processes.event_times import EventTimes
from graphsocial.diffusion.point_processes.hawkes_fit import HawkesFit
from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.threads import over_items

_SEQUENCES_PER_THREAD = 16


@dataclass(frozen=True, eq=False)
class TimeRescaling:
    """Residual analysis of a process.

    Attributes:
        gap: Expected events between one event and the next, float64 [gap]; exponential of mean 1 where the process is
            right.
        statistic: Largest distance between their distribution function and that of the exponential.
        p_value: Chance of a larger one (Kolmogorov and Smirnov) if the process is the true one. Of a process fitted to
            the same events it is too large, a little: read a small one as proof against, a large one as none for.
    """

    gap: np.ndarray
    statistic: float
    p_value: float

    def __repr__(self) -> str:
        return f"TimeRescaling of {len(self.gap):,} gaps: statistic {self.statistic:.4g}, p = {self.p_value:.3g}"


def time_rescaling(
    model: HawkesProcess | HawkesFit,
    observed: EventTimes | CascadeSet | np.ndarray | Sequence[float] | Sequence[np.ndarray] | Sequence[list[float]],
    until: float | np.ndarray | None = None,
    *,
    root: bool | None = None,
    start: float | np.ndarray | None = None,
    resolution: float | None = None,
    threads: int | None = None,
) -> TimeRescaling:
    """Residual analysis: replaces every time by the number of events expected up to it, and tests the gaps.

    Ogata, "Statistical models for earthquake occurrences and residual analysis for point processes", JASA 83, 1988;
    Brown et al., "The time-rescaling theorem and its application to neural spike train data analysis", Neural
    Computation 14(2), 2002. The rescaled sequences are laid one after the other, silence at their ends included, so
    that short cascades, whose last gap is cut off, do not make gaps look short.

    Args:
        model: The process, or a fit.
        observed: What happened.
        until: End of the observation, see `EventTimes.of`; finite where there is a background.
        root: Whether the first event of each sequence is its root, see `EventTimes.of`.
        start: Where the clock of sequences without roots begins, see `EventTimes.of`.
        resolution: Step of the clock, see `EventTimes.of`.
        threads: At most this many, over sequences; None: one per core.

    Raises:
        SchemaError: Times or arguments that make no sense, or no event to explain.

    >>> from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
    >>> steady = HawkesProcess(background=0.5, branching=0.0, kernel=ExponentialKernel(1.0))
    >>> time_rescaling(steady, [2.0, 3.0, 8.0], until=10.0).gap.tolist()
    [1.0, 0.5, 2.5]
    """
    from scipy.stats import kstest

    from graphsocial.diffusion.point_processes.likelihood_kernel import compensators

    process = model.process if isinstance(model, HawkesFit) else model
    if not isinstance(process, HawkesProcess):
        raise SchemaError(f"got {type(model).__name__}, expected a HawkesProcess or a HawkesFit")
    events = EventTimes.of(observed, until, root=root, start=start, resolution=resolution)
    if not events.num_explained:
        raise SchemaError("no event to explain: expected at least one beside the roots")
    if process.background > 0 and not np.isfinite(events.until).all():
        raise SchemaError("until is infinite, but events come by themselves: expected a finite time")
    at_event, at_end = np.empty(len(events.age)), np.empty(len(events))
    rates = (process.background, process.branching, *process.kernel.compiled)
    data = (events.age, events.offsets, events.until)
    over_items(compensators, len(events), threads, *rates, *data, at_event, at_end, chunk=_SEQUENCES_PER_THREAD)
    laid = np.concatenate([[0.0], np.cumsum(at_end)[:-1]])[events.sequence] + at_event
    if events.root:
        laid = np.delete(laid, events.offsets[:-1])
    gap = np.diff(laid, prepend=0.0)
    test = kstest(gap, "expon")
    return TimeRescaling(gap, float(test.statistic), float(test.pvalue))
