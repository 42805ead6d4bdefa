"""Which neighbours each target of a layer has: side by side, or laid out densely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from graphsocial.schema import EdgeType


@dataclass(frozen=True)
class Bucket:
    """Targets with about as many neighbours.

    Attributes:
        target: Position among the layer's targets, int64 [target of the bucket].
        row: Row of each key, int64 [target of the bucket, key]; keys are: own slots, null, then the neighbours.
    """

    target: Tensor
    row: Tensor


@dataclass(frozen=True)
class NeighbourTable:
    """The incoming edges of one layer's targets, over all relations.

    Rows of keys are numbered: the kept edges (one edge type after another, in the order of `sizes`), one row of
    padding, the targets' own slots, the targets' nulls.

    Attributes:
        target: Flat node index of the layer's targets, ascending, int64 [target].
        target_sizes: Number of targets of each node type, in flat order.
        kept: For each edge type, which of its edges point to a target, int64 [kept edge].
        source: Flat node index of the source of each kept edge, int64 [row].
        spans: For each edge type, the flat indices of its source type: the first, and one past the last.
        order: Rows of the kept edges, those of one target side by side, int64 [kept edge].
        bounds: Where each target's stretch of `order` begins, int64 [target + 1].
    """

    target: Tensor
    target_sizes: Sequence[int]
    kept: Mapping[EdgeType, Tensor]
    source: Tensor
    spans: Mapping[EdgeType, tuple[int, int]]
    order: Tensor
    bounds: Tensor

    @property
    def num_rows(self) -> int:
        """Number of rows of keys."""
        return self.padding + 1 + 2 * self.target.shape[0]

    @property
    def padding(self) -> int:
        """The row of padding."""
        return self.source.shape[0]

    @cached_property
    def buckets(self) -> Sequence[Bucket]:
        """Targets by their number of neighbours, padded; every target is in exactly one.

        Why dense and padded: sampled trees have a bounded fan-out, so a table [target, neighbour] wastes little, and
        attention becomes a softmax over an axis and two batched matrix products. The sparse alternative needs a scatter
        for the softmax and another for the sum, measured about five times slower on CPU. Users have tens of neighbours
        and hashtags a few, so targets are bucketed (powers of two): the padding is never more than half.
        """
        degree, padding = self.bounds.diff(), self.padding
        order = torch.cat([self.order, self.order.new_full((1,), padding)])  # the last entry stands for padding
        buckets = []
        for width, members in _by_degree(degree):
            number = torch.arange(width, device=degree.device)
            inside = number < degree[members].unsqueeze(1)
            neighbours = order[torch.where(inside, self.bounds[members].unsqueeze(1) + number, padding)]
            own = padding + 1 + members.unsqueeze(1)
            buckets.append(Bucket(members, torch.cat([own, own + self.target.shape[0], neighbours], dim=1)))
        return buckets

    @cached_property
    def place(self) -> Tensor:
        """Where each row but the padding stands among the places of all buckets one after another, int64 [row]."""
        places = torch.cat([self.target.new_zeros(0), *(bucket.row.flatten() for bucket in self.buckets)])
        place = self.target.new_zeros(self.num_rows)
        place[places] = torch.arange(places.shape[0], device=place.device)
        return place


def build_neighbour_table(
    wanted: Mapping[str, Tensor], edge_index: Mapping[EdgeType, Tensor], use_graph: bool = True
) -> NeighbourTable:
    """Lays out the incoming edges of the wanted nodes.

    No step depends on the order of the edges but the order of summands.

    Args:
        wanted: Which nodes of each type are targets, bool [node] per type; its order is the flat order.
        edge_index: Edges of each type, int64 [2, edge]; row 0 sources, row 1 targets, local to their types.
        use_graph: False leaves every target without neighbours.
    """
    offset, start = {}, 0
    for node_type, mask in wanted.items():
        offset[node_type] = start
        start += mask.shape[0]
    flat = torch.cat(list(wanted.values()))
    target = flat.nonzero().view(-1)
    position = flat.cumsum(0) - 1  # of each wanted node among the targets
    sizes = torch.stack([mask.sum() for mask in wanted.values()]).tolist()

    kept, spans, sources, positions = {}, {}, [], []
    for edge_type, index in edge_index.items():
        if not use_graph:
            break
        head, _, tail = edge_type
        edges = wanted[tail][index[1]].nonzero().view(-1)
        kept[edge_type] = edges
        spans[edge_type] = offset[head], offset[head] + wanted[head].shape[0]
        sources.append(index[0][edges] + offset[head])
        positions.append(position[index[1][edges] + offset[tail]])
    nothing = target.new_zeros(0)
    source, merged = torch.cat([nothing, *sources]), torch.cat([nothing, *positions])
    ordered, order = merged.sort(stable=True)  # rows of one target side by side
    bounds = torch.searchsorted(ordered, torch.arange(target.shape[0] + 1, device=target.device))
    return NeighbourTable(target, sizes, kept, source, spans, order, bounds)


def _by_degree(degree: Tensor) -> list[tuple[int, Tensor]]:
    """Targets grouped by degree 0, 1, 2, 3-4, 5-8, ...: pairs of the group's largest degree and its members."""
    level = torch.where(degree > 0, (2 * degree - 1).clamp(min=1).log2().floor().long() + 1, 0)
    groups = []
    for value in level.unique().tolist():
        members = (level == value).nonzero().view(-1)
        groups.append((int(degree[members].max()), members))
    return groups
