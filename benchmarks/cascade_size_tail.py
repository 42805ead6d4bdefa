"""What weighting rare sizes does to a size model: errors by true size, with and without, on the same cascades."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import click
import numpy as np

from benchmarks.cascade_size_lines import RESAMPLES, THIRDS
from benchmarks.result_lines import ResultLines
from graphsocial.learn.bootstrap import BootstrapInterval, bootstrap_interval, paired_difference
from graphsocial.learn.cascade_size.size_inputs import size_inputs
from graphsocial.learn.cascade_size.size_metrics import MAE, MSE, OVER, third_of, thirds
from graphsocial.learn.cascade_size.size_model_config import CascadeSizeConfig
from graphsocial.learn.cascade_size.split import SizeSplit
from graphsocial.learn.tail_weights import LONG_TAILS

MEASURES = (MSE, MAE, OVER)


def weigh_the_tail(
    splits: Sequence[SizeSplit], lines: ResultLines, seeds: int, quick: bool, config: dict[str, Any]
) -> None:
    """The model with every weighting of rare sizes; cases `none`, `sqrt_inverse`, ….

    Beside the whole, errors of the thirds of test cascades by what they came to. Nobody knows that third beforehand,
    and answers that are too large everywhere are better in the last one, so the mean signed error (`over`) is shown.

    Args:
        splits: Blocks of a protocol.
        lines: Where results go.
        seeds: Models that are averaged in the metrics.
        quick: Fewer networks and trees.
        config: Written on every line.
    """
    from graphsocial.learn.cascade_size.model import CascadeSizeModel  # torch

    inputs = [tuple(size_inputs(part) for part in (split.train, split.valid, split.test)) for split in splits]
    target = np.concatenate([split.test.target for split in splits])
    third = third_of(target, thirds(target))
    parts = {"": np.ones(len(target), bool)} | {f"/size={name}": third == n for n, name in enumerate(THIRDS)}
    resamples = RESAMPLES["quick" if quick else "full"]
    answers: dict[str, np.ndarray] = {}
    for kind in LONG_TAILS:
        settings = replace(CascadeSizeConfig.quick() if quick else CascadeSizeConfig(), long_tail=kind)
        columns, began = [], time.perf_counter()
        for seed in range(seeds):
            said = []
            for split, (train, valid, test) in zip(splits, inputs, strict=True):
                model = CascadeSizeModel.fit(train, valid, split.known_until, settings, rng=seed)
                said.append(model.predict(test, allow_future_model=split.protocol == "legacy").mean)
            columns.append(np.concatenate(said))
        answers[kind], seconds = np.stack(columns, axis=1), time.perf_counter() - began
        for suffix, rows in parts.items():
            if not rows.any():
                continue
            asked = np.arange(int(rows.sum()))
            ours, true = answers[kind][rows], target[rows]
            for metric in MEASURES:
                found = bootstrap_interval(metric, ours, true, asked, asked, 0, resamples)
                measured: list[tuple[str, BootstrapInterval, str | None]] = [(metric.name + suffix, found, None)]
                if kind != "none":
                    gap = paired_difference(metric, ours, answers["none"][rows], true, asked, asked, 0, resamples)
                    measured.append((f"{metric.name}/difference{suffix}", gap, "none"))
                for name, value, peer in measured:
                    lines.write(
                        kind,
                        name,
                        value.value,
                        unit="log2",
                        interval=value.interval,
                        seconds=seconds,
                        peer=peer,
                        config=config | asdict(settings) | {"seeds": seeds},
                        extra={"n": len(asked)},
                    )
                    ends = "" if value.interval is None else f" [{value.interval[0]:.3f}, {value.interval[1]:.3f}]"
                    click.echo(f"{kind:14}{name:30}{value.value:8.3f}{ends}")
