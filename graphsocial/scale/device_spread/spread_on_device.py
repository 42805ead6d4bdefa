"""Monte-Carlo spread of the independent cascade on a GPU."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphsocial.diffusion.independent_cascade import IndependentCascade
from graphsocial.diffusion.simulate import Progress, last_time, seed_positions, stream_key
from graphsocial.diffusion.spread_summary import SpreadSummary
from graphsocial.errors import SchemaError
from graphsocial.learn.device import pick_device
from graphsocial.scale.device_spread.coupled_coins import streams
from graphsocial.scale.device_spread.torch_steps import TorchSteps

_CPU_BYTES = 1 << 30
_SHARE_OF_FREE = 0.5
"""Memory for runs that are simulated at once: a part of what the card has free, or this much on a CPU."""


def spread_on_device(
    model: IndependentCascade,
    seeds: Iterable[Any],
    runs: int = 10_000,
    *,
    rng: int | np.random.Generator,
    device: str = "auto",
    horizon: float | None = None,
    per_node: bool = False,
    most_bytes: int | None = None,
    progress: Progress | None = None,
    allow_future_model: bool = False,
) -> SpreadSummary:
    """What `spread_summary` finds for the same model with `coupled=True`, run for run, simulated on a GPU.

    Each edge of a run has a coin of its own, a hash of both, so the order in which a card comes by does not matter:
    sizes, growth and shares are the numbers of the CPU. A model that is not coupled draws other coins on the CPU; there
    the two agree as two samples of one distribution. Many runs go side by side: they share the graph, and each has one
    bit per node.

    Args:
        model: Which edges activate with which chance.
        seeds: Seed set.
        runs: Number of runs.
        rng: Whole number or numpy generator that the runs' streams derive from.
        device: "cuda", "cpu" (slow, in plain torch), or "auto": CUDA where there is one.
        horizon: Last step at which anything happens.
        per_node: Whether to count in how many runs each node became active.
        most_bytes: Memory for the runs that go side by side; None: half of what the card has free, 1 GiB on a CPU.
        progress: Told how many runs are done.
        allow_future_model: A `SeedSet` may have been selected by what the model's graph does not know yet.

    Raises:
        SchemaError: Not an independent cascade, a device that is not there, no memory for one run, or what
            `spread_summary` raises.
        UnknownNodeError: A seed is not in the graph.
        LeakageError: A `SeedSet` was selected by what the model's graph does not know yet.

    >>> from graphsocial.diffusion import Activation, SpreadGraph
    >>> chain = SpreadGraph.from_edges([0, 1, 2], [1, 2, 3])
    >>> spread_on_device(IndependentCascade(Activation.uniform(chain, 1.0)), [0], 100, rng=7, device="cpu").mean
    4.0
    """
    if not isinstance(model, IndependentCascade):
        raise SchemaError(
            f"spread on a device got {type(model).__name__}, expected an IndependentCascade; spread_summary() "
            "simulates the other models on the CPU"
        )
    start = seed_positions(model, seeds, allow_future_model)
    last = last_time(runs, horizon)
    where = pick_device(device)
    spread, key = model.spread, stream_key(rng)
    graph = (
        torch.from_numpy(spread.indptr.astype(np.int64)).to(where),
        torch.from_numpy(spread.target.astype(np.int32)).to(where),
        torch.from_numpy(model.activation.probability.copy()).to(where),
    )
    steps = _steps_on(where)
    together = _runs_together(where, steps.bytes_per_run(spread.num_nodes), most_bytes)
    sums = _Sums(spread.num_nodes if per_node else 0, where)
    for first in range(0, int(runs), together):
        run = torch.arange(first, min(first + together, int(runs)), device=where)
        sums.add(steps(*graph, streams(key, run)), torch.from_numpy(start).to(where), len(run), last)
        if progress is not None:
            progress(first + len(run), int(runs), "simulating")
    return sums.summary()


def _steps_on(where: torch.device) -> Any:
    """The compiled steps where there is a card and a compiler for it, else plain torch."""
    if where.type == "cuda":
        try:
            from graphsocial.scale.device_spread.triton_steps import TritonSteps
        except ImportError:  # torch builds for some systems come without Triton
            return TorchSteps
        return TritonSteps
    return TorchSteps


def _runs_together(where: torch.device, bytes_per_run: int, most_bytes: int | None) -> int:
    if most_bytes is None:
        free = torch.cuda.mem_get_info(where)[0] if where.type == "cuda" else 0
        most_bytes = int(free * _SHARE_OF_FREE) if free else _CPU_BYTES
    if most_bytes < bytes_per_run:
        raise SchemaError(
            f"one run over this graph takes {bytes_per_run:,} bytes, got most_bytes={most_bytes:,}; "
            "spread_summary() needs less"
        )
    return max(1, min(most_bytes // max(bytes_per_run, 1), 1 << 20))


class _Sums:
    """Sums over runs, as `spread_summary` keeps them: whole numbers, so their order does not matter."""

    def __init__(self, nodes: int, where: torch.device):
        self._size: list[np.ndarray] = []
        self._total: list[int] = []
        self._squares: list[int] = []
        self._active = torch.zeros(nodes, dtype=torch.int64, device=where)
        self._censored = 0

    def add(self, steps: Any, seeds: Tensor, runs: int, last: float) -> None:
        """Simulates the runs to their ends and adds them up."""
        run, node = steps.begin(seeds)
        size = torch.bincount(run, minlength=runs)
        curve = [size]
        self._count(node)
        while len(run):
            if len(curve) > last:
                self._censored += len(steps.open_runs(run, node))
                break
            run, node = steps.step(run, node)
            if len(run):
                size = size + torch.bincount(run, minlength=runs)
                curve.append(size)
                self._count(node)
        self._size.append(size.cpu().numpy())
        totals = torch.stack([step.sum() for step in curve]).tolist()
        squares = torch.stack([(step * step).sum() for step in curve]).tolist()
        self._extend(len(totals))
        for step in range(len(self._total)):
            self._total[step] += totals[min(step, len(totals) - 1)]
            self._squares[step] += squares[min(step, len(squares) - 1)]

    def _extend(self, places: int) -> None:
        """Runs that stopped earlier stay as they were."""
        missing = max(0, places - len(self._total))
        self._total += [self._total[-1] if self._total else 0] * missing
        self._squares += [self._squares[-1] if self._squares else 0] * missing

    def _count(self, node: Tensor) -> None:
        if len(self._active):
            self._active += torch.bincount(node, minlength=len(self._active))

    def summary(self) -> SpreadSummary:
        """All runs together."""
        active = self._active.cpu().numpy() if len(self._active) else None
        return SpreadSummary.of_sums(
            np.concatenate(self._size),
            np.arange(len(self._total)),
            np.array(self._total, dtype=np.float64),
            np.array(self._squares, dtype=np.float64),
            active,
            self._censored,
        )
