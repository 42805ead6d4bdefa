"""Influence maximisation: the seed set of some size or cost from which most nodes are reached, with a guarantee."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from graphsocial.diffusion.seed_selection.candidates import allowed_nodes, seed_count
from graphsocial.diffusion.seed_selection.greedy_choice import GreedyChoice
from graphsocial.diffusion.seed_selection.known_by import known_by
from graphsocial.diffusion.seed_selection.opim_c import OpimC
from graphsocial.diffusion.seed_selection.reverse_sampler import reverse_sampler
from graphsocial.diffusion.seed_selection.seed_set import SeedSet
from graphsocial.diffusion.seed_selection.two_hop_seeds import two_hop_nodes
from graphsocial.diffusion.simulate import stream_key
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.spread_model import SpreadModel
from graphsocial.errors import SchemaError


def select_seeds(
    model: SpreadModel,
    k: int | None = None,
    *,
    rng: int | np.random.Generator,
    method: OpimC | None = None,
    costs: Mapping[Any, float] | np.ndarray | None = None,
    budget: float | None = None,
    deadline: int | None = None,
    candidates: Iterable[Any] | None = None,
    threads: int | None = None,
) -> SeedSet:
    """Seeds whose expected spread is proven to be near the best possible; the factor achieved is in the result.

    The expected spread is proven to be at least 1 - 1/e - epsilon of the best (no fast method can promise more than
    1 - 1/e). With costs, the greedy choice by gain per cost, or the best single node, is sure of (1 - 1/e) / 2 -
    epsilon (Khuller, Moss and Naor 1999); what is proven afterwards usually is far more. Either holds but for a chance
    of delta.

    Args:
        model: `IndependentCascade` or `LinearThreshold`.
        k: How many seeds; None with a budget.
        rng: Whole number or numpy generator; with the same one the result is the same, for any number of threads.
        method: `OpimC(epsilon, delta)`; None: `OpimC()`.
        costs: Cost of every node, above 0: `{node: cost}` or numbers [node]. All those who may be chosen need one.
        budget: Largest sum of the seeds' costs.
        deadline: Only nodes reached within this many steps count; None: all.
        candidates: Nodes that may be chosen; None: all.
        threads: At most this many; None: one per core.

    Raises:
        SchemaError: A number, cost, budget or deadline that makes no sense, more seeds than candidates, or a model
            whose spread cannot be walked backwards.
        UnknownNodeError: A candidate, or a node with a cost, is not in the graph.

    >>> from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
    >>> stars = SpreadGraph.from_edges([0, 0, 0, 4, 4], [1, 2, 3, 5, 6])
    >>> seeds = select_seeds(IndependentCascade(Activation.uniform(stars, 1.0)), 2, rng=7)
    >>> list(seeds), seeds.factor > 0.5
    ([0, 4], True)
    """
    spread = model.spread
    allowed = allowed_nodes(spread, candidates)
    choice = _choice(spread, allowed, k, costs, budget)
    if deadline is not None and (
        isinstance(deadline, bool) or not isinstance(deadline, int | np.integer) or deadline < 0
    ):
        raise SchemaError(f"got deadline={deadline!r}, expected a number of steps, at least 0, or None")
    chosen_method = OpimC() if method is None else method
    if not isinstance(chosen_method, OpimC):
        raise SchemaError(f"got method={method!r}, expected OpimC(epsilon, delta)")
    keys = np.random.default_rng(stream_key(rng)).integers(2**64, size=256, dtype=np.uint64)
    sampler = reverse_sampler(model)
    guess = two_hop_nodes(model, choice.k, allowed, deadline) if choice.k is not None else None
    found = chosen_method.search(sampler, choice, guess, keys, deadline, threads)
    nodes = found.choice.nodes
    gain = found.choice.gain * (spread.num_nodes * found.share / max(found.choice.met, 1))
    notes = []
    if choice.cost is not None:
        notes.append("(1 - 1/e) / 2 - epsilon guaranteed beforehand")
    if deadline is not None:
        notes.append(f"only what is reached within {deadline} steps counts")
    if found.full:
        notes.append("ended early: the sets have most_members members")
    return SeedSet(
        tuple(spread.ids[nodes].tolist()),
        f"OPIM-C (epsilon {chosen_method.epsilon:g})",
        gain,
        spread.num_nodes * found.share,
        spread.num_nodes * found.least,
        spread.num_nodes * found.most,
        found.chance,
        found.sets,
        None if choice.cost is None else choice.cost[nodes],
        ", ".join(notes),
        known_by(model),
        True,
    )


def _choice(
    spread: SpreadGraph,
    allowed: np.ndarray,
    k: int | None,
    costs: Mapping[Any, float] | np.ndarray | None,
    budget: float | None,
) -> GreedyChoice:
    if costs is None and budget is None:
        if k is None:
            raise SchemaError("got neither k nor a budget, expected how many seeds to select, or costs and a budget")
        return GreedyChoice(allowed, seed_count(k, int(allowed.sum())))
    if costs is None or budget is None or k is not None:
        raise SchemaError(f"got k={k!r}, budget={budget!r} and costs, expected k alone, or costs and budget together")
    if isinstance(budget, bool) or not isinstance(budget, int | float | np.number) or not 0 < budget < np.inf:
        raise SchemaError(f"got budget={budget!r}, expected a number above 0")
    cost = _costs(spread, allowed, costs)
    within = allowed & (cost <= budget)
    if not within.any():
        raise SchemaError(f"got budget={budget:g}, but the cheapest candidate costs {cost[allowed].min():g}")
    return GreedyChoice(within, None, np.where(within, cost, 1.0), float(budget))


def _costs(spread: SpreadGraph, allowed: np.ndarray, costs: Mapping[Any, float] | np.ndarray) -> np.ndarray:
    if isinstance(costs, Mapping):
        cost = np.full(spread.num_nodes, np.nan)
        cost[spread.numbers(costs)] = np.array(list(costs.values()), dtype=np.float64)
        missing = np.flatnonzero(allowed & np.isnan(cost))
        if len(missing):
            raise SchemaError(
                f"{len(missing)} of {allowed.sum()} candidates have no cost, such as {spread.ids[missing[0]]!r}"
            )
    else:
        cost = np.array(costs, dtype=np.float64)
        if cost.shape != (spread.num_nodes,):
            raise SchemaError(f"costs got shape {cost.shape}, expected ({spread.num_nodes},), one per node")
    wrong = np.flatnonzero(allowed & ~((cost > 0) & np.isfinite(cost)))
    if len(wrong):
        raise SchemaError(f"cost of {spread.ids[wrong[0]]!r} got {cost[wrong[0]]}, expected a number above 0")
    return cost
