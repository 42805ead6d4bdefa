"""What a model of spread says would be different: two simulations of one post with common random numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from graphsocial.diffusion import simulate
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.time import format_time
from graphsocial.learn.activation.activation_model import ActivationModel
from graphsocial.learn.activation.hypothetical_post import HypotheticalPost
from graphsocial.learn.activation.learned_activation import LearnedActivation
from graphsocial.learn.activation.post_spread import PosedPost, PostSpread

LEVEL = 0.95
NOT_CAUSAL = "a prediction of the model, not a causal effect: posts were not changed at random"


@dataclass(frozen=True, repr=False, eq=False)
class WhatIf(QueryResult):
    """Difference that a change makes to how many act within the horizon, by a model; one row per figure as a table.

    Attributes:
        post: Id of the post.
        as_of: The time of the question, int64 seconds UTC.
        before: What was learned for the post as it is.
        after: What was learned for the changed one.
        adopters_before: New adopters in each run, int64 [run].
        adopters_after: The same of the changed post, from the same random numbers, int64 [run].
        monte_carlo: 95 % interval of the mean difference that further runs would narrow.
        refits: Mean difference by each model fitted again on resampled cascades with another seed, float64 [refit].
        model_interval: 95 % interval of the mean difference over models, None with fewer than 3 refits.
        notes: What was changed, what lies far from what the model has seen, and what has to be believed.
    """

    post: str
    as_of: int
    before: LearnedActivation
    after: LearnedActivation
    adopters_before: np.ndarray
    adopters_after: np.ndarray
    monte_carlo: tuple[float, float]
    refits: np.ndarray
    model_interval: tuple[float, float] | None
    notes: tuple[str, ...]

    @property
    def difference(self) -> float:
        """Mean new adopters of the changed post less those of the post as it is."""
        return float((self.adopters_after - self.adopters_before).mean())

    def title(self) -> str:
        """The difference with both intervals, and what it is not."""
        low, high = self.monte_carlo
        model = (
            f"model {self.model_interval[0]:+.3g} to {self.model_interval[1]:+.3g} over {len(self.refits)} refits"
            if self.model_interval is not None
            else "uncertainty of the model not known: fit it with refits"
        )
        return (
            f"post {self.post!r} as of {format_time(self.as_of)}: {self.difference:+.3g} new adopters (Monte Carlo "
            f"{low:+.3g} to {high:+.3g}; {model}); " + "; ".join(note.rstrip(".") for note in self.notes)
        )

    def columns(self) -> Mapping[str, Column]:
        """`figure`, `before`, `after`: mean, quantiles and chances of new adopters."""
        both = (self.adopters_before, self.adopters_after)
        figures = {
            "mean": [float(x.mean()) for x in both],
            "5 %": [float(np.quantile(x, 0.05)) for x in both],
            "median": [float(np.median(x)) for x in both],
            "95 %": [float(np.quantile(x, 0.95)) for x in both],
            "chance of none": [float((x == 0).mean()) for x in both],
        }
        return {
            "figure": list(figures),
            "before": [pair[0] for pair in figures.values()],
            "after": [pair[1] for pair in figures.values()],
        }


def what_if(spread: PostSpread, posed: PosedPost, changed: HypotheticalPost, runs: int, rng: int) -> WhatIf:
    """Simulates the post as it is and the changed one with common random numbers, by the model and by its refits.

    Args:
        spread: The models.
        posed: The post as it is.
        changed: What it might have been.
        runs: Runs of each simulation.
        rng: Seed of the runs.
    """
    before, after = (posed.activation(spread.model, post) for post in (posed.post, changed))
    mine, other = (_new_adopters(activation, runs, rng) for activation in (before, after))
    gap = other - mine
    half = t.ppf((1 + LEVEL) / 2, max(runs - 1, 1)) * gap.std(ddof=1) / np.sqrt(runs) if runs > 1 else np.inf
    refits = np.array([_difference(model, posed, changed, runs, rng) for model in spread.refits])
    unusual = spread.unusual(changed)
    return WhatIf(
        post=str(posed.post.name),
        as_of=changed.as_of,
        before=before,
        after=after,
        adopters_before=mine,
        adopters_after=other,
        monte_carlo=(float(gap.mean() - half), float(gap.mean() + half)),
        refits=refits,
        model_interval=_over_models(float(gap.mean()), refits),
        notes=(NOT_CAUSAL, *changed.notes, *unusual, *after.assumptions),
    )


def _new_adopters(activation: LearnedActivation, runs: int, rng: int) -> np.ndarray:
    simulated = simulate(
        activation.cascade(coupled=True), activation.seeds, runs=runs, rng=rng, horizon=activation.horizon
    )
    return activation.new_adopters(simulated)


def _difference(model: ActivationModel, posed: PosedPost, changed: HypotheticalPost, runs: int, rng: int) -> float:
    mine, other = (_new_adopters(posed.activation(model, post), runs, rng) for post in (posed.post, changed))
    return float((other - mine).mean())


def _over_models(difference: float, refits: np.ndarray) -> tuple[float, float] | None:
    """An interval around the model's own difference, as wide as the refits say (a bootstrap's standard error)."""
    if len(refits) < 3:
        return None
    half = float(t.ppf((1 + LEVEL) / 2, len(refits) - 1) * refits.std(ddof=1))
    return difference - half, difference + half
