"""How reverse-reachable sets of a spread model are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from graphsocial.diffusion.independent_cascade import IndependentCascade
from graphsocial.diffusion.linear_threshold import LinearThreshold
from graphsocial.diffusion.seed_selection.listened_edges import listened_edges
from graphsocial.diffusion.spread_model import SpreadModel
from graphsocial.errors import SchemaError


@dataclass(frozen=True, eq=False)
class ReverseSampler:
    """A loop of `reverse_sets_kernel`, and the rows that it reads.

    Attributes:
        nodes: Number of nodes.
        kernel: The loop.
        rows: Its arguments between the deadline and the scratch space.
    """

    nodes: int
    kernel: Callable[..., int]
    rows: tuple[np.ndarray, ...]


def reverse_sampler(model: SpreadModel) -> ReverseSampler:
    """The loop that fits a model.

    Raises:
        SchemaError: A model without reverse-reachable sets.
    """
    from graphsocial.diffusion.seed_selection import reverse_sets_kernel as kernel

    spread = model.spread
    if isinstance(model, IndependentCascade):
        chance = np.empty(spread.num_nodes, dtype=np.float32)
        if kernel.even_probability(spread.target, model.activation.probability, chance):
            return ReverseSampler(spread.num_nodes, kernel.even_row_sets, _even_rows(model, chance))
        return ReverseSampler(spread.num_nodes, kernel.uneven_row_sets, _uneven_rows(model))
    if isinstance(model, LinearThreshold):
        reverse = spread.reverse
        header = np.stack([reverse.indptr[:-1], np.diff(reverse.indptr)], axis=1).astype(np.int32)
        rows = (header, reverse.source, listened_edges(model.influence)[1])
        return ReverseSampler(spread.num_nodes, kernel.walk_sets, rows)
    raise SchemaError(
        f"seeds are selected for an IndependentCascade or a LinearThreshold, got {type(model).__name__}: what reaches "
        "a node cannot be walked backwards there"
    )


def _even_rows(model: IndependentCascade, chance: np.ndarray) -> tuple[np.ndarray, ...]:
    from graphsocial.diffusion.random_stream_kernel import hazards

    reverse = model.spread.reverse
    hazard = np.empty(len(chance))
    hazards(chance, hazard)
    rate = np.divide(1.0, hazard, out=np.full(len(chance), np.inf), where=hazard > 0)
    header = np.empty((len(chance), 4), dtype=np.int32)
    header[:, 0], header[:, 1] = reverse.indptr[:-1], np.diff(reverse.indptr)
    header[:, 2], header[:, 3] = hazard.astype(np.float32).view(np.int32), rate.astype(np.float32).view(np.int32)
    return header, reverse.source


def _uneven_rows(model: IndependentCascade) -> tuple[np.ndarray, ...]:
    from graphsocial.diffusion.random_stream_kernel import hazards
    from graphsocial.diffusion.seed_selection.reverse_sets_kernel import lay_uneven_rows

    reverse, probability = model.spread.reverse, model.activation.probability
    hazard = np.empty(len(probability))
    hazards(probability, hazard)
    header = np.empty((model.spread.num_nodes, 4), dtype=np.int32)
    laid, value = np.empty_like(reverse.source), np.empty(len(probability), dtype=np.float32)
    total = np.empty(model.spread.num_nodes, dtype=np.float32)
    lay_uneven_rows(reverse.indptr, reverse.source, reverse.edge, probability, hazard, header, laid, value, total)
    header[:, 3] = total.view(np.int32)
    return header, laid, value
