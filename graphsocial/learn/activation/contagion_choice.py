"""Chooses how much of the spread goes on by itself, by what simulations of validation posts are worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphsocial.diffusion.activation import Activation
from graphsocial.diffusion.delay_law import DelayLaw
from graphsocial.diffusion.delayed_cascade import DelayedCascade
from graphsocial.diffusion.simulate import Progress, simulate
from graphsocial.graph.cascades import CascadeSet
from graphsocial.learn.activation.factor_law import chances, factor_law
from graphsocial.learn.activation.post_block import PostBlock
from graphsocial.learn.activation.post_hazards import HazardReader
from graphsocial.learn.ensemble_scores import crps
from graphsocial.learn.seeds import derived_seed

MOMENTS = np.array([0.125, 0.25, 0.5, 1.0])
"""Parts of the time a post was followed for by which new adopters are counted: what goes on by itself comes later."""


def contagion_scores(
    valid: PostBlock,
    reader: HazardReader,
    delays: DelayLaw,
    horizon: int,
    tried: Sequence[float],
    posts: int,
    runs: int,
    rng: int,
    progress: Progress | None = None,
) -> np.ndarray:
    """CRPS of log2(1 + new adopters) for each factor on the hazards of who acts after the question, [post, factor].

    Likelihood takes likeness between posts of one author or kind for contagion; how much of it is true shows in how
    posts grow. Counts by each of `MOMENTS` are judged and averaged, as nearly the same sizes at the end can come about
    with much contagion or none. All factors are simulated with the same random numbers.

    Args:
        valid: Validation posts.
        reader: The networks.
        delays: The delay law.
        horizon: Seconds that the number of new adopters was learned for.
        tried: The factors.
        posts: Most posts that are simulated, evenly spaced.
        runs: Runs of each.
        rng: Seed of the runs.
        progress: Told how many posts are done.
    """
    which = np.unique(np.linspace(0, len(valid) - 1, min(posts, len(valid))).astype(np.int64))
    spread, windows = valid.edges.spread, valid.windows
    score = np.zeros((len(which), len(tried)))
    for row, i in enumerate(which):
        content = {name: vectors[i] for name, vectors in valid.post_content.items()}
        as_of = int(windows.as_of[i])
        post = reader.read(valid.record, int(windows.cascade[i]), as_of, valid.edges, content)
        names = spread.ids[post.seed].tolist()
        ages = dict(zip(names, post.age.tolist(), strict=True))
        came = valid.arrivals[1][valid.arrivals[0] == i]
        for column, contagion in enumerate(tried):
            activation = Activation(spread, chances(post, spread, contagion))
            seed = derived_seed(rng, "factors")
            law = factor_law(post, activation, delays, horizon, seed, int(windows.end.max()))
            # the graph is older than the post, and what was fitted is newer than the graph: the scores choose for later
            model = DelayedCascade(activation, delays, law, ages, coupled=True, allow_future_model=True)
            followed = float(windows.end[i] - as_of)
            found = simulate(model, names, runs, rng=derived_seed(rng, "runs", row), horizon=followed, threads=1)
            score[row, column] = _growth_score(found, came, followed)
        if progress is not None:
            progress(row + 1, len(which), "validation posts simulated")
    return score


def chosen_contagion(score: np.ndarray, tried: Sequence[float]) -> float:
    """The largest factor that is worse than the best one by no more than a standard error of their difference.

    What likelihood learned stands unless growth speaks against it: of factors that noise alone tells apart, the least
    would leave later adopters without a cause. The rule of one standard error is that of Breiman, Friedman, Olshen and
    Stone, Classification and Regression Trees, 1984, section 3.4.3, here of paired differences.

    Args:
        score: What `contagion_scores` gave, less is better [post, factor].
        tried: The factors.

    Example:
        >>> score = np.array([[0.6, 0.4, 0.41], [0.9, 0.5, 0.48], [0.8, 0.6, 0.64]])
        >>> chosen_contagion(score, (0.0, 0.5, 1.0))
        1.0
    """
    best = int(np.argmin(score.mean(axis=0)))
    worse = score - score[:, [best]]
    noise = worse.std(axis=0, ddof=1) / np.sqrt(len(score)) if len(score) > 1 else np.zeros(len(tried))
    return float(max(factor for factor, gap, by in zip(tried, worse.mean(axis=0), noise, strict=True) if gap <= by))


def _growth_score(found: CascadeSet, came: np.ndarray, followed: float) -> float:
    """CRPS of one post averaged over `MOMENTS`; `came` holds seconds from the question to each activation."""
    run, new = np.repeat(np.arange(len(found)), found.size), found.parent >= 0
    moments = followed * MOMENTS
    drawn = np.stack([np.bincount(run[new & (found.time <= moment)], minlength=len(found)) for moment in moments])
    counted = (came <= moments[:, None]).sum(axis=1)
    return float(crps(np.log2(1.0 + drawn), np.log2(1.0 + counted)).mean())
