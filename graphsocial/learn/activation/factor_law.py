"""Turns how many will act into the factor on all hazards that makes so many act."""

from __future__ import annotations

import numpy as np

from graphsocial.diffusion.activation import Activation
from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.diffusion.delayed_cascade import DelayedCascade
from graphsocial.diffusion.simulate import simulated_parts
from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.virality_law import ViralityLaw
from graphsocial.learn.activation.post_hazards import PostHazards

_FINE = 96
_STEP = 1.6  # from one factor that is simulated to the next
_STEPS = 60  # of expectation maximisation
_MEMBERS = 400  # about as many new members are simulated at each factor


def chances(post: PostHazards, spread: SpreadGraph, contagion: float) -> np.ndarray:
    """Activation probability of each edge; hazards of who acts after the question count `contagion` times, [edge]."""
    before = np.zeros(spread.num_nodes, dtype=bool)
    before[post.seed] = True
    return -np.expm1(-post.hazard * np.where(before[spread.source], 1.0, contagion))


def factor_law(
    post: PostHazards, activation: Activation, delays: DelayLaw, horizon: float, rng: int, known_until: int
) -> ViralityLaw:
    """The law of the factor under which the number of new adopters has the law that the post got.

    How many a factor brings whom the seeds and the outside reach themselves is a sum over users; how many more they
    bring is simulated at a few factors and read between them. Contagion makes sizes differ by itself, more than Poisson
    laws do, so that much less is left to the factor.

    Args:
        post: What the networks say of the post.
        activation: Its `chances`.
        delays: The delay law.
        horizon: Seconds from the question on within which the means are counted.
        rng: Seed of the simulations; the same for all posts, so that like posts differ by what they are.
        known_until: When the weights were known.
    """
    reach = _direct_hazards(post, activation.spread, delays, horizon)
    if not (reach > 0).any():
        return ViralityLaw(np.ones(1), np.ones(1), "nobody is left to be reached", known_until, fitted=True)
    last = _factor_of(min(float(post.mean[-1]), 0.95 * int((reach > 0).sum())), reach)
    fine = np.geomspace(min(0.5 * post.mean[0] / reach.sum(), last / 2), last, _FINE)
    direct = _direct(fine, reach)
    times = _amplification(fine, direct, reach, post, activation, delays, horizon, rng)
    mean = direct * times
    factor = np.exp(np.interp(np.log(post.mean), np.log(np.maximum.accumulate(mean)), np.log(fine)))
    # means beyond what there is to reach share the largest factor
    value, place = np.unique(factor, return_inverse=True)
    weight = np.bincount(place, post.weight)
    if (times > 1).any():
        brought = np.exp(np.interp(np.log(value), np.log(fine), np.log(mean)))
        weight = left_to_factor(post, brought, np.interp(value, fine, times), weight)
    return ViralityLaw(value, weight, "learned number of new adopters", known_until, fitted=True)


def _direct_hazards(post: PostHazards, spread: SpreadGraph, delays: DelayLaw, horizon: float) -> np.ndarray:
    """Hazard that reaches each inactive user from the seeds within the horizon, float64 [user]."""
    left = delays.share_by(post.age + horizon) - delays.share_by(post.age)
    total = np.zeros(spread.num_nodes)
    for seed, share in zip(post.seed, left, strict=True):
        row = slice(spread.indptr[seed], spread.indptr[seed + 1])
        total += share * np.bincount(spread.target[row], post.hazard[row], minlength=spread.num_nodes)
    total[post.seed] = 0.0
    return total


