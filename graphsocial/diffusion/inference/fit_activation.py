"""Activation probabilities of a graph's edges, fitted to observed cascades."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.inference.activation_estimate import ActivationMethod
from graphsocial.diffusion.inference.activation_likelihood import outcome_likelihood
from graphsocial.diffusion.inference.expectation_maximisation import ExpectationMaximisation
from graphsocial.diffusion.inference.exposure_outcomes import exposure_outcomes
from graphsocial.diffusion.inference.fitted_activation import FittedActivation
from graphsocial.diffusion.inference.observation_end import Until
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet


def fit_activation(
    observed: CascadeSet,
    spread: SpreadGraph,
    method: ActivationMethod | None = None,
    *,
    window: float | None = None,
    observed_until: Until = None,
    allow_future_model: bool = False,
) -> FittedActivation:
    """The chance of each edge to pass something on, from who became active when.

    What counts as a trial is told by `exposure_outcomes`; exposures that were still open when the observation ended are
    none, whatever came of them. An edge never tried gets the prior's mean, or what its features say; the result counts
    those, and members that the graph does not know.

    Args:
        observed: Cascades, observed or simulated.
        spread: The graph; edges are taken to have been there all along.
        method: `ExpectationMaximisation`, `PartialCredit` or `LogisticActivation`; None: the first, which draws each
            edge towards the mean of all (`BetaPrior`).
        window: How long an exposure counts, in the unit of the cascades' times; 1 for cascades in steps. None: 1 where
            every member came one unit after its parent, as simulated steps do, else without end.
        observed_until: What came before this time was observed, one number or one per cascade. None: finished cascades
            have no end, censored ones the set's `known_until`, or else their last member.
        allow_future_model: The cascades may know what the graph does not know yet; so may those that state no
            `known_until`, as simulated ones, where the graph has an end.

    Raises:
        SchemaError: No cascades, no member in the graph, no exposure whose outcome is known, or settings that make no
            sense.
        LeakageError: The cascades were read later than the graph.

    >>> spread = SpreadGraph.from_edges([0, 0], [1, 2], ids=["ann", "bob", "cy"])
    >>> cascades = CascadeSet(["ann", "bob", "ann"], [-1, 0, -1], [0, 1, 0], [0, 2, 3], ["p", "q"], [False, False])
    >>> fit_activation(cascades, spread)
    activation of 2 edges (EM for independent cascade, window 1): 4 trials, log-likelihood -1.47838
      source  target  probability  trials  successes
      ann     bob     0.4583       2       1
      ann     cy      0.04167      2       0
    """
    method = ExpectationMaximisation() if method is None else method
    if not hasattr(method, "estimate") or isinstance(method, type):
        raise SchemaError(
            f"got method={method!r}, expected one such as ExpectationMaximisation(), PartialCredit() or "
            "LogisticActivation(features)"
        )
    if not isinstance(spread, SpreadGraph):
        raise SchemaError(f"got {type(spread).__name__}, expected a SpreadGraph, such as spread_graph() makes")
    outcomes = exposure_outcomes(observed, spread, window, observed_until)
    parts = (spread.known_until, observed.known_until)
    known = None if None in parts else max(p for p in (*parts, method.known_until) if p is not None)
    spread.check_known("activation fitted on these cascades", known, allow_future_model)
    if not outcomes.trials.any():
        left = outcomes.censored
        why = f"all {left:,} were still open when the observation ended" if left else "none began"
        raise SchemaError(
            f"no exposure has a known outcome: {why}; state how long one counts (window=), and until when was observed"
        )
    found = method.estimate(outcomes)
    never = int((outcomes.trials == 0).sum())
    notes = list(outcomes.notes)
    if never:
        source = "what their features say" if found.weights is not None else "the prior's mean"
        notes.append(f"{never:,} edges were never tried and have {source}")
    for array in (outcomes.trials, found.successes, found.objective):
        array.setflags(write=False)
    span = "without end" if np.isinf(outcomes.window) else f"{outcomes.window:g}"
    return FittedActivation(
        spread,
        found.probability,
        f"{method.origin}, window {span}",
        known,
        True,
        allow_future_model=allow_future_model,
        trials=outcomes.trials,
        successes=found.successes,
        window=outcomes.window,
        log_likelihood=outcome_likelihood(outcomes, found.probability)[0],
        objective=found.objective,
        weights=found.weights,
        alone=outcomes.alone,
        censored=outcomes.censored,
        notes=(*spread.assumptions, *notes, *found.notes),
    )
