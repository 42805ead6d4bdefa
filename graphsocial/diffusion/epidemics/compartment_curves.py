"""How many are susceptible, exposed, infectious and recovered at given times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet

_LOOKED_AT = 200_000
"""Members whose ids are looked at for a second infection."""


@dataclass(frozen=True, eq=False)
class CompartmentCurves:
    """Numbers of nodes in each compartment; together they are everybody.

    Attributes:
        times: When, ascending [time].
        susceptible: Not infected so far, or susceptible again [run, time].
        exposed: Infected, not yet infectious; all 0 for models without that phase [run, time].
        infectious: Infectious [run, time].
        recovered: Recovered and immune [run, time].
    """

    times: np.ndarray
    susceptible: np.ndarray
    exposed: np.ndarray
    infectious: np.ndarray
    recovered: np.ndarray

    def mean(self) -> CompartmentCurves:
        """The mean of all runs, each curve [time]."""
        curves = (self.susceptible, self.exposed, self.infectious, self.recovered)
        return CompartmentCurves(self.times, *(curve.mean(axis=0) for curve in curves))

    def __repr__(self) -> str:
        runs = f"{len(self.susceptible):,} runs" if self.susceptible.ndim == 2 else "a mean"
        return f"CompartmentCurves of {runs} at {len(self.times):,} times"


def compartment_curves(
    cascades: CascadeSet,
    times: np.ndarray | Sequence[float],
    num_nodes: int,
    *,
    immune: bool = True,
    horizon: float | None = None,
) -> CompartmentCurves:
    """Curves of an epidemic model's runs; what happens at a time has happened at that time.

    Args:
        cascades: Simulated runs; their marks `infectious` and `recovered` say what becomes of the infected. Without the
            first one they are infectious at once, without the second one for ever.
        times: When to count, ascending [time].
        num_nodes: Everybody there is.
        immune: Whether the recovered stay so (SIR, SEIR) or are susceptible again (SIS).
        horizon: Horizon of the simulation; where runs are censored, what came after it, or else after the last event of
            all runs, is not known.

    Raises:
        SchemaError: Times do not ascend or are not known, fewer nodes than members, or a node that was infected again
            though recovery is said to last.

    >>> from graphsocial.diffusion import SpreadGraph, simulate
    >>> from graphsocial.diffusion.epidemics.compartments import SIR
    >>> star = SpreadGraph.from_edges([0, 0, 0], [1, 2, 3])
    >>> curves = compartment_curves(simulate(SIR(star, 1.0, 1.0), [0], runs=1, rng=1), [0, 1, 2], star.num_nodes)
    >>> curves.susceptible.tolist(), curves.infectious.tolist(), curves.recovered.tolist()
    ([[3, 0, 0]], [[1, 3, 0]], [[0, 1, 4]])
    """
    from graphsocial.diffusion.epidemics.happened_by_kernel import happened_by  # numba: imported when first needed

    moments = _ascending(times)
    if isinstance(num_nodes, bool) or not isinstance(num_nodes, int | np.integer) or num_nodes < 1:
        raise SchemaError(f"got num_nodes={num_nodes!r}, expected a whole number, at least 1")
    _check_known(cascades, moments, horizon)

    def by(when: np.ndarray) -> np.ndarray:
        count = np.zeros((len(cascades), len(moments) + 1), dtype=np.int64)
        happened_by(cascades.offsets, np.array(when, dtype=np.float64), moments, count)
        return count[:, :-1]

    infected = by(cascades.time)
    marks = cascades.marks
    infectious = by(marks["infectious"]) if "infectious" in marks else infected
    recovered = by(marks["recovered"]) if "recovered" in marks else np.zeros_like(infected)
    if immune:
        _check_once(cascades)
    susceptible = num_nodes - infected if immune else num_nodes - infected + recovered
    if (susceptible < 0).any():
        raise SchemaError(f"got num_nodes={num_nodes}, but {int(num_nodes - susceptible.min())} are infected at a time")
    return CompartmentCurves(
        moments,
        susceptible,
        infected - infectious,
        infectious - recovered,
        recovered if immune else np.zeros_like(recovered),
    )


def _ascending(times: np.ndarray | Sequence[float]) -> np.ndarray:
    moments = np.asarray(times) if len(times) else np.empty(0)
    if moments.ndim != 1 or moments.dtype.kind not in "fiu" or np.isnan(moments).any() or (np.diff(moments) < 0).any():
        raise SchemaError(f"got times {times!r:.60}, expected ascending numbers, [time]")
    return moments.astype(np.float64)


def _check_known(cascades: CascadeSet, times: np.ndarray, horizon: float | None) -> None:
    if not cascades.censored.any() or not len(times):
        return
    known, what = horizon, "the horizon"
    if known is None:
        events = [cascades.time, *cascades.marks.values()]
        known = max(float(np.max(event[np.isfinite(event)], initial=-1)) for event in events)
        what = "the last event on record (pass horizon= if it was later)"
    if times[-1] > known:
        raise SchemaError(
            f"got time {times[-1]:g} after {known:g}, {what}, but {cascades.censored.sum():,} of {len(cascades):,} "
            "runs were cut short then: how they went on is not known"
        )


def _check_once(cascades: CascadeSet) -> None:
    """Looks at the first runs only, for ids are slow to compare."""
    for run in range(int(np.searchsorted(cascades.offsets[1:], _LOOKED_AT))):
        members = cascades.node[cascades.offsets[run] : cascades.offsets[run + 1]].tolist()
        if len(set(members)) < len(members):
            raise SchemaError(
                f"a node was infected twice in run {run}, so recovery does not last, expected immune=False for an SIS "
                "model"
            )
