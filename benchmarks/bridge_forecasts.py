"""Forecasts of who else acts, as draws, and how good they are, cascade by cascade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from benchmarks.bridge_block import Block
from benchmarks.bridge_data import BridgeData
from graphsocial.diffusion import Activation
from graphsocial.graph import CascadeSet
from graphsocial.learn.ensemble_scores import crps, integral_transform
from graphsocial.learn.reliability import CHANCE_BINS, Reliability, reliability

LEVEL = 0.9
EDGE_BINS = (0.0, 1e-9, 0.001, 0.003, 0.01, 0.03, 0.1, 1.0)
"""Ends of bins for the chance of an edge; in the first one lie those to whom no edge leads."""


@dataclass(frozen=True, eq=False)
class Forecasts:
    """What a case says of each post.

    Attributes:
        counts: New adopters among known users by each horizon, equally likely draws [example, horizon, draw].
        growth: Median of log2(1 + new adopters) by each age [example, age]; None where the case does not say.
        reached: How often each known user was among them, or another score of who it will be, sparse [example, user];
            None where the case does not say.
        halves: Share of the first and of the second half of the runs in which each known user was among them, sparse
            [example, user]; None where the case does not simulate who it will be.
        edge: Largest chance of an edge from a known user who had acted to each known user, sparse [example, user]; None
            where the case has none.
    """

    counts: np.ndarray
    growth: np.ndarray | None = None
    reached: sparse.csr_matrix | None = None
    halves: tuple[sparse.csr_matrix, sparse.csr_matrix] | None = None
    edge: sparse.csr_matrix | None = None

    @classmethod
    def of_runs(cls, runs: Iterable[CascadeSet], data: BridgeData, users: int) -> Forecasts:
        """From the simulated cascades of each post; who stands at their beginning, or is not known, does not count."""
        moments, horizons = data.asked.moments, len(data.asked.horizons)
        counts, growth, rows = [], [], []
        halves: tuple[list[sparse.csr_matrix], list[sparse.csr_matrix]] = ([], [])
        for some in runs:
            run = np.repeat(np.arange(len(some)), some.size)
            number = np.full(len(some.node), -1)
            new = np.flatnonzero(some.parent >= 0)
            number[new] = data.record.numbers(some.node[new].tolist())
            kept = np.flatnonzero((number >= 0) & (number < users))
            column = np.searchsorted(np.sort(moments), some.time[kept], side="left")
            cells = np.bincount(run[kept] * (len(moments) + 1) + column, minlength=len(some) * (len(moments) + 1))
            summed = cells.reshape(len(some), -1).cumsum(axis=1)[:, np.argsort(np.argsort(moments, kind="stable"))]
            counts.append(summed[:, :horizons].T)
            growth.append(np.log2(1 + np.median(summed[:, horizons:], axis=0)))
            first = len(some) // 2
            for half, (low, high) in zip(halves, ((0, first), (first, len(some))), strict=True):
                among = kept[(run[kept] >= low) & (run[kept] < high)]
                share = np.bincount(number[among], minlength=users) / max(high - low, 1)
                half.append(sparse.csr_matrix(share))
            rows.append(sparse.csr_matrix(np.bincount(number[kept], minlength=users).astype(np.float32)))
        first_half, second_half = (sparse.vstack(half, format="csr") for half in halves)
        whole = sparse.vstack(rows, format="csr")
        return cls(np.stack(counts), np.stack(growth), whole, (first_half, second_half))


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What came after each forecast.

    Attributes:
        counts: New adopters among known users by each horizon, int64 [example, horizon].
        growth: log2(1 + new adopters) by each age [example, age].
        adopters: Known ones, int64 [adopter] for each example.
        others: Known users who had acted before, int64 [member] for each example.
        unknown: New adopters who were not known, int64 [example].
        unreached: Known new adopters to whom no edge leads from anybody known who acted before them, int64 [example].
        users: Known users.
    """

    counts: np.ndarray
    growth: np.ndarray
    adopters: list[np.ndarray]
    others: list[np.ndarray]
    unknown: np.ndarray
    unreached: np.ndarray
    users: int

    @classmethod
    def of(cls, data: BridgeData, block: Block) -> Outcomes:
        """Looks them up in the record."""
        came, users, horizons = data.came(block, data.asked.moments), block.users, len(data.asked.horizons)
        spread = block.edges.spread
        key = spread.source.astype(np.int64) * spread.num_nodes + spread.target
        adopters, others, unknown, unreached = [], [], [], []
        for cascade, as_of in zip(block.windows.cascade, block.windows.as_of, strict=True):
            new, before = data.adopters(int(cascade), int(as_of)), data.prefix(int(cascade), int(as_of))[0]
            adopters.append(new[new < users])
            others.append(before[before < users])
            unknown.append(int((new >= users).sum()))
            unreached.append(_unreached(data, int(cascade), adopters[-1], key, spread.num_nodes))
        return cls(
            came[:, :horizons], np.log2(1 + came[:, horizons:]), adopters, others, np.array(unknown),
            np.array(unreached), users,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.adopters)


