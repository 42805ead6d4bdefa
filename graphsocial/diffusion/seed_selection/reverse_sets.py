"""A growing collection of reverse-reachable sets."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import local

import numpy as np

from graphsocial.diffusion.seed_selection.reverse_sampler import ReverseSampler
from graphsocial.graph.threads import default_threads

_BLOCK = 2048
"""Sets that a thread draws at a time."""

NO_DEADLINE = 2**31 - 1


class ReverseSets:
    """Sets 0, 1, 2, … of one key, in flat arrays; set i depends on the key and on i alone, not on threads.

    Args:
        sampler: How sets are drawn.
        key: Key of their streams, 64 bits.
        deadline: Most steps back; None for all.
        threads: At most this many; None: one per core.

    Attributes:
        node: Members, root first, int32 [member].
        offsets: First member of each set, int64 [set + 1].
    """

    def __init__(self, sampler: ReverseSampler, key: int, deadline: int | None = None, threads: int | None = None):
        self._sampler, self._key = sampler, np.uint64(key)
        self._deadline = NO_DEADLINE if deadline is None else min(deadline, NO_DEADLINE)
        self._threads = default_threads() if threads is None else threads
        self._room = np.empty(sampler.nodes + _BLOCK, dtype=sampler.rows[1].dtype)
        self._used = 0
        self.offsets = np.zeros(1, dtype=np.int64)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def node(self) -> np.ndarray:
        """Members, root first, [member]."""
        return self._room[: self._used]

    def extend(self, count: int) -> None:
        """Draws further sets until there are `count`."""
        size = [np.diff(self.offsets)]
        for members, sizes in self._drawn(len(self), count):
            needed = self._used + len(members)
            if needed > len(self._room):
                grown = np.empty(max(needed, 2 * len(self._room)), dtype=self._room.dtype)
                grown[: self._used] = self.node
                self._room = grown
            self._room[self._used : needed] = members
            self._used = needed
            size.append(sizes)
        self.offsets = np.concatenate([[0], np.cumsum(np.concatenate(size))])

    def met_by_nodes(self, nodes: np.ndarray) -> int:
        """How many of the sets that are kept meet some nodes."""
        from graphsocial.diffusion.seed_selection.max_coverage_kernel import met_by_nodes

        wanted = np.zeros(self._sampler.nodes, dtype=bool)
        wanted[nodes] = True
        return int(met_by_nodes(self.node, self.offsets, wanted))

    def met_by(self, seeds: np.ndarray, count: int) -> int:
        """How many of sets 0 to `count` meet some seeds; nothing is kept, and a set is left as soon as it meets one."""
        return sum(int((sizes == 0).sum()) for _, sizes in self._drawn(0, count, seeds))

    def _drawn(self, begin: int, end: int, wanted: np.ndarray | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Members and sizes of sets `begin` to `end` in order, a block at a time."""
        from graphsocial.diffusion.seed_selection.reverse_sets_kernel import WANTED

        sampler, mine = self._sampler, local()

        def draw(first: int) -> list[tuple[np.ndarray, np.ndarray]]:
            if not hasattr(mine, "mark"):
                mine.mark = np.zeros(sampler.nodes, dtype=np.int8)
                if wanted is not None:
                    mine.mark[wanted] = WANTED
                mine.node = np.empty(sampler.nodes + 32 * _BLOCK, dtype=self._room.dtype)
            parts, last = [], min(first + _BLOCK, end)
            while first < last:
                size = np.empty(last - first, dtype=np.int64)
                keep = wanted is None
                fixed = (first, last, self._key, keep, self._deadline)
                done = sampler.kernel(*fixed, *sampler.rows, mine.mark, mine.node, size)
                size = size[:done]
                parts.append((mine.node[: size.sum()].copy() if keep else mine.node[:0], size))
                first += done
            return parts

        begins = range(begin, end, _BLOCK)
        if self._threads == 1 or len(begins) < 4:
            for first in begins:
                yield from draw(first)
            return
        with ThreadPoolExecutor(min(self._threads, len(begins))) as pool:
            for parts in pool.map(draw, begins):
                yield from parts
