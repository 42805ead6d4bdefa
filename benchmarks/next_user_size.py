"""How many users a cascade still gains, from the next-user network, beside boosted quantiles of what is observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from benchmarks.cascade_data import corpus_folder
from benchmarks.command_options import data_option, out_option, protocol_option
from benchmarks.next_user_models import trained_model
from benchmarks.result_lines import ResultLines
from graphsocial.ingest import read_cascade_folder
from graphsocial.learn.bootstrap import bootstrap_interval, paired_difference
from graphsocial.learn.cascade_size.size_metrics import third_of, thirds
from graphsocial.learn.cascade_table import CascadeTable
from graphsocial.learn.metrics import COVERAGE, WIDTH, interval_score, mean_pinball
from graphsocial.learn.next_user.split import PROTOCOLS, next_user_split

if TYPE_CHECKING:
    from graphsocial.learn.next_user.size_forecast import SizeForecast

MODEL, FLOOR = "graphsocial", "gradient_boosting"
THIRDS = ("low", "middle", "high")


@click.command("next_user_size")
@data_option
@protocol_option(PROTOCOLS)
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1), help="Trainings of the model.")
@click.option("--quick", is_flag=True, help="Within a minute: one short training.")
@out_option("next_user_size_DATA_PROTOCOL.jsonl")
def next_user_size(data: str, protocol: str, seeds: int, quick: bool, out: Path | None) -> None:
    """Quantiles of log2(1 + users still to come) at every place of the test cascades of the published cut."""
    from graphsocial.learn.next_user.size_forecast import SizeForecaster  # torch, needed only here

    path = corpus_folder(data)
    if path is None:
        return
    folder = read_cascade_folder(path)
    click.echo(repr(folder))
    split = next_user_split(CascadeTable.of(folder.cascades), protocol)
    found: dict[str, list[SizeForecast]] = {MODEL: [], FLOOR: []}
    for seed in range(1 if quick else seeds):
        model = trained_model(MODEL, folder, split, seed, quick)
        forecaster = SizeForecaster(model, epochs=1) if quick else SizeForecaster(model)
        found[MODEL].append(forecaster.forecast())
        found[FLOOR].append(forecaster.forecast_with(BoostedQuantiles(seed)))
        click.echo(f"seed {seed} of {protocol}: {forecaster.calibrated_on:,} validation places calibrate")
    kind = "_quick" if quick else ""
    out = out or Path(f"benchmarks/results/next_user_size_{folder.name}_{protocol}{kind}.jsonl")
    lines = ResultLines(out, "next_user_size", folder.name, folder.sha256, protocol)
    about = {
        "horizon_seconds": found[MODEL][0].horizon,
        "calibrated_on": forecaster.calibrated_on,
        "seeds": len(found[MODEL]),
        "cascades": len(split.cascades("test")),
        "quick": quick,
    }
    write(lines, found, about, 200 if quick else 2_000)
    click.echo(f"\nresults in {out}")


class BoostedQuantiles:
    """Quantile gradient boosting on length, age and last gap of the prefix and the age of what is known.

    Args:
        seed: Of the binning, which is all that is random.
    """

    def __init__(self, seed: int):
        self._seed = seed

    def fit(self, context: np.ndarray, value: np.ndarray, levels: Sequence[float]) -> None:
        """One model per level; the arguments are those of `SizeForecaster.forecast_with`."""
        self._models = [
            HistGradientBoostingRegressor(loss="quantile", quantile=level, random_state=self._seed).fit(context, value)
            for level in levels
        ]

    def predict(self, context: np.ndarray) -> np.ndarray:
        """Ascending quantiles [place, level]."""
        return np.sort(np.stack([model.predict(context) for model in self._models], axis=1), axis=1)


def write(
    lines: ResultLines, found: Mapping[str, Sequence[SizeForecast]], about: Mapping[str, object], resamples: int
) -> None:
    """Every metric with its interval over cascades, seeds side by side, and what the model gains on the floor."""
    one = found[MODEL][0]
    seeds = len(found[MODEL])
    target, cascade = np.tile(one.value, seeds).astype(np.float64), np.tile(one.cascade, seeds)
    third = np.tile(third_of(one.position, thirds(one.position)), seeds)
    query = np.arange(len(target))
    stacked = {case: np.concatenate([each.quantiles for each in each_case]) for case, each_case in found.items()}
    metrics = {
        "size_pinball": mean_pinball((0.05, 0.5, 0.95)),
        "size_coverage": COVERAGE,
        "size_width": WIDTH,
        "size_interval_score": interval_score(0.9),
    }
    click.echo(f"\n{len(one.value):,} places in {len(np.unique(one.cascade)):,} cascades, horizon {one.horizon:,} s")
    for name, metric in metrics.items():
        for case, prediction in stacked.items():
            value = bootstrap_interval(metric, prediction, target, query, cascade, 0, resamples)
            lines.write(case, name, value.value, task="size_to_come", interval=value.interval, config=about,
                        extra={"n": len(one.value)})  # fmt: skip
            click.echo(f"{name:22}{case:20}{value.value:8.3f} {span(value.interval)}")
        gap = paired_difference(metric, stacked[MODEL], stacked[FLOOR], target, query, cascade, 0, resamples)
        lines.write(MODEL, f"{name}/difference", gap.value, task="size_to_come", interval=gap.interval, peer=FLOOR,
                    config=about, extra={"n": len(one.value)})  # fmt: skip
        click.echo(f"{name:22}{'difference':20}{gap.value:+8.3f} {span(gap.interval)}")
    for number, which in enumerate(THIRDS):
        rows = np.flatnonzero(third == number)
        if len(rows):
            part = bootstrap_interval(
                COVERAGE, stacked[MODEL][rows], target[rows], query[rows], cascade[rows], 0, resamples
            )
            lines.write(MODEL, f"size_coverage/third={which}", part.value, task="size_to_come",
                        interval=part.interval, config=about, extra={"n": len(rows) // seeds})  # fmt: skip
            click.echo(f"{'size_coverage':22}{which + ' third':20}{part.value:8.3f} {span(part.interval)}")


def span(interval: tuple[float, float] | None) -> str:
    """An interval in brackets, nothing where there is none."""
    return "" if interval is None else f"[{interval[0]:.3f}, {interval[1]:.3f}]"
