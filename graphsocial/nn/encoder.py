"""The graph encoder: a batch of sampled trees in, slots and fused vectors out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.nn.attention_share import AttentionShare
from graphsocial.nn.cross_modal_attention import CrossModalAttention
from graphsocial.nn.encoder_config import EncoderConfig
from graphsocial.nn.measure_attention import measure_attention
from graphsocial.nn.neighbour_table import build_neighbour_table
from graphsocial.nn.node_slots import SLOTS, NodeSlots, flat_rows
from graphsocial.nn.readout import Readout
from graphsocial.schema import EdgeType

if TYPE_CHECKING:
    from torch_geometric.data import HeteroData


@dataclass(frozen=True)
class Encoded:
    """What the encoder makes of a batch.

    Attributes:
        slots: For each node type, [node, slot, channel]; slots are text, image, structure. Only the seeds have gone
            through every layer: a node at hop h has gone through `layers - h`.
        present: Which slots hold something of their own modality, found or gathered, bool [node, slot].
        fused: For each node type, one vector per node, [node, channel].
        attention: One `AttentionShare` per layer when asked for, else None.
    """

    slots: dict[str, Tensor]
    present: dict[str, Tensor]
    fused: dict[str, Tensor]
    attention: list[AttentionShare] | None = None


class GraphEncoder(nn.Module):
    """Cross-modal attention over time-honest neighbourhoods.

    Initial weights come from torch's stream, as in every module: build inside `seeded(rng)`. The noise of dropout
    comes from `generator`: a trainer replaces it by its own, on the device it trains on, which saves a copy per step.

    Args:
        config: Size and switches.
        node_types: Node types that batches may hold; a batch may lack any of them.
        edge_types: Edge types that batches may hold, reverse ones included; a batch may lack any of them.
        token_channels: Token channels of `text` and `image`, as far as there are such embeddings.
        structure_channels: Number of structure features of each node type.

    Attributes:
        generator: Source of dropout's noise in training.

    >>> encoder = GraphEncoder(EncoderConfig(channels=8), ["user"], [], {}, {"user": 2})
    >>> encoder.node_types
    ('user',)
    """

    def __init__(
        self,
        config: EncoderConfig,
        node_types: Iterable[str],
        edge_types: Iterable[EdgeType],
        token_channels: Mapping[str, int],
        structure_channels: Mapping[str, int],
    ):
        super().__init__()
        self.config = config
        # Sorted, so that equal seeds give equal weights however the caller's dicts were filled.
        self.node_types = tuple(sorted(set(node_types)))
        self.edge_types: tuple[EdgeType, ...] = tuple(sorted({(e[0], e[1], e[2]) for e in edge_types}))
        self.generator = torch.Generator().manual_seed(0)
        size = {"channels": config.channels, "heads": config.heads}
        self.slots = NodeSlots(
            self.node_types, token_channels, structure_channels, **size, modalities=config.modalities
        )
        self.layers = nn.ModuleList(
            CrossModalAttention(
                self.node_types,
                self.edge_types,
                len(SLOTS),
                **size,
                dropout=config.dropout,
                same_modality=config.fusion == "late",
            )
            for _ in range(config.layers)
        )
        self.readout = Readout(self.node_types, len(SLOTS), **size)

    def forward(self, batch: HeteroData, attention: bool = False) -> Encoded:
        """Encodes a batch.

        Args:
            batch: Sampled trees: `batch[node_type].hop`, `.structure`, `.text_row`, `.image_row`;
                `batch[edge_type].edge_index`, `.age`; `batch.text_tokens`, `.text_mask`, `.image_tokens`,
                `.image_mask`. A graph without sampling is a batch whose hops are all 0.
            attention: Also return where the attention went.

        Raises:
            SchemaError: The batch holds types or shapes that the encoder was not built for.
        """
        self._check(batch)
        sizes = {t: batch[t].hop.shape[0] if t in batch.node_types else 0 for t in self.node_types}
        edges = {e: batch[e].edge_index for e in self.edge_types if e in batch.edge_types}
        age = {e: batch[e].age for e in edges}
        noise = self.generator if self.training else None
        x, present = self.slots(batch, sizes, self.config.modality_dropout, noise)
        shares = []
        nowhere = torch.zeros(0, dtype=torch.int64, device=x.device)
        hop = {t: batch[t].hop if n else nowhere for t, n in sizes.items()}
        for number, layer in enumerate(self.layers, start=1):
            # A later layer reads nothing further out than this.
            wanted = {t: h <= self.config.layers - number for t, h in hop.items()}
            table = build_neighbour_table(wanted, edges, self.config.use_graph)
            x, present, weights = layer(x, present, table, age, noise, weights=attention)
            if attention:
                shares.append(measure_attention(table, weights, hop, edges, self.slots.enabled))
        slots = flat_rows(x, sizes)
        fused = {t: self.readout(t, part, self.slots.enabled) for t, part in slots.items()}
        return Encoded(slots, flat_rows(present, sizes), fused, shares if attention else None)

    def _check(self, batch: HeteroData) -> None:
        for node_type in batch.node_types:
            if node_type not in self.node_types:
                raise SchemaError(
                    f"batch holds node type {node_type!r}, the encoder was built for {', '.join(self.node_types)}."
                    f"{did_you_mean(node_type, self.node_types)}"
                )
        for edge_type in batch.edge_types:
            if edge_type not in self.edge_types:
                known = [" ".join(e) for e in self.edge_types]
                raise SchemaError(
                    f"batch holds edge type {edge_type!r}, the encoder was built for "
                    f"{', '.join(map(str, self.edge_types)) or '(none)'}.{did_you_mean(' '.join(edge_type), known)}"
                )
