"""How many more will follow: cascade size from a first observation window, beside floors, with judged intervals."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.cascade_data import corpus_folder
from benchmarks.cascade_size_lines import Answers, SizeLines
from benchmarks.cascade_size_plot import coverage_plot
from benchmarks.ced_weibo import is_ced_weibo, read_ced_weibo
from benchmarks.command_options import data_option, model_option, out_option, protocol_option
from benchmarks.result_lines import ResultLines
from graphsocial.graph import format_time
from graphsocial.learn.cascade_size.duration import parse_duration
from graphsocial.learn.cascade_size.floors.gradient_boosting import GradientBoosting
from graphsocial.learn.cascade_size.floors.simple_floors import size_floors
from graphsocial.learn.cascade_size.group_conformal import GroupConformal
from graphsocial.learn.cascade_size.prediction import SizePrediction
from graphsocial.learn.cascade_size.record import SizeRecord
from graphsocial.learn.cascade_size.simple_features import simple_features
from graphsocial.learn.cascade_size.size_inputs import size_inputs
from graphsocial.learn.cascade_size.size_model_config import CascadeSizeConfig
from graphsocial.learn.cascade_size.split import REFITS, SIZE_PROTOCOLS, SizeSplit, size_splits

QUICK_REFITS = 2
MODELS = ("graphsocial", "none", *(floor.name for floor in size_floors()))


@click.command("cascade_size")
@data_option
@click.option("--observe", default="1h", show_default=True, help="How long each cascade is watched: 90s, 30m, 1h, 2d.")
@click.option("--horizon", default="24h", show_default=True, help="End of what is counted, from the root on.")
@protocol_option(SIZE_PROTOCOLS)
@model_option(MODELS)
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1))
@click.option("--quick", is_flag=True, help="Within a minute: one seed, few epochs, at most the newest 5,000 cascades.")
@click.option("--long-tail", is_flag=True, help="Only the model, without and with weights of rare sizes.")
@out_option("cascade_size_DATA_PROTOCOL.jsonl")
def cascade_size(
    data: str,
    observe: str,
    horizon: str,
    protocol: str,
    model: str,
    seeds: int,
    quick: bool,
    long_tail: bool,
    out: Path | None,
) -> None:
    """Cascade size: log2(1 + events after the observation window), split 70/15/15 in order of the cascades' start."""
    window, end = parse_duration(observe), parse_duration(horizon)
    folder = corpus_folder(data)
    if folder is None:
        return
    record, name, sha256, followers = read_data(folder, 5_000 if quick else None)
    splits = size_splits(record, protocol, window, end, QUICK_REFITS if quick else REFITS)
    if long_tail:
        from benchmarks.cascade_size_tail import weigh_the_tail  # torch

        kind = "_quick" if quick else ""
        out = out or Path(f"benchmarks/results/cascade_size_tail_{name}_{protocol}{kind}.jsonl")
        tail_lines = ResultLines(out, "cascade_size_tail", name, sha256, protocol)
        config = split_config(splits, observe, horizon, quick)
        weigh_the_tail(splits, tail_lines, 1 if quick else seeds, quick, config)
        click.echo(f"results in {out}")
        return
    out = out or default_out(name, protocol, model, quick)
    lines = SizeLines(
        ResultLines(out, "cascade_size", name, sha256, protocol), splits, split_config(splits, observe, horizon, quick)
    )
    click.echo(
        f"{name}, {protocol}: {len(splits[0].train):,} training, {len(splits[0].valid):,} validation, {lines.n:,} test "
        f"cascades; {splits[0].immature} left out as immature, {sum(s.censored for s in splits)} as censored"
    )
    run_floors(splits, lines)
    boosting_with_validation(splits, lines)
    if protocol == "legacy" and followers is not None:
        reproduce_with_followers(splits[0], followers, lines)
    intervals = {"gradient_boosting": run_quantile_boosting(splits, lines, end)}
    if model == "graphsocial":
        intervals = {"graphsocial": run_model(splits, lines, 1 if quick else seeds, quick, end), **intervals}
    lines.differences()
    figure = out.with_name(f"{out.stem}_coverage.svg")
    coverage_plot(figure, lines.test_start, intervals, record.zone)
    lines.show()
    click.echo(f"results in {out}, coverage over time in {figure}")


def default_out(data: str, protocol: str, model: str, quick: bool) -> Path:
    """Where the lines go: quick runs, and runs without the model, do not replace those of a full one."""
    kind = ("" if model == "graphsocial" else "_floors") + ("_quick" if quick else "")
    return Path(f"benchmarks/results/cascade_size_{data}_{protocol}{kind}.jsonl")


