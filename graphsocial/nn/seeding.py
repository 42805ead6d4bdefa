"""Weights drawn from an explicit seed, with the global random state left as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(rng: int) -> Iterator[None]:
    """Layers built inside draw their initial weights from `rng`; torch's global CPU stream is restored afterwards.

    torch's layers know no generator argument for their initial weights, so the global stream is lent to them.

    >>> before = torch.get_rng_state()
    >>> with seeded(3):
    ...     first = torch.nn.Linear(2, 2).weight
    >>> with seeded(3):
    ...     second = torch.nn.Linear(2, 2).weight
    >>> torch.equal(first, second), torch.equal(before, torch.get_rng_state())
    (True, True)
    """
    state = torch.default_generator.get_state()
    try:
        torch.default_generator.manual_seed(rng)
        yield
    finally:
        torch.default_generator.set_state(state)
