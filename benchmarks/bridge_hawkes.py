"""Sizes from a self-exciting process that all posts share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.bridge_block import Block
from benchmarks.bridge_data import BridgeData
from benchmarks.bridge_forecasts import Forecasts, mean_crps
from graphsocial.diffusion import EventTimes, ExponentialKernel, HawkesFit, HawkesProcess, PowerLawKernel, fit_hawkes
from graphsocial.diffusion.point_processes.cluster_kernel import further_counts
from graphsocial.diffusion.point_processes.memory_kernel import MemoryKernel
from graphsocial.diffusion.simulate import stream_key

CHOICES: tuple[tuple[type[MemoryKernel], bool], ...] = (
    (ExponentialKernel, False),
    (ExponentialKernel, True),
    (PowerLawKernel, False),
    (PowerLawKernel, True),
)
"""Kernels, and whether events come by themselves, too; the validation part chooses."""
MOST_SEQUENCES = 4_000
"""Of a fit: two to four parameters need no more, and the power law looks back at all earlier events."""


@dataclass(frozen=True)
class HawkesCase:
    """The process that was best on the validation part, fitted again on what was known when the test began.

    Attributes:
        fit: The fit.
        valid_crps: CRPS of what was chosen.
    """

    fit: HawkesFit
    valid_crps: float

    @classmethod
    def chosen(cls, data: BridgeData, training: Sequence[Block], runs: int) -> HawkesCase:
        """Fits each kernel on what came before the validation part, and the best one on what came before the test.

        Args:
            data: The corpus.
            training: Training blocks, the validation part last.
            runs: Simulated runs of each post.
        """
        horizon, moment = data.choice_horizon, np.array([float(data.choice_horizon)])
        valid = training[-1].by(data.test_time, horizon)
        came = data.came(valid, moment)[:, 0]
        early = _events(data, training[:-1], data.valid_time)
        losses: list[tuple[float, int]] = []
        for kernel, background in CHOICES:
            fit = fit_hawkes(early, kernel, background=background, threads=1)
            counts = _counts(data, fit.process, valid, moment, runs)
            losses.append((mean_crps(Forecasts(counts), came), len(losses)))
        loss, best = min(losses)
        kernel, background = CHOICES[best]
        return cls(fit_hawkes(_events(data, training, data.test_time), kernel, background=background, threads=1), loss)

    def forecast(self, data: BridgeData, test: Block, runs: int) -> Forecasts:
        """Simulated counts."""
        horizons = len(data.asked.horizons)
        counts = _counts(data, self.fit.process, test, data.asked.moments, runs)
        return Forecasts(counts[:, :horizons], np.log2(1 + np.median(counts[:, horizons:], axis=2)))


def _events(data: BridgeData, blocks: Sequence[Block], time: int) -> EventTimes:
    """Roots and known users' events of training cascades, up to the horizon and before a time."""
    record, ages, until = data.record, [], []
    every = [(int(c), block.users) for block in blocks for c in block.windows.cascade]
    for cascade, users in every[:: max(1, len(every) // MOST_SEQUENCES)]:
        part = slice(record.offsets[cascade], record.offsets[cascade + 1])
        age, user = record.time[part] - record.start[cascade], record.user[part]
        end = min(time - record.start[cascade], data.observe + data.horizon)
        if end > 0:
            kept = (age < end) & (user < users)
            kept[0] = True
            ages.append(age[kept].astype(np.float64))
            until.append(float(end))
    return EventTimes.of(ages, np.array(until), root=True, resolution=1.0, known_until=time)


def _counts(data: BridgeData, process: HawkesProcess, block: Block, moments: np.ndarray, runs: int) -> np.ndarray:
    """Simulated further events by each moment, never more than there are users left, int64 [example, moment, run].

    They are the counts that `predict_size` takes its interval from.
    """
    ages, left = [], []
    for cascade, as_of in zip(block.windows.cascade, block.windows.as_of, strict=True):
        user, time = data.prefix(int(cascade), int(as_of))
        kept = user < block.users
        left.append(block.users - kept.sum())
        kept[0] = True
        ages.append((as_of - time[kept]).astype(np.float64))
    age, offsets = np.concatenate(ages), np.concatenate([[0], np.cumsum([len(a) for a in ages])])
    examples = len(ages)
    rate = np.full(examples, process.branching)
    key = np.uint64(stream_key(0))
    out = np.empty((examples, len(moments), runs), dtype=np.int64)
    for m, horizon in enumerate(moments):
        counts = np.empty((examples, runs), dtype=np.int64)
        asked = (age, offsets, np.ones(len(age)), rate, rate, process.background, float(horizon))
        further_counts(0, examples, key, runs, *process.kernel.compiled, *asked, block.users, counts)
        most = np.array(left)[:, None]
        out[:, m] = np.where(counts < 0, most, np.minimum(counts, most))
    return out
