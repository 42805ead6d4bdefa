"""Result lines of the recommendation benchmark, and the table it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import click
import numpy as np

from benchmarks.result_lines import ResultLines
from graphsocial.learn.bootstrap import BootstrapInterval, bootstrap_interval
from graphsocial.learn.metrics import Metric, Sums
from graphsocial.learn.recommendation.evidence import Candidates
from graphsocial.learn.recommendation.ranked import METRICS, Ranked, coverage

COMPARED = ("hr@10", "ndcg@10")
OURS = ("cross_modal", "cross_modal/encoder")
BESIDE = ("graph", "not_personal", "late_fusion", "cross_modal/shuffled_text")
"""Cases that ours are compared with besides the best floor, for what a part of it adds."""
RESAMPLES = {False: 2_000, True: 200}

_MEAN = Metric("mean", True, lambda p, t, q: float(p.mean()), Sums(lambda p, t, q: p, lambda s: s[..., 0] / s[..., 1]))


class RecommendationLines:
    """Writes the lines of each case as soon as it is known, and keeps its gains for the differences.

    The seeds of a case are averaged target by target; intervals are over users drawn with replacement.

    Args:
        lines: Where to.
        test: All candidates of the test targets.
        user: Of each test target [target].
        groups: Targets of each group, bool [target].
        config: Written on every line.
    """

    def __init__(
        self,
        lines: ResultLines,
        test: Candidates,
        user: np.ndarray,
        groups: Mapping[str, np.ndarray],
        config: Mapping[str, Any],
    ):
        self._lines, self._test, self._user, self._groups, self._config = lines, test, user, groups, config
        self._resamples = RESAMPLES[bool(config["quick"])]
        self._gains: dict[str, np.ndarray] = {}
        self._seeds: dict[str, int] = {}
        self._floors: list[str] = []
        self._shown: dict[str, str] = {}

    def asked(self, seconds: float) -> None:
        """How many targets there are, how many candidates they have, and how many are out of reach."""
        missed = int((self._test.right < 0).sum())
        median = float(np.median(self._test.size))
        for metric, value in (("targets", len(self._test)), ("out_of_reach", missed), ("candidates", median)):
            self._lines.write(
                "candidates", metric, value, task="recommendation", config=self._config, seconds=seconds,
                extra={"n": len(self._test)},
            )  # fmt: skip
        click.echo(
            f"{len(self._test):,} test targets of {len(np.unique(self._user)):,} users, {median:.0f} candidates "
            f"(median); {missed:,} right posts are no candidate and count as misses"
        )

    def case(
        self,
        name: str,
        found: Sequence[Ranked],
        seconds: float,
        config: Mapping[str, Any] | None = None,
        floor: bool = False,
    ) -> None:
        """Every metric of a case, by group, and that of each seed.

        Args:
            name: Of the case.
            found: Rankings, one per seed.
            seconds: Of one seed.
            config: What the case says of itself.
            floor: Whether it is one that ours has to beat.
        """
        gains = np.mean([each.gains for each in found], axis=0)
        self._gains[name], self._seeds[name] = gains, len(found)
        self._floors += [name] if floor else []
        about = {**self._config, **(config or {})}
        everyone = np.ones(len(gains), dtype=bool)
        parts = {"": everyone, **{f"/{group}": rows for group, rows in self._groups.items()}}
        for column, metric in enumerate(METRICS):
            for suffix, rows in parts.items():
                if suffix and metric not in COMPARED:
                    continue
                drawn = self._drawn(gains[rows, column], rows)
                self._write(name, metric + suffix, drawn, int(rows.sum()), about, seconds=seconds)
                if not suffix:
                    self._shown[name] = self._shown.get(name, "") + f"   {metric} {_text(drawn, '.4f')}"
            for seed, each in enumerate(found if len(found) > 1 and metric in COMPARED else ()):
                value = BootstrapInterval(float(each.gains[:, column].mean()), None, 0, 0)
                self._write(name, f"{metric}/seed={seed}", value, len(gains), about, seed=seed)
        covered = float(np.mean([coverage(each.shown, self._test) for each in found]))
        self._write(name, "coverage@10", BootstrapInterval(covered, None, 0, 0), len(gains), about)
        some = self._test.size > 0
        surprise = np.mean([each.surprise for each in found], axis=0)[some]
        novelty = self._drawn(surprise, some)
        self._write(name, "novelty@10", novelty, len(surprise), about, unit="bits")
        self._shown[name] += f"   coverage {covered:.3f}   novelty {novelty.value:.2f}"

    def differences(self) -> None:
        """Each learned case minus the floor that is best on the same targets, and ours minus its neighbours."""
        for name in self._gains:
            if name in self._floors:
                continue
            for metric in COMPARED:
                column = METRICS.index(metric)
                for group, rows in {"": np.ones(len(self._user), dtype=bool), **self._groups}.items():
                    best = self._best_floor(rows, column)
                    suffix = f"/{group}" if group else ""
                    self._difference(name, best, metric, rows, f"{metric}{suffix}/difference", show=not group)
        everyone = np.ones(len(self._user), dtype=bool)
        for name, other in product(OURS, BESIDE):
            if name in self._gains and other in self._gains:
                for metric in COMPARED:
                    short = other.rpartition("/")[2]
                    self._difference(name, other, metric, everyone, f"{metric}/difference/{short}", show=True)

    def _best_floor(self, rows: np.ndarray, column: int) -> str:
        return max(self._floors, key=lambda floor: float(self._gains[floor][rows, column].mean()))

    def _difference(self, name: str, other: str, metric: str, rows: np.ndarray, label: str, show: bool) -> None:
        column = METRICS.index(metric)
        gap = self._drawn((self._gains[name] - self._gains[other])[rows, column], rows)
        self._write(name, label, gap, int(rows.sum()), self._config, peer=other)
        if show:
            self._shown[name] += f"\n{'':27}{metric} minus that of {other}: {_text(gap, '+.4f')}"

    def show(self) -> None:
        """Prints every case."""
        for name, text in self._shown.items():
            click.echo(f"{name:24}{text}")

    def _drawn(self, values: np.ndarray, rows: np.ndarray) -> BootstrapInterval:
        columns = np.stack([values, np.ones(len(values))], axis=1)
        number = np.arange(len(values))
        found = bootstrap_interval(_MEAN, columns, np.zeros(len(values)), number, self._user[rows], 0, self._resamples)
        return BootstrapInterval(float(values.mean()), found.interval, found.groups, found.resamples, found.reason)

    def _write(
        self,
        case: str,
        metric: str,
        found: BootstrapInterval,
        n: int,
        config: Mapping[str, Any],
        *,
        seconds: float | None = None,
        seed: int | None = None,
        peer: str | None = None,
        unit: str = "",
    ) -> None:
        self._lines.write(
            case,
            metric,
            found.value,
            task="recommendation",
            unit=unit,
            interval=found.interval,
            seed=seed,
            seconds=seconds,
            peer=peer,
            config=config,
            extra={"n": n, "users": found.groups},
        )


def _text(found: BootstrapInterval, digits: str) -> str:
    span = "" if found.interval is None else f" [{found.interval[0]:{digits}}, {found.interval[1]:{digits}}]"
    return f"{found.value:{digits}}{span}"
