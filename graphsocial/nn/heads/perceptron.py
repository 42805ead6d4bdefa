"""The two-layer network that heads share."""

from __future__ import annotations

from torch import nn


def perceptron(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """One hidden layer, linear output; the encoder's vectors come normalised.

    >>> sum(p.numel() for p in perceptron(2, 3, 1).parameters())
    13
    """
    return nn.Sequential(nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, outputs))
