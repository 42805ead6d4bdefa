"""A network that reads the first hour of a cascade and says how far a floor's answer is off."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from graphsocial.nn.heads.perceptron import perceptron
from graphsocial.nn.heads.size_head import SizeHead


class CascadeSizeNet(nn.Module):
    """Slices of the observation window in order through a GRU, summary columns beside it, into mean and quantiles.

    The head's last layer starts at zero, so before training the mean is the floor's answer exactly, and what is learned
    is the residual. The GRU (Cho et al. 2014, arXiv 1406.1078) reads each slice after the ones before it; the mean of
    its states is joined by the last one.

    Args:
        columns: Summary columns.
        slice_columns: Columns of each slice.
        channels: Channels of the GRU and of the perceptron.
        dropout: Share of channels hidden in training.
        quantiles: Levels, ascending.

    >>> net = CascadeSizeNet(columns=3, slice_columns=2, channels=4)
    >>> out = net(torch.zeros(2, 3), torch.randn(2, 5, 2), torch.tensor([1.5, 2.0]))
    >>> out.shape, out[:, 0].tolist()
    (torch.Size([2, 4]), [1.5, 2.0])
    """

    def __init__(
        self,
        columns: int,
        slice_columns: int,
        channels: int = 32,
        dropout: float = 0.5,
        quantiles: tuple[float, ...] = (0.05, 0.5, 0.95),
    ):
        super().__init__()
        self.slice_in = nn.Linear(slice_columns, channels)
        self.reader = nn.GRU(channels, channels, batch_first=True)
        self.summary = perceptron(columns, 2 * channels, channels)
        self.dropout = nn.Dropout(dropout)
        self.join = nn.Linear(3 * channels, 2 * channels)
        self.norm = nn.LayerNorm(2 * channels)
        self.head = SizeHead(2 * channels, quantiles)
        for last in self.head.net[-1].parameters():
            nn.init.zeros_(last)

    def forward(self, summary: Tensor, slices: Tensor, floor: Tensor) -> Tensor:
        """Mean and quantiles on the floor's scale, [example, 1 + quantile].

        Args:
            summary: Standardised columns [example, column].
            slices: Slices of the window in order [example, slice, slice column].
            floor: The floor's answer [example].
        """
        states, _ = self.reader(torch.tanh(self.slice_in(slices)))
        joined = torch.cat([self.summary(summary), states.mean(1), states[:, -1]], dim=-1)
        out: Tensor = self.head(self.dropout(torch.relu(self.norm(self.join(self.dropout(joined))))))
        return out + floor[:, None]
