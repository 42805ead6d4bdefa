"""Where a spread began, from who was active at some moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import comb
from typing import Any

import numpy as np

from graphsocial.diffusion.inference.soft_margin import (
    effective_runs,
    margin_weights,
    posterior_error,
    posterior_of,
    smallest_margin,
)
from graphsocial.diffusion.inference.source_observation import SourceObservation, source_observation
from graphsocial.diffusion.inference.source_posterior import SourcePosterior
from graphsocial.diffusion.inference.source_sets import every_set, walk_sets
from graphsocial.diffusion.simulate import Progress, simulated_parts, stream_key
from graphsocial.diffusion.spread_model import SpreadModel
from graphsocial.errors import SchemaError


def locate_sources(
    model: SpreadModel,
    active: Iterable[Any],
    inactive: Iterable[Any] | None = None,
    *,
    rng: int | np.random.Generator,
    horizon: float | None = None,
    sources: int = 1,
    candidates: Iterable[Any] | None = None,
    prior: Mapping[Any, float] | None = None,
    runs: int = 1_000,
    margin: float | None = None,
    most_sets: int = 2_000,
    threads: int | None = None,
    progress: Progress | None = None,
) -> SourcePosterior:
    """Posterior over where a spread began, by simulating it from every candidate.

    The likelihood of a candidate is the chance that a run from it agrees with everything observed. That is estimated by
    the mean over runs of exp(-((1 - s) / margin)²), s being the Jaccard similarity, on observed nodes, of those active
    in the run and in fact (Antulov-Fantulin, Lancic, Smuc, Stefancic and Sikic, "Identification of patient zero in
    static and temporal networks", PRL 2015). A margin of 0 counts runs that agree in everything and has no bias; a
    larger one forgives disagreement where such runs are too rare. Nodes whose state nobody observed do not matter.
    Whoever has no way of that many steps to everybody active, by way of nodes not seen inactive, is ruled out. Where
    dozens of nodes were active hardly any run comes close, so the margin is wide and the posterior says little more.

    Of several sources, all sets are tried if there are few enough, else those that a Metropolis walk meets; sets not
    met are taken to have no chance, and the result says so.

    Args:
        model: How it spreads, over what.
        active: Nodes observed to have become active by the horizon.
        inactive: Nodes observed not to have; None: everybody else. With a list, the states of all others are unknown.
        rng: Whole number or numpy generator.
        horizon: Step, or time, of the observation since the beginning; None: the spread was over.
        sources: How many nodes it began at.
        candidates: Who could be among them; None: whoever was not observed inactive, and has weight in the prior.
        prior: Weight of each candidate, by node; None: all alike. A set's weight is the product.
        runs: Runs simulated from each set.
        margin: See above; None: the smallest that rests on 100 effective runs and of which two halves of the runs tell
            the same to within .05.
        most_sets: Most sets that are tried.
        threads: At most this many; the result does not depend on it.
        progress: Told how many sets are done.

    Raises:
        SchemaError: Nobody active, a node both active and inactive, nobody who could have begun it, no run that agrees,
            or settings that make no sense.
        UnknownNodeError: A node is not in the graph.

    >>> from graphsocial.diffusion import Activation, IndependentCascade, SpreadGraph
    >>> chain = SpreadGraph.from_edges([0, 1, 2], [1, 2, 3])
    >>> certain = IndependentCascade(Activation.uniform(chain, 1.0))
    >>> locate_sources(certain, [2, 3], [], horizon=2, prior={0: 5, 1: 3, 2: 1}, rng=7)  # 0 is too far from 3
    posterior of 2 sources, 1,000 runs each, margin 0, 1,600 effective runs
      source  posterior  error  prior  similarity  matches
      1       0.75       0      0.75   1           1
      2       0.25       0      0.25   1           1
    """
    _check(sources, runs, margin, most_sets)
    last = np.inf if horizon is None else horizon
    if isinstance(last, bool) or not isinstance(last, int | float | np.number) or not last >= 0:
        raise SchemaError(f"got horizon={horizon!r}, expected a number, at least 0, or None")
    spread = model.spread
    # what comes in steps passes one edge per step
    most = spread.num_nodes if model.continuous else int(min(last, spread.num_nodes))
    observation = source_observation(spread, active, inactive, candidates, prior, most)
    count = len(observation.candidate)
    total = comb(count, sources)
    generator = np.random.default_rng(stream_key(rng))
    role, stamp = observation.role, np.full(spread.num_nodes, -1, dtype=np.int64)
    done = 0

    def score(chosen: np.ndarray) -> np.ndarray:
        nonlocal done
        from graphsocial.diffusion.inference.source_kernel import compare_runs  # numba: imported when first needed

        ids = spread.ids[observation.candidate[np.sort(chosen)]].tolist()
        similarity, at = np.empty(runs, dtype=np.float32), 0
        for part in simulated_parts(model, ids, runs, rng=generator, horizon=horizon, threads=threads):
            size = len(part.size)
            compare_runs(part.size, part.node, role, stamp, done * runs + at, similarity[at : at + size])
            at += size
        done += 1
        if progress:
            progress(done, min(total, most_sets), "sets of sources")
        return similarity

    notes: list[str] = []
    if total <= most_sets:
        tried = every_set(observation, sources)
        found = [score(chosen) for chosen in tried]
    elif observation.possible(np.arange(count)[None])[0]:
        walk = list(walk_sets(observation, sources, most_sets, score, generator))
        tried, found = np.array([chosen for chosen, _ in walk]), [similarity for _, similarity in walk]
        notes.append(f"{len(tried):,} of {total:,} sets were tried, the others are taken to have no chance")
    else:
        tried, found = np.zeros((0, sources), dtype=np.int64), []
    if not len(found):
        raise SchemaError(
            f"no {sources} of {count} candidates were found that reach everybody who was active"
            + ("" if horizon is None else f" by {horizon:g}")
            + "; expected more sources, more candidates or a later horizon"
        )
    return _weighed(model, observation, tried, np.array(found), margin, runs, notes)


def _weighed(
    model: SpreadModel,
    observation: SourceObservation,
    tried: np.ndarray,
    similarity: np.ndarray,
    margin: float | None,
    runs: int,
    notes: list[str],
) -> SourcePosterior:
    prior = observation.weight[tried].prod(axis=1)
    prior = prior / prior.sum()
    if margin is None:
        margin, trusted = smallest_margin(prior, similarity)
        if not trusted:
            notes.append("no margin gave a posterior that two halves of the runs tell alike: simulate more runs")
    weight = margin_weights(similarity, margin)
    posterior = posterior_of(prior, weight.mean(axis=1))
    if not posterior.any():
        raise SchemaError(
            f"none of {similarity.size:,} runs agrees with what was observed to within margin={margin:g}, the best has "
            f"a similarity of {similarity.max():.3g}; expected more runs, or a larger margin"
        )
    if margin:
        notes.append(f"runs that are {1 - margin:.0%} similar count {np.exp(-1):.2f}: the posterior is blurred")
    error, effective = posterior_error(posterior, weight), effective_runs(posterior, weight)
    order = np.lexsort((-similarity.mean(axis=1), -posterior))
    return SourcePosterior(
        model.spread,
        observation.candidate[tried[order]],
        prior[order],
        posterior[order],
        error[order],
        similarity.mean(axis=1, dtype=np.float64)[order],
        (similarity >= 1).mean(axis=1)[order],
        float(margin),
        runs,
        effective,
        tuple(notes),
    )


def _check(sources: int, runs: int, margin: float | None, most_sets: int) -> None:
    for name, value in (("sources", sources), ("runs", runs), ("most_sets", most_sets)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise SchemaError(f"got {name}={value!r}, expected a whole number, at least 1")
    number = isinstance(margin, int | float | np.number) and not isinstance(margin, bool)
    if margin is not None and not (number and 0 <= margin < np.inf):
        raise SchemaError(f"got margin={margin!r}, expected a number, at least 0, or None")
