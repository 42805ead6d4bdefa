"""A row for each edge: its source's row, and what the edge's age adds to every slot."""

from __future__ import annotations

import torch
from torch import Tensor

from graphsocial.nn.rows import take_rows
from graphsocial.nn.segment_attention import compiled_for


def edge_rows(nodes: Tensor, source: Tensor, ages: Tensor, rest: Tensor) -> Tensor:
    """`nodes[source] + ages`, and the rest below: in one pass on a CUDA card, else in plain torch.

    On a card the gradient of a node is summed in float32 by atomics, so its last bits depend on the order of arrival,
    as they do where torch adds rows by index.

    Args:
        nodes: Rows of sources, [node, slot, channel].
        source: Row of each edge's source, int64 [edge].
        ages: What is added to each slot of an edge, [edge, channel]; of the dtype of the nodes.
        rest: Rows that are no edges, [row, slot, channel].

    Returns:
        [edge + row, slot, channel].

    >>> ages = torch.tensor([[1.0], [2], [3]])
    >>> rows = edge_rows(torch.ones(2, 1, 1), torch.tensor([1, 0, 1]), ages, torch.zeros(1, 1, 1))
    >>> rows.flatten().tolist()
    [2.0, 3.0, 4.0, 0.0]
    """
    if compiled_for(nodes):
        from graphsocial.nn.edge_rows_triton import EdgeRows

        return EdgeRows.apply(nodes, source, ages, rest)
    return edge_rows_reference(nodes, source, ages, rest)


def edge_rows_reference(nodes: Tensor, source: Tensor, ages: Tensor, rest: Tensor) -> Tensor:
    """What `edge_rows` computes, in plain torch: what the compiled kernel is checked against."""
    return torch.cat([take_rows(nodes, source) + ages.unsqueeze(1), rest])
