"""What a fit of a self-exciting process searches: its likelihood by the logarithms of what is free."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.point_processes.event_times import EventTimes
from graphsocial.diffusion.point_processes.hawkes_process import HawkesProcess
from graphsocial.diffusion.point_processes.log_likelihood import log_likelihood_slopes
from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel
from graphsocial.errors import SchemaError

_STARTS = 6  # delays from which the search may begin
_BRANCHING = (1e-6, 1e3)


@dataclass(frozen=True, eq=False)
class HawkesSearch:
    """The log-likelihood of events as a function of the logarithms of the free parameters.

    Attributes:
        events: What is to be explained.
        family: Family of the memory kernel.
        held: The kernel, where it is not fitted.
        background: Whether events come by themselves, too.
        names: Free parameters, in the order of the columns.
        bounds: Least and largest logarithm, float64 [parameter, 2].
        starts: Where to search from, float64 [start, parameter].
        threads: At most this many.
    """

    events: EventTimes
    family: type[MemoryKernel]
    held: MemoryKernel | None
    background: bool
    names: tuple[str, ...]
    bounds: np.ndarray
    starts: np.ndarray
    threads: int | None

    @classmethod
    def of(
        cls, events: EventTimes, kernel: MemoryKernel | type[MemoryKernel], background: bool | None, threads: int | None
    ) -> HawkesSearch:
        """The search for a process that explains some events.

        Raises:
            SchemaError: No family or kernel, no event to explain, or events that nothing could explain.
        """
        family = kernel if isinstance(kernel, type) else type(kernel)
        if not hasattr(family, "of_delay"):
            raise SchemaError(
                f"got kernel {kernel!r}, expected a family, such as ExponentialKernel, or a kernel, which is then held"
            )
        held = None if isinstance(kernel, type) else kernel
        own = not events.root if background is None else bool(background)
        count, length = events.num_explained, float(events.until.sum())
        if count == 0:
            raise SchemaError("no event to explain: expected at least one beside the roots")
        if own and not np.isfinite(length):
            raise SchemaError(
                "until is infinite, but events come by themselves: expected a finite time, or background=False"
            )
        if not own and not events.root:
            raise SchemaError("background=False and root=False: nothing explains the first event of a sequence")
        gap = np.diff(events.age)[np.diff(events.sequence) == 0]
        gap = gap[gap > 0] if (gap > 0).any() else np.array([events.until.min()])
        longest = float(min(events.until.max(), max(1e3 * events.age.max(), gap.max())))
        names, bounds, columns = ["branching"], [_BRANCHING], []
        delays = np.geomspace(np.median(gap), max(longest, 2 * np.median(gap)), _STARTS)
        if own:
            names.insert(0, "background")
            bounds.insert(0, (1e-8 * count / length, 10 * count / length))
        if held is None:
            names += family.parameters
            bounds += family.bounds(float(gap.min()), longest)
        for delay in delays if held is None else delays[:1]:
            start = family.of_delay(float(delay)) if held is None else held
            mass = float(start.mass(events.until[events.sequence] - events.age).sum())
            row = [0.5 * count / length, 0.5] if own else [count / max(mass, 1e-12)]
            columns.append(row + ([getattr(start, name) for name in family.parameters] if held is None else []))
        low_high = np.log(np.asarray(bounds))
        starts = np.clip(np.log(np.asarray(columns)), low_high[:, 0], low_high[:, 1])
        return cls(events, family, held, own, tuple(names), low_high, starts, threads)

    def process(self, logs: np.ndarray) -> HawkesProcess:
        """The process of some parameters."""
        values = np.exp(logs).tolist()
        background = values.pop(0) if self.background else 0.0
        return HawkesProcess(background, values[0], self.held or self.family(*values[1:]))

    def __call__(self, logs: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the log-likelihood per event, and its gradient."""
        value, slope = log_likelihood_slopes(self.process(logs), self.events, self.threads)
        chosen = slope[(0 if self.background else 1) :][: len(logs)]
        return -value / self.events.num_explained, -chosen * np.exp(logs) / self.events.num_explained
