"""Prefixes of cascades laid out for MS-HGAT: all positions of a cascade in one row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.next_user.ms_hgat_windows import WindowSequence
from graphsocial.learn.next_user.split import Targets

_POOL = 8  # batches whose cascades are sorted by length together, which saves most of the padding


@dataclass(frozen=True, eq=False)
class PrefixBatch:
    """Some cascades with their targets.

    Attributes:
        user: Codes of the users in the order in which they joined, 0 where padded, int64 [cascade, position].
        closed: Windows that had closed by the time of each event, int64 [cascade, position].
        row: Place in the flattened [cascade, position] that each target follows, int64 [target].
        target: Right candidate, the number of users for the end of the cascade, int64 [target].
        taken: Users before each target, target after target, int64 [pair].
        start: First pair of each target, int64 [target + 1].
        place: Number of each target among all, int64 [target].
    """

    user: Tensor
    closed: Tensor
    row: Tensor
    target: Tensor
    taken: Tensor
    start: Tensor
    place: np.ndarray


def prefix_batches(
    table: CascadeTable,
    targets: Targets,
    sequence: WindowSequence,
    size: int,
    device: torch.device,
    rng: np.random.Generator | None = None,
) -> Iterator[PrefixBatch]:
    """Lays out cascades of about one length together.

    Args:
        table: Cascades.
        targets: Places to predict, cascade after cascade and in order within each.
        sequence: Hypergraphs that the events look things up in.
        size: Cascades per batch.
        device: Where to put the tensors.
        rng: Shuffles cascades and batches; None leaves them in order of length.
    """
    bounds = np.append(np.unique(targets.cascade, return_index=True)[1], len(targets))
    length = targets.position[bounds[1:] - 1] if len(targets) else np.zeros(0, dtype=np.int64)
    order = np.arange(len(length)) if rng is None else rng.permutation(len(length))
    pool = len(order) if rng is None else _POOL * size
    groups = []
    for first in range(0, len(order), max(1, pool)):
        pooled = order[first : first + pool]
        pooled = pooled[np.argsort(length[pooled], kind="stable")]
        groups += [pooled[at : at + size] for at in range(0, len(pooled), size)]
    for number in range(len(groups)) if rng is None else rng.permutation(len(groups)):
        chosen = groups[number]
        rows = [np.arange(bounds[c], bounds[c + 1]) for c in chosen]
        yield _lay_out(table, targets, sequence, rows, device)


def _lay_out(
    table: CascadeTable, targets: Targets, sequence: WindowSequence, rows: list[np.ndarray], device: torch.device
) -> PrefixBatch:
    place = np.concatenate(rows)
    first = table.offsets[targets.cascade[place]]
    position = targets.position[place]
    number = np.repeat(np.arange(len(rows)), [len(each) for each in rows])
    longest = int(position.max())
    user = np.zeros((len(rows), longest), dtype=np.int64)
    closed = np.zeros((len(rows), longest), dtype=np.int64)
    for row, each in enumerate(rows):
        begin, length = int(table.offsets[targets.cascade[each[0]]]), int(targets.position[each[-1]])
        user[row, :length] = table.user[begin : begin + length]
        closed[row, :length] = sequence.closed(table.time[begin : begin + length])
    start = np.concatenate([[0], np.cumsum(position)])
    pair = np.arange(start[-1]) - np.repeat(start[:-1] - first, position)
    right = np.where(targets.user[place] < 0, len(table.users), targets.user[place])
    return PrefixBatch(
        user=torch.from_numpy(user).to(device),
        closed=torch.from_numpy(closed).to(device),
        row=torch.from_numpy(number * longest + position - 1).to(device),
        target=torch.from_numpy(right).to(device),
        taken=torch.from_numpy(table.user[pair]).to(device),
        start=torch.from_numpy(start).to(device),
        place=place,
    )
