"""A window of the diffusion hypergraph: its hyperedges are cascades, its nodes the users who joined them meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class HypergraphWindow:
    """Who joined which cascade during one stretch of time, laid out for segment sums in both directions.

    A pair is one user in one hyperedge. Pairs are listed by hyperedge and, for the way back, by user.

    Attributes:
        member: Codes of the users with a pair, ascending, int64 [member].
        root: Code of the user who started each hyperedge's cascade, int64 [hyperedge].
        pair_member: Place in `member` of each pair's user, by hyperedge, int64 [pair].
        pair_edge: Hyperedge of each pair, ascending, int64 [pair].
        edge_start: First pair of each hyperedge, int64 [hyperedge + 1].
        by_member: Pairs ordered by user, as numbers of the list by hyperedge, int64 [pair].
        member_start: First place of each member in `by_member`, int64 [member + 1].
    """

    member: Tensor
    root: Tensor
    pair_member: Tensor
    pair_edge: Tensor
    edge_start: Tensor
    by_member: Tensor
    member_start: Tensor

    @classmethod
    def of(cls, cascade: np.ndarray, user: np.ndarray, root: np.ndarray) -> HypergraphWindow:
        """Lays out events.

        Args:
            cascade: Cascade of each event, int64 [event]; each cascade that occurs becomes a hyperedge.
            user: Code of each event's user, int64 [event]; a user counts once per hyperedge.
            root: Code of the user who started the event's cascade, int64 [event].

        >>> window = HypergraphWindow.of(np.array([4, 4, 9]), np.array([7, 2, 7]), np.array([7, 7, 1]))
        >>> window.member.tolist(), window.root.tolist(), window.pair_member.tolist(), window.member_start.tolist()
        ([2, 7], [7, 1], [0, 1, 1], [0, 1, 3])
        """
        pairs, first = np.unique(np.stack([cascade, user], axis=1).reshape(-1, 2), axis=0, return_index=True)
        _, edge_first, edge = np.unique(pairs[:, 0], return_index=True, return_inverse=True)
        member, place = np.unique(pairs[:, 1], return_inverse=True)
        columns = (
            member,
            root[first][edge_first],
            place,
            edge,
            np.append(edge_first, len(pairs)),
            np.argsort(place, kind="stable"),
            np.concatenate([[0], np.cumsum(np.bincount(place, minlength=len(member)))]),
        )
        return cls(*(torch.from_numpy(np.asarray(column, dtype=np.int64)) for column in columns))

    def to(self, device: torch.device) -> HypergraphWindow:
        """The same window on another device."""
        return HypergraphWindow(*(getattr(self, field.name).to(device) for field in fields(self)))
