"""Result lines and the printed table of the next-user benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import click
import numpy as np

from benchmarks.kept_ranks import Training
from benchmarks.result_lines import ResultLines
from graphsocial.learn.next_user.breakdown import by_activity, by_position
from graphsocial.learn.next_user.floors import FLOORS
from graphsocial.learn.next_user.near_duplicates import near_duplicates
from graphsocial.learn.next_user.rank_metrics import METRICS, RankBootstrap, RankSums
from graphsocial.learn.next_user.split import NextUserSplit

IN_GROUPS = ("hits@10", "hits@100", "map@100")
"""Metrics that are broken down by position and activity."""

RESAMPLES = {"headline": 10_000, "group": 1_000}


@dataclass
class Origin:
    """One cut of the corpus and the ranks of every case on its test targets.

    Attributes:
        share: Share of the cascades that train.
        split: The cut.
        ranks: For every case and seed, middle ranks [target].
        seconds: Seconds each case took, all seeds together.
        peak_mb: Highest memory of the process when a case had finished.
        config: What a case says about itself.
    """

    share: float
    split: NextUserSplit
    ranks: dict[str, list[np.ndarray]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)
    config: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        table, test = self.split.table, self.split.cascades("test")
        targets = self.split.targets("test")
        self.cascade, self.position = targets.cascade, targets.position
        near = near_duplicates(table, test, range(0, self.split.valid_end))
        self.is_new = ~near[self.cascade - test.start]
        self.near_share = float(near.mean())

    def add(self, case: str, training: Training) -> None:
        """The next seed of a case."""
        self.ranks.setdefault(case, []).append(training.ranks)
        self.seconds[case] = self.seconds.get(case, 0.0) + training.seconds
        self.peak_mb[case] = max(self.peak_mb.get(case, 0.0), training.peak_mb)
        self.config[case] = training.config

    def first(self, targets: int) -> Origin:
        """The same cut with only so many test cascades, the first ones, that they have about that many targets.

        What was ranked already is kept; at least two cascades stay, without which there is no interval.
        """
        until = np.bincount(self.cascade - self.split.valid_end, minlength=len(self.split.cascades("test"))).cumsum()
        cascades = max(int(np.searchsorted(until, targets, side="right")), min(2, len(until)))
        shorter = Origin(self.share, replace(self.split, test_end=self.split.valid_end + cascades))
        shorter.ranks = {case: [each[: len(shorter.cascade)] for each in ranks] for case, ranks in self.ranks.items()}
        shorter.seconds, shorter.peak_mb, shorter.config = dict(self.seconds), dict(self.peak_mb), dict(self.config)
        return shorter

    def sums(self, keep: np.ndarray | None = None) -> dict[str, RankSums]:
        """Every case's metrics per cascade, on some of the targets or all."""
        return {case: RankSums.of(ranks, self.cascade, keep) for case, ranks in self.ranks.items()}


