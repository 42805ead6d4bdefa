"""One layer of cross-modal graph attention."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from graphsocial.nn.dropout import drop
from graphsocial.nn.edge_rows import edge_rows
from graphsocial.nn.neighbour_attention import Neighbourhood, neighbour_attention
from graphsocial.nn.neighbour_table import NeighbourTable
from graphsocial.nn.rows import place_rows, take_rows
from graphsocial.nn.segment_attention import compiled_for, segment_attention, segments_of
from graphsocial.nn.time_encoding import TimeEncoding
from graphsocial.schema import EdgeType


def edge_key(edge_type: EdgeType) -> str:
    """Name of an edge type inside a state dict.

    >>> edge_key(("user", "author", "post"))
    'user__author__post'
    """
    return "__".join(edge_type)


class KeyValue(nn.Module):
    """Keys and values of one relation: a shared projection, and one bias per source slot that says which it is."""

    def __init__(self, slots: int, channels: int):
        super().__init__()
        self.project = nn.Linear(channels, 2 * channels, bias=False)
        self.bias = nn.Parameter(torch.randn(slots, 2 * channels) * 0.1)

    def forward(self, x: Tensor) -> Tensor:
        """[row, slot, channel] → [row, slot, 2 channel]: keys, then values."""
        projected = self.project(x)
        # In place, as nothing else reads the product; the bias takes its type, so mixed precision stays mixed.
        return projected.add_(self.bias.to(projected.dtype))


class CrossModalAttention(nn.Module):
    """Each slot of a target asks all slots of all its neighbours and of itself, in one softmax.

    Keys and values are projected per relation, as in HGT (Hu et al. 2020, arXiv 2003.01332), and carry the edge's age
    (TGAT, Xu et al. 2020); unlike there, the softmax runs over neighbour × modality together, so a text can attend to
    a neighbour's image. Missing slots are masked. A target slot that no neighbour can answer sees a learned null
    instead. Then residual, norm and a feed-forward block, applied to each slot.

    Args:
        node_types: Node types, in flat order.
        edge_types: Edge types, reverse ones included.
        slots: Number of slots of a node.
        channels: Channels of a slot.
        heads: Attention heads; must divide `channels`.
        dropout: Chance that an entry is dropped before a residual sum.
        same_modality: True lets a slot ask only slots of its own modality (late fusion); the parameters are the same.
        time_channels: Channels of the time encoding.
    """

    head_mask: Tensor

    def __init__(
        self,
        node_types: Sequence[str],
        edge_types: Sequence[EdgeType],
        slots: int,
        channels: int,
        heads: int,
        dropout: float = 0.0,
        same_modality: bool = False,
        time_channels: int = 16,
    ):
        super().__init__()
        self.slots, self.channels, self.heads = slots, channels, heads
        self.dropout, self.same_modality = dropout, same_modality
        self.norm = nn.LayerNorm(channels)
        self.query = nn.ModuleDict({node_type: nn.Linear(channels, channels) for node_type in node_types})
        self.own = nn.ModuleDict({node_type: KeyValue(slots, channels) for node_type in node_types})
        self.relation = nn.ModuleDict({edge_key(edge_type): KeyValue(slots, channels) for edge_type in edge_types})
        self.null = nn.ParameterDict(
            {node_type: nn.Parameter(torch.randn(slots, 2 * channels) * 0.1) for node_type in node_types}
        )
        self.time = TimeEncoding(time_channels)
        self.from_time = nn.Linear(time_channels, 2 * channels, bias=False)
        self.out = nn.Linear(channels, channels)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(channels), nn.Linear(channels, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels)
        )
        owner = torch.arange(channels) // (channels // heads)
        head_mask = (owner == torch.arange(heads).unsqueeze(1)).float().view(heads, 1, channels)
        self.register_buffer("head_mask", head_mask, persistent=False)

    def forward(
        self,
        x: Tensor,
        present: Tensor,
        table: NeighbourTable,
        age: Mapping[EdgeType, Tensor],
        generator: torch.Generator | None = None,
        weights: bool = True,
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Updates the layer's targets.

        Args:
            x: Slots of all nodes, all types one after another, [node, slot, channel].
            present: Which slots hold something, bool [node, slot].
            table: Targets of this layer and their neighbours.
            age: Seconds since each edge, float [edge] per edge type.
            generator: Source of dropout's noise; None drops nothing.
            weights: Whether the attention is wanted. Without it a CUDA card takes the compiled `segment_attention`
                instead of padded buckets: the same numbers up to rounding. The CPU takes `neighbour_attention` in
                float32 either way.

        Returns:
            All slots after the layer [node, slot, channel]; which of them hold something now (a slot does as soon as a
            neighbour's slot of the same modality does), bool [node, slot]; and for each bucket the attention
            [target, head, target slot, key, key slot], whose keys are: own slots, null, then the bucket's neighbours;
            none where it is not wanted.
        """
        if not len(table.target):
            return x, present, []
        everything = len(table.target) == len(x)  # then targets are the nodes, in their order
        target = x if everything else take_rows(x, table.target)
        normal = self.norm(target)
        query = self._per_type(self.query, normal, table.target_sizes)
        if query.device.type == "cpu" and query.dtype == torch.float32:
            mixed, reached, attention = self._side_by_side(query, x, present, normal, table, age, weights)
        else:
            rows, there = self._rows(x, present, normal, table, age)
            if weights or not compiled_for(query):
                mixed, reached, attention = self._padded(query, rows, there, table)
            else:
                segments = segments_of(table, there, self.same_modality)
                mixed = segment_attention(query, rows.to(query.dtype), segments, self.heads)
                reached, attention = segments.reached, []
        update = self.out(mixed)
        target = target + self._drop(update, generator)
        target = target + self._drop(self.feed_forward(target), generator)
        if everything:
            return target.to(x.dtype), present | reached, attention
        present = present.index_copy(0, table.target, present[table.target] | reached)
        return x.index_copy(0, table.target, target.to(x.dtype)), present, attention

    def _side_by_side(
        self,
        query: Tensor,
        x: Tensor,
        present: Tensor,
        normal: Tensor,
        table: NeighbourTable,
        age: Mapping[EdgeType, Tensor],
        weights: bool,
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """What `_padded` returns, from rows that are read where they lie; the attention where it is wanted."""
        own = self._per_type(self.own, normal, table.target_sizes)
        null = torch.stack(list(self.null.values()))
        if table.kept:
            rows, row, ages = self._sources(x, normal, table, age)
        else:
            rows, row, ages = own[:0], table.source, own.new_zeros(0, own.shape[2])
        hood = Neighbourhood(
            row=row,
            order=table.order,
            bounds=table.bounds,
            kind=torch.arange(len(null)).repeat_interleave(torch.tensor(table.target_sizes)),
            seen=present[table.source],
            held=present[table.target],
            same_modality=self.same_modality,
            heads=self.heads,
        )
        gathered = neighbour_attention(query, rows, ages, own, null, hood)
        return gathered.mixed, gathered.reached, gathered.by_bucket(table) if weights else []

    def _padded(
        self, query: Tensor, rows: Tensor, there: Tensor, table: NeighbourTable
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Bucket by bucket: what each target slot gathers, which modalities its neighbours hold, and the attention."""
        rows = place_rows(rows, torch.cat([bucket.row.flatten() for bucket in table.buckets]), table.place)
        forth = torch.cat([bucket.target for bucket in table.buckets])
        back = forth.argsort()
        attended, reached, weights = [], [], []
        per_bucket = zip(
            table.buckets,
            rows.split([bucket.row.numel() for bucket in table.buckets]),
            place_rows(query, forth, back).split([bucket.target.shape[0] for bucket in table.buckets]),
            strict=True,
        )
        for bucket, keys, asking in per_bucket:
            allowed, has = self._allowed(there[bucket.row])
            key, value = keys.view(bucket.row.shape[0], -1, 2 * self.channels).chunk(2, dim=-1)
            mixed, weight = self._attend(asking, key, value, allowed)
            attended.append(mixed)
            reached.append(has)
            weights.append(weight)
        return place_rows(torch.cat(attended), back, forth), torch.cat(reached)[back], weights

    def _rows(
        self, x: Tensor, present: Tensor, normal: Tensor, table: NeighbourTable, age: Mapping[EdgeType, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Keys and values side by side, [row, slot, 2 channel], and which may be seen, bool [row, slot]."""
        own = self._per_type(self.own, normal, table.target_sizes)
        null = [null.expand(size, -1, -1) for null, size in zip(self.null.values(), table.target_sizes, strict=True)]
        rest = torch.cat([own.new_zeros(1, self.slots, 2 * self.channels), own, *(part.to(own.dtype) for part in null)])
        rows = self._edge_rows(x, normal, table, age, rest) if table.kept else rest
        there = torch.zeros(table.num_rows, self.slots, dtype=torch.bool, device=x.device)
        there[: len(table.source)] = present[table.source]
        there[len(table.source) + 1 :][: len(table.target)] = present[table.target]
        return rows, there

    def _edge_rows(
        self, x: Tensor, normal: Tensor, table: NeighbourTable, age: Mapping[EdgeType, Tensor], rest: Tensor
    ) -> Tensor:
        """Keys and values of the kept edges, the rest below, [row, slot, 2 channel]."""
        nodes, source, ages = self._sources(x, normal, table, age)
        if len(table.source) <= len(x):
            return torch.cat([nodes + ages.unsqueeze(1), rest])
        return edge_rows(nodes, source, ages, rest)

    def _sources(
        self, x: Tensor, normal: Tensor, table: NeighbourTable, age: Mapping[EdgeType, Tensor]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Keys and values of sources [row, slot, 2 channel], the row of each edge, and what its age adds to it."""
        parts = table.source.split([edges.shape[0] for edges in table.kept.values()])
        projections = [self.relation[edge_key(edge_type)] for edge_type in table.kept]
        ages = self.from_time(self.time(torch.cat([age[edge_type][kept] for edge_type, kept in table.kept.items()])))
        if len(table.source) <= len(x):  # a tree: every source has one edge, project the sources that are in use
            sources = self.norm(take_rows(x, table.source)).split([len(part) for part in parts])
            edges = [project(part) for project, part in zip(projections, sources, strict=True)]
            return torch.cat(edges), torch.arange(len(table.source), device=x.device), ages
        # Nodes have many edges: project every node of the source type once per relation, then copy.
        normal = normal if len(normal) == len(x) else self.norm(x)
        nodes, index, before = [], [], 0
        for project, part, (first, last) in zip(projections, parts, table.spans.values(), strict=True):
            nodes.append(project(normal[first:last]))
            index.append(part + (before - first))
            before += last - first
        return torch.cat(nodes), torch.cat(index), ages

    def _allowed(self, there: Tensor) -> tuple[Tensor, Tensor]:
        """Which keys each target slot may see, bool [target, target slot, key, key slot].

        Also which modalities the neighbours hold, bool [target, slot].
        """
        same = torch.eye(self.slots, dtype=torch.bool, device=there.device)
        allowed = there.unsqueeze(1).expand(-1, self.slots, -1, -1)
        allowed = allowed & same.unsqueeze(1) if self.same_modality else allowed.clone()
        neighbour = allowed[:, :, 2:].flatten(2).any(dim=2)  # [target, target slot]
        allowed[:, :, 1] = same & ~neighbour.unsqueeze(-1)  # each slot has its own null, seen only in need
        return allowed, there[:, 2:].any(dim=1)

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, allowed: Tensor) -> tuple[Tensor, Tensor]:
        """One softmax over key × key slot.

        Heads are kept apart by zeroing the other heads' channels in the query: one product per target instead of one
        per target and head, and no transposed copies of the keys. The extra multiplications by zero cost less.
        """
        size, slots, channels = query.shape
        split = (query.unsqueeze(1) * self.head_mask).view(size, self.heads * slots, channels)
        logits = (split @ key.transpose(1, 2)).view(size, self.heads, slots, -1) / math.sqrt(channels // self.heads)
        logits = logits.masked_fill(~allowed.reshape(size, 1, slots, -1), float("-inf"))
        weight = logits.softmax(dim=-1)
        mixed = weight.view(size, self.heads * slots, -1).to(value.dtype) @ value
        mixed = (mixed.view(size, self.heads, slots, channels) * self.head_mask).sum(dim=1)
        return mixed, weight.unflatten(-1, (-1, slots))

    def _per_type(self, layers: nn.ModuleDict, x: Tensor, sizes: Sequence[int]) -> Tensor:
        """Applies each node type's own layer to its stretch of rows."""
        parts = zip(layers.values(), x.split(list(sizes)), strict=True)
        return torch.cat([layer(part) for layer, part in parts])

    def _drop(self, x: Tensor, generator: torch.Generator | None) -> Tensor:
        return x if generator is None else drop(x, self.dropout, generator)
