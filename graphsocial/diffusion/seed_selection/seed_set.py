"""A seed set that was selected, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from graphsocial.graph.query_result import Column, QueryResult
from graphsocial.graph.time import format_time

if TYPE_CHECKING:
    from graphsocial.diffusion.spread_graph import SpreadGraph


@dataclass(frozen=True, repr=False, eq=False)
class SeedSet(QueryResult, Sequence[Any]):
    """Ids of nodes in the order selected: pass it on as `seeds` as it is, so that it can say what it knows.

    A slice, or a list of it, is ids alone and says nothing.

    Attributes:
        seeds: Ids.
        method: How they were selected, a few words.
        gain: What each seed adds to the estimated spread of those before it, float64 [seed]; None where not estimated.
        spread: Estimated expected spread; None where not estimated.
        lower: The expected spread is at least this; None where nothing is guaranteed.
        upper: No permitted seed set has an expected spread above this; None where nothing is guaranteed.
        chance: Chance that both bounds hold.
        sets: How many reverse-reachable sets were drawn, in all.
        cost: Cost of each seed, float64 [seed]; None where all cost the same.
        note: What is guaranteed beforehand, or why the search ended early; "" for nothing.
        known_until: What they were selected by came before this second; None for all there is, or for ids by hand.
        selected: Whether they were selected by what a graph or a model knows.

    >>> SeedSet((2, 5), "by hand")[0], list(SeedSet((2, 5), "by hand"))
    (2, [2, 5])
    """

    seeds: tuple[Any, ...]
    method: str
    gain: np.ndarray | None = None
    spread: float | None = None
    lower: float | None = None
    upper: float | None = None
    chance: float | None = None
    sets: int | None = None
    cost: np.ndarray | None = None
    note: str = ""
    known_until: int | None = None
    selected: bool = False

    @property
    def factor(self) -> float | None:
        """The expected spread is at least this share of the best permitted one's; None where nothing is guaranteed."""
        if self.lower is None or self.upper is None:
            return None
        return min(1.0, self.lower / self.upper)

    def __len__(self) -> int:
        return len(self.seeds)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.seeds)

    @overload
    def __getitem__(self, place: int) -> Any: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Any]: ...

    def __getitem__(self, place: int | slice) -> Any:
        return self.seeds[place]

    def check_known(self, spread: SpreadGraph, allow_future_model: bool = False) -> bool:
        """Whether they were selected by what a graph to spread over does not know yet, which has to be allowed.

        Raises:
            LeakageError: They were, and `allow_future_model` is not set.
        """
        return self.selected and spread.check_known(f"seeds by {self.method}", self.known_until, allow_future_model)

    def title(self) -> str:
        """How many, how selected, what they reach, and the approximation factor achieved."""
        parts = [f"{len(self)} seeds by {self.method}"]
        if self.spread is not None:
            parts.append(f"expected spread {self.spread:,.1f}")
        if self.factor is not None:
            parts.append(f"at least {self.lower:,.1f}, which is {self.factor:.1%} of the best possible or more")
        if self.chance is not None:
            parts.append(f"surely but for a chance of {1 - self.chance:.2g}")
        if self.sets is not None:
            parts.append(f"{self.sets:,} sets")
        if self.cost is not None:
            parts.append(f"cost {self.cost.sum():g}")
        if self.known_until is not None:
            parts.append(f"selected by what came before {format_time(self.known_until)}")
        return "; ".join([*parts, self.note] if self.note else parts)

    def columns(self) -> dict[str, Column]:
        """Seed, and where known what it adds and costs."""
        columns: dict[str, Column] = {"seed": list(self.seeds)}
        if self.gain is not None:
            columns["gain"] = self.gain
        if self.cost is not None:
            columns["cost"] = self.cost
        return columns
