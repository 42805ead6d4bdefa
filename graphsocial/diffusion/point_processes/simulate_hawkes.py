"""Simulation of self-exciting processes by thinning, with who triggered whom."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.diffusion.run_blocks import run_blocks
from graphsocial.diffusion.run_buffer import RunBuffer
from graphsocial.diffusion.simulate import Progress, stream_key
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet

MOST_EVENTS = 100_000
"""Events of one run after which it is taken to have no end."""


def simulate_hawkes(
    process: HawkesProcess,
    until: float,
    runs: int = 1_000,
    *,
    rng: int | np.random.Generator,
    root: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
    most_events: int = MOST_EVENTS,
) -> CascadeSet:
    """Cascades of independent runs, one per run: its members are the events, its roots those that nothing triggered.

    Run i draws from a stream of its own, so the result depends on the seed of `rng` alone: not on threads, not on the
    machine. The first runs of a longer simulation are those of a shorter one, and what happens before a time does not
    depend on how much longer is simulated. The exponential kernel costs little per event; a power law looks back at all
    earlier events for each one.

    Args:
        process: The process.
        until: Events before this many seconds are kept; infinite: until nothing happens any more. Runs that would have
            gone on are marked as censored.
        runs: Number of runs.
        rng: Whole number or numpy generator that the runs' streams derive from.
        root: Every run begins with an event at 0; otherwise with nothing.
        threads: At most this many; None: one per core.
        progress: Told how many runs are done.
        most_events: Most events of one run; a supercritical process may pass any bound.

    Returns:
        Node ids are numbers of the events within their run, times are float64 seconds.

    Raises:
        SchemaError: Numbers that make no sense, nothing that could begin, an end that never comes, or a run of more
            than `most_events` events.

    >>> from graphsocial.diffusion.point_processes.exponential_kernel import ExponentialKernel
    >>> alone = HawkesProcess(background=0.0, branching=0.0, kernel=ExponentialKernel(1.0))
    >>> simulate_hawkes(alone, until=10.0, runs=2, rng=7, root=True)
    CascadeSet of 2 cascades, 2 members, largest 1, deepest 0, 0 censored
    """
    _check(process, until, runs, root, most_events)
    model = _EventRuns(process, root, int(most_events))
    parts = list(run_blocks(model, np.zeros(0, np.int64), int(runs), stream_key(rng), float(until), threads, progress))
    size = np.concatenate([part.size for part in parts])
    offsets = np.concatenate([[0], np.cumsum(size)])
    within = np.concatenate([part.parent for part in parts])
    return CascadeSet(
        node=np.concatenate([part.node for part in parts]).astype(object),
        parent=np.where(within >= 0, within + np.repeat(offsets[:-1], size), -1),
        time=np.concatenate([part.time for part in parts]),
        offsets=offsets,
        names=np.arange(len(size)).astype(object),
        censored=np.concatenate([part.censored for part in parts]),
    )


def _check(process: HawkesProcess, until: float, runs: int, root: bool, most_events: int) -> None:
    if not isinstance(process, HawkesProcess):
        raise SchemaError(f"got {type(process).__name__}, expected a HawkesProcess; of a fit, its .process")
    for name, value in (("runs", runs), ("most_events", most_events)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise SchemaError(f"got {name}={value!r}, expected a whole number, at least 1")
    if isinstance(until, bool) or not isinstance(until, int | float | np.number) or not until > 0:
        raise SchemaError(f"got until={until!r}, expected seconds, more than 0")
    if not root and process.background == 0:
        raise SchemaError(
            "background=0 and root=False: nothing would ever happen; expected a background rate or a root"
        )
    if math.isinf(until) and (process.background > 0 or process.supercritical):
        raise SchemaError(
            f"until=inf, but a process with background {process.background:g} and branching ratio "
            f"{process.branching:g} may never end; expected a finite time, or no background and a ratio below 1"
        )


@dataclass(frozen=True, eq=False)
class _EventRuns:
    """A self-exciting process as a model of spread over one node that reaches itself."""

    process: HawkesProcess
    root: bool
    most_events: int
    continuous: bool = True
    marks: tuple[str, ...] = ()

    @property
    def spread(self) -> SpreadGraph:
        return SpreadGraph.from_edges([0], [0])

    def most_members(self, seeds: np.ndarray) -> int | None:
        return None

    def runner(self, seeds: np.ndarray, horizon: float) -> _EventRunner:
        return _EventRunner(self, horizon)


@dataclass(frozen=True, eq=False)
class _EventRunner:
    model: _EventRuns
    until: float

    def fill(self, key: int, begin: int, end: int, room: RunBuffer) -> int:
        """Writes runs and returns how many fitted."""
        from graphsocial.diffusion.point_processes.thinning_kernel import thinned_runs

        process, most = self.model.process, self.model.most_events
        out = (room.node, room.parent, room.time, room.size, room.censored)
        done, too_many = thinned_runs(
            begin,
            end,
            np.uint64(key),
            process.background,
            process.branching,
            *process.kernel.compiled,
            self.model.root,
            self.until,
            most,
            *out,
        )
        if too_many and done == 0:
            why = ", which is supercritical: it grows without bound" if process.supercritical else ""
            raise SchemaError(
                f"run {begin} has more than {most:,} events before until={self.until:g}; its branching ratio is "
                f"{process.branching:g}{why}; expected a shorter time, or a larger most_events="
            )
        return done
