"""How many further events a cascade will have, by SEISMIC or by a self-exciting process."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from graphsocial.diffusion.point_processes.event_times import EventTimes
from graphsocial.diffusion.point_processes.expected_events import expected_further
from graphsocial.diffusion.point_processes.hawkes_fit import HawkesFit
from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.diffusion.point_processes.infectiousness import infectiousness
from graphsocial.diffusion.point_processes.seismic import Seismic
from graphsocial.diffusion.point_processes.simulate_hawkes import MOST_EVENTS
from graphsocial.diffusion.point_processes.size_forecast import SizeForecast
from graphsocial.diffusion.simulate import stream_key
from graphsocial.errors import LeakageError, SchemaError
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.threads import over_items
from graphsocial.graph.time import format_time


def predict_size(
    model: HawkesProcess | HawkesFit | Seismic,
    observed: EventTimes | CascadeSet | np.ndarray | Sequence[float] | Sequence[np.ndarray] | Sequence[list[float]],
    until: float | np.ndarray | None = None,
    horizon: float = math.inf,
    *,
    rng: int | np.random.Generator,
    degree: np.ndarray | None = None,
    runs: int = 1_000,
    level: float = 0.9,
    root: bool | None = None,
    start: float | np.ndarray | None = None,
    resolution: float | None = None,
    as_of: int | None = None,
    allow_future_model: bool = False,
    threads: int | None = None,
    most_events: int = MOST_EVENTS,
) -> SizeForecast:
    """Expected further events after the end of the observation, with a simulated interval.

    The expectation is in closed form for an infinite horizon and for the exponential kernel, otherwise integrated.

    Args:
        model: A self-exciting process, a fit, or `Seismic`, which estimates the infectiousness of each sequence from
            its latest events.
        observed: What happened.
        until: End of the observation, see `EventTimes.of`.
        horizon: Seconds after it up to which events count; infinite: for ever.
        rng: Whole number or numpy generator that the simulated intervals come from.
        degree: How many saw each event, in the order of the events handed in [event]; for `Seismic` alone.
        runs: Simulated runs per sequence.
        level: Share of the runs inside the interval.
        root: Whether the first event of each sequence is its root, see `EventTimes.of`. None for `Seismic`: True.
        start: Where the clock of sequences without roots begins, see `EventTimes.of`.
        resolution: Step of the clock, see `EventTimes.of`.
        as_of: When the forecast is made, seconds UTC; a fit that saw later events is refused, and so are cascades that
            were observed for longer. None: as of now.
        allow_future_model: The loud switch: a fit that saw later events is used all the same, and the result says so.
        threads: At most this many, over sequences; None: one per core. They do not change the result.
        most_events: A run with more further events counts as endless.

    Raises:
        SchemaError: Times or arguments that make no sense.
        LeakageError: The fit or the observation knows what was not known at `as_of`.

    >>> from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
    >>> process = HawkesProcess(background=0.0, branching=0.5, kernel=ExponentialKernel(rate=0.1))
    >>> fresh = EventTimes.of([[0.0]], until=1e-9, root=True)
    >>> predict_size(process, fresh, rng=0).expected.round(6).tolist()
    [1.0]
    """
    if not isinstance(model, HawkesProcess | HawkesFit | Seismic):
        raise SchemaError(f"got {type(model).__name__}, expected a HawkesProcess, a HawkesFit or Seismic(...)")
    wanted = True if root is None and isinstance(model, Seismic) and not isinstance(observed, EventTimes) else root
    events = EventTimes.of(observed, until, root=wanted, start=start, resolution=resolution)
    _check(events, horizon, runs, level, most_events)
    _check_end(events, as_of)
    late = model.check_known(as_of, allow_future_model) if isinstance(model, HawkesFit) else False
    weight = _weights(model, events, degree)
    if isinstance(model, Seismic):
        rate = infectiousness(model.kernel, events, weight)
        kernel, background = model.kernel, 0.0
        direct, branching = model.alpha * rate, model.gamma * rate * model.mean_degree
    else:
        process = model.process if isinstance(model, HawkesFit) else model
        kernel, background = process.kernel, process.background
        rate = direct = branching = np.full(len(events), process.branching)
    age = events.until[events.sequence] - events.age
    asked = (age, events.offsets, weight, direct, branching, background, float(horizon))
    expected = expected_further(kernel, *asked)
    counts = np.full((len(events), runs), -1, dtype=np.int64)
    if not (math.isinf(horizon) and background > 0):
        from graphsocial.diffusion.point_processes.cluster_kernel import further_counts

        key = np.uint64(stream_key(rng))
        rest = (key, int(runs), *kernel.compiled, *asked, int(most_events), counts)
        over_items(further_counts, len(events), threads, *rest, chunk=1)
    low, median, high = _quantiles(counts, ((1 - level) / 2, 0.5, (1 + level) / 2))
    return SizeForecast(
        events.size, expected, median, low, high, level, rate, branching, float(horizon), future_model=late
    )


def _check(events: EventTimes, horizon: float, runs: int, level: float, most_events: int) -> None:
    if isinstance(horizon, bool) or not isinstance(horizon, int | float | np.number) or not horizon >= 0:
        raise SchemaError(f"got horizon={horizon!r}, expected seconds after the observation's end, at least 0")
    for name, value in (("runs", runs), ("most_events", most_events)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise SchemaError(f"got {name}={value!r}, expected a whole number, at least 1")
    if not 0 < level < 1:
        raise SchemaError(f"got level={level!r}, expected a number between 0 and 1")
    if not np.isfinite(events.until).all():
        raise SchemaError("until is infinite, expected the time up to which was observed: nothing comes after for ever")


def _check_end(events: EventTimes, as_of: int | None) -> None:
    if as_of is None or events.began is None or not len(events):
        return
    end = float((events.began + events.until).max())
    if end > as_of:
        raise LeakageError(
            f"cascades observed until {format_time(int(end))} would be used as of {format_time(as_of)}; "
            "EventTimes.before() takes what had happened then"
        )


def _weights(model: HawkesProcess | HawkesFit | Seismic, events: EventTimes, degree: np.ndarray | None) -> np.ndarray:
    if degree is None:
        return np.ones(len(events.age))
    if not isinstance(model, Seismic):
        raise SchemaError("got degrees, which only Seismic reads: a Hawkes process gives every event the same chance")
    given = np.asarray(degree)
    if given.ndim != 1 or given.dtype.kind not in "iuf" or (len(events.order) and len(given) <= events.order.max()):
        raise SchemaError(f"degree got {given.dtype} {given.shape}, expected one number per event handed in [event]")
    weight = given.astype(np.float64)[events.order]
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise SchemaError(
            f"degree got {weight[~(np.isfinite(weight) & (weight >= 0))][0]}, expected numbers of at least 0"
        )
    return weight


def _quantiles(counts: np.ndarray, levels: tuple[float, ...]) -> list[np.ndarray]:
    """Quantiles over runs, float64 [sequence] each, with endless runs as infinity; no mean of two runs is taken."""
    ordered = np.sort(np.where(counts < 0, np.inf, counts.astype(np.float64)), axis=1)
    places = [min(max(math.ceil(q * counts.shape[1]) - 1, 0), counts.shape[1] - 1) for q in levels]
    return [ordered[:, place] for place in places]
