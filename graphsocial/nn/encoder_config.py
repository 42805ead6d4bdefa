"""Choices of the graph encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graphsocial.errors import SchemaError, did_you_mean
from graphsocial.nn.node_slots import SLOTS

Fusion = Literal["cross_modal", "late"]


@dataclass(frozen=True)
class EncoderConfig:
    """Size of the encoder and the switches that ablations turn. No switch changes the number of parameters.

    Attributes:
        channels: Channels of a slot and of the fused vector.
        heads: Attention heads; must divide `channels`.
        layers: Layers; sample at least as many hops.
        dropout: Chance that an entry is dropped before a residual sum, in [0, 1).
        modality_dropout: Chance that a node's modality is taken for missing in training, in [0, 1).
        modalities: The slots in use, some of text, image, structure.
        fusion: `cross_modal`, or `late`: attention within a modality only, fusion at the readout.
        use_graph: False: no neighbours, each node has only its own slots.

    >>> EncoderConfig(fusion="lat")
    Traceback (most recent call last):
    graphsocial.errors.SchemaError: unknown fusion 'lat', expected one of cross_modal, late. Did you mean 'late'?
    """

    channels: int = 64
    heads: int = 4
    layers: int = 2
    dropout: float = 0.3
    modality_dropout: float = 0.2
    modalities: tuple[str, ...] = SLOTS
    fusion: Fusion = "cross_modal"
    use_graph: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "modalities", tuple(self.modalities))  # JSON gives a list
        if self.heads < 1 or self.channels < 1 or self.channels % self.heads:
            raise SchemaError(f"channels={self.channels}, heads={self.heads}: expected heads to divide channels")
        if self.layers < 0:
            raise SchemaError(f"layers={self.layers}, expected 0 or more")
        for name in ("dropout", "modality_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise SchemaError(f"{name}={getattr(self, name)}, expected a chance in [0, 1)")
        if not self.modalities:
            raise SchemaError(f"modalities=(), expected at least one of {', '.join(SLOTS)}")
        for modality in self.modalities:
            if modality not in SLOTS:
                raise SchemaError(
                    f"unknown modality {modality!r}, expected one of {', '.join(SLOTS)}.{did_you_mean(modality, SLOTS)}"
                )
        if self.fusion not in ("cross_modal", "late"):
            raise SchemaError(
                f"unknown fusion {self.fusion!r}, expected one of cross_modal, late."
                f"{did_you_mean(self.fusion, ('cross_modal', 'late'))}"
            )
