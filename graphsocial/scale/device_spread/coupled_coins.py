"""The coins of `random_stream_kernel`, in whole-number arithmetic of torch: the same bits on any device."""

from __future__ import annotations

from torch import Tensor


def _signed(bits: int) -> int:
    """An unsigned number of 64 bits as the int64 with the same bits; torch has no full uint64 arithmetic."""
    return bits - (1 << 64) if bits >= 1 << 63 else bits


STEP = _signed(0x9E3779B97F4A7C15)
HALF = _signed(0x9E6D62D06F6A9A9B)
FIRST = _signed(0xBF58476D1CE4E5B9)
SECOND = _signed(0x94D049BB133111EB)
"""The constants of `random_stream_kernel`, as int64."""


def _shifted(bits: Tensor, by: int) -> Tensor:
    """A logical shift to the right: zeros come in, whatever the sign."""
    return (bits >> by) & ((1 << (64 - by)) - 1)


def mix(bits: Tensor) -> Tensor:
    """Scrambles 64 bits (the finaliser of SplitMix64), int64 [...]; products wrap around."""
    bits = (bits ^ _shifted(bits, 30)) * FIRST
    bits = (bits ^ _shifted(bits, 27)) * SECOND
    return bits ^ _shifted(bits, 31)


def streams(key: int, run: Tensor) -> Tensor:
    """Where the stream of each run begins, int64 [...]."""
    return mix(mix(run * STEP + _signed(key)) ^ HALF)


def coins(stream: Tensor, item: Tensor) -> Tensor:
    """The coin of each item in units of 2**-53: a whole number of [0, 2**53), int64 [...]."""
    return _shifted(mix(stream ^ (item * STEP + HALF)), 11)


def coin_limits(probability: Tensor) -> Tensor:
    """Coins below this succeed, int64 [...]: `coin * 2**-53 < p` without floating-point numbers.

    >>> import torch
    >>> coin_limits(torch.tensor([0.0, 0.5, 1.0])).tolist() == [0, 2**52, 2**53]
    True
    """
    return (probability.double() * 2.0**53).ceil().long()
