"""Activation probabilities: the chance of each edge to pass something on, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphsocial.diffusion.spread_graph import SpreadGraph
from graphsocial.errors import SchemaError
from graphsocial.graph.time import format_time

TRIVALENCY = (0.1, 0.01, 0.001)
"""High, medium and low chance (Chen, Wang and Wang, KDD 2010)."""

SLACK = 8
"""Entries past the last edge that compiled loops may read, not use: they look at eight edges at once."""


@dataclass(frozen=True, eq=False)
class Activation:
    """One activation probability per edge of a spread graph: what `IndependentCascade` takes, made, fitted or learned.

    Attributes:
        spread: The graph.
        probability: Chance of each edge, float32 [edge].
        origin: Where the numbers come from, a few words.
        known_until: What the numbers were fitted on came before this second; None for numbers that saw no data, or all.
        fitted: Whether they were fitted on data.
        allow_future_model: The loud switch: numbers fitted on what the graph does not know yet are used anyway.
        padded: `probability` is its beginning, zeros follow, float32 [edge + SLACK].

    Raises:
        SchemaError: Not one number of [0, 1] per edge.
        LeakageError: Fitted on what came after the graph's end.

    >>> spread = SpreadGraph.from_edges([0, 0, 1], [1, 2, 2])
    >>> Activation.weighted_cascade(spread).probability.tolist()
    [1.0, 0.5, 0.5]
    >>> Activation(spread, [0.1, 0.2, 1.3])
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: activation probability of edge 1 -> 2 got 1.3, expected a number of [0, 1]
    """

    spread: SpreadGraph
    probability: np.ndarray
    origin: str = "given"
    known_until: int | None = None
    fitted: bool = False
    allow_future_model: bool = field(default=False, kw_only=True)
    padded: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        probability = np.array(self.probability, dtype=np.float64)
        if probability.shape != (self.spread.num_edges,):
            raise SchemaError(
                f"activation probabilities got shape {probability.shape}, expected ({self.spread.num_edges},), one per "
                "edge; uniform() takes one number for all"
            )
        wrong = np.flatnonzero(~((probability >= 0) & (probability <= 1)))  # nan, too
        if len(wrong):
            raise SchemaError(
                f"activation probability of edge {_edge_name(self.spread, wrong[0])} got {probability[wrong[0]]}, "
                "expected a number of [0, 1]"
            )
        if self.fitted:
            self.spread.check_known(f"activation ({self.origin})", self.known_until, self.allow_future_model)
        padded = np.zeros(len(probability) + SLACK, dtype=np.float32)
        padded[: len(probability)] = probability
        padded.setflags(write=False)
        object.__setattr__(self, "padded", padded)
        object.__setattr__(self, "probability", padded[: len(probability)])

    @classmethod
    def uniform(cls, spread: SpreadGraph, probability: float) -> Activation:
        """The same chance for every edge."""
        if not isinstance(probability, int | float | np.number) or not 0 <= probability <= 1:
            raise SchemaError(f"activation probability got {probability!r}, expected a number of [0, 1]")
        return cls(spread, np.full(spread.num_edges, probability), f"uniform {probability:g}")

    @classmethod
    def weighted_cascade(cls, spread: SpreadGraph) -> Activation:
        """1 / in-degree of whom the edge reaches (Kempe, Kleinberg and Tardos, KDD 2003)."""
        return cls(spread, (1 / np.maximum(spread.in_degree, 1))[spread.target], "weighted cascade")

    @classmethod
    def trivalency(
        cls, spread: SpreadGraph, rng: int | np.random.Generator, choices: Sequence[float] = TRIVALENCY
    ) -> Activation:
        """One of a few chances for each edge, drawn evenly."""
        drawn = np.random.default_rng(rng).integers(len(choices), size=spread.num_edges)
        return cls(spread, np.asarray(choices, dtype=np.float64)[drawn], f"one of {', '.join(map(str, choices))}")

    @classmethod
    def of_values(cls, spread: SpreadGraph, name: str) -> Activation:
        """The spread graph's own edge values of that name."""
        return cls(spread, spread.edge_value(name), f"edge values {name!r}")

    @classmethod
    def of_pairs(cls, spread: SpreadGraph, pairs: Mapping[tuple[Any, Any], float]) -> Activation:
        """From `{(source id, target id): probability}`, complete: an edge left out is an error, never a default.

        Raises:
            SchemaError: An edge has no probability, or a pair is no edge.
        """
        source, target = spread.ids[spread.source].tolist(), spread.ids[spread.target].tolist()
        edges = list(zip(source, target, strict=True))
        unknown = [pair for pair in pairs if pair not in set(edges)]
        missing = [edge for edge in edges if edge not in pairs]
        if unknown or missing:
            what = f"{len(missing)} edges have none, such as {missing[0]!r}" if missing else ""
            extra = f"{len(unknown)} pairs are no edges, such as {unknown[0]!r}" if unknown else ""
            raise SchemaError(
                f"activation probabilities by pair, expected one for each of {len(edges)} edges: "
                + "; ".join(part for part in (what, extra) if part)
            )
        return cls(spread, np.array([pairs[edge] for edge in edges], dtype=np.float64), "given by pair")

    def __repr__(self) -> str:
        mean = float(self.probability.mean()) if len(self.probability) else float("nan")
        until = f", fitted until {format_time(self.known_until)}" if self.known_until is not None else ""
        return f"Activation of {len(self.probability):,} edges, mean {mean:.4g} ({self.origin}{until})"


def _edge_name(spread: SpreadGraph, edge: int) -> str:
    return f"{spread.ids[spread.source[edge]]} -> {spread.ids[spread.target[edge]]}"
