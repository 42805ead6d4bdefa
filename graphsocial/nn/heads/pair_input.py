"""What a head sees of a pair of nodes."""

from __future__ import annotations

import torch
from torch import Tensor

from graphsocial.errors import SchemaError


def pair_input(source: Tensor, target: Tensor, features: Tensor | None, expected: int) -> Tensor:
    """Both vectors, their product, and the pair's own features.

    Args:
        source: Fused vectors, [pair, channel].
        target: Fused vectors, [pair, channel].
        features: [pair, feature], such as the logarithm of the number of common neighbours.
        expected: Number of features that the head was built for.

    Returns:
        [pair, 3 channel + feature].

    Raises:
        SchemaError: The features are not what the head was built for.
    """
    if (0 if features is None else features.shape[-1]) != expected:
        got = "none" if features is None else f"shape {tuple(features.shape)}"
        raise SchemaError(f"pair features: got {got}, expected [pair, {expected}]")
    parts = [source, target, source * target]
    return torch.cat(parts if features is None else [*parts, features.to(source.dtype)], dim=-1)
