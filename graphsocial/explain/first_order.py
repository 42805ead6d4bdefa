"""From what vectors inside a network say to what pieces of the input say, through how far each piece moves them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from graphsocial.explain.attribution import Piece


def first_order(gradients: Sequence[Tensor], change: Sequence[Tensor]) -> np.ndarray:
    """What taking each piece away changes to first order, float64 [piece].

    Args:
        gradients: Of the output with respect to each input of the network, [1, …].
        change: Input with everything minus input without each piece, [piece, …], in the same order.

    >>> import torch
    >>> first_order([torch.tensor([[2.0, 1.0]])], [torch.tensor([[1.0, 0.0], [1.0, 3.0]])]).tolist()
    [2.0, 5.0]
    """
    total = sum((gradient * moved).flatten(1).sum(dim=1) for gradient, moved in zip(gradients, change, strict=True))
    assert isinstance(total, Tensor)
    found: np.ndarray = total.double().cpu().numpy()
    return found


def shared_attention(pieces: Sequence[Piece], received: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Attention to slots as attention to pieces: a slot's goes to pieces in proportion to how far each moves the slot.

    Pieces of each kind share it by themselves, so words say nothing about regions.

    Args:
        pieces: The pieces.
        received: Attention of each slot, [slot].
        moved: How far a slot moves when a piece is taken away, [piece, slot].

    >>> pieces = [Piece("word", "a"), Piece("word", "b"), Piece("modality", "text")]
    >>> shared_attention(pieces, np.array([0.8, 0.2]), np.array([[1.0, 0.0], [3.0, 0.0], [1.0, 1.0]])).tolist()
    [0.2, 0.6000000000000001, 1.0]
    """
    out = np.zeros(len(pieces))
    for kind in {piece.kind for piece in pieces}:
        own = [row for row, piece in enumerate(pieces) if piece.kind == kind]
        total = moved[own].sum(axis=0)
        share = np.divide(moved[own], total, out=np.zeros((len(own), moved.shape[1])), where=total > 0)
        out[own] = share @ received
    return out
