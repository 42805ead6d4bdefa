"""Epidemic models: SI, SIS, SIR and SEIR, in steps or in continuous time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.epidemics.epidemic_model import EpidemicModel
from graphsocial.diffusion.epidemics.epidemic_runner import EpidemicRunner
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class SI(EpidemicModel):
    """Whoever is infected stays infectious and passes it on along every edge, sooner or later.

    With the discrete clock each edge has one chance per step, from the step after its source's infection on, and all
    that happens in a step depends on how things stood before it; of several who succeed in one step, the one who was
    infected first is the parent. With the continuous clock each edge passes it on after an exponential time (the Markov
    process of Kiss, Miller and Simon, "Mathematics of Epidemics on Networks", Springer 2017).

    Without a horizon a run ends when everybody is infected who can be; with one, runs are marked as censored in which
    somebody could still have been. With the discrete clock no run goes past step 2**31 - 2.

    Attributes:
        spread: The graph; parallel edges each have a chance of their own.
        infection: Chance of an edge per step, or its rate per unit of time: one number for all, or [edge].
        clock: `discrete` or `continuous`.

    Raises:
        SchemaError: A probability outside of [0, 1], a rate below 0, or not one number per edge.

    >>> from graphsocial.diffusion import SpreadGraph, simulate
    >>> chain = SpreadGraph.from_edges([0, 1, 2], [1, 2, 3])
    >>> simulate(SI(chain, infection=1.0), [0], runs=1, rng=1).time.tolist()
    [0, 1, 2, 3]
    """


@dataclass(frozen=True, eq=False)
class SIS(EpidemicModel):
    """As `SI`, but the infected recover and can be infected again: each infection is a member of its own.

    Such a run may go on for ever, so `simulate` needs a horizon; runs are censored in which somebody was infectious
    then. With the discrete clock, whoever recovers in a step can be infected from the next one on.

    Attributes:
        spread: The graph.
        infection: Chance of an edge per step, or its rate per unit of time: one number for all, or [edge].
        recovery: Chance per step, or rate, of an infected node to recover; the mark `recovered` says when.
        clock: `discrete` or `continuous`.

    Raises:
        SchemaError: A probability outside of [0, 1], a rate below 0, or not one number per edge.

    >>> from graphsocial.diffusion import SpreadGraph, simulate
    >>> pair = SpreadGraph.from_edges([0, 1], [1, 0])
    >>> runs = simulate(SIS(pair, infection=1.0, recovery=1.0), [0], runs=1, rng=1, horizon=3)
    >>> runs.node.tolist(), runs.time.tolist(), runs.marks["recovered"].tolist()
    ([0, 1, 0, 1], [0, 1, 2, 3], [1.0, 2.0, 3.0, inf])
    """

    recovery: float

    @property
    def marks(self) -> tuple[str, ...]:
        """When it recovered."""
        return ("recovered",)

    def most_members(self, seeds: np.ndarray) -> int | None:
        """Nothing bounds them."""
        return None

    def runner(self, seeds: np.ndarray, horizon: float) -> EpidemicRunner:
        """One thread's runner.

        Raises:
            SchemaError: No horizon.
        """
        if horizon == np.inf:
            raise SchemaError("SIS without a horizon may go on for ever, expected horizon=, the last time of interest")
        return EpidemicRunner(self, seeds, horizon)


@dataclass(frozen=True, eq=False)
class SIR(EpidemicModel):
    """As `SI`, but the infected recover and cannot be infected again (Kermack and McKendrick, 1927).

    With the discrete clock a node that recovers in a step had its chance in that step too, so that recovery 1 makes it
    an independent cascade. With a horizon, runs are censored in which somebody was infectious then.

    Attributes:
        spread: The graph.
        infection: Chance of an edge per step, or its rate per unit of time: one number for all, or [edge].
        recovery: Chance per step, or rate, of an infected node to recover; the mark `recovered` says when.
        clock: `discrete` or `continuous`.

    Raises:
        SchemaError: A probability outside of [0, 1], a rate below 0, or not one number per edge.

    >>> from graphsocial.diffusion import SpreadGraph, simulate
    >>> star = SpreadGraph.from_edges([0, 0, 0], [1, 2, 3])
    >>> runs = simulate(SIR(star, 4.0, 1.0, clock="continuous"), [0], runs=10_000, rng=1)
    >>> print(f"{runs.size.mean() - 1:.1f} of 3, expected {3 * 4 / (4 + 1)}")
    2.4 of 3, expected 2.4
    """

    recovery: float

    @property
    def marks(self) -> tuple[str, ...]:
        """When it recovered."""
        return ("recovered",)


@dataclass(frozen=True, eq=False)
class SEIR(EpidemicModel):
    """As `SIR`, but whoever is infected is exposed for a while before becoming infectious; seeds are so at once.

    Attributes:
        spread: The graph.
        infection: Chance of an edge per step, or its rate per unit of time: one number for all, or [edge].
        incubation: Chance per step, or rate, of an exposed node to become infectious; the mark `infectious` says when.
        recovery: Chance per step, or rate, of an infectious node to recover; the mark `recovered` says when.
        clock: `discrete` or `continuous`.

    Raises:
        SchemaError: A probability outside of [0, 1], a rate below 0, or not one number per edge.

    >>> from graphsocial.diffusion import SpreadGraph, simulate
    >>> chain = SpreadGraph.from_edges([0, 1], [1, 2])
    >>> runs = simulate(SEIR(chain, infection=1.0, incubation=1.0, recovery=1.0), [0], runs=1, rng=1)
    >>> runs.time.tolist(), runs.marks["infectious"].tolist(), runs.marks["recovered"].tolist()
    ([0, 1, 3], [0.0, 2.0, 4.0], [1.0, 3.0, 5.0])
    """

    incubation: float
    recovery: float

    @property
    def marks(self) -> tuple[str, ...]:
        """When it became infectious and when it recovered."""
        return ("infectious", "recovered")