def _direct(factor: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Mean number of users whom the seeds and the outside reach themselves, [factor]."""
    some = reach[reach > 0]
    return np.array([-np.expm1(-f * some).sum() for f in factor])


def _factor_of(mean: float, reach: np.ndarray) -> float:
    low = high = mean / float(reach.sum())
    while _direct(np.array([high]), reach)[0] < mean:
        high *= 2
    for _ in range(40):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if _direct(np.array([middle]), reach)[0] < mean else (low, middle)
    return float(high)


def _amplification(
    fine: np.ndarray,
    direct: np.ndarray,
    reach: np.ndarray,
    post: PostHazards,
    activation: Activation,
    delays: DelayLaw,
    horizon: float,
    rng: int,
) -> np.ndarray:
    """How many times as many act as the seeds and the outside reach themselves, at each factor, [factor]."""
    spread = activation.spread
    goes_on = activation.probability > 0
    for seed in post.seed:
        goes_on[spread.indptr[seed] : spread.indptr[seed + 1]] = False
    if not goes_on.any():
        return np.ones(len(fine))
    names = spread.ids[post.seed].tolist()
    ages = dict(zip(names, post.age.tolist(), strict=True))
    later = _share_later(post, spread, delays, horizon)
    tried, times = [0.0], [1.0]
    factor = max(float(np.interp(0.5, direct, fine)), float(fine[0]))
    laid = DelayedCascade(activation, delays, ages=ages, allow_future_model=True)
    while tried[-1] < fine[-1] and np.interp(tried[-1], fine, direct) * times[-1] < post.mean[-1]:
        model = laid.with_virality(ViralityLaw(np.array([factor]), np.ones(1)))
        reached = float(np.interp(factor, fine, direct))
        runs = int(np.clip(_MEMBERS / reached, 64, 800))
        more = 0.0
        for part in simulated_parts(model, names, runs, rng=rng, horizon=horizon, threads=1):
            passed_on = part.parent >= len(names)
            node, time = part.node[passed_on], part.time[passed_on]
            # whom the seeds would have reached as well, but later, is in their sum
            more += np.exp(-factor * reach[node] * np.interp(time, *later)).sum()
        tried.append(factor)
        times.append(1 + more / runs / reached)
        factor = min(factor * _STEP, float(fine[-1]))
    return _between(fine, np.array(tried), np.array(times))


def left_to_factor(post: PostHazards, mean: np.ndarray, times: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weights of factors whose sizes together come nearest to the mixture of Poisson laws, by likelihood, [point].

    The size at one factor is that of a branching process with Poisson offspring, begun by a Poisson number: a
    generalised Poisson law (Consul, Generalized Poisson Distributions, 1989), whose variance is `times` squared as
    large as its mean.

    Args:
        post: Means and weights to come near to.
        mean: New adopters that each factor brings [point].
        times: How many times as many as it reaches directly [point].
        weight: Weights to begin with [point].
    """
    from scipy.special import gammaln

    top = 3.0 * float(max(mean[-1], post.mean[-1])) + 20
    count = np.unique(np.append(np.arange(40), np.geomspace(40, top, 60).astype(np.int64)))
    width = np.diff(np.append(count, count[-1] + 1)).astype(np.float64)
    poisson = np.exp(count[:, None] * np.log(post.mean) - post.mean - gammaln(count + 1.0)[:, None])
    wanted = poisson @ post.weight * width
    eta, begun = 1 - 1 / times, mean / times
    rate = begun + eta * count[:, None]
    law = np.exp(np.log(begun) + (count[:, None] - 1) * np.log(rate) - rate - gammaln(count + 1.0)[:, None])
    law *= width[:, None]
    law /= law.sum(axis=0)
    for _ in range(_STEPS):
        weight = weight * (law.T @ (wanted / np.maximum(law @ weight, 1e-300)))
    return _of_mean(float(post.weight @ post.mean), weight, mean)


def _of_mean(wanted: float, weight: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Weights tilted towards larger or smaller means until their mean is as wanted, or as near as they can come."""
    low, high = -500.0, 500.0
    tilted = weight
    for _ in range(60):
        slope = (low + high) / 2
        power = np.log(np.maximum(weight, 1e-300)) + slope * mean / mean[-1]
        tilted = np.exp(power - power.max())
        tilted /= tilted.sum()
        low, high = (slope, high) if tilted @ mean < wanted else (low, slope)
    return tilted


def _between(fine: np.ndarray, tried: np.ndarray, times: np.ndarray) -> np.ndarray:
    """What the factors that were simulated say of those between them; from nothing on at the factor 0, [factor]."""
    from scipy.interpolate import PchipInterpolator

    if len(tried) < 3:
        return np.interp(fine, tried, times)
    curve = PchipInterpolator(np.log(tried[1:]), np.log(times[1:]))
    inside = np.exp(curve(np.log(np.clip(fine, tried[1], tried[-1]))))
    return np.where(fine < tried[1], np.interp(fine, tried[:2], times[:2]), inside)


def _share_later(
    post: PostHazards, spread: SpreadGraph, delays: DelayLaw, horizon: float
) -> tuple[np.ndarray, np.ndarray]:
    """Times, and the part of what the seeds and the outside bring within the horizon that they bring after each."""
    time = np.linspace(0.0, horizon, 65)
    total = np.zeros(len(time))
    for seed, age in zip(post.seed, post.age, strict=True):
        row = post.hazard[spread.indptr[seed] : spread.indptr[seed + 1]].sum()
        total += row * (delays.share_by(age + horizon) - delays.share_by(age + time))
    return time, total / max(total[0], 1e-300)
