"""Whether later posts go on as a fitted model, or the planted parameters themselves, say they would."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.bridge_recovery_model import RecoveryCase
from benchmarks.bridge_recovery_world import HORIZON, OBSERVE, TOPICS, USERS, PlantedWorld, delay_at
from graphsocial.diffusion import (
    Activation,
    DelayedCascade,
    DelayLaw,
    PredictiveFit,
    SpreadGraph,
    age_deviation,
    durations,
    mean_age,
    predictive_fit,
    simulate,
)
from graphsocial.graph import CascadeSet
from graphsocial.learn.activation.candidate_edges import OUTSIDE

_KNOTS = 4_097


def fit_of(case: RecoveryCase, posts: int, runs: int, contagion: float | None = None) -> PredictiveFit:
    """Tests a fitted model on the first of the posts that were held out.

    Args:
        case: The model and the posts.
        posts: How many.
        runs: Of each.
        contagion: See `ActivationModel.activation`.
    """

    def simulated(place: int) -> CascadeSet:
        return case.simulated(case.asked(place, contagion=contagion), runs, int(case.held_out[place]))

    which = case.held_out[:posts]
    known = set(case.edges.spread.ids.tolist())
    return _fit(case, which, [simulated(place) for place in range(len(which))], known)


def planted_fit(case: RecoveryCase, posts: np.ndarray, runs: int) -> PredictiveFit:
    """The same test of what was planted, through the same simulator: how often it rejects what is true.

    Args:
        case: Whose world it is; who had followed whom is counted in what its model was fitted on.
        posts: Posts that the model was not fitted on [post].
        runs: Of each.
    """
    world = case.world
    models = [planted_cascade(world, topic) for topic in range(TOPICS)]

    def simulated(post: int) -> CascadeSet:
        before = world.prefix(post)
        activation, delays = models[world.topic[post]]
        ages = dict(zip(world.ids[before.user].tolist(), before.age.tolist(), strict=True))
        ages[OUTSIDE] = float(before.age.max())
        model = DelayedCascade(activation, delays, ages=ages)
        return simulate(model, list(ages), runs, rng=post, horizon=float(HORIZON), threads=1)

    return _fit(case, posts, [simulated(int(post)) for post in posts], set(world.ids.tolist()))


def planted_cascade(world: PlantedWorld, topic: int) -> tuple[Activation, DelayLaw]:
    """Chances of all edges for posts of a topic, unseen ones and those from outside too, and their delays."""
    source = np.append(world.source, np.full(USERS, USERS))
    target = np.append(world.target, np.arange(USERS))
    spread = SpreadGraph.from_edges(source, target, ids=np.append(world.ids, OUTSIDE))
    share = np.linspace(0.0, 1.0, _KNOTS)
    law = DelayLaw(delay_at(share, world.slow(np.full(_KNOTS, topic))))
    return Activation(spread, -np.expm1(-np.exp(world.hazard[topic]))), law


def _fit(case: RecoveryCase, posts: np.ndarray, runs: Sequence[CascadeSet], known: set[str]) -> PredictiveFit:
    """Ranks by how many act, when, how far apart in time, until when, and whom they had followed without a link.

    Those by how many and when must not hang on what the post says, either. Only known users count.
    """
    came = []
    for post in posts:
        names, time = case.world.until(int(post), OBSERVE + HORIZON)
        here = np.array([name in known for name in names.tolist()], dtype=bool)
        # the outside begins on both sides, so that every cascade has somebody, and its start
        came.append((np.append(OUTSIDE, names[here]), np.append(0.0, time[here])))
    went = [
        (one.node[part], one.time[part] + OBSERVE)
        for one in runs
        for part in (slice(first, last) for first, last in zip(one.offsets[:-1], one.offsets[1:], strict=True))
    ]
    measures = {
        "size": lambda cascades: cascades.size,
        "mean_age": lambda cascades: mean_age(cascades, since=OBSERVE),
        "age_deviation": lambda cascades: age_deviation(cascades, since=OBSERVE),
        "duration": durations,
        "familiarity": lambda cascades: familiarity(case, cascades),
    }
    content = {"size": case.world.content[posts], "mean_age": case.world.content[posts]}
    return predictive_fit(_cascades(came), _cascades(went), rng=0, measures=measures, given=content)


def familiarity(case: RecoveryCase, cascades: CascadeSet) -> np.ndarray:
    """Mean log of 1 + how often new adopters had followed the earlier member they did most of those they have no link
    from, [cascade]; nan without new adopters.

    It is counted in the posts that the model was fitted on. Where a model has too few edges it lets strangers act
    instead of those who come after the same people again and again.
    """
    place = {name: user for user, name in enumerate([*case.world.ids.tolist(), OUTSIDE])}
    score = np.zeros((USERS + 1, USERS + 1))
    score[:USERS, :USERS] = np.log1p(case.followed)
    spread = case.edges.spread
    of = np.array([place[name] for name in spread.ids.tolist()])
    score[of[spread.source], of[spread.target]] = 0.0
    user, out = np.array([place[name] for name in cascades.node.tolist()]), np.full(len(cascades), np.nan)
    for i, (first, last) in enumerate(zip(cascades.offsets[:-1], cascades.offsets[1:], strict=True)):
        order = first + np.argsort(cascades.time[first:last], kind="stable")
        new = np.flatnonzero(cascades.time[order] >= OBSERVE)
        if len(new):
            earlier = np.arange(len(order))[:, None] < new
            out[i] = np.where(earlier, score[np.ix_(user[order], user[order[new]])], 0.0).max(axis=0).mean()
    return out


def _cascades(rows: Sequence[tuple[np.ndarray, np.ndarray]]) -> CascadeSet:
    size = [len(names) for names, _ in rows]
    return CascadeSet(
        np.concatenate([names for names, _ in rows]),
        np.full(sum(size), -1),
        np.concatenate([time for _, time in rows]),
        np.concatenate([[0], np.cumsum(size)]),
        np.arange(len(rows)),
        np.zeros(len(rows), dtype=bool),
    )
