"""Result lines and the printed table of the next-user model with one part left out at a time."""

from __future__ import annotations

import click

from benchmarks.next_user_lines import RESAMPLES, Origin
from benchmarks.result_lines import ResultLines
from graphsocial.learn.next_user.rank_metrics import METRICS, Estimate, RankBootstrap

SHOWN = ("hits@10", "hits@100", "map@100")
COMPARED = ("hits@10", "map@100")


class PartsLines:
    """Writes the lines of each variant once its ranks are there.

    Args:
        lines: Where they go.
        cut: The cut with the ranks; those of the full model under its name, those of the others under the part's.
        full: Name of the full model.
        quick: Whether the run was a quick one, for the lines.
    """

    def __init__(self, lines: ResultLines, cut: Origin, full: str, quick: bool):
        self._lines, self._cut, self._full, self._quick = lines, cut, full, quick

    def write_full(self) -> None:
        """Metrics of the full model, as `METRIC/part=full`."""
        drawn = self._drawn(self._full)
        for metric in METRICS:
            self._line(f"{metric}/part=full", self._full, drawn.estimate(self._full, metric))

    def write_part(self, part: str) -> None:
        """Metrics without a part, and what the part adds: the full model minus the one without, on the same resamples.

        Cascades and seeds are drawn together, with seed i of one beside seed i of the other.
        """
        drawn = self._drawn(part)
        for metric in METRICS:
            self._line(f"{metric}/part={part}", part, drawn.estimate(part, metric))
            gap = drawn.difference(self._full, part, metric)
            self._line(f"{metric}/part={part}/difference", part, gap, part)

    def show(self, data: str) -> None:
        """Prints every variant whose ranks are there."""
        cut = self._cut
        click.echo(f"\n{data}, {cut.split.protocol}: {len(cut.cascade):,} targets, ", nl=False)
        click.echo(f"{len(cut.split.table.users):,} candidates, {len(cut.ranks[self._full])} seeds")
        click.echo(
            "Differences: full - part; 95 % intervals over cascades and seeds; p not corrected for their number."
        )
        head = f"{'':17}{'parameters':>11}" + "".join(f"{metric:>10}" for metric in SHOWN)
        click.echo(head + "".join(f"{metric + ' added':>36}" for metric in COMPARED) + f"{'seconds':>9}")
        for part in cut.ranks:
            drawn = self._drawn(part)
            text = f"{'full' if part == self._full else part:17}{cut.config[part]['parameters']:>11,}"
            text += "".join(f"{drawn.estimate(part, metric).value:>10.4f}" for metric in SHOWN)
            for metric in COMPARED:
                gap = "" if part == self._full else _gap(drawn.difference(self._full, part, metric))
                text += f"{gap:>36}"
            click.echo(f"{text}{cut.seconds[part]:>9.0f}")

    def _drawn(self, part: str) -> RankBootstrap:
        """Resamples of the full model and a variant; the same ones for every variant."""
        sums = self._cut.sums()
        resamples = RESAMPLES["headline"] // (10 if self._quick else 1)
        return RankBootstrap({case: sums[case] for case in (self._full, part)}, rng=0, resamples=resamples)

    def _line(self, metric: str, part: str, found: Estimate, peer: str | None = None) -> None:
        cut = self._cut
        seeds = len(cut.ranks[part])
        self._lines.write(
            self._full,
            metric,
            found.value,
            task="next_user",
            interval=found.interval,
            seed=0 if seeds == 1 else None,
            seconds=cut.seconds[part],
            peak_mb=cut.peak_mb[part],
            peer=peer,
            config={
                **cut.config[part],
                "seeds": seeds,
                "candidates": len(cut.split.table.users),
                "quick": self._quick,
            },
            extra={"n": len(cut.cascade), **({} if peer is None else {"p": found.p})},
        )


def _gap(found: Estimate) -> str:
    span = "" if found.interval is None else f" [{found.interval[0]:+.4f}, {found.interval[1]:+.4f}]"
    return f"{found.value:+.4f}{span} p={found.p:.2g}"
