"""Steps of many independent cascades at once, in Triton: what `TorchSteps` does, at the speed of the card.

A program takes some stretches of rows, at most `STRETCH` edges each, so that a hub is shared by many programs and a
leaf wastes few lanes. A coin is computed from the run and the edge, nothing is kept of it; where all edges have one
probability the graph is read only where a coin succeeds. Who is active is one bit per run and node, set by an atomic
"or" whose old value says who was first. Nobody's place in the list of the next step matters to what comes out.
"""

from __future__ import annotations

import torch
import triton
import triton.language as tl
from torch import Tensor

from graphsocial.scale.device_spread.coupled_coins import coin_limits
from graphsocial.scale.device_spread.row_edges import row_edges

STRETCH = 32
"""Edges of a row that are looked at together."""
STRETCHES = 32
"""Stretches per program."""
_WORD = 32


@triton.jit
def _mix(bits):  # type: ignore[no-untyped-def]
    first: tl.constexpr = 0xBF58476D1CE4E5B9
    second: tl.constexpr = 0x94D049BB133111EB
    bits = (bits ^ (bits >> 30)) * tl.full((), first, tl.uint64)
    bits = (bits ^ (bits >> 27)) * tl.full((), second, tl.uint64)
    return bits ^ (bits >> 31)


@triton.jit(do_not_specialize=("stretches", "one_limit", "words"))  # one compilation for all
def _one_step(  # type: ignore[no-untyped-def]
    run_of,
    node_of,
    owner_of,
    first_stretch,
    stretches,
    indptr,
    target,
    limit,
    one_limit,
    stream_of,
    active,
    words,
    next_run,
    next_node,
    count,
    UNIFORM: tl.constexpr,
    STRETCHES: tl.constexpr,
    STRETCH: tl.constexpr,
):
    step: tl.constexpr = 0x9E3779B97F4A7C15
    half: tl.constexpr = 0x9E6D62D06F6A9A9B
    stretch = tl.program_id(0).to(tl.int64) * STRETCHES + tl.arange(0, STRETCHES)
    there = stretch < stretches
    owner = tl.load(owner_of + stretch, mask=there, other=0)
    part = stretch - tl.load(first_stretch + owner, mask=there, other=0)
    run = tl.load(run_of + owner, mask=there, other=0)
    node = tl.load(node_of + owner, mask=there, other=0)
    begin = tl.load(indptr + node, mask=there, other=0) + part * STRETCH
    end = tl.load(indptr + node + 1, mask=there, other=0)
    stream = tl.load(stream_of + run, mask=there, other=0).to(tl.uint64, bitcast=True)
    place = begin[:, None] + tl.arange(0, STRETCH)[None, :]
    inside = there[:, None] & (place < end[:, None])
    item = place.to(tl.uint64, bitcast=True) * tl.full((), step, tl.uint64) + tl.full((), half, tl.uint64)
    coin = (_mix(stream[:, None] ^ item) >> 11).to(tl.int64, bitcast=True)
    if UNIFORM:
        lucky = inside & (coin < one_limit)
    else:
        lucky = inside & (coin < tl.load(limit + place, mask=inside, other=0))
    reached = tl.load(target + place, mask=lucky, other=0)
    word = run[:, None].to(tl.int64) * words + (reached >> 5)
    bit = (1 << (reached & 31)).to(tl.int32)
    before = tl.atomic_or(active + word, bit, mask=lucky)
    fresh = (lucky & ((before & bit) == 0)).to(tl.int32)
    new = tl.sum(tl.sum(fresh, axis=1), axis=0)
    if new > 0:
        room = tl.atomic_add(count, new.to(tl.int64))
        of_row = tl.sum(fresh, axis=1)
        at = room + (tl.cumsum(of_row, axis=0) - of_row)[:, None] + tl.cumsum(fresh, axis=1) - fresh
        tl.store(next_run + at, tl.broadcast_to(run[:, None], (STRETCHES, STRETCH)), mask=fresh > 0)
        tl.store(next_node + at, reached, mask=fresh > 0)


class TritonSteps:
    """As `TorchSteps`, for the same arguments.

    Args:
        indptr: First edge of each row, int64 [node + 1].
        target: Whom each edge reaches, int32 [edge].
        probability: Chance of each edge, float32 [edge].
        stream: Where each run's stream begins, int64 [run].
    """

    def __init__(self, indptr: Tensor, target: Tensor, probability: Tensor, stream: Tensor):
        self._indptr, self._target, self._stream = indptr, target, stream
        self._limit = coin_limits(probability)
        limits = self._limit[:1].tolist() or [0]
        self._one_limit, self._uniform = limits[0], bool((self._limit == limits[0]).all())
        self._nodes, runs = len(indptr) - 1, len(stream)
        self._words = -(-self._nodes // _WORD)
        self._degree = indptr.diff()
        self._active = torch.zeros(runs * self._words, dtype=torch.int32, device=indptr.device)
        self._room = [torch.empty(2, runs * self._nodes, dtype=torch.int32, device=indptr.device) for _ in range(2)]
        self._turn = 0

    @staticmethod
    def bytes_per_run(nodes: int) -> int:
        """Memory that a run takes: two lists of members, a bit per node, and stretches of as many rows."""
        return 41 * nodes

    def begin(self, seeds: Tensor) -> tuple[Tensor, Tensor]:
        """Makes the seeds active in every run; run and node of each, int32 [member]."""
        runs = len(self._stream)
        run = torch.arange(runs, device=seeds.device, dtype=torch.int32).repeat_interleave(len(seeds))
        node = seeds.int().repeat(runs)
        word, bit = seeds // _WORD, torch.ones_like(seeds) << (seeds % _WORD)
        row = torch.zeros(self._words, dtype=torch.int64, device=seeds.device).index_add_(0, word, bit)
        self._active.view(runs, self._words).copy_(row)  # the lowest 32 bits of each
        return run, node

    def step(self, run: Tensor, node: Tensor) -> tuple[Tensor, Tensor]:
        """Who becomes active because these did, and is from now on; run and node of each, int32 [member]."""
        many = (self._degree[node] + (STRETCH - 1)) // STRETCH
        past = many.cumsum(0)
        stretches = int(past[-1]) if len(past) else 0
        if not stretches:
            return run[:0], node[:0]
        owner = torch.repeat_interleave(
            torch.arange(len(node), device=node.device, dtype=torch.int32), many, output_size=stretches
        )
        count = torch.zeros(1, dtype=torch.int64, device=node.device)
        next_run, next_node = self._room[self._turn]
        self._turn = 1 - self._turn
        _one_step[(triton.cdiv(stretches, STRETCHES),)](
            run,
            node,
            owner,
            past - many,
            stretches,
            self._indptr,
            self._target,
            self._limit,
            self._one_limit,
            self._stream,
            self._active,
            self._words,
            next_run,
            next_node,
            count,
            UNIFORM=self._uniform,
            STRETCHES=STRETCHES,
            STRETCH=STRETCH,
        )
        found = int(count)
        return next_run[:found], next_node[:found]

    def open_runs(self, run: Tensor, node: Tensor) -> Tensor:
        """Runs in which these members have an edge left to somebody not active, by which something can pass, [open]."""
        found = [run.new_zeros(0)]
        for owner, place in row_edges(self._indptr, node):
            passes = self._limit[place] > 0
            owner, place = owner[passes], place[passes]
            reached = self._target[place]
            word = self._active[run[owner].long() * self._words + reached // _WORD]
            found.append(run[owner[(word >> (reached % _WORD)) & 1 == 0]].unique())
        return torch.cat(found).unique()
