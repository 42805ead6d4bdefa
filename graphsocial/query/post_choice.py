"""Whom to seed, or what to block, for one post, with the choice that knows nothing of its content beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import t

from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.time import format_time
from graphsocial.learn.activation.learned_activation import LearnedActivation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVEL = 0.95
FOR_THIS, BLIND = "for this post", "content-blind"
"""The two choices, as `PostChoice.adopters` names them."""


@dataclass(frozen=True, repr=False, eq=False)
class PostChoice(QueryResult):
    """A choice for one post beside the content-blind one, and how many act after either, by a model of spread.

    Attributes:
        what: "seeds", "users blocked" or "edges blocked".
        post: Id of the post.
        as_of: The time of the question, int64 seconds UTC; nothing at or after it was read.
        known_until: The model was fitted on what came before.
        chosen: Ids of users, or pairs of them, in the order chosen.
        content_blind: The same by the same model asked as if the post said and showed nothing.
        effect: What each chosen one adds, or saves, after those before it, on the sampled graphs, float64 [chosen].
        adopters: New adopters in each run by "nobody" or "nothing", `FOR_THIS` and `BLIND`, from the same random
            numbers, with whoever was seeded, int64 [run].
        refits: `difference` by each model fitted again on resampled cascades, float64 [refit].
        activation: What was learned for the post.
        notes: What has to be known of it, one sentence each.
    """

    what: str
    post: str
    as_of: int
    known_until: int
    chosen: tuple[Any, ...]
    content_blind: tuple[Any, ...]
    effect: np.ndarray
    adopters: Mapping[str, np.ndarray]
    refits: np.ndarray
    activation: LearnedActivation
    notes: tuple[str, ...]

    @property
    def overlap(self) -> int:
        """How many stand in both choices."""
        return len(set(self.chosen) & set(self.content_blind))

    @property
    def difference(self) -> float:
        """Mean new adopters after the choice for this post less those after the content-blind one.

        Above zero it is the better one of seeds, below zero of what is blocked.
        """
        return float((self.adopters[FOR_THIS] - self.adopters[BLIND]).mean())

    @property
    def monte_carlo(self) -> tuple[float, float]:
        """95 % interval of the difference that further runs would narrow, from paired runs."""
        return _interval(self.adopters[FOR_THIS] - self.adopters[BLIND])

    def title(self) -> str:
        """How many act after either choice and after none, by how much they differ, and what they share."""
        mean = {name: f"{float(runs.mean()):,.3g}" for name, runs in self.adopters.items()}
        without = next(iter(self.adopters))
        low, high = self.monte_carlo
        models = ""
        if len(self.refits):
            models = f"; {len(self.refits)} refits {self.refits.min():+.3g} to {self.refits.max():+.3g}"
        return (
            f"{len(self.chosen)} {self.what} for post {self.post!r} as of {format_time(self.as_of)}, by what came "
            f"before {format_time(self.known_until)}: {mean[FOR_THIS]} new adopters, {mean[BLIND]} by the "
            f"content-blind choice, {mean[without]} with {without}; difference {self.difference:+.3g} (Monte Carlo "
            f"{low:+.3g} to {high:+.3g}{models}), {self.overlap} of "
            f"{len(self.chosen)} in both; " + "; ".join(note.rstrip(".") for note in self.notes)
        )

    def columns(self) -> dict[str, Column]:
        """What was chosen in order, what it adds or saves, whether the other choice has it, and that choice."""
        rows = max(len(self.chosen), len(self.content_blind))
        both = set(self.content_blind)
        effect = "adds" if self.what == "seeds" else "saves"
        columns: dict[str, Column] = dict(self._named(self.chosen, "", rows))
        columns[effect] = _filled(self.effect.tolist(), rows)
        columns["in_both"] = _filled([one in both for one in self.chosen], rows)
        return columns | self._named(self.content_blind, "content_blind_", rows)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Mean new adopters without and after either choice, with their 95 % intervals."""
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.figure().add_subplot()
        place = np.arange(len(self.adopters))[::-1]
        mean = np.array([runs.mean() for runs in self.adopters.values()])
        ends = np.array([_interval(runs) for runs in self.adopters.values()])
        ax.errorbar(mean, place, xerr=np.abs(ends.T - mean), fmt="o", capsize=3)
        ax.set_yticks(place, list(self.adopters))
        ax.set_ylim(-0.6, len(place) - 0.4)
        ax.set_xlabel(f"new adopters, mean of {len(next(iter(self.adopters.values()))):,} runs")
        return ax

    def _named(self, chosen: tuple[Any, ...], prefix: str, rows: int) -> dict[str, Column]:
        if self.what == "edges blocked":
            ends = {"source": [pair[0] for pair in chosen], "target": [pair[1] for pair in chosen]}
        else:
            ends = {"user": list(chosen)}
        return {f"{prefix}{name}": _filled(values, rows) for name, values in ends.items()}


def _filled(values: list[Any], rows: int) -> list[Any]:
    return [*values, *[None] * (rows - len(values))]


def _interval(values: np.ndarray) -> tuple[float, float]:
    half = float(t.ppf((1 + LEVEL) / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return float(values.mean()) - half, float(values.mean()) + half
