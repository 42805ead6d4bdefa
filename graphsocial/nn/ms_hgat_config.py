"""Size of the MS-HGAT network."""

from __future__ import annotations

from dataclasses import dataclass

from graphsocial.errors import SchemaError


@dataclass(frozen=True)
class MsHgatConfig:
    """Sizes and dropout of `MsHgat`; the defaults are the published ones where the paper states them.

    Attributes:
        channels: Channels of a user's representation.
        position_channels: Channels of the learned encoding of a position in the cascade.
        heads: Attention heads of each decoder.
        head_channels: Channels of one head, 0 = the decoder's channels shared out among the heads.
        positions: Positions that have an encoding of their own; later ones share the last.
        dropout: Chance that an entry of a user's or hyperedge's representation is dropped in training.
        decoder_dropout: The same inside the decoders.
    """

    channels: int = 64
    position_channels: int = 8
    heads: int = 8
    head_channels: int = 0
    positions: int = 200
    dropout: float = 0.3
    decoder_dropout: float = 0.1

    def __post_init__(self) -> None:
        for name in ("channels", "position_channels", "heads", "positions"):
            if getattr(self, name) < 1:
                raise SchemaError(f"{name} is {getattr(self, name)}, expected at least 1")
        if self.head_channels < 0 or (not self.head_channels and self.decoder_channels % self.heads):
            raise SchemaError(
                f"{self.decoder_channels} decoder channels and {self.heads} heads of {self.head_channels} channels, "
                "expected channels of a head above 0, or 0 and a number of heads that divides the decoder's channels"
            )
        for name in ("dropout", "decoder_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise SchemaError(f"{name} is {getattr(self, name)}, expected 0 <= {name} < 1")

    @property
    def decoder_channels(self) -> int:
        """Channels of a decoder's input: the user's and the position's."""
        return self.channels + self.position_channels
