"""The two-layer network that heads share."""

from __future__ import annotations

from torch import nn


def perceptron(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """Norm, one hidden layer, linear output.

    >>> sum(p.numel() for p in perceptron(2, 3, 1).parameters())
    17
    """
    return nn.Sequential(nn.LayerNorm(inputs), nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, outputs))
