"""What every node holds before the first layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from graphsocial.errors import SchemaError
from graphsocial.nn.rows import sum_rows
from graphsocial.nn.token_pooling import TokenPooling, to_nodes
from graphsocial.schema import EdgeType

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData

SLOTS = ("text", "image", "structure")
"""The slots of a node, in the order of the slot axis."""

CONTENT = ("text", "image")
"""Slots filled from content tokens."""

AUTHOR: EdgeType = ("user", "author", "post")
AUTHORED_BY: EdgeType = ("post", "rev_author", "user")


class NodeSlots(nn.Module):
    """Fills the slots: pooled tokens, the user's own posts, structure features, learned nulls for what is missing.

    A user's text and image slots are the mean of the same slots of the user's own posts in the sampled neighbourhood
    (they are from before the tree's time by construction), taken from `rev_author` edges, or where the sampler did not
    expand the user, from the `author` edge it came by. This is the user's content, not a message: it stays when the
    encoder is built without a graph.

    Args:
        node_types: Node types, in flat order.
        token_channels: Token channels of each content modality; a modality left out is always missing.
        structure_channels: Number of structure features of each node type; 0 or left out: the slot is missing.
        channels: Channels of a slot.
        heads: Pooling queries per modality.
        modalities: The slots in use; the others are missing everywhere.
    """

    enabled: Tensor

    def __init__(
        self,
        node_types: Sequence[str],
        token_channels: Mapping[str, int],
        structure_channels: Mapping[str, int],
        channels: int,
        heads: int,
        modalities: Sequence[str] = SLOTS,
    ):
        super().__init__()
        self.node_types, self.channels = tuple(node_types), channels
        self.pooling = nn.ModuleDict(
            {m: TokenPooling(token_channels[m], channels, heads) for m in CONTENT if m in token_channels}
        )
        self.structure_channels = dict(structure_channels)
        self.structure = nn.ModuleDict(
            {
                node_type: nn.Sequential(
                    nn.Linear(structure_channels[node_type], channels), nn.GELU(), nn.Linear(channels, channels)
                )
                for node_type in node_types
                if structure_channels.get(node_type, 0) > 0
            }
        )
        self.null = nn.ParameterDict(
            {node_type: nn.Parameter(torch.randn(len(SLOTS), channels) * 0.1) for node_type in node_types}
        )
        self.kind = nn.ParameterDict({node_type: nn.Parameter(torch.randn(channels) * 0.1) for node_type in node_types})
        self.register_buffer("enabled", torch.tensor([slot in modalities for slot in SLOTS]), persistent=False)

    def forward(
        self,
        batch: HeteroData,
        sizes: Mapping[str, int],
        missing: float = 0.0,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Slots of all nodes, the node types one after another.

        Args:
            batch: A batch of sampled trees.
            sizes: Number of nodes of each type, in flat order.
            missing: Chance that a slot which holds something is taken for missing (modality dropout); a node always
                keeps one.
            generator: Source of the noise; None: nothing is taken away.

        Returns:
            Slots [node, slot, channel] and which hold something, bool [node, slot].
        """
        device = self.enabled.device
        content = {m: self._content(batch, m) for m in self.pooling}
        slots, present = {}, {}
        for node_type, size in sizes.items():
            parts = [self._from_content(batch, node_type, m, content, size) for m in CONTENT]
            parts.append(self._from_structure(batch, node_type, size))
            slots[node_type] = torch.stack([part[0] for part in parts], dim=1)
            present[node_type] = torch.stack([part[1] for part in parts], dim=1) & self.enabled
        if sizes.get("user", 0) and sizes.get("post", 0):
            slots["user"], present["user"] = self._own_posts(batch, slots, present, sizes)
        there = torch.cat(list(present.values()))
        if generator is not None and missing > 0:
            kept = torch.rand(there.shape, generator=generator, device=generator.device).to(device) >= missing
            kept = there & kept
            there = torch.where(kept.any(dim=1, keepdim=True), kept, there)
        nothing = torch.cat([self.null[t].expand(n, -1, -1) for t, n in sizes.items()])
        kind = torch.cat([self.kind[t].expand(n, 1, -1) for t, n in sizes.items()])
        return torch.where(there.unsqueeze(-1), torch.cat(list(slots.values())), nothing) + kind, there

    def _content(self, batch: HeteroData, modality: str) -> tuple[Tensor, Tensor] | None:
        """Vectors of the batch's distinct contents, computed once however many nodes share them."""
        tokens = getattr(batch, f"{modality}_tokens", None)
        return None if tokens is None else self.pooling[modality](tokens, getattr(batch, f"{modality}_mask"))

    def _from_content(
        self,
        batch: HeteroData,
        node_type: str,
        modality: str,
        content: Mapping[str, tuple[Tensor, Tensor] | None],
        size: int,
    ) -> tuple[Tensor, Tensor]:
        vectors = content.get(modality)
        if vectors is None or size == 0 or f"{modality}_row" not in batch[node_type]:
            return self._missing(size)
        return to_nodes(*vectors, batch[node_type][f"{modality}_row"])

    def _from_structure(self, batch: HeteroData, node_type: str, size: int) -> tuple[Tensor, Tensor]:
        if node_type not in self.structure or size == 0:
            return self._missing(size)
        expected = self.structure_channels[node_type]
        features = batch[node_type]["structure"] if "structure" in batch[node_type] else None
        if features is None or features.shape[1:] != (expected,):
            got = "none" if features is None else f"shape {tuple(features.shape)}"
            raise SchemaError(f"structure features of {node_type!r}: got {got}, expected [{size}, {expected}]")
        return self.structure[node_type](features), self.enabled.new_ones(size)

    def _missing(self, size: int) -> tuple[Tensor, Tensor]:
        device = self.enabled.device
        return torch.zeros(size, self.channels, device=device), self.enabled.new_zeros(size)

    def _own_posts(
        self, batch: HeteroData, slots: Mapping[str, Tensor], present: Mapping[str, Tensor], sizes: Mapping[str, int]
    ) -> tuple[Tensor, Tensor]:
        """The users' slots with text and image filled from their posts; what a user node holds itself goes first."""
        width = len(CONTENT)
        held = present["post"][:, :width].unsqueeze(-1).float()
        rows = torch.cat([slots["post"][:, :width].float() * held, held], dim=2).flatten(
            1
        )  # values, and 1 where there are any
        total = rows.new_zeros(sizes["user"], width, self.channels + 1)
        for source, target in self._authorship(batch):  # the better source last
            found = sum_rows(rows, source, target, sizes["user"]).view_as(total)
            total = torch.where(found[..., -1:] > 0, found, total)
        count = total[..., -1:]
        own = present["user"][:, :width]
        fill = ~own & (count.squeeze(-1) > 0)
        filled = torch.where(fill.unsqueeze(-1), total[..., :-1] / count.clamp(min=1), slots["user"][:, :width])
        return (
            torch.cat([filled, slots["user"][:, width:].to(filled.dtype)], dim=1),
            torch.cat([own | fill, present["user"][:, width:]], dim=1),
        )

    def _authorship(self, batch: HeteroData) -> list[tuple[Tensor, Tensor]]:
        """Pairs (post, user) with users ascending: from `author` edges, then from `rev_author` edges."""
        pairs = []
        if AUTHOR in batch.edge_types:
            user, post = batch[AUTHOR].edge_index
            user, order = user.sort(stable=True)
            pairs.append((post[order], user))
        if AUTHORED_BY in batch.edge_types:
            pairs.append((batch[AUTHORED_BY].edge_index[0], batch[AUTHORED_BY].edge_index[1]))
        return pairs


def flat_rows(x: Tensor, sizes: Mapping[str, int]) -> dict[str, Tensor]:
    """Splits rows of all node types into each type's own.

    >>> {name: part.tolist() for name, part in flat_rows(torch.arange(3), {"post": 1, "user": 2}).items()}
    {'post': [0], 'user': [1, 2]}
    """
    return dict(zip(sizes, x.split(list(sizes.values())), strict=True))
