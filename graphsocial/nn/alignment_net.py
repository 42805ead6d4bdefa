"""Brings vectors of texts and of pictures into one space by what was posted together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from graphsocial.nn.fixed_scale import FixedScale

_WARMEST, _COLDEST = 1.0, 100.0
"""Bounds of the factor on cosines; beyond them, training on few pairs ends in one wrong pair."""


@dataclass(frozen=True)
class AlignmentNetConfig:
    """Size of an `AlignmentNet`.

    Attributes:
        channels: Of the common space.
        hidden: Units of a layer that is added to the linear map; 0: the map is linear.
        dropout: Share of input channels, and of units, hidden in training.
        scale: Factor on cosines to begin with, the inverse of the temperature.
    """

    channels: int = 256
    hidden: int = 0
    dropout: float = 0.5
    scale: float = 10.0


class AlignmentNet(nn.Module):
    """One map per modality into a common space in which cosines are compared.

    Args:
        inputs: Channels of each modality.
        config: Size.

    >>> net = AlignmentNet({"text": 3, "image": 5}, AlignmentNetConfig(channels=4))
    >>> net("image", torch.ones(2, 5)).norm(dim=-1).allclose(torch.ones(2))
    True
    """

    def __init__(self, inputs: Mapping[str, int], config: AlignmentNetConfig):
        super().__init__()
        self.standard = nn.ModuleDict({name: FixedScale(width) for name, width in inputs.items()})
        self.linear = nn.ModuleDict({name: nn.Linear(width, config.channels) for name, width in inputs.items()})
        self.added = nn.ModuleDict(
            {
                name: nn.Sequential(
                    nn.Linear(width, config.hidden),
                    nn.GELU(),
                    nn.Dropout(config.dropout),
                    nn.Linear(config.hidden, config.channels),
                )
                for name, width in inputs.items()
                if config.hidden
            }
        )
        self.dropout = nn.Dropout(config.dropout)
        self.log_scale = nn.Parameter(torch.tensor(config.scale).log())

    @torch.no_grad()
    def start_at(self, vectors: Mapping[str, Tensor], maps: Mapping[str, Tensor]) -> None:
        """Standardises by these vectors, and lets the linear maps be given ones; what is added starts at nothing.

        Args:
            vectors: Of training pairs, by modality [pair, channel].
            maps: From standardised vectors into the common space, by modality [channel, common]; further channels of
                that space stay as they were drawn.
        """
        for name, values in vectors.items():
            standard = self.standard[name]
            assert isinstance(standard, FixedScale)
            standard.fit(values)
        for name, given in maps.items():
            layer = self.linear[name]
            assert isinstance(layer, nn.Linear)
            layer.weight[: given.shape[1]].copy_(given.T)
            layer.bias.zero_()
        for layers in self.added.values():
            assert isinstance(layers, nn.Sequential)
            last = layers[-1]
            assert isinstance(last, nn.Linear)
            last.weight.zero_()
            last.bias.zero_()

    def forward(self, modality: str, vectors: Tensor) -> Tensor:
        """Where vectors of a modality lie in the common space, unit length [content, common]."""
        x = self.dropout(self.standard[modality](vectors))
        y = self.linear[modality](x)
        if modality in self.added:
            y = y + self.added[modality](x)
        return nn.functional.normalize(y, dim=-1)

    def logits(self, text: Tensor, image: Tensor) -> Tensor:
        """Scaled cosines of texts and pictures in the common space, [text, image]."""
        return text @ image.T * self.log_scale.exp().clamp(_WARMEST, _COLDEST)


def symmetric_info_nce(logits: Tensor, group: Tensor) -> Tensor:
    """How much likelier another picture looks for a text, and another text for a picture, than its own (InfoNCE).

    Symmetric as in Radford et al., arXiv 2103.00020, fig. 3. Pairs of one group show the same content, so they are no
    negatives of each other.

    Args:
        logits: Of every text with every picture, those of one pair at the same place [pair, pair].
        group: Group of each pair [pair].

    >>> float(symmetric_info_nce(torch.zeros(2, 2), torch.tensor([0, 1])))  # doctest: +ELLIPSIS
    0.693...
    >>> float(symmetric_info_nce(torch.zeros(2, 2), torch.tensor([3, 3])))
    0.0
    """
    same = group[:, None] == group[None]
    same.fill_diagonal_(False)
    masked = logits.masked_fill(same, -torch.inf)
    target = torch.arange(len(logits), device=logits.device)
    cross_entropy = nn.functional.cross_entropy
    return (cross_entropy(masked, target) + cross_entropy(masked.T, target)) / 2
