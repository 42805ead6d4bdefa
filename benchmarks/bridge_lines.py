"""Result lines of the bridge benchmark, and the table it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
import numpy as np

from benchmarks.bridge_block import Block
from benchmarks.bridge_data import BridgeData
from benchmarks.bridge_forecasts import LEVEL, Forecasts, Outcomes, Scores
from benchmarks.result_lines import ResultLines
from graphsocial.learn.bootstrap import BootstrapInterval, bootstrap_interval
from graphsocial.learn.cascade_size.size_metrics import clopper_pearson
from graphsocial.learn.metrics import INTERVAL_SCORE, WIDTH, Metric, Sums
from graphsocial.learn.reliability import Reliability

OURS = "bridge"
BINS = 10
RESAMPLES = {False: 2_000, True: 200}


def _ratio(prediction: np.ndarray, target: np.ndarray, query: np.ndarray) -> float:
    return float(prediction[:, 0].sum() / prediction[:, 1].sum())


RATIO = Metric("ratio", True, _ratio, Sums(lambda p, t, q: p, lambda sums: sums[..., 0] / sums[..., 1]))
"""Sum of the first column over the sum of the second: a mean where that is one, else a share over all."""


class BridgeLines:
    """Writes the lines of each case as soon as it is known, and keeps its scores for the differences.

    Args:
        lines: Where to.
        data: The corpus.
        test: The test posts.
        config: Written on every line.
    """

    def __init__(self, lines: ResultLines, data: BridgeData, test: Block, config: Mapping[str, Any]):
        self._lines, self._data, self._config = lines, data, config
        self.came = Outcomes.of(data, test)
        self._resamples = RESAMPLES[bool(config["quick"])]
        self.reliability: dict[str, dict[str, Reliability]] = {}
        """By what the bins are of ("": the chance to act, "/edge": the chance of an edge), then by case."""
        self._crps: dict[str, np.ndarray] = {}
        self._seconds: dict[str, float] = {}
        self._case_config: dict[str, Mapping[str, Any]] = {}
        self._shown: dict[str, str] = {}

    def case(
        self, name: str, found: Sequence[Forecasts], seconds: float, config: Mapping[str, Any] | None = None
    ) -> None:
        """Every metric of a case: its seeds' scores are averaged post by post; each seed's CRPS stands beside."""
        self._seconds[name], self._case_config[name] = seconds, config or {}
        scores = [Scores.of(each, self.came) for each in found]
        crps = np.mean([s.crps for s in scores], axis=0)
        self._crps[name] = crps[:, -1]
        self._mean(name, "crps", crps[:, -1], "log2")
        for h, horizon in enumerate(self._data.asked.horizons[:-1]):
            self._mean(name, f"crps/horizon={horizon}", crps[:, h], "log2")
        self._mean(name, "crps/adopters", np.mean([s.adopters for s in scores], axis=0), "adopters")
        self._intervals(name, scores)
        for i in range(BINS):
            low, high = i / BINS, (i + 1) / BINS
            inside = [(low <= s.pit) & ((s.pit < high) | (i == BINS - 1)) for s in scores]
            self._mean(name, f"pit/bin={i}", np.mean(inside, axis=0), "")
        for metric in ("growth_error", "average_precision"):
            values = [getattr(s, metric) for s in scores]
            if values[0] is not None:
                self._mean(name, metric, np.mean(values, axis=0), "log2" if metric == "growth_error" else "")
        for suffix, found_by in (("", [s.by_chance for s in scores]), ("/edge", [s.by_edge for s in scores])):
            several = [one for one in found_by if one is not None]
            if several:
                self._reliability(name, suffix, several)
        if len(found) > 1:
            for seed, score in enumerate(scores):
                self._mean(name, f"crps/seed={seed}", score.crps[:, -1], "log2", seed=seed)
            pooled = Forecasts(np.concatenate([each.counts for each in found], axis=2))
            self._mean(name, "crps/pooled", Scores.of(pooled, self.came).crps[:, -1], "log2")

    def _reliability(self, name: str, suffix: str, several: Sequence[Reliability]) -> None:
        """Chances against what came, the seeds of a case together: the error, expected over observed, and each bin."""
        ends = several[0].ends
        sums = [sum(getattr(one, kind) for one in several) for kind in ("count", "expected", "observed")]
        found = Reliability(ends, *sums)
        self.reliability.setdefault(suffix, {})[name] = found
        posts = len(found.count)
        for metric, value, interval in (
            ("calibration_error", found.error, found.error_interval(0, self._resamples)),
            ("expected_over_observed", found.ratio, found.ratio_interval(0, self._resamples)),
        ):
            if np.isfinite(value):
                self._write(name, f"{metric}{suffix}", BootstrapInterval(value, interval, posts, 0), posts)
        count, expected, observed = (s.sum(axis=0) / len(several) for s in sums)
        for i, ends_of_share in enumerate(found.share_interval(0, self._resamples)):
            if count[i]:
                interval = float(ends_of_share[0]), float(ends_of_share[1])
                told = {"said": float(expected[i] / count[i]), "cases": float(count[i])}
                told |= {"from": float(ends[i]), "to": float(ends[i + 1])}
                share = BootstrapInterval(float(observed[i] / count[i]), interval, posts, 0)
                self._write(name, f"share{suffix}/bin={i}", share, posts, extra=told)

    def reach(self, name: str) -> None:
        """Share of adopters who were not known, and of known ones to whom no edge led, on the lines of a case."""
        came = self.came
        known = np.array([len(adopters) for adopters in came.adopters])
        for metric, part, whole in (
            ("out_of_reach", came.unknown, known + came.unknown),
            ("out_of_reach/no_edge", came.unreached, known),
        ):
            if whole.sum():
                columns = np.stack([part, whole], axis=1).astype(np.float64)
                self._write(name, metric, self._drawn(columns), len(columns), extra={"adopters": int(whole.sum())})

    def differences(self) -> None:
        """CRPS of the bridge minus that of each case, paired by cascade: below zero the bridge is better."""
        for name, crps in self._crps.items():
            if name != OURS and OURS in self._crps:
                gap = self._drawn(_with_ones(self._crps[OURS] - crps))
                ratio = float(crps.mean() / self._crps[OURS].mean()) if self._crps[OURS].mean() > 0 else None
                self._write(name, "crps/difference", gap, len(crps), unit="log2", peer=OURS, ratio=ratio)
                self._shown[name] += f"   {OURS} minus it {_text(gap, '+.4f')}"

    def unchanged(self, difference: int) -> None:
        """What an unchanged input changes, which is nothing."""
        click.echo(f"{OURS}: the same post asked about twice, coupled runs: largest difference {difference} adopters")
        found = BootstrapInterval(float(difference), None, 0, 0)
        self._write(OURS, "unchanged_difference", found, len(self.came), unit="adopters")

    def show(self) -> None:
        """Prints the CRPS of each case."""
        click.echo(f"\n{self._data.name}: CRPS of log2(1 + new adopters), {len(self.came):,} test cascades")
        for name, text in self._shown.items():
            click.echo(f"{name:24}{text}")

    def _intervals(self, name: str, scores: Sequence[Scores]) -> None:
        """Coverage, width and interval score by each horizon, the main one without a suffix."""
        horizons, n = self._data.asked.horizons, len(self.came)
        cascade, query = np.tile(np.arange(n), len(scores)), np.arange(n * len(scores))
        for h, horizon in enumerate(horizons):
            suffix = "" if h == len(horizons) - 1 else f"/horizon={horizon}"
            target = np.log2(1 + self.came.counts[:, h])
            ends, every = np.concatenate([s.ends[:, h] for s in scores]), np.tile(target, len(scores))
            share = float(((ends[:, 0] <= every) & (every <= ends[:, 1])).mean())
            exact = clopper_pearson(round(share * n), n)
            self._write(name, f"coverage{suffix}", BootstrapInterval(share, exact, n, 0), n, extra={"nominal": LEVEL})
            for metric in (WIDTH, INTERVAL_SCORE):
                found = bootstrap_interval(metric, ends, every, query, cascade, 0, self._resamples)
                self._write(name, f"{metric.name}{suffix}", found, n, unit="log2")

    def _mean(self, name: str, metric: str, values: np.ndarray, unit: str, seed: int | None = None) -> None:
        values = values[~np.isnan(values)]
        if len(values):
            found = self._drawn(_with_ones(values))
            self._write(name, metric, found, len(values), unit=unit, seed=seed)
            if metric == "crps":
                self._shown[name] = _text(found, ".4f")

    def _drawn(self, columns: np.ndarray) -> BootstrapInterval:
        rows = np.arange(len(columns))
        return bootstrap_interval(RATIO, columns, np.zeros(len(rows)), rows, rows, 0, self._resamples)

    def _write(
        self,
        name: str,
        metric: str,
        found: BootstrapInterval,
        n: int,
        *,
        unit: str = "",
        seed: int | None = None,
        peer: str | None = None,
        ratio: float | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self._lines.write(
            name,
            metric,
            found.value,
            task="bridge",
            unit=unit,
            interval=found.interval,
            seed=seed,
            seconds=self._seconds.get(name),
            peer=peer,
            ratio=ratio,
            config={**self._config, **self._case_config.get(name, {})},
            extra={"n": n, **(extra or {})},
        )


def _with_ones(values: np.ndarray) -> np.ndarray:
    return np.stack([values.astype(np.float64), np.ones(len(values))], axis=1)


def _text(found: BootstrapInterval, form: str) -> str:
    ends = "" if found.interval is None else f" [{', '.join(f'{end:{form}}' for end in found.interval)}]"
    return f"{found.value:{form}}{ends}"
