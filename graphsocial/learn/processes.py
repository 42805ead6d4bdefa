"""The processes that train one model together."""

from __future__ import annotations

from typing import Any, Protocol

from torch import Tensor


class Processes(Protocol):
    """All processes run the same training and make the same calls in the same order; nobody goes on alone.

    Attributes:
        rank: Number of this process; process 0 writes what is to be written.
        count: How many there are.
    """

    @property
    def rank(self) -> int: ...  # noqa: D102

    @property
    def count(self) -> int: ...  # noqa: D102

    def sum(self, tensor: Tensor) -> Tensor:
        """Sum over all processes of a tensor of one shape, the same to the bit in each of them."""
        ...

    def gather(self, value: Any) -> list[Any]:
        """What each process gave, in order of rank, in each of them."""
        ...


class SingleProcess:
    """One process, which has nobody to talk to.

    >>> SingleProcess().gather("a")
    ['a']
    """

    rank = 0
    count = 1

    def sum(self, tensor: Tensor) -> Tensor:
        """The tensor itself."""
        return tensor

    def gather(self, value: Any) -> list[Any]:
        """The value, alone."""
        return [value]
