"""Reproduction numbers: how many each generation brought forth, per head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.measures.generation_sizes import check_generations, generation_sizes
from graphsocial.diffusion.measures.ratio_bootstrap import ratio_bootstrap
from graphsocial.graph.cascades import CascadeSet
from graphsocial.graph.query_result import Column, QueryResult


@dataclass(frozen=True, repr=False, eq=False)
class ReproductionNumbers(QueryResult):
    """Reproduction number of each generation.

    Attributes:
        value: R_g, float64 [generation]; the deepest generation has 0, as nobody followed it.
        low: Lower end of its bootstrap interval over cascades, nan where fewer than two have the generation.
        high: Upper end.
        members: Members of the generation in all cascades together, int64 [generation].
        censored: Those of them in censored cascades, whose children may not all have been seen: where there are any,
            R_g is a lower bound, int64 [generation].
        cascades: Number of cascades.
        level: Chance of an interval to hold its value.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    members: np.ndarray
    censored: np.ndarray
    cascades: int
    level: float

    def title(self) -> str:
        """How many cascades were pooled, and whether some may have gone on."""
        bound = "; lower bounds where members are censored" if self.censored.any() else ""
        return f"reproduction numbers pooled over {self.cascades:,} cascades, {100 * self.level:g} % intervals{bound}"

    def columns(self) -> dict[str, Column]:
        """One row per generation."""
        return {
            "generation": np.arange(len(self.value)),
            "reproduction": self.value,
            "low": self.low,
            "high": self.high,
            "members": self.members,
            "censored": self.censored,
        }


def reproduction_numbers(
    cascades: CascadeSet,
    *,
    rng: int | np.random.Generator,
    generations: int | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> ReproductionNumbers:
    """R_g: sum of the sizes of generation g + 1 over sum of the sizes of generation g, pooled over cascades.

    Never the mean over activated nodes, which is 1 - seeds / size whatever spreads.

    Args:
        cascades: Observed or simulated.
        rng: Whole number or numpy generator that the bootstrap draws from.
        generations: Only so many generations; None: all.
        resamples: How often cascades are drawn with replacement.
        level: Chance of an interval to hold its value.

    Raises:
        SchemaError: Generations, resamples or level that make no sense.

    >>> cascades = CascadeSet([*"abcd", "e"], [-1, 0, 0, 1, -1], [0, 1, 1, 2, 0], [0, 4, 5], [0, 1], [False, False])
    >>> reproduction_numbers(cascades, rng=0).value.tolist()
    [1.0, 0.5, 0.0]
    """
    check_generations(generations)
    deepest = int(cascades.generation.max(initial=-1)) + 1
    shown = deepest if generations is None else min(int(generations), deepest)
    sizes = generation_sizes(cascades, shown + 1)
    found = ratio_bootstrap(sizes[:, 1:], sizes[:, :-1], rng, resamples, level)
    return ReproductionNumbers(
        found.value,
        found.low,
        found.high,
        sizes[:, :-1].sum(axis=0),
        sizes[cascades.censored, :-1].sum(axis=0),
        len(cascades),
        level,
    )
