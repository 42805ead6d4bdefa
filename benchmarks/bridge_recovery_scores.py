"""How near what a model learned is to what was planted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from benchmarks.bridge_recovery_model import RecoveryCase
from benchmarks.bridge_recovery_world import HORIZON, OBSERVE, TOPICS, PlantedWorld, share_by
from graphsocial.diffusion import Activation, IndependentCascade, select_seeds, simulate
from graphsocial.learn.activation.candidate_edges import OUTSIDE

SEEDS = 5
_LEAST = 1e-4  # log odds of less are not told apart
_CLEAR = 0.5  # new adopters by which a difference has to be planted for its sign to count


@dataclass(frozen=True)
class Effort:
    """How much is asked of each model.

    Attributes:
        chances: Posts whose chances are compared.
        seeded: Posts that seeds are selected for.
        changed: Posts whose content is changed.
        runs: Of each simulation.
        fitted: Posts in a test of fit, at most those held out.
        fit_runs: Runs of each of them.
        levels: Tests of the planted parameters in each world, of other posts each.
    """

    chances: int = 40
    seeded: int = 9
    changed: int = 15
    runs: int = 200
    fitted: int = 300
    fit_runs: int = 39
    levels: int = 4


@dataclass(frozen=True, eq=False)
class Planted:
    """What is true of the posts that are asked about, the same however much a model has seen.

    Attributes:
        mean: New adopters within the horizon [changed post].
        difference: The same with the content of `says`, less `mean` [changed post].
        says: Post of another topic whose content is tried, int64 [changed post].
        spread: Reach of the best seeds, by post [seeded post].
        random: Reach of seeds drawn at random [seeded post].
    """

    mean: np.ndarray
    difference: np.ndarray
    says: np.ndarray
    spread: np.ndarray
    random: np.ndarray

    @classmethod
    def of(cls, world: PlantedWorld, held_out: np.ndarray, effort: Effort) -> Planted:
        """Simulates the world itself; both contents of a post with the same random numbers."""
        asked, topic = held_out[: effort.changed], world.topic[held_out]
        says = np.array([held_out[i + 1 + np.argmax(topic[i + 1 :] != topic[i])] for i in range(len(asked))])
        came = np.array(
            [
                [_new(world, post, world.topic[p]) for p in (post, other)]
                for post, other in zip(asked, says, strict=True)
            ]
        )
        best, drawn = [], []
        for place, post in enumerate(held_out[: effort.seeded]):
            model = true_cascade(world, int(world.topic[post]))
            best.append(reach(model, list(select_seeds(model, SEEDS, rng=1, threads=1))))
            draw = np.random.default_rng(place)
            drawn.append(np.mean([reach(model, draw.choice(world.ids, SEEDS, replace=False)) for _ in range(5)]))
        return cls(came[:, 0], came[:, 1] - came[:, 0], says, np.array(best), np.array(drawn))


def _new(world: PlantedWorld, post: int, topic: int, runs: int = 1_000) -> float:
    """Mean number of new adopters within the horizon had the post that topic from the question on."""
    at = world.arrivals(np.full(runs, topic), [world.prefix(post)] * runs, HORIZON, np.random.default_rng(post))
    return float((np.isfinite(at) & (at > 0)).sum() / runs)


def true_cascade(world: PlantedWorld, topic: int) -> IndependentCascade:
    """How a post of a topic spreads among users, over all edges."""
    return IndependentCascade(Activation(world.graph(), world.chance(topic)))


def reach(model: IndependentCascade, seeds: Sequence[str] | np.ndarray) -> float:
    """Mean number of users that a seed set reaches."""
    return float(simulate(model, list(seeds), 1_000, rng=3, threads=1).size.mean())


def chance_scores(case: RecoveryCase, posts: int) -> dict[str, float]:
    """Learned against true chance of every candidate edge for posts that were held out, means over them.

    The same for chances that were fitted without a look at the content, as `.../content_blind`. `chance_calibration`:
    bins of equally many edges by what was learned, how far the mean true chance of each is off, over the mean of all.
    """
    edge, rows, learned, planted = case.edge, [], [], []
    here = edge >= 0
    visible = np.flatnonzero(case.world.seen)
    blind = np.zeros(len(case.world.source))
    blind[visible] = case.content_blind.probability
    for place in range(posts):
        found = case.asked(place, contagion=1.0).probability[here].astype(np.float64)
        true = case.world.chance(int(case.world.topic[case.held_out[place]]))[edge[here]]
        rows.append([*_distances(found, true), *_distances(blind[edge[here]], true)])
        learned.append(np.stack([found, blind[edge[here]]]))
        planted.append(true)
    names = ("chance_error", "log_odds_error", "chance_rank")
    scores = dict(zip([*names, *(f"{n}/content_blind" for n in names)], np.mean(rows, axis=0).tolist(), strict=True))
    found, true = np.concatenate(learned, axis=1), np.concatenate(planted)
    by_name = zip(("chance_calibration", "chance_calibration/content_blind"), found, strict=True)
    return {**scores, **{name: chance_calibration(each, true) for name, each in by_name}}


def chance_calibration(found: np.ndarray, true: np.ndarray, bins: int = 10) -> float:
    """How far true chances are off those learned, in bins of equally many by what was learned, over the mean true one.

    >>> chance_calibration(np.array([0.1, 0.1, 0.4, 0.4]), np.array([0.0, 0.2, 0.3, 0.3]), bins=2)
    0.25
    """
    parts = np.array_split(np.argsort(found, kind="stable"), bins)
    return float(sum(abs((found[part] - true[part]).sum()) for part in parts) / true.sum())


def _distances(found: np.ndarray, true: np.ndarray) -> tuple[float, float, float]:
    odds = [np.log(p / (1 - p)) for p in (np.clip(x, _LEAST, 1 - _LEAST) for x in (found, true))]
    return (
        float(np.abs(found - true).mean()),
        float(np.sqrt(((odds[0] - odds[1]) ** 2).mean())),
        float(spearmanr(found, true).statistic),
    )


def seed_scores(case: RecoveryCase, planted: Planted) -> dict[str, float]:
    """Reach in the world of the seeds selected for each post, as a share of what the best seeds reach."""
    blind = list(select_seeds(IndependentCascade(case.content_blind), SEEDS, rng=1, threads=1))
    learned, others = [], []
    for place in range(len(planted.spread)):
        model = true_cascade(case.world, int(case.world.topic[case.held_out[place]]))
        found = case.asked(place, contagion=1.0)
        users = [name for name in found.spread.ids.tolist() if name != OUTSIDE]
        chosen = select_seeds(IndependentCascade(found), SEEDS, rng=1, candidates=users, threads=1)
        learned.append(reach(model, list(chosen)))
        others.append(reach(model, blind))
    best = planted.spread.mean()
    return {
        "seeds": float(np.mean(learned) / best),
        "seeds/content_blind": float(np.mean(others) / best),
        "seeds/random": float(planted.random.mean() / best),
    }


def what_if_scores(case: RecoveryCase, planted: Planted, runs: int) -> dict[str, float]:
    """Difference of the mean spread where the content is another, learned against planted.

    Who knows nothing of content says 0, whose error is `what_if_error/content_blind`.
    """
    means = []
    for place, says in enumerate(planted.says):
        found = [case.asked(place), case.asked(place, says=int(says))]
        means.append([a.new_adopters(case.simulated(a, runs, place, coupled=True)).mean() for a in found])
    mean, changed = np.array(means).T
    difference = changed - mean
    clear = np.abs(planted.difference) > _CLEAR
    return {
        "what_if_error": float(np.abs(difference - planted.difference).mean()),
        "what_if_error/content_blind": float(np.abs(planted.difference).mean()),
        "what_if_sign": float((np.sign(difference) == np.sign(planted.difference))[clear].mean()),
        "spread_error": float(np.abs(mean - planted.mean).mean()),
    }


def delay_distance(case: RecoveryCase) -> float:
    """Largest difference of the distribution functions of delays, learned and planted, the mean over topics."""
    longest = float(OBSERVE + HORIZON)
    age = np.linspace(0.0, longest, 500)[1:]
    found = case.model.delays.share_by(age)
    law = [np.full(len(age), slow) for slow in case.world.slow(np.arange(TOPICS))]
    true = [share_by(age, slow) / share_by(np.full(len(age), longest), slow) for slow in law]
    return float(np.mean([np.abs(found - each).max() for each in true]))
