"""Steps of many independent cascades at once, in plain torch: the reference, on any device."""

from __future__ import annotations

import torch
from torch import Tensor

from graphsocial.scale.device_spread.coupled_coins import coin_limits, coins
from graphsocial.scale.device_spread.row_edges import row_edges


class TorchSteps:
    """Who is active in each of some runs, and the next step of all of them.

    Args:
        indptr: First edge of each row, int64 [node + 1].
        target: Whom each edge reaches, int32 [edge].
        probability: Chance of each edge, float32 [edge].
        stream: Where each run's stream begins, int64 [run].
    """

    def __init__(self, indptr: Tensor, target: Tensor, probability: Tensor, stream: Tensor):
        self._indptr, self._target, self._stream = indptr, target, stream
        self._limit = coin_limits(probability)
        self._nodes = len(indptr) - 1
        self._active = torch.zeros(len(stream) * self._nodes, dtype=torch.bool, device=indptr.device)

    @staticmethod
    def bytes_per_run(nodes: int) -> int:
        """Memory that a run takes."""
        return 33 * nodes

    def begin(self, seeds: Tensor) -> tuple[Tensor, Tensor]:
        """Makes the seeds active in every run; run and node of each, int32 [member]."""
        run = torch.arange(len(self._stream), device=seeds.device, dtype=torch.int32).repeat_interleave(len(seeds))
        node = seeds.int().repeat(len(self._stream))
        self._active[run.long() * self._nodes + node] = True
        return run, node

    def step(self, run: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        """Who becomes active because these did, and is from now on; run and node of each, int32 [member]."""
        found = []
        for owner, place in row_edges(self._indptr, node):
            lucky = coins(self._stream[run[owner].long()], place) < self._limit[place]
            owner, place = owner[lucky], place[lucky]
            reached = run[owner].long() * self._nodes + self._target[place]
            new = reached[~self._active[reached]].unique()
            self._active[new] = True
            found.append(new)
        new = torch.cat(found) if found else run.new_zeros(0, dtype=torch.int64)
        return (new // self._nodes).int(), (new % self._nodes).int()

    def open_runs(self, run: Tensor, node: Tensor) -> Tensor:
        """Runs in which these members have an edge left to somebody not active, by which something can pass, [open]."""
        found = [run.new_zeros(0)]
        for owner, place in row_edges(self._indptr, node):
            passes = self._limit[place] > 0
            owner, place = owner[passes], place[passes]
            inactive = ~self._active[run[owner].long() * self._nodes + self._target[place]]
            found.append(run[owner[inactive]].unique())
        return torch.cat(found).unique()
