"""Friendships as MS-HGAT convolves them: symmetric, with self-loops, normalised on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from graphsocial.nn.dropout import drop
from graphsocial.nn.ms_hgat_sums import symmetric_sums


@dataclass(frozen=True, eq=False)
class Friendships:
    """Symmetric matrix by rows: `D^-1/2 (A + I) D^-1/2`.

    Attributes:
        friend: Friend of each entry, ascending within a user, int64 [entry].
        start: First entry of each user, int64 [user + 1].
        weight: float32 [entry].
    """

    friend: Tensor
    start: Tensor
    weight: Tensor

    @classmethod
    def of(cls, first: np.ndarray, second: np.ndarray, users: int) -> Friendships:
        """Reads pairs of user codes in both directions; a pair counts once.

        Args:
            first: int64 [pair].
            second: int64 [pair].
            users: Number of users; each is a friend of itself.

        >>> friends = Friendships.of(np.array([0, 1]), np.array([1, 0]), 3)
        >>> friends.friend.tolist(), friends.start.tolist(), friends.weight.tolist()
        ([0, 1, 0, 1, 2], [0, 2, 4, 5], [0.5, 0.5, 0.5, 0.5, 1.0])
        """
        everyone = np.arange(users)
        row = np.concatenate([first, second, everyone])
        column = np.concatenate([second, first, everyone])
        row, column = np.divmod(np.unique(row * users + column), users)
        degree = np.bincount(row, minlength=users)
        weight = ((degree[row] * degree[column]) ** -0.5).astype(np.float32)
        start = np.concatenate([[0], np.cumsum(degree)])
        return cls(torch.from_numpy(column), torch.from_numpy(start), torch.from_numpy(weight))

    def to(self, device: torch.device) -> Friendships:
        """The same on another device."""
        return Friendships(self.friend.to(device), self.start.to(device), self.weight.to(device))


class FriendConvolution(nn.Module):
    """Two graph convolutions over friendships (Kipf and Welling 2017, arXiv 1609.02907), dropout between them.

    Args:
        channels: Channels of a user; twice as many between the two convolutions.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.first = nn.Linear(channels, 2 * channels)
        self.second = nn.Linear(2 * channels, channels)

    def forward(
        self, x: Tensor, friends: Friendships, dropout: float = 0.0, noise: torch.Generator | None = None
    ) -> Tensor:
        """Convolves.

        Args:
            x: Users, [user, channel].
            friends: Who is whose friend.
            dropout: Chance that an entry is dropped.
            noise: Source of the dropout, None when predicting.

        Returns:
            [user, channel].
        """
        columns = (friends.weight, friends.friend, friends.start)
        hidden = symmetric_sums(self.first(x), *columns)
        if noise is not None:
            hidden = drop(hidden, dropout, noise)
        return self.second(symmetric_sums(hidden, *columns))
