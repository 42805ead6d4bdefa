"""The edges of many rows of a graph, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

MOST_EDGES = 1 << 22
"""Edges looked at together; each takes about 100 bytes while it is."""


def row_edges(indptr: Tensor, node: Tensor, most: int = MOST_EDGES) -> Iterator[tuple[Tensor, Tensor]]:
    """Edges of these nodes' rows, some at a time.

    Args:
        indptr: First edge of each row, int64 [node + 1].
        node: Nodes, any integer [row].
        most: Edges at a time.

    Yields:
        Which row each edge is of, and its place in the graph, both int64 [edge].

    >>> parts = row_edges(torch.tensor([0, 2, 2, 3]), torch.tensor([2, 0, 1]))
    >>> [(row.tolist(), place.tolist()) for row, place in parts]
    [([0, 1, 1], [2, 0, 1])]
    """
    begin = indptr[node.long()]
    degree = indptr[node.long() + 1] - begin
    past = degree.cumsum(0)
    total = int(past[-1]) if len(past) else 0
    for first in range(0, total, most):
        number = torch.arange(first, min(first + most, total), device=node.device)
        row = torch.searchsorted(past, number, right=True)
        yield row, begin[row] + number - (past[row] - degree[row])
