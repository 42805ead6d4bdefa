"""Activation probabilities with what they were fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from graphsocial.diffusion.activation import Activation
from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.time import format_time


def _empty() -> np.ndarray:
    return np.zeros(0)


@dataclass(frozen=True, repr=False, eq=False)
class FittedActivation(QueryResult, Activation):
    """An `Activation` that also says how much each edge's number rests on; one row per edge as a table.

    Attributes:
        trials: Exposures along each edge whose outcome is known, int64 [edge]; where 0, the method guesses.
        successes: Those that the method takes to have succeeded, in shares, float64 [edge].
        window: How long an exposure counted, in the unit of the cascades' times.
        log_likelihood: Of all activations that somebody exposed and of all failures, natural logarithm.
        objective: What was maximised, after each iteration, float64 [iteration]; empty where nothing was.
        weights: Intercept and weight of each edge feature, float64 [1 + feature]; None without features.
        alone: Activations that nobody in the graph had exposed: they say nothing about edges.
        censored: Exposures that were still open when the observation ended: no trials.
        notes: What has to be believed, a sentence each.
    """

    trials: np.ndarray = field(default_factory=_empty, kw_only=True)
    successes: np.ndarray = field(default_factory=_empty, kw_only=True)
    window: float = field(default=np.inf, kw_only=True)
    log_likelihood: float = field(default=np.nan, kw_only=True)
    objective: np.ndarray = field(default_factory=_empty, kw_only=True)
    weights: np.ndarray | None = field(default=None, kw_only=True)
    alone: int = field(default=0, kw_only=True)
    censored: int = field(default=0, kw_only=True)
    notes: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def iterations(self) -> int:
        """Turns of the fit, 0 where it counts only."""
        return len(self.objective)

    def title(self) -> str:
        """Of how many edges, on how many trials, and what has to be believed."""
        until = f", fitted until {format_time(self.known_until)}" if self.known_until is not None else ""
        return (
            f"activation of {len(self.probability):,} edges ({self.origin}{until}): {self.trials.sum():,} trials, "
            f"log-likelihood {self.log_likelihood:.6g}" + "".join(f"; {sentence}" for sentence in self.notes)
        )

    def columns(self) -> Mapping[str, Column]:
        """`source`, `target`, `probability`, `trials`, `successes`, one row per edge."""
        ids = self.spread.ids
        return {
            "source": ids[self.spread.source],
            "target": ids[self.spread.target],
            "probability": self.probability,
            "trials": self.trials,
            "successes": self.successes,
        }