class NextUserLines:
    """Writes the lines of cases once their ranks are there.

    Args:
        lines: Where they go, kept as an attribute.
        origins: The published cut first.
        quick: Whether the run was a quick one, for the lines.
    """

    def __init__(self, lines: ResultLines, origins: Sequence[Origin], quick: bool):
        self.lines, self._origins, self._quick = lines, origins, quick

    def write_published(self, cases: Sequence[str]) -> None:
        """Lines of the published cut: all targets, those that are no near-duplicates, groups of targets, each seed."""
        first = self._origins[0]
        self._headline(cases, "", first.sums(), first)
        self._headline(cases, "/no_near_duplicates", first.sums(first.is_new), first)
        groups = {**by_position(first.position), **by_activity(first.split, "test")}
        for name, rows in groups.items():
            self._group(cases, f"/{name}", first.sums(rows), first)
        for case in cases:
            for seed, ranks in enumerate(first.ranks[case] if len(first.ranks[case]) > 1 else []):
                value = RankSums.of([ranks], first.cascade).value
                for metric, number in zip(METRICS, value, strict=True):
                    self._line(case, f"{metric}/seed={seed}", number, None, len(ranks), first, seed=seed)

    def write_pooled(self, cases: Sequence[str]) -> None:
        """Lines of every origin, and of all pooled; none for a single one."""
        if len(self._origins) == 1:
            return
        for origin in self._origins:
            self._group(cases, f"/origin={origin.share:.1f}", origin.sums(), origin)
        for suffix, parts in (
            ("/pooled", [origin.sums() for origin in self._origins]),
            ("/pooled/no_near_duplicates", [origin.sums(origin.is_new) for origin in self._origins]),
        ):
            pooled = {case: RankSums.pooled([sums[case] for sums in parts]) for case in parts[0]}
            self._headline(cases, suffix, pooled, self._origins[0])

    def _headline(self, cases: Sequence[str], suffix: str, sums: Mapping[str, RankSums], origin: Origin) -> None:
        """All metrics with intervals, and the paired difference to the best floor on the same targets."""
        if not sums[cases[0]].targets.sum():
            return
        drawn = RankBootstrap(sums, rng=0, resamples=RESAMPLES["headline"] // (10 if self._quick else 1))
        for case in cases:
            targets = int(sums[case].targets.sum())
            for metric in METRICS:
                found = drawn.estimate(case, metric)
                self._line(case, f"{metric}{suffix}", found.value, found.interval, targets, origin)
            for metric in METRICS:
                floor = best_floor(sums, metric)
                if floor != case:
                    gap, place = drawn.difference(case, floor, metric), METRICS.index(metric)
                    ratio = _ratio(sums[case].value[place], sums[floor].value[place])
                    name = f"{metric}{suffix}/difference"
                    self._line(case, name, gap.value, gap.interval, targets, origin, peer=floor, ratio=ratio, p=gap.p)

    def _group(self, cases: Sequence[str], suffix: str, sums: Mapping[str, RankSums], origin: Origin) -> None:
        drawn = RankBootstrap(sums, rng=0, resamples=RESAMPLES["group"])
        for case in cases:
            for metric in IN_GROUPS:
                found = drawn.estimate(case, metric)
                targets = int(sums[case].targets.sum())
                self._line(case, f"{metric}{suffix}", found.value, found.interval, targets, origin)

    def _line(
        self,
        case: str,
        metric: str,
        value: float,
        interval: tuple[float, float] | None,
        targets: int,
        origin: Origin,
        seed: int | None = None,
        peer: str | None = None,
        ratio: float | None = None,
        p: float | None = None,
    ) -> None:
        seeds = len(origin.ranks[case])
        learned = case not in FLOORS
        self.lines.write(
            case,
            metric,
            float(value),
            task="next_user",
            interval=interval,
            seed=0 if learned and seeds == 1 else seed,
            seconds=origin.seconds[case],
            peak_mb=origin.peak_mb[case],
            peer=peer,
            ratio=ratio,
            config={
                **origin.config[case],
                **({"seeds": seeds} if learned else {}),
                "candidates": len(origin.split.table.users),
                "near_duplicates": origin.near_share,
                "origins": len(self._origins),
                "quick": self._quick,
            },
            extra={"n": targets, **({} if p is None else {"p": p})},
        )


def best_floor(sums: Mapping[str, RankSums], metric: str) -> str:
    """The floor that is highest on the very targets it is compared on: nothing can be gained by the choice."""
    place = METRICS.index(metric)
    return max((name for name in FLOORS if name in sums), key=lambda name: sums[name].value[place])


def show(origins: Sequence[Origin], protocol: str, data: str, quick: bool) -> None:
    """Prints the published cut, without near-duplicates where there are any, and the pooled origins."""
    first = origins[0]
    parts = [(f"{data}, {protocol}", first.sums())]
    if not first.is_new.all() and protocol != "legacy":
        title = f"{data}, {protocol}, without near-duplicates ({first.near_share:.1%} of the test cascades)"
        parts.append((title, first.sums(first.is_new)))
    if len(origins) > 1:
        all_sums = [origin.sums() for origin in origins]
        title = f"{data}, {protocol}, {len(origins)} origins pooled"
        parts.append((title, {case: RankSums.pooled([sums[case] for sums in all_sums]) for case in all_sums[0]}))
    for title, sums in parts:
        _show(title, sums, first, 1_000 if quick else 2_000)


def _show(title: str, sums: Mapping[str, RankSums], origin: Origin, resamples: int) -> None:
    drawn = RankBootstrap(sums, rng=0, resamples=resamples)
    counts = next(iter(sums.values())).targets
    floor = best_floor(sums, "hits@10")
    click.echo(f"\n{title}: {counts.sum():,} targets in {len(counts):,} cascades, ", nl=False)
    click.echo(f"{len(origin.split.table.users):,} candidates, best floor {floor}")
    head = f"{'':17}{'Hits@10':>22}{'Hits@50':>8}{'Hits@100':>22}{'MAP@10':>8}{'MAP@100':>22}{'MRR':>8}"
    click.echo(f"{head}{'Hits@10 - best floor':>26}{'seconds':>9}{'MB':>7}")
    for case in sums:
        cells = [f"{case:17}"]
        for metric in METRICS:
            found = drawn.estimate(case, metric)
            wide = metric in IN_GROUPS
            text = f"{found.value:.4f}" + (_span(found.interval) if wide else "")
            cells.append(f"{text:>{22 if wide else 8}}")
        gap = drawn.difference(case, floor, "hits@10")
        cells.append(f"{'' if case == floor else f'{gap.value:+.4f}{_span(gap.interval)}':>26}")
        click.echo("".join(cells) + f"{origin.seconds[case]:>9.1f}{origin.peak_mb[case]:>7.0f}")


def _span(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f" [{interval[0]:.3f}, {interval[1]:.3f}]"


def _ratio(ours: float, theirs: float) -> float | None:
    return float(ours / theirs) if theirs > 0 else None
