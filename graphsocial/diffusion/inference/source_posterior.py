"""How probable it is that a spread began at these nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError
from graphsocial.graph.query_result import Column, QueryResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHOWN = 20


@dataclass(frozen=True, repr=False, eq=False)
class SourcePosterior(QueryResult):
    """One row per set of sources that was tried, the most probable first.

    Attributes:
        spread: The graph, which numbers the nodes.
        sources: Positions of the sources, ascending, int64 [set, source].
        prior: Probability beforehand, among the sets that were tried, float64 [set].
        posterior: Probability given what was observed, float64 [set]; 0 where no run counted.
        error: Standard error of the posterior that comes from simulating, float64 [set].
        similarity: Mean over runs of the Jaccard similarity to what was observed, float64 [set].
        matches: Share of runs that agree with all that was observed, float64 [set].
        margin: How much disagreement was forgiven; 0: only runs that agree in everything counted.
        runs: Runs simulated from each set.
        effective: How many equally weighted runs would tell as much.
        notes: What has to be believed, a sentence each.
    """

    spread: SpreadGraph
    sources: np.ndarray
    prior: np.ndarray
    posterior: np.ndarray
    error: np.ndarray
    similarity: np.ndarray
    matches: np.ndarray
    margin: float
    runs: int
    effective: float
    notes: tuple[str, ...]

    @property
    def most_probable(self) -> list[Any]:
        """Ids of the most probable set of sources."""
        return self.spread.ids[self.sources[0]].tolist()

    @property
    def chance(self) -> dict[Any, float]:
        """Chance of each candidate to be among the sources, the largest first."""
        total = np.bincount(self.sources.ravel(), weights=np.repeat(self.posterior, self.sources.shape[1]))
        found = np.unique(self.sources)
        found = found[np.argsort(-total[found], kind="stable")]
        return dict(zip(self.spread.ids[found].tolist(), total[found].tolist(), strict=True))

    def credible(self, level: float = 0.9) -> list[list[Any]]:
        """The fewest sets of sources that hold so much of the posterior.

        Raises:
            SchemaError: A level outside of (0, 1].
        """
        if isinstance(level, bool) or not isinstance(level, int | float | np.number) or not 0 < level <= 1:
            raise SchemaError(f"got level={level!r}, expected a number above 0, at most 1")
        reached = np.cumsum(self.posterior) >= level - 1e-12
        return [self.spread.ids[chosen].tolist() for chosen in self.sources[: int(reached.argmax()) + 1]]

    def title(self) -> str:
        """How many sets, how many simulations and how far they could be off."""
        kind = "sources" if self.sources.shape[1] == 1 else f"sets of {self.sources.shape[1]} sources"
        return (
            f"posterior of {len(self.sources):,} {kind}, {self.runs:,} runs each, margin {self.margin:g}, "
            f"{self.effective:,.0f} effective runs" + "".join(f"; {sentence}" for sentence in self.notes)
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Posteriors of the most probable sets, with two standard errors; returns the axes."""
        import matplotlib.pyplot as plt  # slow to import, needed only here

        ax = plt.subplots()[1] if ax is None else ax
        shown = slice(0, _SHOWN)
        names = [", ".join(map(str, self.spread.ids[chosen].tolist())) for chosen in self.sources[shown]]
        place = np.arange(len(names))
        ax.barh(place, self.posterior[shown], xerr=2 * self.error[shown])
        ax.set_yticks(place, names)
        ax.invert_yaxis()
        ax.set(xlabel="posterior probability", ylabel="source" if self.sources.shape[1] == 1 else "sources")
        return ax

    def columns(self) -> Mapping[str, Column]:
        """`source`, or `source 1` and so on, `posterior`, `error`, `prior`, `similarity`, `matches`; a row per set."""
        size = self.sources.shape[1]
        names = ["source"] if size == 1 else [f"source {i + 1}" for i in range(size)]
        numbers = ("posterior", "error", "prior", "similarity", "matches")
        return {
            **{name: self.spread.ids[self.sources[:, i]] for i, name in enumerate(names)},
            **{name: getattr(self, name) for name in numbers},
        }
