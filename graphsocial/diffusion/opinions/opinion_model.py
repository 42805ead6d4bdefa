"""What every model of opinions has in common: a graph or contacts, and a way to move opinions some steps on."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.diffusion.temporal.temporal_spread import TemporalSpread
from graphsocial.errors import SchemaError


class OpinionModel(Protocol):
    """How opinions move.

    Attributes:
        spread: Who moves whom; contacts where the model follows some.
        random: Whether runs from the same beginning differ, so that an `rng` is needed.
    """

    @property
    def spread(self) -> SpreadGraph | TemporalSpread:
        """The graph, or the contacts."""
        ...

    @property
    def random(self) -> bool:
        """Whether chance has a part."""
        ...

    def advance(
        self, opinion: np.ndarray, initial: np.ndarray, state: np.uint64, begin: int, count: int, tolerance: float
    ) -> tuple[np.uint64, int]:
        """Moves opinions in place, `count` steps on from step `begin`.

        Args:
            opinion: float64 [node], written.
            initial: Those at step 0, [node].
            state: Of the run's stream.
            begin: Step that the opinions are of.
            count: Steps to go; the model stops where nothing can move any more.
            tolerance: Moves up to this much count as none.

        Returns:
            The state of the stream, and the first step from which on nothing moves, -1 if that is not reached.
        """
        ...


def static_graph(spread: SpreadGraph | TemporalSpread, model: str) -> SpreadGraph:
    """The graph, for models in which all neighbours are heard at once.

    Raises:
        SchemaError: Contacts, or no graph at all.
    """
    if isinstance(spread, TemporalSpread):
        raise SchemaError(
            f"{model} got contacts, expected a static SpreadGraph: it hears all neighbours at once; Deffuant and Voter "
            "follow contacts"
        )
    if not isinstance(spread, SpreadGraph):
        raise SchemaError(f"{model} got {type(spread).__name__}, expected a SpreadGraph")
    return spread


def graph_or_contacts(spread: SpreadGraph | TemporalSpread, model: str) -> SpreadGraph | TemporalSpread:
    """The graph or the contacts, for models of two at a time.

    Raises:
        SchemaError: Neither.
    """
    return spread if isinstance(spread, TemporalSpread) else static_graph(spread, model)


def number_between(what: str, value: float, low: float, high: float, above: bool = False) -> None:
    """Checks a number that a model takes.

    Raises:
        SchemaError: Not a number from low (or above it) to high.
    """
    fits = isinstance(value, int | float | np.number) and (low < value if above else low <= value) and value <= high
    if not fits:
        least = f"above {low:g}" if above else f"of at least {low:g}"
        raise SchemaError(f"{what} got {value!r}, expected a number {least}, at most {high:g}")