def read_data(folder: Path, newest: int | None) -> tuple[SizeRecord, str, str, np.ndarray | None]:
    """Cascades, name and hash of a data set, and follower counts at crawl time where the corpus has them."""
    if is_ced_weibo(folder):
        corpus = read_ced_weibo(folder)
        return corpus.record, folder.name, corpus.sha256, corpus.followers

    from graphsocial.ingest import read_cascade_folder

    read = read_cascade_folder(folder)
    click.echo(repr(read))
    record = SizeRecord.of(read.cascades, texts=read.texts)
    return record if newest is None or len(record) <= newest else record.newest(newest), read.name, read.sha256, None


def split_config(splits: tuple[SizeSplit, ...], observe: str, horizon: str, quick: bool) -> dict[str, Any]:
    """What every line says about the cut."""
    return {
        "observe": observe,
        "horizon": "end of the record" if splits[0].protocol == "legacy" else horizon,
        "train": [len(split.train) for split in splits],
        "valid": [len(split.valid) for split in splits],
        "test": [len(split.test) for split in splits],
        "immature": [split.immature for split in splits],
        "censored": [split.censored for split in splits],
        "fitted_at": [format_time(split.fitted_at) for split in splits],
        "assumptions": list(splits[0].test.record.assumptions),
        "quick": quick,
    }


def run_floors(splits: tuple[SizeSplit, ...], lines: SizeLines) -> None:
    """Every floor and its lines."""
    for floor in size_floors():
        began = time.perf_counter()
        answers = np.concatenate([floor.predict(split.train, split.test) for split in splits])
        lines.point(floor.name, answers[:, None], time.perf_counter() - began)


def boosting_with_validation(splits: tuple[SizeSplit, ...], lines: SizeLines) -> None:
    """Gradient boosting that may fit on the validation part too, as the model does after its calibration."""
    floor = GradientBoosting()
    answers = [floor.predict(split.train.then(split.valid), split.test) for split in splits]
    lines.reference("gradient_boosting", "with_validation", np.concatenate(answers)[:, None])


def reproduce_with_followers(split: SizeSplit, followers: np.ndarray, lines: SizeLines) -> None:
    """Gradient boosting with the author's followers, which were measured when the corpus was crawled: no floor."""
    boosting = GradientBoosting(
        lambda examples: np.column_stack([simple_features(examples), np.log2(1 + followers[examples.cascade])])
    )
    config = {"assumption": "followers were measured when the corpus was crawled, after the answers"}
    answers = boosting.predict(split.train, split.test)
    lines.metrics("gradient_boosting", answers[:, None], suffix="/followers", config=config)


def run_quantile_boosting(splits: tuple[SizeSplit, ...], lines: SizeLines, horizon: int) -> list[Answers]:
    """Intervals of gradient boosting with the quantile loss, as they come and calibrated like the model's."""
    floor, parts = GradientBoosting(), []
    for split in splits:
        ends = [floor.quantiles(split.train, part)[:, [0, 2]] for part in (split.valid, split.test)]
        parts.append(calibrated(split, *ends))
    answers = [Answers.of(splits, parts, horizon)]
    lines.intervals("gradient_boosting", answers, "raw", "")
    lines.intervals("gradient_boosting", answers, "ends", "/conformal")
    lines.intervals("gradient_boosting", answers, "adaptive", "/adaptive")
    return answers


def calibrated(split: SizeSplit, valid_ends: np.ndarray, test_ends: np.ndarray) -> SizePrediction:
    """Intervals calibrated on the validation part."""
    found = GroupConformal.fit(valid_ends, split.valid.target, split.valid.observed, split.known_until)
    allow = split.protocol == "legacy"
    ends = found.apply(test_ends, split.test.observed, int(split.test.as_of.min()), allow_future_model=allow)
    return SizePrediction(test_ends.mean(axis=1), test_ends, ends, found)


def run_model(splits: tuple[SizeSplit, ...], lines: SizeLines, seeds: int, quick: bool, horizon: int) -> list[Answers]:
    """The learned model over seeds."""
    from graphsocial.learn.cascade_size.model import CascadeSizeModel  # torch

    config = CascadeSizeConfig.quick() if quick else CascadeSizeConfig()
    answers, began = [], time.perf_counter()
    inputs = [tuple(size_inputs(part) for part in (split.train, split.valid, split.test)) for split in splits]
    for seed in range(seeds):
        parts = []
        for split, (train, valid, test) in zip(splits, inputs, strict=True):
            model = CascadeSizeModel.fit(train, valid, split.known_until, config, rng=seed)
            parts.append(model.predict(test, allow_future_model=split.protocol == "legacy"))
        answers.append(Answers.of(splits, parts, horizon))
        click.echo(f"graphsocial: seed {seed} done after {time.perf_counter() - began:.0f} s")
    means = np.stack([found.mean for found in answers], axis=1)
    lines.point("graphsocial", means, time.perf_counter() - began, asdict(config))
    lines.intervals("graphsocial", answers, "ends", "")
    lines.intervals("graphsocial", answers, "raw", "/uncalibrated")
    lines.intervals("graphsocial", answers, "adaptive", "/adaptive")
    return answers
