"""Attention weights of a layer, put back in the order of the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from graphsocial.nn.attention_share import NONE, OWN, AttentionShare
from graphsocial.nn.neighbour_table import NeighbourTable
from graphsocial.nn.node_slots import SLOTS, flat_rows
from graphsocial.schema import EdgeType


def measure_attention(
    table: NeighbourTable,
    weights: Sequence[Tensor],
    hop: Mapping[str, Tensor],
    edge_index: Mapping[EdgeType, Tensor],
    enabled: Tensor,
) -> AttentionShare:
    """Sums up what one layer attended to.

    Args:
        table: The layer's targets and neighbours.
        weights: Attention of each bucket, [target, head, target slot, key, key slot].
        hop: Distance of each node from its seed, int64 [node] per type, in flat order.
        edge_index: The batch's edges, int64 [2, edge] per edge type.
        enabled: Slots in use, bool [slot].
    """
    slots, sizes = len(SLOTS), {t: h.shape[0] for t, h in hop.items()}
    device = enabled.device
    own = torch.zeros(sum(sizes.values()), slots, slots, device=device)
    none = torch.zeros(sum(sizes.values()), slots, device=device)
    rows = torch.zeros(table.num_rows, slots, slots, device=device)
    for bucket, weight in zip(table.buckets, weights, strict=True):
        mean = weight.detach().float().mean(dim=1)  # [target, target slot, key, key slot]
        node = table.target[bucket.target]
        own[node] = mean[:, :, 0]
        none[node] = mean[:, :, 1].diagonal(dim1=1, dim2=2)
        rows[bucket.row.flatten()] = mean.transpose(1, 2).reshape(-1, slots, slots)
    edges, start = {}, 0
    for edge_type, index in edge_index.items():
        edges[edge_type] = torch.zeros(index.shape[1], slots, slots, device=device)
        if edge_type in table.kept:
            kept = table.kept[edge_type]
            edges[edge_type][kept] = rows[start : start + kept.shape[0]]
            start += kept.shape[0]
    seed = torch.cat([h == 0 for h in hop.values()])
    count = max(int(seed.sum()), 1)
    masses: dict[EdgeType | str, Tensor] = {OWN: own[seed].sum(0) / count, NONE: (none[seed].sum(0) / count).diag()}
    for edge_type, index in edge_index.items():
        from_seed = hop[edge_type[2]][index[1]] == 0
        masses[edge_type] = edges[edge_type][from_seed].sum(0) / count
    used = [slot for slot in range(slots) if bool(enabled[slot])]
    mass = {
        (SLOTS[target], relation, SLOTS[source]): float(value[target, source])
        for relation, value in masses.items()
        for target in used
        for source in used
        if relation != NONE or source == target
    }
    return AttentionShare(mass, edges, flat_rows(own, sizes), flat_rows(none, sizes))
