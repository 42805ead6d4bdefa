"""Who else acts, from a fitted independent cascade that knows the graph but not the post."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from benchmarks.bridge_block import Block, evenly
from benchmarks.bridge_data import BridgeData
from benchmarks.bridge_forecasts import Forecasts, mean_crps, strongest_edges
from graphsocial.diffusion import (
    Activation,
    DelayedCascade,
    DelayLaw,
    ExpectationMaximisation,
    SpreadGraph,
    fit_activation,
    simulate,
)
from graphsocial.diffusion.inference.exposure_outcomes import exposure_outcomes
from graphsocial.graph import CascadeSet
from graphsocial.learn.activation.candidate_edges import OUTSIDE

MULTIPLIERS = (0.06, 0.12, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
"""On all hazards: an edge is a candidate because of the very cascades that its chance is fitted on."""


METHOD = ExpectationMaximisation(most_iterations=200, tolerance=1e-4)
"""Probabilities that move by less no longer move what comes of them."""


@dataclass(frozen=True, eq=False)
class FittedCascade:
    """Chances and delays fitted on what came before a time.

    Attributes:
        activation: Chances by expectation maximisation.
        delays: Delays between those who acted and whom they may have activated, each by its share of the credit.
        outside: Whether the node outside is in the graph, a member of every cascade from its beginning.
    """

    activation: Activation
    delays: DelayLaw
    outside: bool

    @classmethod
    def of(cls, data: BridgeData, block: Block, window: int, outside: bool) -> FittedCascade:
        """Fits on all cascades that began before the block's graph ends.

        Args:
            data: The corpus.
            block: Its graph, as of the time that what is read came before.
            window: How long an exposure counts, seconds.
            outside: Whether to keep the node outside.
        """
        spread = block.edges.spread if outside else _without_outside(block.edges.spread)
        observed = _observed(data, block.edges.as_of, outside)
        fitted = fit_activation(observed, spread, METHOD, window=window, observed_until=block.edges.as_of)
        outcomes = exposure_outcomes(observed, spread, window, block.edges.as_of)
        chance = np.maximum(fitted.probability.astype(np.float64)[outcomes.edge], 1e-12)
        activation = np.repeat(np.arange(len(outcomes.event) - 1), np.diff(outcomes.event))
        share = chance / np.bincount(activation, chance)[activation]
        delays = DelayLaw.of_delays(outcomes.delay, share, window, known_until=block.edges.as_of)
        return cls(fitted, delays, outside)

    def forecast(self, data: BridgeData, block: Block, multiplier: float, runs: int) -> Forecasts:
        """Simulates each post from its prefix on."""
        spread = self.activation.spread
        chance = -np.expm1(multiplier * np.log1p(-np.minimum(self.activation.probability.astype(np.float64), 1 - 1e-7)))
        activation = Activation(spread, chance, "fitted, scaled", self.activation.known_until, fitted=True)

        edges: list[sparse.csr_matrix] = []

        def run(i: int) -> CascadeSet:
            cascade, as_of = int(block.windows.cascade[i]), int(block.windows.as_of[i])
            user, time = data.prefix(cascade, as_of)
            acted = user < block.users
            edges.append(strongest_edges(activation, user[acted], block.users))
            ages = (as_of - time[acted]).astype(float).tolist()
            known = dict(zip(data.record.ids[user[acted]].tolist(), ages, strict=True))
            if self.outside:
                known[OUTSIDE] = float(as_of - time[0])
            if not known:
                return _nobody(runs)
            model = DelayedCascade(activation, self.delays, ages=known)
            return simulate(model, list(known), runs, rng=cascade, horizon=float(data.horizon), threads=1)

        found = Forecasts.of_runs(map(run, range(len(block.windows))), data, block.users)
        return replace(found, edge=sparse.vstack(edges, format="csr"))


@dataclass(frozen=True)
class CascadeChoice:
    """What the validation part chose.

    Attributes:
        multiplier: On all hazards.
        outside: Whether with the node outside.
        valid_crps: CRPS of that choice.
    """

    multiplier: float
    outside: bool
    valid_crps: float

    @classmethod
    def on(cls, data: BridgeData, runs: int, most: int) -> CascadeChoice:
        """Tries each multiplier with and without the node outside.

        Args:
            data: The corpus.
            runs: Simulated runs of each post.
            most: At most this many validation posts, evenly spread.
        """
        horizon = data.choice_horizon
        valid = data.valid.by(data.test_time, horizon)
        valid = valid.part(evenly(len(valid.windows), most))
        came, short = data.came(valid, [horizon])[:, 0], data.within(horizon)
        losses = []
        for outside in (False, True):
            fitted = FittedCascade.of(data, data.valid, horizon, outside)
            for multiplier in MULTIPLIERS:
                found = fitted.forecast(short, valid, multiplier, runs)
                losses.append((mean_crps(found, came), multiplier, outside))
        loss, multiplier, outside = min(losses)
        return cls(multiplier, outside, loss)


def _observed(data: BridgeData, time: int, outside: bool) -> CascadeSet:
    """What had happened before a time; with the node outside as one more root of each cascade."""
    record = data.record
    kept = record.time < time
    size = np.bincount(record.cascade[kept], minlength=len(record))
    begun = np.flatnonzero(size)
    node, when, size = record.ids[record.user[kept]], record.time[kept], size[begun]
    if outside:
        first = np.cumsum(size) - size
        node, when = np.insert(node, first, OUTSIDE), np.insert(when, first, record.start[begun])
        size = size + 1
    offsets = np.concatenate([[0], np.cumsum(size)])
    parent, censored = np.full(len(node), -1), np.ones(len(begun), dtype=bool)
    return CascadeSet(node, parent, when, offsets, record.names[begun], censored, known_until=time)


def _without_outside(spread: SpreadGraph) -> SpreadGraph:
    users = spread.num_nodes - 1
    indptr = spread.indptr[: users + 1]
    return SpreadGraph(
        indptr, spread.target[: indptr[-1]], "user", known_until=spread.known_until, _ids=spread.ids[:users]
    )


def _nobody(runs: int) -> CascadeSet:
    """Runs in which nothing happens: nobody known had acted."""
    nodes = np.full(runs, OUTSIDE, dtype=object)
    offsets, names = np.arange(runs + 1), np.arange(runs).astype(object)
    return CascadeSet(nodes, np.full(runs, -1), np.zeros(runs), offsets, names, np.zeros(runs, dtype=bool))
