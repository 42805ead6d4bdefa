"""Whose words and pictures an answer about some nodes rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch_geometric.data import HeteroData

from graphsocial.nn.node_slots import CONTENT

NEAR = 2
"""Most nodes near by whose words and pictures are looked at, where the node asked about has none."""


@dataclass(frozen=True)
class ContentHolder:
    """A node of a batch that has a text or a picture.

    Attributes:
        node_type: Its type.
        node: Its index in the graph.
        places: Where the batch holds it.
        own: Whether it is the first node asked about.
    """

    node_type: str
    node: int
    places: tuple[int, ...]
    own: bool


def content_holders(data: HeteroData, asked: Sequence[tuple[str, int]]) -> tuple[ContentHolder, ...]:
    """The first node asked about; where it has neither text nor picture (a user, a hashtag), nodes near it that have.

    Fewer steps away come first, then the latest edge; at most `NEAR`.

    Args:
        data: Sampled neighbourhoods.
        asked: Node type and place of the nodes asked about.
    """
    first_type, first = asked[0]
    if _holds(data, first_type)[first]:
        return (ContentHolder(first_type, int(data[first_type].node[first]), (first,), True),)
    found: dict[tuple[str, int], tuple[int, float]] = {}
    for edge_type in data.edge_types:
        store, source_type = data[edge_type], data[edge_type[0]]
        source = store.edge_index[0].cpu()
        for column in torch.nonzero(_holds(data, edge_type[0])[source]).ravel().tolist():
            place = int(source[column])
            key, far = (
                (edge_type[0], int(source_type.node[place])),
                (int(source_type.hop[place]), store.age[column].item()),
            )
            found[key] = min(found.get(key, far), far)
    nearest = sorted(found, key=lambda key: (found[key], key))[:NEAR]
    return tuple(
        ContentHolder(node_type, node, tuple(torch.nonzero(data[node_type].node == node).ravel().tolist()), False)
        for node_type, node in nearest
    )


def _holds(data: HeteroData, node_type: str) -> torch.Tensor:
    """Which nodes of a type have a text or a picture, bool [node]."""
    found = torch.zeros(data[node_type].num_nodes, dtype=torch.bool)
    for modality in CONTENT:
        rows = data[node_type].get(f"{modality}_row")
        if rows is not None:
            found |= (rows >= 0).any(dim=1).cpu()
    return found
