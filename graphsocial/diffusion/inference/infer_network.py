"""The network behind cascades of which only times are known."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.inference.co_occurrences import co_occurrences
from graphsocial.diffusion.inference.expectation_maximisation import check_iterations
from graphsocial.diffusion.inference.inferred_network import InferredNetwork
from graphsocial.diffusion.inference.observation_end import Until, observation_end
from graphsocial.diffusion.inference.transmission import ExponentialTransmission, Transmission
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError
from graphsocial.graph.cascades import CascadeSet

MOST_PAIRS = 50_000_000
"""Pairs of members within cascades that are looked at, about 100 bytes each."""


def infer_network(
    cascades: CascadeSet,
    transmission: Transmission | None = None,
    *,
    window: float | None = None,
    observed_until: Until = None,
    penalty: float = 0.0,
    least: float = 0.01,
    most_iterations: int = 2_000,
    tolerance: float = 1e-9,
    most_pairs: int = MOST_PAIRS,
    threads: int | None = None,
) -> InferredNetwork:
    """Who influences whom at what rate, from when nodes became active.

    NetRate (Gomez-Rodriguez, Balduzzi and Schoelkopf, ICML 2011): a member passes it on along each edge after a delay
    whose hazard is rate * shape, and whoever is reached first by anybody becomes active. The likelihood is concave and
    falls apart into one problem per node. Each is solved by expectation maximisation, whose turns are
    rate <- expected transmissions / (exposure + penalty). Only pairs that occur in some cascade, one before the other,
    can have a rate above 0. What a node is exposed to until the observation ends counts against the rates of those who
    did not reach it. The members of a cascade's first moment need no explanation. Parents are not read.

    Args:
        cascades: The cascades.
        transmission: `ExponentialTransmission`, `PowerLawTransmission` or `RayleighTransmission`; None: the first.
        window: How long each cascade was watched from its first member on; later members are left out and counted.
        observed_until: What came before this time was observed, one number or one per cascade; None: the set's
            `known_until`, for censored cascades. Each cascade needs an end, from here or from the window; the earlier
            one counts.
        penalty: Weight of the sum of all rates (l1), as if every pair had been exposed for so long more without effect:
            rates that rest on little exposure shrink most.
        least: Edges expected to have passed on less than this in all cascades together are left out.
        most_iterations: Turns for a node after which it stops.
        tolerance: A node's turns stop when its log-likelihood grows by less than this share of itself.
        most_pairs: Most pairs of members within cascades.
        threads: At most this many; None: one per core. The result does not depend on it.

    Raises:
        SchemaError: A cascade without an end, nobody who came after another, too many pairs, or settings that make no
            sense.

    >>> node = ["ann", "bob", "ann", "bob", "cy", "bob"]
    >>> times = [0.0, 1.0, 0.0, 3.0, 0.0, 0.0]
    >>> alone = [-1] * 6
    >>> cascades = CascadeSet(node, alone, times, [0, 2, 4, 5, 6], ["a", "b", "c", "d"], [True] * 4)
    >>> infer_network(cascades, window=10)  # 2 transmissions in 1 + 3 units of time
    network of 3 nodes and 1 edges, inferred from times of 1 candidate pairs (ExponentialTransmission())
      source  target  rate  transmissions  together
      ann     bob     0.5   2              2
    """
    from graphsocial.diffusion.inference.network_rates_kernel import fit_rates  # numba: imported when first needed
    from graphsocial.graph.threads import over_items

    transmission = ExponentialTransmission() if transmission is None else transmission
    if isinstance(transmission, type) or not hasattr(transmission, "cumulative"):
        raise SchemaError(f"got transmission={transmission!r}, expected one such as ExponentialTransmission()")
    for name, value in (("penalty", penalty), ("least", least)):
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value < np.inf:
            raise SchemaError(f"got {name}={value!r}, expected a number, at least 0")
    check_iterations(most_iterations, tolerance)
    end, notes = _watched_until(cascades, window, observed_until)
    found = co_occurrences(cascades, end, transmission, most_pairs)
    exposure = found.exposure + penalty
    rate, transmissions = np.zeros((2, len(exposure)))
    likelihood, iterations = np.zeros(len(found.ids)), np.zeros(len(found.ids), dtype=np.int64)
    over_items(
        fit_rates, len(found.ids), threads, found.edge_of, found.event_of, found.event, found.entry_edge, found.hazard,
        exposure, most_iterations, tolerance, rate, transmissions, likelihood, iterations, chunk=256,
    )  # fmt: skip
    kept = transmissions >= max(least, np.finfo(float).tiny)
    if found.alone:
        notes.append(f"{found.alone:,} activations could not have been caused by anybody active before")
    unsettled = int((iterations >= most_iterations).sum())
    if unsettled:
        notes.append(f"{unsettled:,} nodes did not settle in {most_iterations:,} turns")
    whole = SpreadGraph.from_edges(
        found.source[kept],
        found.target[kept],
        ids=found.ids,
        edge_values={"rate": rate[kept], "transmissions": transmissions[kept], "together": found.count[kept]},
    )
    spread = SpreadGraph(
        whole.indptr,
        whole.target,
        edge_values=whole.edge_values,
        known_until=cascades.known_until,
        assumptions=("edges were inferred from times of activation", *notes),
        _ids=whole.ids,
    )
    return InferredNetwork(
        spread, transmission, len(exposure), float(likelihood.sum()), int(iterations.max(initial=0)), tuple(notes)
    )


def _watched_until(cascades: CascadeSet, window: float | None, observed_until: Until) -> tuple[np.ndarray, list[str]]:
    """When the observation of each cascade ends, float64 [cascade], and how many members come later."""
    if not isinstance(cascades, CascadeSet):
        raise SchemaError(f"got {type(cascades).__name__}, expected a CascadeSet, such as read_cascades() returns")
    if not len(cascades) or not len(cascades.node):
        raise SchemaError("got 0 cascades with members, expected at least one: nothing can be learned from none")
    if window is not None and (
        isinstance(window, bool) or not isinstance(window, int | float | np.number) or not 0 < window < np.inf
    ):
        raise SchemaError(f"got window={window!r}, expected a number above 0, or None")
    known = observed_until is not None or cascades.known_until is not None
    end = observation_end(cascades, observed_until)[0] if known else np.full(len(cascades), np.inf)
    of = np.repeat(np.arange(len(cascades)), cascades.size)
    if window is not None:
        began = np.full(len(cascades), np.inf)
        np.minimum.at(began, of, cascades.time)
        end = np.minimum(end, began + window)
    endless = np.flatnonzero(np.isinf(end) & (cascades.size > 0))
    if len(endless):
        raise SchemaError(
            f"{len(endless):,} cascades have no end of observation, such as {cascades.names[endless[0]]!r}: who is "
            "not reached for ever has rate 0; state window= or observed_until="
        )
    late = int((cascades.time >= end[of]).sum())
    return end, [f"{late:,} members came after their cascade's window and were left out"] if late else []
