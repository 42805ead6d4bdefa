"""What became of every exposure: the trials that activation probabilities are fitted on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.inference.cascade_members import cascade_members
from graphsocial.diffusion.inference.observation_end import Until, observation_end
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet


@dataclass(frozen=True, eq=False)
class ExposureOutcomes:
    """Exposures of nodes that were not active yet, edge by edge, and for each activation who may have caused it.

    Attributes:
        trials: Exposures along each edge whose outcome is known, int64 [edge].
        failures: Those that activated nobody while they counted, int64 [edge].
        event: First candidate of each activation, int64 [activation + 1].
        edge: Edge along which a candidate may have succeeded, [candidate].
        delay: Time between the candidate's activation and this one, float64 [candidate].
        still_open: Whether the candidate's exposure could have succeeded after the observation's end too, bool
            [candidate]. It explains the activation but is no trial: those that fail so late would not be seen.
        window: How long an exposure counts.
        alone: Activations after a cascade's first moment that nobody in the graph had exposed.
        censored: Exposures that are still open at the observation's end.
        notes: What has to be believed, a sentence each.
    """

    trials: np.ndarray
    failures: np.ndarray
    event: np.ndarray
    edge: np.ndarray
    delay: np.ndarray
    still_open: np.ndarray
    window: float
    alone: int
    censored: int
    notes: tuple[str, ...]

    def credited(self, credit: np.ndarray) -> np.ndarray:
        """Sum of the candidates' credits along each edge, of exposures whose window had ended, float64 [edge]."""
        kept = ~self.still_open
        return np.bincount(self.edge[kept], weights=credit[kept], minlength=len(self.trials))


def exposure_outcomes(
    observed: CascadeSet, spread: SpreadGraph, window: float | None = None, observed_until: Until = None
) -> ExposureOutcomes:
    """Who was exposed by whom, and with what outcome.

    A member exposes everybody its edges reach who is not active yet; two of the same moment do not expose each other.
    The exposure succeeds if the other becomes active within the window, and then shares this with everybody else whose
    exposure counted; it fails if the other does not. Whether it counts as a trial depends on when it began alone, never
    on its outcome: only if its window lies before the observation's end. The members of a cascade's first moment are
    its seeds. A node's first activation counts. Parents are not read.

    Args:
        observed: The cascades.
        spread: The graph.
        window: How long an exposure counts, in the unit of the members' times; 1 for cascades in steps. None: 1 where
            every member came one unit after its parent, as simulated steps do, else without end.
        observed_until: See `observation_end`.

    Raises:
        SchemaError: A window that is no positive number, no cascades, or no member is in the graph.

    >>> spread = SpreadGraph.from_edges([0, 1, 0, 0], [2, 2, 1, 3])
    >>> cascades = CascadeSet([0, 1, 2], [-1, 0, 1], [0, 1, 2], [0, 3], ["p"], [False])
    >>> outcomes = exposure_outcomes(cascades, spread, window=2)
    >>> outcomes.trials.tolist(), outcomes.failures.tolist()  # of 0 -> 1, 0 -> 2, 0 -> 3, 1 -> 2
    ([1, 1, 1, 1], [0, 0, 1, 0])
    >>> outcomes.event.tolist(), outcomes.edge.tolist()  # 1 was activated by 0, and 2 by 0 or 1
    ([0, 1, 3], [0, 1, 3])
    """
    if window is not None and (
        isinstance(window, bool) or not isinstance(window, int | float | np.number) or not window > 0
    ):
        raise SchemaError(f"got window={window!r}, expected a number above 0, or None")
    who, absent = cascade_members(observed, spread)
    end, guessed = observation_end(observed, observed_until)
    chosen = float(window) if window is not None else (1.0 if _in_steps(observed) else np.inf)
    from graphsocial.diffusion.inference.exposure_outcomes_kernel import list_outcomes  # numba: when first needed

    rows = (spread.indptr, spread.target, spread.reverse.indptr, spread.reverse.source, spread.reverse.edge)
    asked = (observed.offsets, who, observed.time.astype(np.float64), end, chosen, *rows)
    trials, failures = np.zeros((2, spread.num_edges), dtype=np.int64)
    nothing = (np.zeros(1, dtype=np.int64), spread.reverse.edge[:0].copy(), np.zeros(0), np.zeros(0, dtype=bool))
    events, candidates, alone, censored = list_outcomes(*asked, False, trials, failures, *nothing)
    event, edge = np.zeros(events + 1, dtype=np.int64), np.zeros(candidates, dtype=spread.reverse.edge.dtype)
    delay, still_open = np.zeros(candidates), np.zeros(candidates, dtype=bool)
    list_outcomes(*asked, True, trials, failures, event, edge, delay, still_open)
    notes = [*absent, *guessed]
    if alone:
        notes.append(f"{alone:,} activations came from outside: nobody in the graph had exposed them in the window")
    if censored:
        notes.append(f"{censored:,} exposures were still open when the observation ended, and are no trials")
    return ExposureOutcomes(
        trials, failures, event, edge, delay, still_open, chosen, alone, censored, tuple(notes)
    )  # fmt: skip


def _in_steps(observed: CascadeSet) -> bool:
    child = np.flatnonzero(observed.parent >= 0)
    return bool(len(child)) and bool((observed.time[child] - observed.time[observed.parent[child]] == 1).all())
