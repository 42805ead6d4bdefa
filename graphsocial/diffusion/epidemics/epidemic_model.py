"""What epidemic models have in common: a graph, infection along its edges, and a clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from graphsocial.diffusion.epidemics.epidemic_runner import NEVER, EpidemicRunner
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError, did_you_mean

Clock = Literal["discrete", "continuous"]
"""Steps with probabilities, or time with rates."""

CLOCKS: tuple[Clock, ...] = ("discrete", "continuous")


@dataclass(frozen=True, eq=False)
class EpidemicModel:
    """A graph, infection along its edges, and a clock; phases after infection are added by the models.

    Attributes:
        spread: The graph.
        infection: Chance of an edge per step, or its rate per unit of time: one number for all, or [edge].
        clock: `discrete` or `continuous`.
    """

    spread: SpreadGraph
    infection: float | np.ndarray
    clock: Clock = field(default="discrete", kw_only=True)

    def __post_init__(self) -> None:
        if not isinstance(self.spread, SpreadGraph):
            raise SchemaError(
                f"{type(self).__name__} got {type(self.spread).__name__} to spread over, expected a SpreadGraph"
            )
        if self.clock not in CLOCKS:
            near = did_you_mean(str(self.clock), CLOCKS)
            raise SchemaError(f"got clock {self.clock!r}, expected 'discrete' or 'continuous'.{near}")
        if np.ndim(self.infection):
            object.__setattr__(self, "infection", self._per_edge(np.array(self.infection)))
        else:
            self._check("infection", self.infection)
        for name in ("incubation", "recovery"):
            if hasattr(self, name):
                self._check(name, getattr(self, name))

    def _per_edge(self, infection: np.ndarray) -> np.ndarray:
        if infection.shape != (self.spread.num_edges,) or infection.dtype.kind not in "fiub":
            raise SchemaError(
                f"infection got {infection.dtype} of shape {infection.shape}, expected ({self.spread.num_edges},), one "
                "number per edge, or one number for all"
            )
        infection = infection.astype(np.float64)
        wrong = np.flatnonzero(~((infection >= 0) & (infection <= self._most) & (infection < np.inf)))
        if len(wrong):
            edge, ids = wrong[0], self.spread.ids
            ends = f"{ids[self.spread.source[edge]]} -> {ids[self.spread.target[edge]]}"
            raise SchemaError(f"infection of edge {ends} got {infection[edge]}, expected {self._expected}")
        infection.setflags(write=False)
        return infection

    def _check(self, name: str, value: Any) -> None:
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not number or not 0 <= value <= self._most or value == np.inf:
            raise SchemaError(f"{name} got {value!r}, expected {self._expected}")

    @property
    def _most(self) -> float:
        return 1.0 if self.clock == "discrete" else np.inf

    @property
    def _expected(self) -> str:
        if self.clock == "discrete":
            return "a probability per step, a number of [0, 1]; clock='continuous' takes rates"
        return "a finite rate per unit of time, at least 0"

    @property
    def continuous(self) -> bool:
        """Whether times are numbers, not steps."""
        return self.clock == "continuous"

    @property
    def marks(self) -> tuple[str, ...]:
        """What is recorded of each member: when it recovered, when it became infectious."""
        return ()

    def most_members(self, seeds: np.ndarray) -> int | None:
        """Everybody, once."""
        return self.spread.num_nodes

    def runner(self, seeds: np.ndarray, horizon: float) -> EpidemicRunner:
        """One thread's runner."""
        return EpidemicRunner(self, seeds, horizon)

    @cached_property
    def hazard(self) -> float | np.ndarray:
        """Infections that an edge attempts per unit of time, or -log(1 - p) per step; a number, or [edge]."""
        return self._hazard(self.infection)

    def mean_period(self, phase: str) -> float:
        """Mean time that a phase takes, in steps 1 / -log(1 - p); 1e300 where it never ends, or there is none."""
        hazard = float(self._hazard(getattr(self, phase, 0.0)))
        return min(1 / hazard, NEVER) if hazard > 0 else NEVER

    def _hazard(self, value: float | np.ndarray) -> Any:
        if self.continuous:
            return value
        from graphsocial.diffusion.random_stream_kernel import hazards  # numba: imported when first needed

        probability = np.atleast_1d(np.asarray(value, dtype=np.float64))
        out = np.empty(len(probability))
        hazards(probability, out)
        return out if np.ndim(value) else float(out[0])
