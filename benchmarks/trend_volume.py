"""How often hashtags are used in the coming hours."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import click
import numpy as np

from benchmarks.result_lines import ResultLines
from benchmarks.trend_lines import TrendLines
from benchmarks.trend_return import is_list
from graphsocial.errors import MissingExtraError, NotFittedError, SchemaError
from graphsocial.graph import format_time
from graphsocial.ingest import PostFolder
from graphsocial.learn.calibration import ConformalWidening
from graphsocial.learn.metrics import COVERAGE, WIDTH, Metric, Sums, interval_score, mean_pinball
from graphsocial.schema import UNKNOWN_TIME
from graphsocial.trends.volume import (
    ArimaVolume,
    BoostedVolume,
    NaiveVolume,
    PooledVolume,
    SmoothedVolume,
    VolumeForecaster,
    VolumeQuestions,
    tag_series,
    volume_questions,
)
from graphsocial.trends.volume.forecaster import LEVELS

WIDTH_SECONDS, DAY = 3_600, 86_400
LONGEST_RECORD = 10 * 366 * DAY
"""Seconds of the newest posts that are looked at: the table of counts grows with them."""
BLOCKS = (0.6, 0.73, 0.86, 1.0)
"""Shares of the questions, by origin, between which the test blocks lie; everything is fitted anew before each."""
CALIBRATION = 0.2
"""Share of what was known before a block, the newest, that intervals are calibrated on."""
FEWEST = 100
"""Questions below which there is nothing to learn from."""
ASKED = {False: 600, True: 60}
"""Test and half as many calibration questions, drawn with a fixed seed: a model per question is slow."""
FEWEST_USES = 10
"""Posts that a tag must have been in before it is asked about."""

CALIBRATED = "/conformal"


def has_volume(data: PostFolder) -> bool:
    """Whether there are questions to ask, and the folder is not one of lists."""
    return not is_list(data) and len(_questions(data)) >= FEWEST


def run_volume(data: PostFolder, quick: bool, lines: ResultLines) -> None:
    """Writes the lines of every horizon."""
    questions = _questions(data)
    parts = _parts(questions, ASKED[quick])
    test = _joined([asked for _, _, asked in parts])
    sizes = {"train": [len(train) for train, _, _ in parts], "calibration": [len(valid) for _, valid, _ in parts]}
    click.echo(f"hashtags: {len(questions):,} questions; {sizes}")
    rounds = 20 if quick else 60
    floors: tuple[VolumeForecaster, ...] = (
        NaiveVolume(), NaiveVolume(24, "seasonal_naive"), SmoothedVolume(), ArimaVolume(), BoostedVolume(rounds),
    )  # fmt: skip
    found: dict[str, tuple[np.ndarray, float]] = {}
    for model in (*floors, PooledVolume(rounds)):
        began = time.perf_counter()
        try:
            answers = [_both(model, *part) for part in parts]
        except MissingExtraError as problem:
            click.echo(f"{model.name} is left out: {problem}")
            continue
        seconds = time.perf_counter() - began
        found[model.name] = np.concatenate([raw for _, raw in answers]), seconds
        moved = [
            _calibrated(early, valid, raw, asked)
            for (early, raw), (_, valid, asked) in zip(answers, parts, strict=True)
        ]
        found[model.name + CALIBRATED] = np.concatenate(moved), seconds
    names = [floor.name for floor in floors]
    config = {
        "quick": quick, "width_seconds": WIDTH_SECONDS, **sizes, "seeds": 1, "rounds": rounds,
        "test_from": format_time(int(test.origin.min())), "scale": "log1p of posts per window",
    }  # fmt: skip
    for at, horizon in enumerate(test.horizons):
        _lines(at, f"ahead={horizon}h", test, found, names, lines, config)


def _questions(data: PostFolder) -> VolumeQuestions:
    kept = data.time != UNKNOWN_TIME
    kept &= data.time > data.time.max(initial=0) - LONGEST_RECORD
    tagged = [(text, at) for text, at, keep in zip(data.text, data.time, kept, strict=True) if keep]
    when = np.array([at for _, at in tagged], dtype=np.int64)
    # a tag that is never in so many posts is never asked about
    return volume_questions(
        tag_series([text for text, _ in tagged], when, WIDTH_SECONDS, FEWEST_USES), minimum=FEWEST_USES
    )


def _parts(questions: VolumeQuestions, most: int) -> list[tuple[VolumeQuestions, VolumeQuestions, VolumeQuestions]]:
    """Training, calibration and test of every block; between two of them lies the longest horizon."""
    edges = np.quantile(questions.origin, BLOCKS)
    rng, parts = np.random.default_rng(0), []
    for at, (start, stop) in enumerate(pairwise(edges)):
        last = at == len(edges) - 2
        known = np.flatnonzero(questions.known_until <= start)
        if not len(known):
            continue
        newest = np.quantile(questions.origin[known], 1 - CALIBRATION)
        train = known[questions.known_until[known] <= newest]
        valid = known[questions.origin[known] >= newest]
        asked = np.flatnonzero((questions.origin >= start) & ((questions.origin < stop) | last))
        share = most // (len(BLOCKS) - 1)
        drawn = [np.sort(rng.permutation(rows)[:size]) for rows, size in ((valid, share // 2), (asked, share))]
        if min(len(train), len(drawn[0]), len(drawn[1])):
            parts.append((questions.rows(train), questions.rows(drawn[0]), questions.rows(drawn[1])))
    if not parts:
        raise SchemaError(f"{len(questions):,} questions about hashtags lie too close together for a split by time")
    return parts


def _both(
    model: VolumeForecaster, train: VolumeQuestions, valid: VolumeQuestions, asked: VolumeQuestions
) -> tuple[np.ndarray, np.ndarray]:
    """Raw quantiles of the calibration and of the test questions, from one fit."""
    found = model.forecast(train, _joined([valid, asked]), LEVELS)
    return found[: len(valid)], found[len(valid) :]


def _joined(parts: list[VolumeQuestions]) -> VolumeQuestions:
    names = ("tag", "origin", "history", "posts", "age", "future")
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
    return VolumeQuestions(parts[0].horizons, *columns, parts[0].width_seconds)


def _calibrated(raw: np.ndarray, valid: VolumeQuestions, test: np.ndarray, asked: VolumeQuestions) -> np.ndarray:
    out = np.empty_like(test)
    for at in range(test.shape[1]):
        answers = np.log1p(valid.future[:, at])
        try:
            widening = ConformalWidening.fit(raw[:, at], answers, LEVELS, known_until=int(valid.known_until.max()))
        except NotFittedError:  # too few to say
            out[:, at] = test[:, at]
            continue
        out[:, at] = np.maximum(widening.apply(test[:, at], as_of=int(asked.origin.min())), 0.0)
    return out


def _lines(
    at: int,
    part: str,
    test: VolumeQuestions,
    found: Mapping[str, tuple[np.ndarray, float]],
    floors: list[str],
    lines: ResultLines,
    config: Mapping[str, Any],
) -> None:
    metrics = (_crps(mean_pinball(LEVELS)), COVERAGE, WIDTH, interval_score())
    kept = TrendLines(
        lines, part, metrics, ("crps", "interval_score"), np.log1p(test.future[:, at]),
        np.arange(len(test)), test.origin // DAY, config,
    )  # fmt: skip
    for name, (answers, seconds) in found.items():
        kept.case(name, answers[:, at], seconds, name.removesuffix(CALIBRATED) in floors)
    kept.differences()


def _crps(pinball: Metric) -> Metric:
    """The CRPS, up to how dense the levels are: twice the mean pinball loss (Gneiting and Ranjan 2011)."""
    sums = pinball.sums
    assert sums is not None
    return Metric(
        "crps", False, lambda p, t, q: 2 * pinball.function(p, t, q), Sums(sums.rows, lambda s: 2 * sums.value(s))
    )
