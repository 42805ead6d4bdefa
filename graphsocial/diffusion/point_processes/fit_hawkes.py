"""Self-exciting processes fitted by maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphsocial.diffusion.point_processes.event_times import EventTimes
from graphsocial.diffusion.point_processes.hawkes_fit import HawkesFit
from graphsocial.diffusion.point_processes.hawkes_search import HawkesSearch
from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet

_SEARCHES = 3  # of these, the likeliest are searched from
_STEP = 1e-4  # of log parameters, for the slope of the gradient
_FLAT = 1e-4  # slope of the log-likelihood per event that counts as none
_KINKED_STEP = 0.1  # where the gradient jumps: wide enough to average over many jumps


def fit_hawkes(
    observed: EventTimes | CascadeSet | np.ndarray | Sequence[float] | Sequence[np.ndarray] | Sequence[list[float]],
    kernel: MemoryKernel | type[MemoryKernel],
    until: float | np.ndarray | None = None,
    *,
    background: bool | None = None,
    root: bool | None = None,
    start: float | np.ndarray | None = None,
    resolution: float | None = None,
    known_until: int | None = None,
    threads: int | None = None,
) -> HawkesFit:
    """The likeliest process; several sequences share its parameters.

    The silence between the last event and `until` counts, so cascades that may go on need no correction. The work is
    linear in the events of a sequence for `ExponentialKernel`, quadratic for the power laws.

    Args:
        observed: What happened: ascending times, a list of them, cascades, or `EventTimes`.
        kernel: A family, such as `ExponentialKernel`, to fit its parameters; or a kernel, which is held as it is.
        until: End of the observation on the clock of the times, one for all or [sequence]; see `EventTimes.of`.
        background: Whether events come by themselves, too. None: unless sequences have roots.
        root: Whether the first event of each sequence is its root, see `EventTimes.of`.
        start: Where the clock of sequences without roots begins, see `EventTimes.of`.
        resolution: Step of the clock, see `EventTimes.of`.
        known_until: They were read from what was known before this second; for what does not say so itself.
        threads: At most this many, over sequences; None: one per core. They do not change the result.

    Raises:
        SchemaError: Times or arguments that make no sense, or no event to explain.

    >>> from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
    >>> fit = fit_hawkes([0.0, 1.0, 2.0], ExponentialKernel(rate=1.0), until=1e9, root=True)
    >>> round(fit.process.branching, 6), fit.process.background  # 2 answers to 3 events
    (0.666667, 0.0)
    """
    events = EventTimes.of(observed, until, root=root, start=start, resolution=resolution, known_until=known_until)
    return _fit(HawkesSearch.of(events, kernel, background, threads))


def fit_hawkes_each(
    observed: EventTimes | CascadeSet | np.ndarray | Sequence[float] | Sequence[np.ndarray] | Sequence[list[float]],
    kernel: MemoryKernel | type[MemoryKernel],
    until: float | np.ndarray | None = None,
    *,
    background: bool | None = None,
    root: bool | None = None,
    start: float | np.ndarray | None = None,
    resolution: float | None = None,
    known_until: int | None = None,
    least_events: int = 10,
) -> list[HawkesFit | None]:
    """As `fit_hawkes`, with parameters of its own for each sequence; None for one with too few events to explain.

    Args:
        observed: What happened.
        kernel: A family, or a kernel that is held.
        until: End of the observation.
        background: Whether events come by themselves, too.
        root: Whether the first event of each sequence is its root.
        start: Where the clock of sequences without roots begins.
        resolution: Step of the clock.
        known_until: They were read from what was known before this second; for what does not say so itself.
        least_events: Fewest events, without the root, that are worth a fit.

    Raises:
        SchemaError: Times or arguments that make no sense.
    """
    if isinstance(least_events, bool) or not isinstance(least_events, int | np.integer) or least_events < 1:
        raise SchemaError(f"got least_events={least_events!r}, expected a whole number, at least 1")
    events = EventTimes.of(observed, until, root=root, start=start, resolution=resolution, known_until=known_until)
    alone = [events.take(i) for i in range(len(events))]
    return [
        _fit(HawkesSearch.of(one, kernel, background, 1)) if one.num_explained >= least_events else None
        for one in alone
    ]


def _fit(search: HawkesSearch) -> HawkesFit:
    smooth = np.array([name not in search.family.kinked for name in search.names])
    logs = _likeliest(search, bool(smooth.all()))
    value, slope = search(logs)
    near = 1e-6
    stuck = (logs <= search.bounds[:, 0] + near) | (logs >= search.bounds[:, 1] - near)
    error = np.full(len(logs), np.nan)
    free = np.flatnonzero(~stuck)
    error[free] = np.exp(logs[free]) * _log_errors(search, logs, free, _STEP if smooth.all() else _KINKED_STEP)
    events = search.events
    return HawkesFit(
        process=search.process(logs),
        log_likelihood=-value * events.num_explained,
        standard_error=dict(zip(search.names, error.tolist(), strict=True)),
        events=events.num_explained,
        sequences=len(events),
        converged=bool(np.abs(slope[~stuck & smooth]).max(initial=0.0) < _FLAT),
        at_bound=tuple(name for name, at in zip(search.names, stuck, strict=True) if at),
        known_until=events.known_until,
    )


def _likeliest(search: HawkesSearch, smooth: bool) -> np.ndarray:
    """Log parameters of the largest likelihood: the best of a few rough searches, refined."""
    from scipy.optimize import minimize

    def descend(logs: np.ndarray, tolerance: float) -> Any:
        options = {"maxiter": 500, "ftol": tolerance, "gtol": 1e-8}
        return minimize(search, logs, jac=True, method="L-BFGS-B", bounds=search.bounds, options=options)

    starts = sorted(search.starts, key=lambda logs: search(logs)[0])[:_SEARCHES]
    best = min((descend(logs, 1e-6) for logs in starts), key=lambda result: result.fun).x
    if smooth:
        return descend(best, 1e-13).x
    # a gradient leads to the nearest kink only
    around = np.vstack([best, best + 0.2 * np.eye(len(best))]).clip(*search.bounds.T)
    options = {"initial_simplex": around, "xatol": 1e-5, "fatol": 1e-10, "maxiter": 1000}
    return minimize(lambda logs: search(logs)[0], best, method="Nelder-Mead", bounds=search.bounds, options=options).x


def _log_errors(search: HawkesSearch, logs: np.ndarray, free: np.ndarray, width: float) -> np.ndarray:
    """Standard errors of free log parameters: the root of the diagonal of the inverse observed information."""
    rows = []
    for i in free:
        step = np.zeros(len(logs))
        step[i] = width
        rows.append((search(logs + step)[1] - search(logs - step)[1])[free] / (2 * width))
    if not rows:
        return np.zeros(0)
    information = np.array(rows) * search.events.num_explained
    try:
        variance = np.diag(np.linalg.inv((information + information.T) / 2))
    except np.linalg.LinAlgError:
        return np.full(len(free), np.nan)
    return np.sqrt(np.where(variance > 0, variance, np.nan))