def _unreached(data: BridgeData, cascade: int, new: np.ndarray, key: np.ndarray, nodes: int) -> int:
    """How many of some adopters no edge leads to from a known user who acted earlier."""
    part = slice(data.record.offsets[cascade], data.record.offsets[cascade + 1])
    user, time = data.record.user[part], data.record.time[part]
    count = 0
    for v in new:
        earlier = user[time < time[user == v][0]]
        asked = earlier[earlier < nodes - 1] * nodes + v
        place = np.minimum(np.searchsorted(key, asked), max(len(key) - 1, 0))
        count += not (len(key) and (key[place] == asked).any())
    return count


@dataclass(frozen=True, eq=False)
class Scores:
    """How good some forecasts are, one number per example.

    Attributes:
        crps: Of log2(1 + new adopters) by each horizon [example, horizon].
        adopters: CRPS of the number itself at the main horizon [example].
        ends: Ends of the 90 % interval of log2(1 + new adopters) by each horizon [example, horizon, 2].
        pit: Probability integral transform at the main horizon [example].
        growth_error: Mean absolute difference of the growth curves [example]; None where the case has none.
        average_precision: Of who is reached [example], nan where nobody known came; None where the case does not say.
        by_chance: Chances of known users who had not acted to act, against how many did, by the chance of each; None
            where the case does not simulate them.
        by_edge: The same by the largest chance of an edge to each from who had acted; None where the case has no edges.
    """

    crps: np.ndarray
    adopters: np.ndarray
    ends: np.ndarray
    pit: np.ndarray
    growth_error: np.ndarray | None
    average_precision: np.ndarray | None
    by_chance: Reliability | None
    by_edge: Reliability | None

    @classmethod
    def of(cls, found: Forecasts, came: Outcomes) -> Scores:
        """Judges forecasts."""
        draws, target = np.log2(1 + found.counts), np.log2(1 + came.counts)
        tail = (1 - LEVEL) / 2
        return cls(
            np.stack([crps(draws[:, h], target[:, h]) for h in range(target.shape[1])], axis=1),
            crps(found.counts[:, -1], came.counts[:, -1]),
            # of equally likely draws the k-th stands for the level (k + 1/2) / draws
            np.moveaxis(np.quantile(draws, [tail, 1 - tail], axis=2, method="hazen"), 0, 2),
            integral_transform(draws[:, -1], target[:, -1], rng=0),
            None if found.growth is None else np.abs(found.growth - came.growth).mean(axis=1),
            None if found.reached is None else _average_precision(found.reached, came),
            None if found.halves is None else _reliability(found.halves, found.halves[0], came, CHANCE_BINS),
            None
            if found.halves is None or found.edge is None
            else _reliability(found.halves, found.edge, came, EDGE_BINS),
        )


def _reliability(
    halves: tuple[sparse.csr_matrix, sparse.csr_matrix],
    by: sparse.csr_matrix,
    came: Outcomes,
    ends: Sequence[float],
) -> Reliability:
    """Chances are shares of the second half of the runs: those that bins are chosen by would look too high in them."""
    said, right, bins, post = [], [], [], []
    for i, adopters in enumerate(came.adopters):
        asked = np.ones(came.users, dtype=bool)
        asked[came.others[i]] = False
        acts = np.zeros(came.users, dtype=bool)
        acts[adopters] = True
        said.append(halves[1][i].toarray()[0][asked])
        right.append(acts[asked])
        bins.append(by[i].toarray()[0][asked])
        post.append(np.full(int(asked.sum()), i))
    flat = (np.concatenate(part) for part in (said, right, post))
    return reliability(*flat, by=np.concatenate(bins), ends=ends)


def strongest_edges(activation: Activation, acted: np.ndarray, users: int) -> sparse.csr_matrix:
    """Largest chance of an edge from who had acted to each known user, sparse [1, user].

    Args:
        activation: Chances over edges whose nodes are numbered as users are.
        acted: Known users who had, int64 [member].
        users: Known users.
    """
    largest, spread = np.zeros(users + 1), activation.spread
    for user in acted:
        row = slice(spread.indptr[user], spread.indptr[user + 1])
        target = spread.target[row]
        largest[target] = np.maximum(largest[target], activation.probability[row])
    return sparse.csr_matrix(largest[:users])


def _average_precision(reached: sparse.csr_matrix, came: Outcomes) -> np.ndarray:
    from sklearn.metrics import average_precision_score

    out = np.full(len(came), np.nan)
    for i, adopters in enumerate(came.adopters):
        if len(adopters):
            right, asked = np.zeros(came.users, dtype=bool), np.ones(came.users, dtype=bool)
            right[adopters], asked[came.others[i]] = True, False
            out[i] = average_precision_score(right[asked], reached[i].toarray()[0][asked])
    return out


def mean_crps(found: Forecasts, came: np.ndarray) -> float:
    """Mean CRPS of log2(1 + new adopters) at the last horizon, which settings are chosen by; outcomes [example]."""
    return float(crps(np.log2(1 + found.counts[:, -1]), np.log2(1 + came)).mean())
