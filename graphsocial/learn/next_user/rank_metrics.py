"""Hits@k, MAP@k and MRR from ranks, and how far they would move with other cascades and other seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graphsocial.errors import SchemaError

METRICS = ("hits@10", "hits@50", "hits@100", "map@10", "map@100", "mrr")
LEVEL = 0.95
_CELLS = 2**22  # resample x cascade counts held at once


def gains(ranks: np.ndarray) -> np.ndarray:
    """What each target adds to every metric of `METRICS`, float64 [target, metric].

    Hits@k: 1 if rank <= k. MAP@k: 1 / rank if rank <= k, as there is one right user per place. MRR: 1 / rank.

    Args:
        ranks: Middle ranks, 1 or more, inf for a miss [target].

    Raises:
        SchemaError: A rank is below 1 or no number.

    >>> gains(np.array([4.0, 20.0, np.inf])).tolist()
    [[1.0, 1.0, 1.0, 0.25, 0.25, 0.25], [0.0, 1.0, 1.0, 0.0, 0.05, 0.05], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    ranks = np.asarray(ranks, dtype=np.float64)
    if ranks.ndim != 1 or not (ranks >= 1).all():
        raise SchemaError(f"got ranks of shape {ranks.shape} with {(~(ranks >= 1)).sum()} below 1 or no number")
    columns = []
    for metric in METRICS:
        name, _, cut = metric.partition("@")
        inside = ranks <= float(cut or "inf")
        columns.append(np.where(inside, 1.0 if name == "hits" else 1 / ranks, 0.0))
    return np.stack(columns, axis=1)


@dataclass(frozen=True, eq=False)
class RankSums:
    """Metrics of one ranker as sums over the targets of each cascade.

    Attributes:
        total: Sum of the gains, float64 [seed, cascade, metric]; a ranker without randomness has one seed.
        targets: Number of targets, the same for all seeds, int64 [cascade].
    """

    total: np.ndarray
    targets: np.ndarray

    @classmethod
    def of(cls, ranks: Sequence[np.ndarray], cascade: np.ndarray, keep: np.ndarray | None = None) -> RankSums:
        """Sums of one or several seeds over the cascades that have a target.

        Args:
            ranks: For every seed, middle ranks [target].
            cascade: Cascade of each target [target].
            keep: Which targets count, None = all, bool [target].

        >>> RankSums.of([np.array([1.0, 30.0, 2.0])], np.array([5, 5, 6])).value[0].item()
        0.6666666666666666
        """
        keep = np.ones(len(cascade), dtype=bool) if keep is None else keep
        names, code = np.unique(cascade[keep], return_inverse=True)
        total = np.zeros((len(ranks), len(names), len(METRICS)))
        for seed, mine in enumerate(ranks):
            np.add.at(total[seed], code, gains(np.asarray(mine)[keep]))
        return cls(total, np.bincount(code, minlength=len(names)))

    @classmethod
    def pooled(cls, parts: Sequence[RankSums]) -> RankSums:
        """Several origins as one, their cascades side by side; seed i of one goes with seed i of the others.

        Raises:
            SchemaError: They differ in the number of seeds.
        """
        seeds = {len(part.total) for part in parts}
        if len(seeds) != 1:
            raise SchemaError(f"origins to pool have {sorted(seeds)} seeds, expected the same number")
        return cls(np.concatenate([p.total for p in parts], axis=1), np.concatenate([p.targets for p in parts]))

    @property
    def value(self) -> np.ndarray:
        """Every metric over all targets, mean over seeds, nan for no target [metric]."""
        count = self.targets.sum()
        return self.total.sum(axis=1).mean(axis=0) / count if count else np.full(len(METRICS), np.nan)


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % percentile interval (Efron and Tibshirani 1993, ch. 13).

    Attributes:
        value: On the data as it is.
        interval: 2.5 % and 97.5 % quantiles over resamples, None for fewer than two cascades.
        p: Two-sided p value of no difference, by how many resamples lie on the other side of zero.
    """

    value: float
    interval: tuple[float, float] | None
    p: float


class RankBootstrap:
    """Resamples of whole cascades, and of seeds at the same time, the same ones for every ranker.

    Args:
        cases: Rankers by name; all on the same targets. Those with several seeds have the same number of them.
        rng: Seed or generator.
        resamples: Number of resamples.

    Raises:
        SchemaError: The rankers were not asked the same targets, or differ in seeds.

    >>> cascade = np.array([0, 1, 1, 2])
    >>> cases = {name: RankSums.of([np.array(r)], cascade) for name, r in {"a": [1.0] * 4, "b": [200.0] * 4}.items()}
    >>> found = RankBootstrap(cases, rng=0, resamples=99).difference("a", "b", "hits@10")
    >>> found.value, found.interval, round(found.p, 3)
    (1.0, (1.0, 1.0), 0.02)
    """

    def __init__(self, cases: Mapping[str, RankSums], rng: int | np.random.Generator, resamples: int = 2000):
        first = next(iter(cases.values()))
        seeds = {len(sums.total) for sums in cases.values()} - {1} or {1}
        if len(seeds) != 1 or any(not np.array_equal(s.targets, first.targets) for s in cases.values()):
            raise SchemaError("rankers to compare, expected the same targets per cascade and one number of seeds")
        self._place = {name: i for i, name in enumerate(cases)}
        self._value = np.stack([sums.value for sums in cases.values()])
        self._cascades = int((first.targets > 0).sum())
        count = seeds.pop()
        total = np.stack([np.broadcast_to(s.total, (count, *s.total.shape[1:])) for s in cases.values()])
        self._drawn = _resampled(total, first.targets, np.random.default_rng(rng), resamples)

    def estimate(self, case: str, metric: str) -> Estimate:
        """A ranker's metric."""
        i, m = self._place[case], METRICS.index(metric)
        return self._estimate(self._value[i, m], self._drawn[:, i, m])

    def difference(self, case: str, other: str, metric: str) -> Estimate:
        """A ranker's metric minus that of another on the same resamples."""
        i, j, m = self._place[case], self._place[other], METRICS.index(metric)
        return self._estimate(self._value[i, m] - self._value[j, m], self._drawn[:, i, m] - self._drawn[:, j, m])

    def _estimate(self, value: float, drawn: np.ndarray) -> Estimate:
        if self._cascades < 2:
            return Estimate(float(value), None, 1.0)
        low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        side = 1 + min((drawn <= 0).sum(), (drawn >= 0).sum())
        return Estimate(float(value), (float(low), float(high)), float(min(1.0, 2 * side / (1 + len(drawn)))))


def _resampled(total: np.ndarray, targets: np.ndarray, rng: np.random.Generator, resamples: int) -> np.ndarray:
    """Metrics of every resample [resample, case, metric] from total [case, seed, cascade, metric]."""
    cases, seeds, cascades, metrics = total.shape
    flat = total.transpose(2, 0, 1, 3).reshape(cascades, -1)
    drawn = np.empty((resamples, cases, metrics))
    block = max(1, _CELLS // max(1, cascades))
    for begin in range(0, resamples, block):
        count = min(block, resamples - begin)
        times = _draws(rng, count, cascades)
        weight = _draws(rng, count, seeds) / seeds
        sums = (times @ flat).reshape(count, cases, seeds, metrics)
        mean = np.einsum("rcsm,rs->rcm", sums, weight)
        drawn[begin : begin + count] = mean / (times @ targets.astype(np.float64))[:, None, None]
    return drawn


def _draws(rng: np.random.Generator, resamples: int, units: int) -> np.ndarray:
    """How often each unit is drawn, with replacement, float64 [resample, unit]."""
    picks = rng.integers(0, units, size=(resamples, units)) + units * np.arange(resamples)[:, None]
    return np.bincount(picks.ravel(), minlength=resamples * units).reshape(resamples, units).astype(np.float64)
